//! s05: what was heard becomes a brief of one page, and reaches the department by the ways it uses, once, whatever the
//! other side answers.

use std::process::Command;

use serde_json::Value;

use crate::outside::{Fails, Outside, TOKEN};
use crate::postbox::Postbox;
use crate::s03_one_minute_to_evidence::thread;
use crate::world::{Desk, MONDAY};

/// The world with feedback on replaying, from the threads that ask for it.
pub(crate) fn with_feedback() -> Desk {
    let desk = Desk::world();
    let threads: Vec<String> = [
        "Feature request: replay",
        "\u{bf}C\u{f3}mo reenviar",
        "Is there an API call to replay",
        "Replay all failed deliveries of one",
        "Office hours: replaying",
    ]
    .map(|title| thread(&desk, title))
    .to_vec();
    let mut args =
        vec!["feedback", "new", "--title", "Replay failed deliveries between two moments", "--thread"];
    args.extend(threads.iter().map(String::as_str));
    args.extend(["--as-of", MONDAY]);
    desk.text(&args);
    desk
}

/// Adds ways to Product to the folder's `rapport.toml`.
pub(crate) fn ways(desk: &Desk, ways: &str) {
    let path = desk.0.path().join("rapport.toml");
    let old = std::fs::read_to_string(&path).unwrap();
    let old = old.split("\n[deliver").next().unwrap();
    std::fs::write(
        &path,
        format!("{old}\n[deliver.product]\nowner = \"Head of Product\"\ntimeout-seconds = 3\n{ways}"),
    )
    .unwrap();
}

pub(crate) fn tracker(kind: &str, root: &str) -> String {
    let api = match kind {
        "gitlab" => format!("{root}/api/v4"),
        "gitea" => format!("{root}/api/v1"),
        _ => root.to_owned(),
    };
    format!(
        "[deliver.product.tracker]\nkind = \"{kind}\"\nrepository = \"tidewater-relay/relay\"\napi = \"{api}\"\nlabels = [\"from-developers\"]\n"
    )
}

/// The program with the token in its environment.
pub(crate) fn armed(desk: &Desk) -> Command {
    let mut command = desk.command();
    command.env("RAPPORT_TOKEN_PRODUCT", TOKEN);
    command
}

pub(crate) fn json(mut command: Command, args: &[&str], code: i32) -> Value {
    let output = command.arg("--json").args(args).output().unwrap();
    assert_eq!(output.status.code(), Some(code), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn the_brief_is_one_page_with_all_that_decides() {
    let desk = with_feedback();
    let page = desk.text(&["feedback", "show", "1", "--markdown", "--as-of", MONDAY]);
    assert!(page.lines().count() <= 55, "{page}");
    for says in [
        "# Replay failed deliveries between two moments",
        "**The ask, to Product:** ",
        "**Decide by:** 2026-10-19",
        "**Severity:** P2, it costs people time, again and again",
        "**Who hurts:** 4 people, in ",
        "**Stage:** operate (keeping it running)",
        "**Counted:** 4 people, 15 messages in 5 threads",
        "**Trend:** too few to say",
        "## What they tried",
        "we wrote a shell loop around the single resend",
        "## Ways around",
        "A loop over \"relay dead-letters --json\" with a pause of one second is what most of us do.",
        "## Not known",
    ] {
        assert!(page.contains(says), "{says} in\n{page}");
    }
    assert_eq!(page.matches("\n> \u{2014} ").count(), 3, "three quotes\n{page}");
    // Nobody's name, handle or address; the threads hold them all.
    for name in [
        "Farah",
        "farah",
        "Olu",
        "olu-adeyemi",
        "Carmen",
        "Edda",
        "Tom\u{e1}s",
        "tarrieta",
        "Arrieta",
        "Ines",
        "@",
    ] {
        assert!(!page.contains(name), "{name} in\n{page}");
    }
    assert_eq!(
        page,
        desk.text(&["feedback", "show", "1", "--markdown", "--as-of", MONDAY]),
        "the same each time"
    );
}

#[test]
fn a_topic_becomes_feedback_with_its_evidence() {
    let desk = Desk::world();
    let topics = desk.json(&["topics", "--as-of", MONDAY]);
    let topic = &topics[0];
    let made = desk.json(&[
        "feedback",
        "new",
        "--topic",
        &topic["id"].to_string(),
        "--severity",
        "p1",
        "--as-of",
        MONDAY,
    ]);
    assert_eq!((made["origin"].as_str(), made["severity"].as_str()), (Some("topic"), Some("P1")));
    assert_eq!(made["places"], topic["threads"]);
    assert_eq!(made["asked"], topic["people"], "people, not messages");
    assert_eq!(made["evidence"], topic["threads"].as_u64().unwrap().min(12), "the strongest openings");
    let refused = desk.run(&["feedback", "new", "--gap", &topic["id"].to_string(), "--as-of", MONDAY]);
    let says = String::from_utf8_lossy(&refused.stderr).into_owned();
    let gaps = desk.json(&["gaps", "--as-of", MONDAY]);
    let is_gap = gaps.as_array().unwrap().iter().any(|g| g["id"] == topic["id"]);
    assert_eq!(refused.status.success(), is_gap, "{says}");
    assert_eq!(desk.run(&["feedback", "new", "--by-hand", "--title", "x"]).status.code(), Some(2));
    let by_hand = desk.json(&[
        "feedback",
        "new",
        "--by-hand",
        "--title",
        "A status page",
        "--ask",
        "Put one up.",
        "--to",
        "Engineering",
    ]);
    assert_eq!(by_hand["department"], "engineering");
    desk.text(&["feedback", "drop", "2"]);
    assert_eq!(desk.json(&["feedback"]).as_array().unwrap().len(), 1);
}

#[test]
fn an_issue_is_made_once_in_each_tracker() {
    for kind in ["github", "gitlab", "gitea"] {
        let (desk, outside) = (with_feedback(), Outside::new());
        ways(&desk, &tracker(kind, &outside.root));
        let plan = json(armed(&desk), &["feedback", "deliver", "1"], 0);
        assert_eq!((plan[0]["way"].as_str(), plan[0]["state"].as_str()), (Some(kind), Some("send")));
        assert!(outside.asked().is_empty(), "a plan asks nobody");
        let done = json(armed(&desk), &["feedback", "deliver", "1", "--yes"], 0);
        assert_eq!(done[0]["state"], "sent", "{done}");
        assert!(done[0]["url"].as_str().unwrap().ends_with("/tidewater-relay/relay/issues/1"));
        json(armed(&desk), &["feedback", "deliver", "1", "--yes"], 0);
        let issues = outside.issues();
        assert_eq!(issues.len(), 1, "{kind}");
        assert_eq!(issues[0].title, "Replay failed deliveries between two moments");
        assert!(
            issues[0].body.starts_with("**The ask, to Product:**")
                && issues[0].body.contains("<!-- rapport ")
        );
        assert_eq!(issues[0].labels, [if kind == "gitea" { "9" } else { "from-developers" }]);
        assert_eq!(desk.json(&["feedback"])[0]["state"], "delivered");
    }
}

#[test]
fn every_refusal_is_said_plainly_and_nothing_is_doubled() {
    let (desk, outside) = (with_feedback(), Outside::new());
    outside.held.lock().unwrap().others = 5;
    ways(&desk, &tracker("github", &outside.root));
    let gone = r#"{"message":"Issues has been disabled in this repository."}"#;
    let text = r#"{"message":"Validation Failed","errors":[{"message":"title is too long"}]}"#;
    for (fails, says) in [
        (
            Fails::Status(401, "", r#"{"message":"Bad credentials"}"#),
            "does not take the token (401): renew RAPPORT_TOKEN_PRODUCT",
        ),
        (
            Fails::Status(403, "", r#"{"message":"Resource not accessible"}"#),
            "may not write issues in tidewater-relay/relay (403): Resource not accessible",
        ),
        (
            Fails::Status(404, "", r#"{"message":"Not Found"}"#),
            "knows no tidewater-relay/relay, or RAPPORT_TOKEN_PRODUCT may not see it (404)",
        ),
        (Fails::Status(410, "", gone), "issues are switched off in tidewater-relay/relay (410)"),
        (Fails::Status(422, "", text), "refuses the text (422): Validation Failed (title is too long)"),
        (
            Fails::Status(301, "location: https://evil.example/x\r\n", ""),
            "has moved (301) to https://evil.example/x",
        ),
        (Fails::Status(502, "", "<html>"), "is out of order (502)"),
        (Fails::Silent, "gave no answer within 3 s"),
        (Fails::Status(200, "", "[1, 2"), "no whole JSON"),
        (Fails::CutAfterwards, "broke off"),
        (Fails::SilentAfterwards, "gave no answer within 3 s"),
    ] {
        let cut = matches!(fails, Fails::CutAfterwards | Fails::SilentAfterwards);
        outside.fail(fails);
        let done = json(
            armed(&desk),
            &["feedback", "deliver", "1", "--yes", "--as-of", MONDAY],
            i32::from(!outside.issues().is_empty() && cut) ^ 1,
        );
        let why = done[0]["why"].as_str().unwrap();
        if outside.issues().len() == 1 && done[0]["state"] == "sent" {
            // The cut answer had made it: it was found by its marker behind the pages of the others.
            assert_eq!(why, "it was there from an earlier try");
            assert!(outside.asked().iter().any(|a| a.contains("page=3")), "{:?}", outside.asked());
            break;
        }
        assert_eq!(done[0]["state"], "undelivered");
        assert!(why.contains(says), "{says} in {why}");
        let row = &desk.json(&["feedback"])[0];
        assert_eq!(
            (row["state"].as_str(), row["deliveries"][0]["state"].as_str()),
            (Some("draft"), Some("undelivered"))
        );
    }
    assert_eq!(outside.issues().len(), 1, "once, after eleven tries");
    assert_eq!(desk.json(&["feedback"])[0]["state"], "delivered");
}

#[test]
fn a_limit_is_waited_for() {
    let (desk, outside) = (with_feedback(), Outside::new());
    ways(&desk, &tracker("github", &outside.root));
    outside.fail(Fails::Status(429, "retry-after: 90\r\n", r#"{"message":"slow down"}"#));
    let done = json(armed(&desk), &["feedback", "deliver", "1", "--yes", "--as-of", MONDAY], 1);
    assert_eq!(done[0]["why"], "github asks to wait 90 s (429)");
    assert_eq!(done[0]["retry_at"], "2026-09-28T08:01:30Z");
    let before = outside.asked().len();
    let soon =
        json(armed(&desk), &["feedback", "deliver", "1", "--yes", "--as-of", "2026-09-28T08:01:00Z"], 0);
    assert_eq!(soon[0]["state"], "skip");
    assert_eq!(outside.asked().len(), before, "nothing is asked before the time is over");
    let then = json(armed(&desk), &["feedback", "sync", "--yes", "--as-of", "2026-09-28T08:02:00Z"], 0);
    assert_eq!(then["sent"][0]["state"], "sent", "{then}");
}

#[test]
fn secrets_stay_out_of_the_config_and_of_every_line() {
    let (desk, outside) = (with_feedback(), Outside::new());
    ways(&desk, &format!("webhook = true\n{}", tracker("github", &outside.root)));
    let without = json(desk.command(), &["feedback", "deliver", "1", "--yes"], 1);
    assert!(without[0]["why"].as_str().unwrap().starts_with("RAPPORT_TOKEN_PRODUCT is not set"), "{without}");
    assert!(outside.asked().is_empty());
    let secrets = desk.0.path().join("secrets.toml");
    let hook = format!("{}/services/T0/B0/secret", outside.root);
    std::fs::write(
        &secrets,
        format!("RAPPORT_TOKEN_PRODUCT = \"{TOKEN}\"\nRAPPORT_WEBHOOK_PRODUCT = \"{hook}\"\n"),
    )
    .unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let open = |mode| std::fs::set_permissions(&secrets, std::fs::Permissions::from_mode(mode)).unwrap();
        open(0o644);
        let refused = desk.run(&["feedback", "deliver", "1", "--yes"]);
        assert!(String::from_utf8_lossy(&refused.stderr).contains("may be read by others (644)"));
        open(0o600);
    }
    let done = desk.run(&["feedback", "deliver", "1", "--yes"]);
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let message = outside.held.lock().unwrap().messages[0]["text"].as_str().unwrap().to_owned();
    assert!(message.starts_with("*Replay failed deliveries between two moments*\nDecide"), "{message}");
    assert!(message.contains("/tidewater-relay/relay/issues/1|open it>"), "{message}");
    let out = tempfile::TempDir::new().unwrap();
    desk.text(&["export", out.path().to_str().unwrap()]);
    let said = [&done.stdout, &done.stderr].map(|bytes| String::from_utf8_lossy(bytes).into_owned()).concat();
    let mut kept = said
        + &desk.text(&["feedback", "show", "1"])
        + &desk.json(&["sql", "SELECT * FROM audit"]).to_string();
    for table in std::fs::read_dir(out.path().join("folder")).unwrap() {
        kept.push_str(&std::fs::read_to_string(table.unwrap().path()).unwrap());
    }
    assert!(!kept.contains(TOKEN) && !kept.contains("B0/secret"));
    let database = std::fs::read(desk.0.path().join("rapport.sqlite")).unwrap();
    assert!(!database.windows(TOKEN.len()).any(|w| w == TOKEN.as_bytes()));
}

#[test]
fn a_key_in_the_config_is_refused_where_a_secret_would_stand() {
    let desk = with_feedback();
    ways(&desk, "token = \"t\"\n");
    let output = desk.run(&["feedback", "deliver", "1"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("unknown field `token`"));
    ways(&desk, &tracker("github", "http://tracker.example"));
    let done = json(armed(&desk), &["feedback", "deliver", "1", "--yes"], 1);
    assert_eq!(done[0]["why"], "tracker.example is not https: nothing is sent in the clear");
}

fn mail(server: &str) -> String {
    format!(
        "answer-at = \"https://rapport.tidewater.example.com/answer\"\n[deliver.product.mail]\nto = [\"product@tidewater.example.com\"]\nfrom = \"devrel@tidewater.example.com\"\nserver = \"{server}\"\nsecurity = \"none\"\n"
    )
}

#[test]
fn a_mail_goes_through_a_real_server() {
    let Some(post) = Postbox::new("take") else { return };
    let desk = with_feedback();
    ways(&desk, &mail(&post.server));
    let done = json(desk.command(), &["feedback", "deliver", "1", "--yes"], 0);
    assert_eq!(done[0]["state"], "sent", "{done}");
    json(desk.command(), &["feedback", "deliver", "1", "--yes"], 0);
    let mails = post.mails();
    assert_eq!(mails.len(), 1, "once");
    for says in [
        "From: devrel@tidewater.example.com",
        "To: product@tidewater.example.com",
        "Subject: Replay failed deliveries between two moments",
        "Message-ID: <rapport.",
        "https://rapport.tidewater.example.com/answer/1.",
    ] {
        assert!(
            mails[0].contains(says) || mails[0].replace("=\r\n", "").contains(says),
            "{says} in {}",
            mails[0]
        );
    }
    let Some(login) = Postbox::new("login") else { return };
    let desk = with_feedback();
    ways(&desk, &mail(&login.server));
    let refused = json(desk.command(), &["feedback", "deliver", "1", "--yes"], 1);
    assert!(refused[0]["why"].as_str().unwrap().contains("refuses it"), "{refused}");
    let mut armed = desk.command();
    armed.env("RAPPORT_MAIL_PRODUCT", "product-mailer:s3cret");
    assert_eq!(json(armed, &["feedback", "deliver", "1", "--yes"], 0)[0]["state"], "sent");
    assert_eq!(login.mails().len(), 1);
}

#[test]
fn a_mail_server_that_says_no_or_nothing_leaves_it_undelivered() {
    for (mode, says) in [("refuse", "refuses it: "), ("later", "asks to try later: ")] {
        let Some(post) = Postbox::new(mode) else { return };
        let desk = with_feedback();
        ways(&desk, &mail(&post.server));
        let done = json(desk.command(), &["feedback", "deliver", "1", "--yes"], 1);
        assert!(done[0]["why"].as_str().unwrap().contains(says), "{done}");
        assert_eq!(desk.json(&["feedback"])[0]["state"], "draft");
    }
    let desk = with_feedback();
    ways(&desk, &mail("127.0.0.1:9"));
    let done = json(desk.command(), &["feedback", "deliver", "1", "--yes"], 1);
    assert!(done[0]["why"].as_str().unwrap().contains("is not reached"), "{done}");
    ways(&desk, &mail("mail.tidewater.example:25"));
    let done = json(desk.command(), &["feedback", "deliver", "1", "--yes"], 1);
    assert!(done[0]["why"].as_str().unwrap().contains("nothing is sent in the clear"), "{done}");
}

#[test]
fn a_server_that_cannot_encrypt_gets_nothing() {
    let Some(post) = Postbox::new("take") else { return };
    let desk = with_feedback();
    ways(&desk, &mail(&post.server).replace("\"none\"", "\"starttls\""));
    let done = json(desk.command(), &["feedback", "deliver", "1", "--yes"], 1);
    assert_eq!(done[0]["state"], "undelivered", "{done}");
    assert!(post.mails().is_empty());
    assert_eq!(desk.json(&["feedback"])[0]["state"], "draft");
}

#[test]
fn a_program_that_dies_while_it_sends_makes_no_second_issue() {
    let (desk, outside) = (with_feedback(), Outside::new());
    ways(
        &desk,
        &tracker("gitea", &outside.root).replace("[deliver.product.tracker]", "[deliver.product.tracker]\n#"),
    );
    let path = desk.0.path().join("rapport.toml");
    let slow = std::fs::read_to_string(&path).unwrap().replace("timeout-seconds = 3", "timeout-seconds = 60");
    std::fs::write(&path, slow).unwrap();
    outside.fail(Fails::SilentAfterwards);
    let mut child = armed(&desk).args(["feedback", "deliver", "1", "--yes"]).spawn().unwrap();
    let began = std::time::Instant::now();
    while outside.issues().is_empty() && began.elapsed().as_secs() < 30 {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let row = &desk.json(&["feedback"])[0];
    assert_eq!(
        (row["state"].as_str(), row["deliveries"][0]["state"].as_str()),
        (Some("draft"), Some("sending"))
    );
    let done = json(armed(&desk), &["feedback", "deliver", "1", "--yes"], 0);
    assert_eq!(done[0]["why"], "it was there from an earlier try", "{done}");
    assert_eq!(outside.issues().len(), 1);
    desk.is_well();
}

#[test]
fn a_message_that_may_have_come_through_is_not_sent_again_by_itself() {
    let (desk, outside) = (with_feedback(), Outside::new());
    ways(&desk, "webhook = true\n");
    let hook = format!("{}/services/T0/B0/secret", outside.root);
    let go = |more: &[&str], code: i32| {
        let mut command = desk.command();
        command.env("RAPPORT_WEBHOOK_PRODUCT", &hook);
        json(command, &[&["feedback", "deliver", "1", "--yes"], more].concat(), code)[0].clone()
    };
    outside.fail(Fails::SilentAfterwards);
    assert!(go(&[], 1)["why"].as_str().unwrap().contains("may have come through all the same"));
    assert_eq!(go(&[], 0)["state"], "skip");
    assert_eq!(outside.held.lock().unwrap().messages.len(), 1);
    assert_eq!(go(&["--again"], 0)["state"], "sent");
    outside.fail(Fails::Status(410, "", "channel_is_archived"));
    let other = with_feedback();
    ways(&other, "webhook = true\n");
    let mut command = other.command();
    command.env("RAPPORT_WEBHOOK_PRODUCT", &hook);
    let done = json(command, &["feedback", "deliver", "1", "--yes"], 1);
    assert!(
        done[0]["why"].as_str().unwrap().ends_with("has no such webhook any more (410): channel_is_archived"),
        "{done}"
    );
}

#[test]
fn a_gap_becomes_feedback_for_the_department_it_concerns() {
    let groups = [
        ["invoice", "billing address", "tax number", "receipt", "currency", "credit note"],
        ["webhook", "retry", "signature", "timestamp", "endpoint", "payload"],
        ["stream", "token", "consumer", "offset", "reconnect", "keepalive"],
    ];
    let mut lines = String::new();
    for n in 0..120_usize {
        let word = |k: usize| groups[n % 3][(n / 3 + k * k) % 6];
        let (month, day) = (3 + n / 24, 1 + n % 27);
        let mut say = |who: String, kind: &str, hour: usize, text: String| {
            let title = format!("How do I set the {} for a {}?", word(0), word(1));
            let activity = serde_json::json!({
                "key": format!("{n}/{kind}"), "thread": n.to_string(), "activity_type": kind, "title": title,
                "description": text, "occurred_at": format!("2026-{month:02}-{day:02}T{hour:02}:00:00Z"),
                "link": format!("https://help.example.org/{n}"),
            });
            let member = serde_json::json!({ "username": who });
            lines.push_str(&format!("{}\n", serde_json::json!({ "activity": activity, "member": member })));
        };
        let ask =
            format!("We need the {} with the {} and the {}. How can we do this?", word(0), word(1), word(2));
        say(format!("asker{n}"), "question", 10, ask);
        // Nobody answers questions on money.
        if n % 3 != 0 || n < 6 {
            say(format!("helper{}", n % 5), "answer", 12, "Set it in the dashboard.".to_owned());
        }
    }
    let place = tempfile::TempDir::new().unwrap();
    let path = place.path().join("activities.jsonl");
    std::fs::write(&path, lines).unwrap();
    let desk = Desk::new();
    desk.text(&["add", path.to_str().unwrap(), "--name", "help", "--kind", "activities"]);
    let now = ["--as-of", "2026-10-01T00:00:00Z"];
    let gaps = desk.json(&[&["gaps"], &now[..]].concat());
    let gap = gaps.as_array().unwrap().iter().find(|g| g["kind"] == "support").expect("a gap in support");
    let made = desk.json(&[&["feedback", "new", "--gap", &gap["id"].to_string()], &now[..]].concat());
    assert_eq!((made["origin"].as_str(), made["gap"].as_str()), (Some("gap"), Some("support")));
    assert_eq!(made["department"], gap["department"]);
    assert!(made["department_why"].as_str().unwrap().contains("stay without an answer"), "{made}");
    assert!(made["ask"].as_str().unwrap().starts_with("Name somebody who answers"), "{made}");
    assert_eq!(made["asked"], gap["of"], "everybody who asked is told, not only who waits");
}
