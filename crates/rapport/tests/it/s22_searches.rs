//! s22, what people searched in the docs, from a Plausible that lives: its days come in by `sync`, a revised count replaces
//! the old one, `docs gaps` and pages that were written see them, and they are nobody.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;

use serde_json::Value;

use crate::s22_living::play::plausible;
use crate::s22_living::play::socket::Server;
use crate::s22_living::{none, now, played};
use crate::world::Desk;

const DAY: i64 = 86_400;
const KEY: &str = "s3cret-key";
const VAIN: &str = "terraform provider";

/// A desk with the key to the site, which is searched in vain for what nobody asks.
fn desk() -> (Desk, Server) {
    let (desk, server) = played(60, |stage| {
        if stage.service == "plausible" {
            stage.token = Some(KEY.to_owned());
            let community = &mut stage.community;
            let number = community.open(now() - 5 * DAY);
            // The number of a thread is a part of its query: one that the site counts as finding nothing.
            community.threads[number].title = VAIN.to_owned();
            while !plausible::is_vain(&community.threads[number]) {
                community.threads[number].number += 1;
            }
            (0..9).for_each(|_| community.reply(number, now() - 2 * DAY));
        }
    });
    let path = desk.0.path().join("tokens");
    let keys = format!("plausible.io = \"{KEY}\"\nstats.tidewater.example = \"{KEY}\"\n");
    std::fs::write(&path, keys).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    (desk, server)
}

fn stage<T>(server: &Server, with: impl FnOnce(&mut crate::s22_living::play::Stage) -> T) -> T {
    with(server.stages.lock().unwrap().iter_mut().find(|s| s.service == "plausible").unwrap())
}

/// What the folder holds of the last days, summed by day.
fn sums(desk: &Desk) -> BTreeMap<String, u64> {
    let query = "SELECT substr(at_text, 1, 10) AS day, detail FROM activities WHERE source = 'plausible:docs.tidewater.example'";
    let rows = desk.json(&["sql", query]);
    let sum =
        |row: &Value| row["detail"].as_str().unwrap().strip_prefix("searches=").unwrap().parse().unwrap();
    rows.as_array().unwrap().iter().map(|row| (row["day"].as_str().unwrap().to_owned(), sum(row))).collect()
}

fn gap(desk: &Desk) -> Value {
    let gaps = desk.json(&["docs", "gaps"]);
    let found =
        gaps.as_array().unwrap().iter().find(|g| g["about"].as_str().is_some_and(|a| a.starts_with(VAIN)));
    found.unwrap_or_else(|| panic!("{gaps}")).clone()
}

#[test]
fn searches_come_in_by_sync_and_the_gaps_of_the_docs_see_them() {
    let (desk, server) = desk();
    let address = "https://plausible.io/docs.tidewater.example";
    let read = desk.json(&["add", address, "--kind", "plausible"]);
    let n = |key: &str| read[0][key].as_u64().unwrap();
    assert_eq!(read[0]["source"], "plausible:docs.tidewater.example", "{read}");
    assert_eq!((n("stored"), n("rejected"), n("threads"), n("requests")), (365, 0, 0, 13), "{read}");
    let status = read[0]["status"].as_str().unwrap();
    assert!(status.contains("365 days of searches"), "{status}");
    let wanted: u64 = stage(&server, |s| {
        let all = (now() / DAY - 364..=now() / DAY).flat_map(|n| plausible::day(s, n));
        all.filter(|((query, _), _)| !query.contains('@')).map(|(_, n)| n).sum()
    });
    assert_eq!(sums(&desk).values().sum::<u64>(), wanted);
    let before = gap(&desk);
    assert_eq!((&before["nothing"], &before["people"]), (&10.into(), &0.into()), "{before}");
    // Nobody is counted for it, and nobody waits.
    assert_eq!(desk.json(&["people"]).as_array().unwrap().len(), 0);
    assert_eq!(desk.json(&["needs", "--all"]).as_array().unwrap().len(), 0);
    // A revised count replaces: more, and less.
    for (more, of) in [(true, 14), (false, 11)] {
        stage(&server, |s| {
            let number = s.community.threads.iter().position(|t| t.title == VAIN).unwrap();
            if more {
                (0..4).for_each(|_| s.community.reply(number, now() - 2 * DAY));
            } else {
                let said = s.community.threads[number].posts.iter_mut().rev().take(3);
                said.for_each(|p| p.deleted = true);
            }
        });
        let again = desk.json(&["sync"]);
        assert_eq!(
            (again[0]["requests"].as_u64(), again[0]["stored"].as_u64()),
            (Some(1), Some(1)),
            "{again}"
        );
        assert_eq!(gap(&desk)["nothing"], of);
    }
    let idle = desk.json(&["sync"]);
    assert_eq!((idle[0]["requests"].as_u64(), idle[0]["stored"].as_u64()), (Some(1), Some(0)), "{idle}");
    // Everything at once again, from its beginning: nothing is counted twice.
    desk.json(&["add", address, "--kind", "plausible", "--again"]);
    assert_eq!(gap(&desk)["nothing"], 11);
    // A page that goes online today is measured against them, and settles what was searched before.
    let shipped = desk.json(&["docs", "shipped", VAIN, "--url", "https://docs.tidewater.example/terraform"]);
    assert_eq!(shipped[0]["url"], "https://docs.tidewater.example/terraform", "{shipped}");
    desk.is_well();
    none(&server);
}

#[test]
fn they_survive_every_move_of_the_log() {
    let (desk, server) = desk();
    desk.json(&["add", "plausible:docs.tidewater.example"]);
    let (before, held) = (gap(&desk), sums(&desk));
    let file = desk.0.path().join("all.zip");
    desk.text(&["export", file.to_str().unwrap()]);
    desk.text(&["rebuild"]);
    assert_eq!((gap(&desk), sums(&desk)), (before.clone(), held.clone()));
    let other = Desk::new();
    other.text(&["import", file.to_str().unwrap()]);
    assert_eq!((gap(&other), sums(&other)), (before, held));
    other.is_well();
    none(&server);
}

#[test]
fn another_host_another_property_and_what_is_refused() {
    let (desk, server) = desk();
    let own = "https://stats.tidewater.example/docs.tidewater.example";
    // This site sends the usual properties: under another name there is nothing.
    let read = desk.json(&["add", own, "--kind", "plausible", "--property", "term+hits"]);
    assert_eq!(read[0]["source"], "plausible:docs.tidewater.example#term+hits", "{read}");
    assert_eq!(desk.json(&["docs", "gaps"]), Value::Array(Vec::new()));
    let again = desk.json(&["sync"]);
    assert_eq!(again[0]["requests"].as_u64(), Some(1), "{again}");
    let read = desk.json(&["add", own, "--kind", "plausible"]);
    assert_eq!(read[0]["source"], "plausible:docs.tidewater.example", "{read}");
    assert_eq!(gap(&desk)["nothing"], 10);
    let refused = |args: &[&str], code: i32, words: &str| {
        let output = desk.run(args);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(code), "{args:?}: {said}");
        assert!(said.contains(words) && !said.contains(KEY), "{args:?}: {said}");
    };
    refused(&["add", "github:tidewater/relay", "--property", "term"], 2, "no --property");
    refused(&["add", "plausible:another.tidewater.example"], 3, "does not read the site");
    stage(&server, |s| s.shut = true);
    refused(&["sync"], 3, "plan has no Stats API");
    none(&server);
}
