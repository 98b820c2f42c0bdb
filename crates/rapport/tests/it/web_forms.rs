//! What is written on a page arrives whole, and what cannot be read is said there.

use serde_json::{Value, json};

use crate::web::Served;
use crate::world::Desk;

#[test]
fn who_is_one_person_is_said_on_a_page_and_so_is_a_farewell() {
    let desk = Desk::world();
    let served = Served::new(&desk);
    let (_, page) = served.ask("GET", "/people/review", &[], "");
    let token = page.split("data-token=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let form = [("Content-Type", "application/x-www-form-urlencoded")];
    let post = |path: &str, body: &str| served.ask("POST", path, &form, &format!("token={token}&{body}"));
    let pairs = served.get("/api/people/suggest");
    let (first, second) = (&pairs[0], &pairs[1]);
    let pair = |p: &Value| format!("one={}&other={}", p["a"], p["b"]);
    assert_eq!(served.ask("POST", "/people/review/same", &form, &pair(first)).0, 400, "the token is missing");
    assert_eq!(post("/people/review/same", &pair(first)).0, 303);
    assert_eq!(post("/people/review/apart", &pair(second)).0, 303);
    assert_eq!(post("/people/review/maybe", &pair(second)).0, 400);
    assert_eq!(post("/people/review/same", "one=1;&other=2").0, 400);
    let left = served.get("/api/people/suggest");
    let still = |p: &Value| left.as_array().unwrap().iter().any(|q| q["a"] == p["a"] && q["b"] == p["b"]);
    assert!(!still(first) && !still(second), "{left:#}");
    let (_, shown) = served.ask("GET", &format!("/people/{}", first["a"]), &[], "");
    assert!(shown.contains("Why they are one person") && shown.contains("somebody else"), "{shown}");
    // What would go is shown first; with a yes it goes.
    let who = served.get("/api/people?named=Carmen")[0].clone();
    let name = who["name"].as_str().unwrap();
    let path = format!("/people/{}/forget", who["person"]);
    let (status, plan) = post(&path, "");
    assert!(status == 200 && plan.contains("What would go") && plan.contains("for good"), "{plan}");
    assert_eq!(served.get("/api/people?named=Carmen")[0]["name"], name);
    // They may have what is held before it goes; what they agreed to is kept.
    let person = format!("/people/{}", who["person"]);
    assert_eq!(
        post(&format!("{person}/consent"), "note=nothing+said").0,
        400,
        "no answer to any of the three"
    );
    assert_eq!(post(&format!("{person}/consent"), "introduce=yes&note=at+the+meetup").0, 303);
    let (_, page) = served.ask("GET", &person, &[], "");
    assert!(page.contains("Introduced to others: yes") && page.contains("at the meetup"), "{page}");
    let (status, letter) = post(&format!("{person}/export/letter"), "");
    assert!(status == 200 && letter.contains(name), "{letter}");
    let (_, data) = post(&format!("{person}/export/data"), "");
    assert!(serde_json::from_str::<Value>(&data).is_ok(), "{data}");
    assert_eq!(post(&format!("{person}/export/anything"), "").0, 400);
    let copies = desk.0.path().join("uploads");
    let left = std::fs::read_dir(&copies).map_or(0, Iterator::count);
    assert_eq!(left, 0, "a copy that stays would outlive the forgetting");
    let (status, gone) = post(&path, "yes=1");
    assert!(status == 200 && gone.contains("From now on: forgotten-") && !gone.contains(name), "{gone}");
    assert_eq!(served.get("/api/people?named=Carmen"), json!([]));
    desk.is_well();
}

#[test]
fn a_friction_log_is_written_on_its_page() {
    let desk = Desk::world();
    let served = Served::new(&desk);
    let (_, page) = served.ask("GET", "/friction", &[], "");
    let token = page.split("data-token=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let form = [("Content-Type", "application/x-www-form-urlencoded")];
    let encoded = |text: &str| text.bytes().map(|b| format!("%{b:02X}")).collect::<String>();
    let send =
        |log: &str| served.ask("POST", "/friction", &form, &format!("token={token}&log={}", encoded(log)));
    let (status, said) = send("no head <b>at all</b>");
    assert!(
        status == 200 && said.contains("role=\"alert\"") && said.contains("line 1: a friction log begins"),
        "{said}"
    );
    assert!(
        said.contains("no head") && !said.contains("<b>at all</b>"),
        "what was written is still there: {said}"
    );
    assert!(!said.contains("uploads"), "{said}");
    let template = desk.text(&["friction", "template"]);
    let (status, said) = send(&template.replace('\n', "\r\n"));
    assert_eq!(status, 303, "the template itself is a log: {said}");
    let logs = served.get("/api/friction/list");
    let (status, shown) = served.ask("GET", &format!("/friction/{}", logs[0]["log"]), &[], "");
    assert!(status == 200 && shown.contains("<article class=\"brief\">"), "{shown}");
    assert_eq!(std::fs::read_dir(desk.0.path().join("uploads")).unwrap().count(), 0);
}

#[test]
fn an_export_is_dropped_and_read() {
    let desk = Desk::new();
    std::fs::create_dir_all(desk.0.path()).unwrap();
    desk.json(&["add", crate::world::company().join("list").to_str().unwrap()]);
    let served = Served::new(&desk);
    let (_, page) = served.ask("GET", "/sources", &[], "");
    let token = page.split("data-token=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let mail = "From a@example.org Mon Jan  5 10:00:00 2026\nFrom: A <a@example.org>\nDate: Mon, 5 Jan 2026 10:00:00 +0000\nMessage-ID: <1@example.org>\nSubject: How do I rotate a key?\n\nHow do I rotate a signing key?\n";
    let headers = [("x-rapport-token", token.as_str()), ("Content-Type", "application/octet-stream")];
    let (status, said) = served.ask("POST", "/sources/upload?name=../list.mbox", &headers, mail);
    assert_eq!(status, 200, "{said}");
    assert_eq!(served.get("/api/search?words=rotate")[0]["title"], "How do I rotate a key?");
    let (status, said) = served.ask("POST", "/sources/upload?name=x.bin", &headers, "\0\0\0");
    assert_eq!(status, 422, "{said}");
    assert_eq!(std::fs::read_dir(desk.0.path().join("uploads")).unwrap().count(), 0, "no second copy stays");
}
