//! s06: the receiver answers without an account, by the tracker or through the team; no asks for a reason; silence shows.

use serde_json::Value;

use crate::outside::Outside;
use crate::s05_deliver::{armed, json, tracker, ways, with_feedback};
use crate::world::{Desk, MONDAY};

fn delivered() -> Desk {
    let desk = with_feedback();
    desk.text(&[
        "feedback",
        "deliver",
        "1",
        "--by-hand",
        "in the weekly meeting",
        "--yes",
        "--as-of",
        MONDAY,
    ]);
    desk
}

fn refused(desk: &Desk, args: &[&str], says: &str) {
    let output = desk.run(args);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{args:?}: {said}");
    assert!(said.contains(says) && said.contains("next: "), "{says} in {said}");
}

fn state(desk: &Desk) -> (String, String) {
    let row = desk.json(&["feedback", "--as-of", "2026-10-12T09:00:00Z"])[0].clone();
    let text = |key: &str| row[key].as_str().unwrap_or_default().to_owned();
    (text("state"), text("waiting"))
}

#[test]
fn silence_is_shown_to_who_leads() {
    let desk = delivered();
    assert_eq!(state(&desk), ("delivered".to_owned(), "waiting on Product 14 d".to_owned()));
    let list = desk.text(&["feedback", "--as-of", "2026-10-22T09:00:00Z"]);
    assert!(list.contains("waiting on Product 24 d, 3 d late"), "{list}");
    // Having read it is no answer.
    desk.text(&["feedback", "answer", "1", "--acknowledge", "--as-of", "2026-10-11T09:00:00Z"]);
    assert_eq!(state(&desk), ("acknowledged".to_owned(), "waiting on Product 14 d".to_owned()));
}

#[test]
fn a_link_answers_without_an_account() {
    let desk = delivered();
    let link = desk.json(&["feedback", "link", "1", "--days", "10", "--as-of", MONDAY]);
    let link = link["link"].as_str().unwrap().to_owned();
    let at = ["--as-of", "2026-10-01T09:00:00Z"];
    let no = |link: &str, more: &[&str], says: &str| {
        let args = [&["feedback", "answer", "--link", link], more, &at].concat();
        refused(&desk, &args, says);
    };
    no(&link, &["--decline"], "a reason is required");
    no(&link, &["--decline", "--reason", "  "], "a reason is required");
    no(&link.replacen("1.", "2.", 1), &["--accept"], "was not made here");
    let other = delivered();
    let foreign =
        other.json(&["feedback", "link", "1", "--as-of", MONDAY])["link"].as_str().unwrap().to_owned();
    no(&foreign, &["--accept"], "was not made here");
    refused(
        &desk,
        &["feedback", "answer", "--link", &link, "--accept", "--as-of", "2026-10-09T09:00:00Z"],
        "has expired",
    );
    let whole = format!("https://rapport.tidewater.example.com/answer/{link}");
    let row = desk.json(&[
        "feedback",
        "answer",
        "--link",
        &whole,
        "--accept",
        "--release",
        "3.1",
        "--as-of",
        at[1],
    ]);
    assert_eq!((row["state"].as_str(), row["release"].as_str()), (Some("accepted"), Some("3.1")));
    let steps: Vec<&str> =
        row["steps"].as_array().unwrap().iter().map(|s| s["state"].as_str().unwrap()).collect();
    assert_eq!(steps, ["draft", "delivered", "acknowledged", "accepted"], "no state is skipped");
    assert_eq!(row["steps"][3]["via"], "link");
    // Taken back, it answers nothing any more.
    desk.text(&["feedback", "link", "1", "--revoke", "--as-of", at[1]]);
    no(&link, &["--decline", "--reason", "changed our mind"], "was taken back");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(desk.0.path().join("link.key")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    let audit = desk.json(&["sql", "SELECT * FROM audit"]).to_string();
    assert!(!audit.contains(&link), "a link is as good as a signature");
}

#[test]
fn who_declines_says_why_and_may_look_again() {
    let desk = delivered();
    refused(&desk, &["feedback", "answer", "1", "--decline"], "a reason is required");
    let declined = desk.json(&[
        "feedback",
        "answer",
        "1",
        "--decline",
        "--reason",
        "too few need it",
        "--by",
        "the product manager",
    ]);
    assert_eq!(
        (declined["state"].as_str(), declined["reason"].as_str()),
        (Some("declined"), Some("too few need it"))
    );
    refused(&desk, &["feedback", "shipped", "1"], "what is declined cannot be shipped");
    refused(&desk, &["feedback", "answer", "1", "--reopen"], "a reason is required");
    desk.text(&["feedback", "answer", "1", "--reopen", "--reason", "nine more asked"]);
    desk.text(&["feedback", "answer", "1", "--accept"]);
    desk.text(&["feedback", "shipped", "1", "--release", "3.1"]);
    let steps = desk.json(&["sql", "SELECT verb, who FROM audit WHERE verb LIKE 'feedback %' ORDER BY id"]);
    let verbs: Vec<&str> = steps.as_array().unwrap().iter().map(|s| s["verb"].as_str().unwrap()).collect();
    let wanted = "new delivery deliver acknowledge decline reopen accept ship";
    assert_eq!(verbs, wanted.split(' ').map(|w| format!("feedback {w}")).collect::<Vec<_>>());
    assert_eq!(steps[4]["who"], "the product manager");
    let fresh = with_feedback();
    refused(&fresh, &["feedback", "answer", "1", "--accept"], "what is draft cannot be accepted");
    refused(&fresh, &["feedback", "link", "1"], "is a draft");
}

#[test]
fn the_trackers_state_is_the_answer() {
    for kind in ["github", "gitlab", "gitea"] {
        let (desk, outside) = (with_feedback(), Outside::new());
        ways(&desk, &tracker(kind, &outside.root));
        json(armed(&desk), &["feedback", "deliver", "1", "--yes", "--as-of", MONDAY], 0);
        let sync = |code: i32| {
            json(armed(&desk), &["feedback", "sync", "--yes", "--as-of", "2026-10-12T09:00:00Z"], code)["heard"][0].clone()
        };
        let change =
            |act: &dyn Fn(&mut crate::outside::Issue)| act(&mut outside.held.lock().unwrap().issues[0]);
        let says = |heard: &Value| {
            (
                heard["says"].as_str().unwrap_or_default().to_owned(),
                heard["state"].as_str().unwrap().to_owned(),
            )
        };
        change(&|i| i.comments.push(("triage[bot]", "Thanks for the report!")));
        assert_eq!(
            says(&sync(0)),
            ("open".to_owned(), "delivered".to_owned()),
            "{kind}: a bot has not read it"
        );
        change(&|i| i.comments.push(("pm", "We look at it on Thursday.")));
        assert_eq!(says(&sync(0)).1, "acknowledged", "{kind}");
        // Printed first, taken with --yes.
        change(&|i| i.milestone = Some("3.1"));
        let plan = json(armed(&desk), &["feedback", "sync"], 0);
        assert_eq!(
            (plan["heard"][0]["step"].as_str(), state(&desk).0.as_str()),
            (Some("accept"), "acknowledged")
        );
        assert_eq!(says(&sync(0)), ("open, milestone 3.1".to_owned(), "accepted".to_owned()), "{kind}");
        change(&|i| {
            i.closed = true;
            i.reason = Some("not_planned");
            i.labels.push("resolution::wontfix".to_owned());
            i.comments.push(("pm", "Too few need it; the loop over the CLI stays."));
        });
        let declined = sync(0);
        assert_eq!(says(&declined).1, "declined", "{kind}: {declined}");
        let row = &desk.json(&["feedback"])[0];
        assert_eq!(row["reason"], "Too few need it; the loop over the CLI stays.");
        change(&|i| {
            i.closed = false;
            i.reason = Some("reopened");
            i.labels.clear();
        });
        assert_eq!(says(&sync(0)).1, "acknowledged", "{kind}: opened again");
        change(&|i| {
            i.closed = true;
            i.reason = Some("completed");
        });
        assert_eq!(
            says(&sync(0)),
            ("closed as done, milestone 3.1".to_owned(), "shipped".to_owned()),
            "{kind}"
        );
        assert_eq!(says(&sync(0)).1, "shipped", "{kind}: nothing new");
        assert_eq!(desk.json(&["feedback"])[0]["release"], "3.1");
    }
}

#[test]
fn a_no_without_a_reason_is_no_answer_and_a_tracker_out_of_reach_changes_nothing() {
    let (desk, outside) = (with_feedback(), Outside::new());
    ways(&desk, &tracker("github", &outside.root));
    json(armed(&desk), &["feedback", "deliver", "1", "--yes", "--as-of", MONDAY], 0);
    {
        let mut held = outside.held.lock().unwrap();
        held.issues[0].closed = true;
        held.issues[0].reason = Some("not_planned");
    }
    let heard = json(armed(&desk), &["feedback", "sync", "--yes"], 0);
    assert!(heard["heard"][0]["why"].as_str().unwrap().contains("says no reason"), "{heard}");
    assert_eq!(state(&desk).0, "delivered");
    let mut wrong = desk.command();
    wrong.env("RAPPORT_TOKEN_PRODUCT", "another");
    let heard = json(wrong, &["feedback", "sync", "--yes"], 1);
    assert!(heard["heard"][0]["why"].as_str().unwrap().contains("does not take the token (401)"), "{heard}");
    assert_eq!(state(&desk).0, "delivered");
}
