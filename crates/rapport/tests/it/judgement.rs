//! What the program makes of a thread, and what a person says about it: threads like one, kinds corrected, and that
//! neither is lost by a rebuild, a second reading or a move.

use serde_json::Value;

use crate::world::{Desk, MONDAY, archives};

fn needs(desk: &Desk) -> Vec<Value> {
    desk.json(&["needs", "--all", "--as-of", MONDAY]).as_array().unwrap().clone()
}

fn titled<'a>(list: &'a [Value], title: &str) -> &'a Value {
    list.iter().find(|n| n["title"].as_str().unwrap().contains(title)).unwrap()
}

#[test]
fn answered_threads_like_this_one_with_reasons() {
    let desk = Desk::world();
    let asked = "signature check fails when a webhook is sent a second time";
    let likes = desk.json(&["similar", asked, "--top", "5"]);
    let likes = likes.as_array().unwrap();
    assert_eq!(likes.len(), 5);
    for like in likes {
        assert!(matches!(like["state"].as_str().unwrap(), "answered" | "met"), "{like}");
        assert!(!like["why"].as_str().unwrap().is_empty());
        let text = format!("{} {}", like["title"], like["answer"]["text"]).to_lowercase();
        assert!(text.contains("sign") || text.contains("hmac"), "about something else: {text}");
    }
    assert!(likes.iter().any(|l| l["words"].as_array().unwrap().iter().any(|w| w == "signature")));
    assert!(likes.iter().any(|l| l["answer"]["url"].is_string()));
    assert_eq!(desk.json(&["similar", asked, "--top", "5"]).as_array().unwrap(), likes, "the same again");

    // A thread is not like itself, and what waits is found only when asked for.
    let all = needs(&desk);
    let waiting = titled(&all, "Agent 3.0.0 crashes")["thread"].to_string();
    let ids = |args: &[&str]| -> Vec<String> {
        desk.json(args).as_array().unwrap().iter().map(|l| l["thread"].to_string()).collect()
    };
    assert!(!ids(&["similar", &waiting]).contains(&waiting));
    assert!(!ids(&["similar", "agent crashes on start without a proxy", "--top", "50"]).contains(&waiting));
    assert_eq!(ids(&["similar", "agent crashes on start without a proxy", "--all"])[0], waiting);

    let text = desk.text(&["similar", &waiting]);
    assert!(text.contains("next: rapport"), "{text}");
    for odd in ["???", "999999"] {
        assert_eq!(desk.run(&["similar", odd]).status.code(), Some(2), "{odd}");
    }
}

#[test]
fn vectors_come_out_the_same_after_a_rebuild() {
    let desk = Desk::world();
    let vectors = || {
        let sql = "SELECT t.key, hex(v.vector) AS v FROM thread_vector v JOIN thread t ON t.id = v.thread ORDER BY 1";
        (desk.json(&["sql", sql]), desk.json(&["sql", "SELECT block, hex(signs) AS s FROM thread_signs"]))
    };
    let before = vectors();
    assert!(before.0.as_array().unwrap().len() > 40);
    desk.is_well();
    desk.text(&["rebuild"]);
    assert_eq!(vectors(), before);
    desk.is_well();
}

#[test]
fn what_a_person_says_about_a_kind_stays_said() {
    let desk = Desk::world();
    let title = "Duplicate deliveries after a deploy";
    let before = titled(&needs(&desk), title).clone();
    let thread = before["thread"].to_string();
    assert_ne!(before["kind"], "friction");
    desk.text(&["kind", &thread, "friction", "--as-of", MONDAY]);
    let said = |desk: &Desk| {
        let all = needs(desk);
        let need = titled(&all, title);
        (need["kind"].as_str().unwrap().to_owned(), need["kind_why"].as_str().unwrap().to_owned())
    };
    let wanted = ("friction".to_owned(), "mara said so".to_owned());
    assert_eq!(said(&desk), wanted);
    desk.text(&["rebuild"]);
    assert_eq!(said(&desk), wanted, "after a rebuild");
    for (path, name) in
        archives().into_iter().filter(|(p, _)| p.extension().is_none_or(|e| e != "fast-import"))
    {
        let mut args = vec!["add", "--again", path.to_str().unwrap()];
        args.extend(name.as_deref().into_iter().flat_map(|name| ["--name", name]));
        desk.text(&args);
    }
    assert_eq!(said(&desk), wanted, "after reading it again");

    let place = tempfile::TempDir::new().unwrap();
    let (out, copy) = (place.path().join("export"), Desk::new());
    desk.text(&["export", out.to_str().unwrap()]);
    copy.text(&["import", out.to_str().unwrap()]);
    assert_eq!(said(&copy), wanted, "after moving to another folder");
    copy.is_well();

    // A thread that asks for nothing is no need, and back.
    desk.text(&["kind", &thread, "none", "--as-of", MONDAY]);
    assert!(!needs(&desk).iter().any(|n| n["title"] == before["title"]));
    desk.is_well();
    desk.text(&["kind", &thread, "--undo"]);
    assert_eq!(titled(&needs(&desk), title), &before);
    assert_eq!(desk.run(&["kind", &thread, "--undo"]).status.code(), Some(2));
    assert_eq!(desk.run(&["kind", &thread, "nonsense"]).status.code(), Some(2));
}

#[test]
fn labels_teach_and_what_was_learned_is_kept() {
    let desk = Desk::new();
    let place = tempfile::TempDir::new().unwrap();
    // A project with words of its own: what it calls a fault is a bug, as its labels say.
    let mut issues = Vec::new();
    for n in 0..60 {
        let (title, label) = match n % 2 {
            0 => (format!("Gezeitenrechner zeigt Ebbe statt Flut in Hafen {n}"), "bug"),
            _ => (format!("Pegelanzeige um Farbe {n} erweitern"), "enhancement"),
        };
        issues.push(issue(n + 1, &title, (n < 50).then_some(label)));
    }
    let file = place.path().join("archive.json");
    let archive = serde_json::json!({
        "magic": "E!vIA5L86J2I", "timestamp": "2026-09-01T00:00:00Z", "repo": "tidewater/tides", "labels": [],
        "issues": issues, "pulls": [],
    });
    std::fs::write(&file, archive.to_string()).unwrap();
    desk.text(&["add", file.to_str().unwrap()]);
    let kinds = || -> Vec<(String, String)> {
        let mut all: Vec<(i64, String, String)> = needs(&desk)
            .iter()
            .map(|n| {
                let text = |key: &str| n[key].as_str().unwrap().to_owned();
                (n["thread"].as_i64().unwrap(), text("kind"), text("kind_why"))
            })
            .collect();
        all.sort();
        all.into_iter().skip(50).map(|(_, kind, why)| (kind, why)).collect()
    };
    let before = kinds();
    assert!(before.iter().all(|(kind, _)| kind == "other"), "it does not know these words: {before:?}");
    let lessons = desk.json(&["kind", "--learn"]);
    assert_eq!(lessons[0]["kept"], true, "{lessons}");
    assert!(lessons[0]["right_after"].as_u64() > lessons[0]["right_before"].as_u64());
    let after = kinds();
    let right = |all: &[(String, String)]| {
        all.iter().enumerate().filter(|(n, (kind, _))| kind == ["bug", "feature"][n % 2]).count()
    };
    assert!(right(&after) >= 8, "{after:?}");
    desk.text(&["rebuild"]);
    assert_eq!(kinds(), after, "a rebuild judges by what was learned");
    desk.text(&["kind", "--learn", "--undo"]);
    assert_eq!(kinds(), before);
    desk.is_well();
}

fn issue(n: usize, title: &str, label: Option<&str>) -> Value {
    let at = format!("2026-0{}-{:02}T10:00:00Z", 1 + n / 28, 1 + n % 28);
    serde_json::json!({
        "number": n, "id": format!("I_{n}"), "title": title, "url": format!("https://github.com/tidewater/tides/issues/{n}"),
        "state": "OPEN", "author": format!("u{}", n % 7), "authorAssociation": "NONE", "assignees": [],
        "labels": label.into_iter().collect::<Vec<_>>(), "body": "", "createdAt": at, "updatedAt": at,
        "closedAt": null, "comments": [],
    })
}
