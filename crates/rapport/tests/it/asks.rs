//! The public page of asks: off until the owner wants it, then readable by everybody, and it says no more than it should.

use serde_json::{Value, json};

use crate::s05_deliver::{ways, with_feedback};
use crate::web::{Served, browser, node};
use crate::world::{Desk, MONDAY};

const PUBLIC: &str = "https://desk.example.org";
const HOST: (&str, &str) = ("Host", "desk.example.org");

/// Feedback 1 shipped, 2 declined, 3 delivered with somebody's name in its title, 4 delivered and kept off, 5 a draft.
fn world() -> (Desk, String) {
    let desk = with_feedback();
    let people = desk.json(&["people", "--as-of", MONDAY]);
    let named = people.as_array().unwrap().iter().filter_map(|p| p["name"].as_str());
    let name = named.into_iter().find(|name| name.contains(' ')).unwrap().to_owned();
    let third = format!("Mend what {name} ran into");
    for title in ["Sell replay by the event", &third, "A hole that is not closed yet", "Only an idea"] {
        desk.text(&[
            "feedback", "new", "--title", title, "--ask", "please", "--to", "product", "--as-of", MONDAY,
        ]);
    }
    ways(&desk, "folder = \"briefs\"\n");
    for n in ["1", "2", "3", "4"] {
        desk.text(&["feedback", "deliver", n, "--yes", "--as-of", MONDAY]);
    }
    let at = ["--as-of", MONDAY];
    desk.text(&[&["feedback", "answer", "1", "--accept"][..], &at].concat());
    desk.text(&[&["feedback", "shipped", "1", "--release", "3.1"][..], &at].concat());
    desk.text(&[&["feedback", "answer", "2", "--decline", "--reason", "legal says never"][..], &at].concat());
    (desk, name)
}

fn switch(desk: &Desk, asks: &str) {
    let path = desk.0.path().join("rapport.toml");
    let old = std::fs::read_to_string(&path).unwrap();
    let old = old.split("\n[asks]").next().unwrap();
    std::fs::write(&path, format!("{old}\n[asks]\n{asks}\n")).unwrap();
}

#[test]
fn everybody_reads_what_was_asked_for_where_the_owner_wants_it() {
    let (desk, name) = world();
    let served = Served::with(&desk, &["--public-url", PUBLIC]).0;
    let get = |path: &str| served.ask("GET", path, &[HOST], "");
    assert_eq!(get("/asks").0, 303, "off: to the login page, as everything");
    switch(&desk, "public = true\nleave-out = [4]");
    let raw = served.raw("GET", "/asks", &[HOST], "");
    assert!(raw.to_lowercase().contains("cache-control: public, max-age=60"), "{raw}");
    let (status, page) = get("/asks");
    assert_eq!(status, 200);
    for says in ["Shipped (1)", "Replay failed deliveries between two moments", "in 3.1, 2026-09-28"] {
        assert!(page.contains(says), "{says}: {page}");
    }
    assert!(page.contains("Not planned (1)") && page.contains("Sell replay by the event"), "{page}");
    assert!(page.contains("Being looked at (1)") && page.contains("Mend what "), "{page}");
    for hidden in [
        name.as_str(),
        "A hole that",
        "Only an idea",
        "legal",
        "Head of Product",
        "severity",
        "people",
        "log out",
    ] {
        assert!(!page.contains(hidden), "{hidden}: {page}");
    }
    // Nothing else opens, nobody makes it say more, and asking otherwise makes no other page.
    for path in ["/feedback", "/asks/1", "/api/feedback/list", "/feedback/1"] {
        assert_ne!(get(path).0, 200, "{path}");
    }
    assert_eq!(get("/asks?role=head&x=1").1, page);
    assert_eq!(served.ask("GET", "/asks", &[("Host", "evil.example")], "").0, 403);
    assert_ne!(served.ask("POST", "/asks", &[HOST], "").0, 200);
    // The people of the desk see what everybody sees.
    let near = Served::new(&desk);
    assert_eq!(near.ask("GET", "/asks", &[], "").1, page);
    // Off again, it is gone at once.
    switch(&desk, "public = false");
    assert_eq!(get("/asks").0, 303);
    assert_eq!(near.ask("GET", "/asks", &[], "").0, 404);
}

#[test]
fn a_browser_finds_nothing_wrong_with_the_page_of_asks() {
    let Some((chromium, modules)) = browser() else { return };
    let (desk, _) = world();
    switch(&desk, "public = true");
    let served = Served::new(&desk);
    let base = format!("http://{}", served.at);
    let args = [chromium.as_os_str(), modules.as_os_str(), base.as_ref(), "-".as_ref(), "/asks".as_ref()];
    for line in node("pages.mjs", &args).lines() {
        let found: Value = serde_json::from_str(line).unwrap();
        assert_eq!(found["status"], 200);
        for kind in ["axe", "foreign", "dialogs", "errors"] {
            assert_eq!(found[kind], json!([]), "{found}");
        }
    }
}
