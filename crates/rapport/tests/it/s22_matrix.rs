//! s22 on a real Matrix server: messages, threads, edits and redactions made by people's clients come in as they stand.

use serde_json::{Value, json};

use crate::homeserver::Homeserver;
use crate::world::Desk;

fn text_of(desk: &Desk, event: &str) -> Value {
    let query = format!("SELECT text, deleted, act, url, thread FROM activities WHERE key = 'event/{event}'");
    let rows = desk.json(&["sql", &query]);
    assert_eq!(rows.as_array().unwrap().len(), 1, "{event}: {rows}");
    rows[0].clone()
}

fn listener(server: &Homeserver, token: &str) -> Desk {
    let desk = Desk::new();
    std::fs::write(desk.0.path().join("rapport.toml"), "[network]\nallow-private = true\n").unwrap();
    let tokens = desk.0.path().join("tokens");
    std::fs::write(&tokens, format!("\"{}\" = \"{token}\"\n", server.at.trim_start_matches("http://")))
        .unwrap();
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(&tokens, std::fs::Permissions::from_mode(0o600)).unwrap();
    desk
}

#[test]
fn a_real_room_is_read_edited_redacted_and_read_again() {
    let Some(server) = Homeserver::start() else { return };
    let (ada, bruno, ears) = (server.register("ada"), server.register("bruno"), server.register("listener"));
    let room = server.room("relay", &ada, &json!({"topic": "How do I sign in?"}));
    for guest in [&bruno, &ears] {
        server.call("POST", &format!("/join/{room}"), &json!({}), guest);
    }
    // More than a page of history.
    for n in 0..520 {
        server.say(&room, &format!("Status line {n}."), &Value::Null, &ada);
    }
    let asked = server.say(&room, "Why does the relay sign twice?", &Value::Null, &bruno);
    let answer = json!({"rel_type": "m.thread", "event_id": asked, "is_falling_back": true, "m.in_reply_to": {"event_id": asked}});
    let answered = server.say(&room, "Since 3.1 it does; turn the old key off.", &answer, &ada);
    let wrong = server.say(&room, "My key is hunter2", &Value::Null, &bruno);
    server.redact(&room, &wrong, &bruno);
    let place = format!("matrix:{}/#relay:relay.localhost", server.at);
    let desk = listener(&server, &ears);
    let read = desk.json(&["add", &place]);
    let count = |outcome: &Value, key: &str| outcome[key].as_u64().unwrap();
    assert_eq!(read[0]["source"], "matrix:#relay:relay.localhost");
    assert_eq!(count(&read[0], "rejected"), 0, "{read}");
    // 520 lines, a question, its answer, what was taken back, and three that came in.
    assert_eq!(count(&read[0], "stored"), 526, "{read}");
    assert_eq!(text_of(&desk, &asked)["text"], "Why does the relay sign twice?");
    assert_eq!(text_of(&desk, &asked)["thread"], text_of(&desk, &answered)["thread"], "one conversation");
    assert_eq!(
        (text_of(&desk, &wrong)["deleted"].as_i64(), text_of(&desk, &wrong)["text"].as_str()),
        (Some(1), Some(""))
    );
    let url = text_of(&desk, &asked)["url"].as_str().unwrap().to_owned();
    assert_eq!(url, format!("https://matrix.to/#/{room}/{asked}?via=relay.localhost"));
    let idle = desk.json(&["sync"]);
    assert_eq!((count(&idle[0], "stored"), count(&idle[0], "requests")), (0, 1), "{idle}");

    // Meanwhile: an edit, an edit of the edit, a redaction of the answer, a reply, a power level, a stranger's edit.
    for words in ["Why does the relay sign three times?", "Why does the relay sign four times?"] {
        let edit = json!({"msgtype": "m.text", "body": format!("* {words}"), "m.new_content": {"msgtype": "m.text", "body": words},
            "m.relates_to": {"rel_type": "m.replace", "event_id": asked}});
        server.send(&room, "m.room.message", &edit, &bruno);
    }
    server.redact(&room, &answered, &ada);
    let reply =
        server.say(&room, "Only with two keys.", &json!({"m.in_reply_to": {"event_id": asked}}), &ada);
    server.call(
        "PUT",
        &format!("/rooms/{room}/state/m.room.topic"),
        &json!({"topic": "What is a relay?"}),
        &ada,
    );
    let waits = server.say(&room, "Where is the migration guide?", &Value::Null, &bruno);
    let second = desk.json(&["sync"]);
    assert_eq!(count(&second[0], "rejected"), 0, "{second}");
    assert!(count(&second[0], "requests") <= 6, "{second}");
    assert_eq!(text_of(&desk, &asked)["text"], "Why does the relay sign four times?");
    assert_eq!(text_of(&desk, &answered)["deleted"], 1, "a redaction is a deletion");
    assert_eq!(text_of(&desk, &reply)["thread"], text_of(&desk, &asked)["thread"]);
    let words = desk.json(&["search", "turn the old key off"]).to_string();
    assert!(!words.contains("turn the old key off"), "{words}");
    let needs = desk.json(&["needs", "--all"]).to_string();
    assert!(needs.contains("migration guide") && !needs.contains("How do I sign in"), "{needs}");
    assert_eq!(text_of(&desk, &waits)["act"], "opened");
    desk.is_well();

    // Read anew, another folder comes to the same.
    let fresh = listener(&server, &ears);
    fresh.json(&["add", &place]);
    let all = "SELECT key, text, deleted, act FROM activities ORDER BY key";
    assert_eq!(desk.json(&["sql", all]), fresh.json(&["sql", all]));
}

#[test]
fn a_whole_server_means_public_rooms_and_says_which_are_encrypted() {
    let Some(server) = Homeserver::start() else { return };
    let (ada, ears) = (server.register("ada"), server.register("listener"));
    let secret = json!({"type": "m.room.encryption", "state_key": "", "content": {"algorithm": "m.megolm.v1.aes-sha2"}});
    let rooms = [
        server.room("relay", &ada, &json!({})),
        server.room("board", &ada, &json!({"initial_state": [secret]})),
        server.room("friends", &ada, &json!({"preset": "private_chat"})),
    ];
    server.call(
        "POST",
        &format!("/rooms/{}/invite", rooms[2]),
        &json!({"user_id": "@listener:relay.localhost"}),
        &ada,
    );
    for room in &rooms {
        server.call("POST", &format!("/join/{room}"), &json!({}), &ears);
    }
    server.say(&rooms[0], "How do you test a relay locally?", &Value::Null, &ada);
    server.say(&rooms[2], "Just between us.", &Value::Null, &ada);
    let desk = listener(&server, &ears);
    // Asked what it is, the address says it by itself.
    let read = desk.json(&["add", &server.at]);
    assert_eq!(read[0]["kind"], "matrix", "{read}");
    let told = read[0]["rejects"].to_string();
    assert!(told.contains("encrypted") && told.contains(rooms[1].trim_start_matches('!')), "{read}");
    let texts = desk.json(&["sql", "SELECT text FROM activities WHERE act = 'opened'"]);
    assert_eq!(texts, json!([{"text": "How do you test a relay locally?"}]));
    // A room of its own is refused in words.
    let output = desk.run(&["add", &format!("matrix:{}/#board:relay.localhost", server.at)]);
    assert_eq!(output.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&output.stderr).contains("encrypted"), "{output:?}");
    // A room that is joined later is read from its beginning.
    let late = server.room("late", &ada, &json!({}));
    server.say(&late, "Is there a roadmap?", &Value::Null, &ada);
    server.call("POST", &format!("/join/{late}"), &json!({}), &ears);
    let more = desk.json(&["sync", read[0]["source"].as_str().unwrap()]);
    assert_eq!(desk.json(&["search", "roadmap"]).as_array().map(Vec::len), Some(1), "{more}");
}
