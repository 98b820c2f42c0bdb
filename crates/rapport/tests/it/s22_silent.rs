//! s22: what a service tells nobody. A post goes without a word, and comes back without one; a comment goes from a thread of
//! several pages. The store's rules decide here, not a log in memory.

use serde_json::json;

use crate::s22_living::{messages, none, played, standing};
use crate::world::Desk;

fn is_deleted(desk: &Desk, key: &str) -> bool {
    let rows = desk.json(&["sql", &format!("SELECT deleted FROM activities WHERE key = '{key}'")]);
    rows[0]["deleted"] == json!(1)
}

#[test]
fn what_goes_and_comes_back_without_a_word_is_met_within_a_round() {
    let (desk, server) = played(20, |_| {});
    desk.json(&["add", &format!("{}/discourse", server.address)]);
    let before = messages(&desk);
    assert_eq!(before, standing(&server, "discourse"));
    let change = |restore: bool| {
        let mut stages = server.stages.lock().unwrap();
        let community = &mut stages.iter_mut().find(|stage| stage.service == "discourse").unwrap().community;
        let thread =
            community.threads.iter().position(|t| t.posts.len() > 4 && t.accepted != Some(t.posts[2].id));
        let thread = thread.unwrap();
        if restore {
            community.restore(thread, 2);
        } else {
            community.remove(thread, 2);
        }
        community.threads[thread].posts[2].id
    };
    let key = format!("post/{}", change(false));
    for (restore, stands) in [(None, before - 1), (Some(true), before), (Some(false), before - 1)] {
        if let Some(restore) = restore {
            change(restore);
        }
        // Its posts are two pages: one look goes around.
        let looked = desk.json(&["sync"]);
        assert_eq!((messages(&desk), is_deleted(&desk, &key)), (stands, stands < before), "{looked}");
        assert_eq!(standing(&server, "discourse"), stands);
        let idle = desk.json(&["sync"]);
        assert_eq!(idle[0]["stored"], 0, "{idle}");
    }
    // How often it came and went stands in the log.
    let query = format!("SELECT count(*) AS n FROM log WHERE key = '{key}'");
    assert_eq!(desk.json(&["sql", &query])[0]["n"], 4);
    none(&server);
    desk.is_well();
}

#[test]
fn a_comment_that_goes_from_a_thread_of_two_pages_is_missed() {
    let (desk, server) = played(6, |stage| {
        let now = stage.community.threads.iter().map(|t| t.changed).max().unwrap_or(0);
        for n in 0..150 {
            stage.community.reply(2, now + n);
        }
    });
    desk.json(&["add", "github:tidewater/relay"]);
    assert_eq!(messages(&desk), standing(&server, "github"));
    {
        let mut stages = server.stages.lock().unwrap();
        let community = &mut stages.iter_mut().find(|stage| stage.service == "github").unwrap().community;
        for post in [3, 60, 140] {
            community.remove(2, post);
        }
        community.threads[2].changed += 400;
    }
    let looked = desk.json(&["sync"]);
    assert_eq!(messages(&desk), standing(&server, "github"), "{looked}");
    none(&server);
    desk.is_well();
}
