//! s12: a GitHub login, a forum name and a mail address: suggested with reasons, never linked on a name alone; accepted,
//! counts change everywhere; un-merged, every field is as it was. Employers are dated, bots stand in one list.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::world::{Desk, MONDAY, truth};

/// The identities of the world: (place's kind, handle or address) to number and member.
fn identities(desk: &Desk) -> BTreeMap<(String, String), (i64, i64)> {
    let rows = desk.json(&[
        "sql",
        "SELECT id, person, place, key, handle, email, name FROM people",
        "--top",
        "1000",
    ]);
    let mut found = BTreeMap::new();
    for row in rows.as_array().unwrap() {
        let place = row["place"].as_str().unwrap().split([':', '.']).next().unwrap().to_owned();
        let ids = (row["id"].as_i64().unwrap(), row["person"].as_i64().unwrap());
        for field in ["key", "handle", "email", "name"] {
            if let Some(text) = row[field].as_str() {
                found.entry((place.clone(), text.to_lowercase())).or_insert(ids);
            }
        }
    }
    found
}

/// The number of one account of the truth's: channel and account.
fn account(all: &BTreeMap<(String, String), (i64, i64)>, channel: &str, account: &str) -> (i64, i64) {
    let place = match channel {
        "list" => "mail",
        "forum" => "discourse",
        "qa" => "stackexchange",
        other => other,
    };
    *all.get(&(place.to_owned(), account.to_lowercase())).unwrap_or_else(|| panic!("no {account} at {place}"))
}

/// Every screen on which people are counted.
fn screens(desk: &Desk) -> Vec<String> {
    [
        &["needs", "--all"][..],
        &["topics"],
        &["trends", "--all"],
        &["gaps"],
        &["metrics", "--rows"],
        &["report", "--period", "2026-Q3"],
        &["people", "--top", "500"],
        &["people", "recognise"],
        &["champions", "review"],
        &["bots"],
        &["sql", "SELECT * FROM people"],
        &["sql", "SELECT * FROM threads"],
        &["sql", "SELECT * FROM needs"],
    ]
    .iter()
    .map(|words| {
        let mut args = vec!["--json"];
        args.extend(*words);
        args.extend(["--as-of", MONDAY]);
        desk.text(&args)
    })
    .collect()
}

/// That two looks at all screens are the same, or which screen differs first, and where.
fn same(before: &[String], after: &[String]) {
    for (n, (a, b)) in before.iter().zip(after).enumerate() {
        let line = a.lines().zip(b.lines()).find(|(x, y)| x != y);
        assert!(a == b, "screen {n} differs: {line:?}");
    }
}

fn suggested(desk: &Desk) -> Vec<(i64, i64, f64, String)> {
    let rows = desk.json(&["people", "suggest"]);
    let of = |row: &Value| {
        let n = |key: &str| row[key].as_i64().unwrap();
        let because = row["because"].as_str().unwrap().to_owned();
        (n("a"), n("b"), row["confidence"].as_f64().unwrap(), because)
    };
    rows.as_array().unwrap().iter().map(of).collect()
}

#[test]
fn the_three_pairs_are_linked_or_suggested_and_the_look_alikes_never_linked() {
    let desk = Desk::world();
    let all = identities(&desk);
    let said = suggested(&desk);
    let truth = truth();
    for same in truth["same_person"].as_array().unwrap() {
        let accounts: Vec<(i64, i64)> = same["accounts"]
            .as_object()
            .unwrap()
            .iter()
            .map(|(channel, name)| account(&all, channel, name.as_str().unwrap()))
            .collect();
        for (n, a) in accounts.iter().enumerate() {
            for b in &accounts[n + 1..] {
                let person =
                    |id: i64| all.values().find(|(other, _)| *other == id).map(|(_, person)| *person);
                let joined = |x: i64, y: i64| (person(x), person(y)) == (Some(a.1), Some(b.1));
                let found = said.iter().find(|(x, y, ..)| joined(*x, *y) || joined(*y, *x));
                let reason = found.map_or("", |(_, _, _, because)| because.as_str());
                assert!(a.1 == b.1 || !reason.is_empty(), "{}: {a:?} and {b:?} in {said:#?}", same["person"]);
            }
        }
    }
    // Two who share an address were linked by themselves; a login and a name of the same letters were not.
    let is_one = |a: (&str, &str), b: (&str, &str)| account(&all, a.0, a.1).1 == account(&all, b.0, b.1).1;
    assert!(
        is_one(("slack", "tarrieta"), ("list", "tomas@arrieta.example.net")),
        "one address is one person"
    );
    assert!(
        is_one(("slack", "yuki.h"), ("forum", "hanamura")),
        "a rare name and the same question within the hour"
    );
    assert!(!is_one(("github", "iquandt"), ("forum", "inesq")), "made of the name, and nothing beside it");
    let one_of =
        |who: &[(&str, &str)]| -> BTreeSet<i64> { who.iter().map(|(c, a)| account(&all, c, a).1).collect() };
    let harbour = one_of(&[("github", "samkeller"), ("slack", "sam.keller")]);
    let lab = one_of(&[("forum", "sam-keller"), ("list", "sam@kellerlab.example")]);
    assert!(harbour.is_disjoint(&lab), "two people of one name");
    assert!(
        said.iter().all(|(_, _, confidence, because)| *confidence < 0.95 && because.len() > 10),
        "a suggestion says why, and is not sure: {said:#?}"
    );
}

#[test]
fn two_who_asked_about_the_same_are_one_asker_once_they_are_one_person() {
    let desk = Desk::world();
    desk.text(&["topics", "--as-of", MONDAY]);
    let pair = desk.json(&[
        "sql",
        "SELECT p.topic, min(a.person) AS one, max(a.person) AS other FROM topic_place p
         JOIN thread t ON t.source = p.source AND t.key = p.thread_key JOIN people a ON a.id = t.opener
         WHERE p.topic >= 0 AND a.member = 'community' GROUP BY p.topic
         HAVING min(a.person) <> max(a.person) ORDER BY p.topic LIMIT 1",
    ])[0]
        .clone();
    let asked = |desk: &Desk| -> u64 {
        let topics = desk.json(&["topics", "--as-of", MONDAY]);
        let found = topics.as_array().unwrap().iter().find(|t| t["id"] == pair["topic"]).unwrap();
        found["people"].as_u64().unwrap()
    };
    let apart = asked(&desk);
    desk.text(&["merge", &pair["one"].to_string(), &pair["other"].to_string()]);
    assert_eq!(asked(&desk), apart - 1);
    desk.text(&["merge", "--undo", &pair["one"].to_string(), &pair["other"].to_string()]);
    assert_eq!(asked(&desk), apart);
}

#[test]
fn accepted_counts_change_everywhere_and_undone_everything_is_as_it_was() {
    let desk = Desk::world();
    let all = identities(&desk);
    desk.text(&["topics", "--as-of", MONDAY]); // found once, so that both times see the same ones
    let before = screens(&desk);
    let people = |desk: &Desk| -> (u64, u64, u64) {
        let report = desk.json(&["report", "--as-of", MONDAY]);
        let topics = desk.json(&["topics", "--as-of", MONDAY]);
        let askers = topics.as_array().unwrap().iter().map(|t| t["people"].as_u64().unwrap()).sum();
        let months = desk.json(&["metrics", "contributors", "--as-of", MONDAY]);
        let months = months.as_array().unwrap().iter().map(|m| m["contributors"].as_u64().unwrap()).sum();
        (report["asked"]["people"].as_u64().unwrap(), askers, months)
    };
    let counted = people(&desk);
    // The asker of one thread and the one who answered it, said to be one person.
    let thread = desk.json(&[
        "sql",
        "SELECT t.id, t.opener, t.responder FROM threads t JOIN needs n ON n.thread = t.id JOIN people p ON p.id = t.responder
         JOIN people a ON a.id = t.opener
         WHERE t.people = 2 AND n.state = 'answered' AND p.member = 'community' AND a.place NOT IN ('mail', 'github.com') AND t.source NOT LIKE 'stackexchange%'
           AND (SELECT count(*) FROM people x WHERE x.person IN (a.person, p.person)) = 2 ORDER BY t.id LIMIT 1",
    ])[0]
        .clone();
    let (asker, answerer) = (thread["opener"].to_string(), thread["responder"].to_string());
    let done = desk.json(&["merge", &asker, &answerer, "--because", "said so in the call"]);
    assert!(done["persons"] == 2 && done["threads"].as_u64().unwrap() >= 1, "{done}");
    let row = desk.json(&["sql", &format!("SELECT * FROM needs WHERE thread = {}", thread["id"])])[0].clone();
    assert_eq!(row["state"], "waiting", "her own second account does not answer her: {row}");
    assert_eq!(row["because"], "only the asker wrote since");
    let shown = desk.json(&["people", "show", &answerer]);
    assert_eq!(shown["identities"].as_array().unwrap().len(), 2, "{shown:#}");
    assert_eq!(shown["links"][0]["because"], "said so in the call");
    assert_eq!(shown["links"][0]["by"], "mara");
    desk.is_well();

    // Ines asks on GitHub and writes in the forum and on the list: three places, one person.
    let ines: Vec<String> = [("github", "iquandt"), ("forum", "inesq"), ("list", "ines.quandt@example.org")]
        .iter()
        .map(|(c, a)| account(&all, c, a).0.to_string())
        .collect();
    desk.text(&["merge", &ines[0], &ines[1]]);
    desk.text(&["merge", &ines[1], &ines[2]]);
    assert!(
        suggested(&desk)
            .iter()
            .all(|(a, b, ..)| !(ines.contains(&a.to_string()) && ines.contains(&b.to_string()))),
        "what was said is not asked again"
    );
    let merged = people(&desk);
    assert!(
        // In topics they count once only where both asked about the same.
        merged.0 < counted.0 && merged.1 <= counted.1 && merged.2 < counted.2,
        "{merged:?} of {counted:?}"
    );
    let after = screens(&desk);
    assert!(before.iter().zip(&after).filter(|(a, b)| a != b).count() >= 7);

    // A rebuild and a second reading change nothing of it.
    desk.text(&["rebuild"]);
    let forum = crate::world::company().join("forum");
    assert_eq!(desk.json(&["add", "--again", forum.to_str().unwrap()])[0]["stored"], 0);
    same(&after, &screens(&desk));

    desk.text(&["merge", &ines[2], &ines[1], "--undo"]);
    desk.text(&["merge", &ines[0], &ines[1], "--undo"]);
    desk.text(&["merge", &asker, &answerer, "--undo"]);
    same(&before, &screens(&desk));
    assert_eq!(people(&desk), counted);
    desk.is_well();
    let ledger = desk.json(&["people", "ledger"]);
    assert_eq!(ledger.as_array().unwrap().len(), 6, "nothing was deleted: {ledger}");
}

#[test]
fn not_the_same_is_kept_and_can_be_taken_back() {
    let desk = Desk::world();
    let all = identities(&desk);
    let tomas = [("slack", "tarrieta"), ("list", "tomas@arrieta.example.net")]
        .map(|(c, a)| account(&all, c, a).0.to_string());
    let people = |desk: &Desk| desk.json(&["people", "--linked"]).as_array().unwrap().len();
    let linked = people(&desk);
    desk.text(&["unmerge", &tomas[0], &tomas[1], "--because", "father and son"]);
    assert_eq!(people(&desk), linked - 1);
    // Neither a new reading nor weighing all again brings it back.
    desk.text(&["people", "link"]);
    desk.text(&["rebuild"]);
    let list = crate::world::company().join("list");
    desk.text(&["add", "--again", list.to_str().unwrap()]);
    assert_eq!(people(&desk), linked - 1);
    let said = |desk: &Desk| {
        suggested(desk)
            .iter()
            .any(|(a, b, ..)| BTreeSet::from([a.to_string(), b.to_string()]) == BTreeSet::from(tomas.clone()))
    };
    assert!(!said(&desk));
    let refused = desk.run(&["merge", &tomas[0], &tomas[1]]);
    assert_eq!(refused.status.code(), Some(1), "somebody said that they are two");
    assert!(String::from_utf8_lossy(&refused.stderr).contains("--undo"));
    desk.text(&["unmerge", &tomas[0], &tomas[1], "--undo"]);
    desk.text(&["people", "link"]);
    assert_eq!(people(&desk), linked);
    desk.is_well();

    // A wrong suggestion is said away.
    let (a, b, ..) = suggested(&desk)[0].clone();
    desk.text(&["unmerge", &a.to_string(), &b.to_string()]);
    assert!(suggested(&desk).iter().all(|(x, y, ..)| (*x, *y) != (a, b)));
}

#[test]
fn what_the_owner_says_is_no_evidence_links_nobody() {
    let desk = Desk::world();
    let path = desk.0.path().join("rapport.toml");
    let config = std::fs::read_to_string(&path).unwrap();
    let linked = |desk: &Desk| -> Vec<String> {
        desk.text(&["people", "link"]);
        let rows = desk.json(&["people", "--linked"]);
        rows.as_array().unwrap().iter().map(|r| r["name"].as_str().unwrap().to_owned()).collect()
    };
    let before = linked(&desk);
    assert!(before.iter().any(|name| name == "Tom\u{e1}s Arrieta"));
    let words = "[people]\nno-evidence = [\"tomas@arrieta.example.net\", \"Tom\u{e1}s Arrieta\"]";
    std::fs::write(&path, config.replace("[people]", words)).unwrap();
    let less = linked(&desk);
    assert!(!less.iter().any(|name| name == "Tom\u{e1}s Arrieta"), "{less:?}");
    assert_eq!(less.len(), before.len() - 1);
    std::fs::write(&path, config.replace("[people]", "[people]\nlink = false")).unwrap();
    assert!(linked(&desk).len() <= less.len());
    let fresh = Desk::new();
    std::fs::write(fresh.0.path().join("rapport.toml"), "[people]\nlink = false\n").unwrap();
    for archive in ["chat", "list"] {
        fresh.text(&["add", crate::world::company().join(archive).to_str().unwrap()]);
    }
    assert_eq!(fresh.json(&["people", "--linked"]), json!([]));
    assert!(
        suggested(&fresh).iter().any(|(_, _, c, because)| *c >= 0.99 && because.contains("the same address"))
    );
}

#[test]
fn employers_are_dated_and_declared_ones_go_first() {
    let desk = Desk::world();
    let truth = truth();
    std::fs::write(
        desk.0.path().join("affiliations.toml"),
        "[[organisation]]\nname = \"Harbour Foods\"\ndomains = [\"harbourfoods.example.com\"]\n\
         [[organisation]]\nname = \"Keller Lab\"\ndomains = [\"kellerlab.example\"]\n\
         [[person]]\nlogins = [\"inesq\"]\nemployers = [{ name = \"Brass\", until = \"2026-05-01\" }, { name = \"Lantern\" }]\n",
    )
    .unwrap();
    let at = |who: &str| desk.json(&["people", "show", who])["employers"].clone();
    let harbour = at("sam.keller@harbourfoods.example.com");
    assert_eq!(harbour[0]["organisation"], truth["employers"]["sam-harbour"]);
    assert!(harbour[0]["since"].as_str().unwrap().starts_with("2026-"), "{harbour}");
    assert_eq!(at("sam@kellerlab.example")[0]["organisation"], truth["employers"]["sam-lab"]);
    let ines = at("inesq");
    assert_eq!(
        (&ines[0]["organisation"], &ines[0]["until"]),
        (&json!("Brass"), &json!("2026-05-01T00:00:00Z"))
    );
    assert_eq!(
        (&ines[1]["organisation"], &ines[1]["since"]),
        (&json!("Lantern"), &json!("2026-05-01T00:00:00Z"))
    );
    assert_eq!(at("anders@holm.example.org"), json!([]), "a host of one's own is no employer");
    assert_eq!(at("clara"), json!([]), "example.org is open to everybody");
    let foods = desk.json(&["people", "--employer", "harbour"]);
    assert_eq!(foods.as_array().unwrap().len(), 1);
    std::fs::write(desk.0.path().join("affiliations.toml"), "[[person]]\nnick = 1\n").unwrap();
    assert_eq!(desk.run(&["people"]).status.code(), Some(2));
}

#[test]
fn bots_stand_in_one_list_with_reasons_and_can_be_corrected() {
    let desk = Desk::world();
    let bots = |desk: &Desk| -> Vec<String> {
        let rows = desk.json(&["bots"]);
        rows.as_array()
            .unwrap()
            .iter()
            .filter(|r| r["bot"] == true)
            .map(|r| format!("{}: {}", r["shown"].as_str().unwrap(), r["because"].as_str().unwrap()))
            .collect()
    };
    let listed = bots(&desk);
    for name in ["relay-triage[bot]", "bumpling[bot]", "Release Herald", "Notification Bot"] {
        assert!(
            listed.iter().any(|row| row.starts_with(name) && row.len() > name.len() + 20),
            "{name}: {listed:#?}"
        );
    }
    assert_eq!(truth()["bots"].as_array().unwrap().len(), 4);
    let waiting = |desk: &Desk| desk.json(&["needs", "--as-of", MONDAY]).as_array().unwrap().len();
    let before = (waiting(&desk), screens(&desk));
    // A helper who answers is said to be a program: what only it answered waits again.
    let helper = desk.json(&[
        "sql",
        "SELECT t.responder, t.id FROM threads t JOIN needs n ON n.thread = t.id JOIN people p ON p.id = t.responder
         WHERE t.messages = 2 AND n.state = 'answered' AND p.member = 'community' AND p.place <> 'mail' ORDER BY t.id LIMIT 1",
    ])[0]
        .clone();
    let id = helper["responder"].to_string();
    desk.text(&["bots", "add", &id, "--because", "posts canned answers"]);
    assert!(bots(&desk).iter().any(|row| row.ends_with("mara said so: posts canned answers")));
    let state =
        desk.json(&["sql", &format!("SELECT state, because FROM needs WHERE thread = {}", helper["id"])]);
    assert_eq!(state[0], json!({ "state": "waiting", "because": "a bot answered, no human" }));
    desk.text(&["rebuild"]);
    assert!(bots(&desk).len() > listed.len(), "a rebuild keeps what people said");
    desk.text(&["people", "mark", &id, "bot", "--undo"]);
    assert_eq!(before.0, waiting(&desk));
    same(&before.1, &screens(&desk));
    // One of ours is ours in every place.
    desk.text(&["people", "mark", "iquandt", "staff"]);
    desk.text(&["merge", "iquandt", "inesq"]);
    let ines = desk.json(&["people", "show", "inesq"]);
    assert_eq!(ines["kind"], "staff");
    let rows = desk.json(&["sql", "SELECT member, because FROM people WHERE handle = 'inesq'"]);
    assert_eq!(rows[0], json!({ "member": "staff", "because": "the same person as iquandt at github.com" }));
    desk.text(&["bots", "remove", "slack:release herald"]);
    desk.is_well();
}

#[test]
fn an_import_keeps_everything_that_was_said() {
    let desk = Desk::world();
    desk.text(&["merge", "iquandt", "inesq", "--because", "she said so"]);
    desk.text(&["people", "mark", "clara", "staff"]);
    desk.text(&["champions", "add", "edda", "--as-of", MONDAY]);
    desk.text(&["topics", "--as-of", MONDAY]);
    let out = tempfile::TempDir::new().unwrap();
    desk.text(&["export", out.path().to_str().unwrap()]);
    let fresh = Desk::new();
    fresh.text(&["import", out.path().to_str().unwrap()]);
    fresh.is_well();
    same(&screens(&desk), &screens(&fresh));
    for words in
        [&["people", "ledger", "--all"][..], &["people", "suggest"], &["champions", "--as-of", MONDAY]]
    {
        assert_eq!(desk.json(words), fresh.json(words), "{words:?}");
    }
}

#[test]
fn who_is_meant_is_asked_back_when_it_may_be_several() {
    let desk = Desk::world();
    let several = desk.run(&["people", "show", "Sam Keller"]);
    assert_eq!(several.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&several.stderr).contains("by its number"));
    let nobody = desk.run(&["merge", "nobody-here", "inesq"]);
    assert_eq!(nobody.status.code(), Some(2));
    for who in ["github.com:samkeller", "discourse:sam-keller", "SAM@kellerlab.example"] {
        assert_eq!(desk.json(&["people", "show", who])["kind"], "community", "{who}");
    }
    assert_eq!(desk.run(&["merge", "inesq", "inesq"]).status.code(), Some(1));
}
