//! s22, chats that live and were exported before: Slack and Discord are one source each, whichever way they come in, and
//! what is not for the program is told and never asked for.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::s22_living::play::{Fault, Stage, discord, slack, stamp};
use crate::s22_living::{messages, none, played, standing};

fn write(path: &Path, value: &Value) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, value.to_string()).unwrap();
}

/// The played workspace as its owner would export it.
fn slack_export(stage: &Stage, folder: &Path) -> PathBuf {
    let root = folder.join("slack-export");
    let people = &stage.community.people;
    write(&root.join("users.json"), &(0..people.len()).map(|n| slack::user(people, n)).collect());
    write(
        &root.join("channels.json"),
        &json!([{"id": "C0HELP", "name": "help"}, {"id": "C0SDK", "name": "sdk"}]),
    );
    let mut days: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for t in &stage.community.threads {
        for p in t.posts.iter().filter(|p| !p.deleted) {
            let day = format!("{}/{}.json", slack::channel(t).1, &stamp(p.at)[..10]);
            days.entry(day).or_default().push(slack::message(t, p));
        }
    }
    for (day, said) in days {
        write(&root.join(day), &said.into());
    }
    root
}

/// A message of the API as DiscordChatExporter writes it.
fn exported(m: &Value) -> Value {
    let by = &m["author"];
    let kind = match m["type"].as_u64() {
        Some(0) => "Default",
        Some(19) => "Reply",
        _ => "21",
    };
    let who = json!({"id": by["id"], "name": by["username"], "discriminator": "0000", "nickname": by["global_name"], "isBot": false, "roles": []});
    let reference = &m["message_reference"];
    let reference = (!reference.is_null()).then(
        || json!({"messageId": reference["message_id"], "channelId": reference["channel_id"], "guildId": discord::GUILD}),
    );
    json!({"id": m["id"], "type": kind, "timestamp": m["timestamp"], "timestampEdited": m["edited_timestamp"], "content": m["content"],
        "author": who, "attachments": [], "embeds": [], "mentions": [], "reference": reference,
        "reactions": [{"emoji": {"id": "", "name": "👍", "code": "thumbsup"}, "count": 1, "users": [who]}]})
}

fn discord_export(stage: &Stage, folder: &Path) -> PathBuf {
    let root = folder.join("discord-export");
    let file = |id: u64, kind: &str, category: &str, name: &str, said: &[(u64, Value)]| {
        let said: Vec<Value> = said.iter().map(|(_, m)| exported(m)).collect();
        let value = json!({"guild": {"id": discord::GUILD, "name": "Tidewater"}, "channel": {"id": id.to_string(), "type": kind, "category": category, "name": name},
            "dateRange": {"after": null, "before": null}, "messages": said});
        // The exporter writes these keys in this order, and the reader goes by what stands before the messages.
        let text = format!(
            "{{\"guild\":{},\"channel\":{},\"dateRange\":{},\"messages\":{}}}",
            value["guild"], value["channel"], value["dateRange"], value["messages"]
        );
        std::fs::create_dir_all(&root).unwrap();
        std::fs::write(
            root.join(format!("Tidewater - {category} - {name} [{id}].json").replace('?', "_")),
            text,
        )
        .unwrap();
    };
    file(discord::SUPPORT, "GuildTextChat", "Community", "support", &discord::support(stage, 0, usize::MAX));
    for t in stage.community.threads.iter().filter(|t| discord::kind(t) != discord::Kind::Chatter) {
        let parent = if discord::kind(t) == discord::Kind::Forum { "ideas" } else { "support" };
        let id = discord::snowflake(&t.posts[0]);
        file(id, "GuildPublicThread", parent, &t.title, &discord::inside(stage, t));
    }
    root
}

fn n(outcome: &Value, key: &str) -> u64 {
    outcome[0][key].as_u64().unwrap_or_else(|| panic!("{key}: {outcome}"))
}

/// An export and the living place, in both orders: the second adds nothing, and what is said later comes in once.
fn one_source(service: &'static str, address: &str, source: &str, export: fn(&Stage, &Path) -> PathBuf) {
    for export_first in [true, false] {
        let (desk, server) = played(9, |_| {});
        let folder = tempfile::TempDir::new().unwrap();
        let path = {
            let stages = server.stages.lock().unwrap();
            export(stages.iter().find(|s| s.service == service).unwrap(), folder.path())
        };
        let path = path.to_str().unwrap();
        let (one, two) = if export_first { (path, address) } else { (address, path) };
        let first = desk.json(&["add", one]);
        assert_eq!((first[0]["source"].as_str(), n(&first, "rejected")), (Some(source), 0), "{first}");
        assert_eq!(messages(&desk), standing(&server, service), "{service} {one}");
        let second = desk.json(&["add", two]);
        assert_eq!(second[0]["source"].as_str(), Some(source), "{second}");
        assert_eq!(messages(&desk), standing(&server, service), "{service} {two} doubles nothing");
        let (stored, rejected) = (n(&second, "stored"), n(&second, "rejected"));
        if service == "slack" || export_first {
            assert_eq!((stored, rejected), (0, 0), "{service}: {second}");
        } else {
            // An export says who reacted, which the living server is not asked for.
            let query = "SELECT count(*) AS n FROM activities WHERE act = 'reacted'";
            assert_eq!(desk.json(&["sql", query])[0]["n"].as_u64(), Some(stored), "{second}");
        }
        desk.is_well();
        none(&server);
    }
}

#[test]
fn a_slack_workspace_is_one_source_exported_or_alive() {
    one_source("slack", "slack:T0TIDE", "slack:t0tide", slack_export);
}

#[test]
fn a_discord_server_is_one_source_exported_or_alive() {
    one_source("discord", "discord:500", "discord:500", discord_export);
}

#[test]
fn what_is_not_for_the_program_is_told_and_never_asked_for() {
    let (desk, server) = played(6, |stage| stage.shut = true);
    for (address, service, told) in
        [("slack:T0TIDE", "slack", "#lounge"), ("discord:500", "discord", "Missing Access")]
    {
        let read = desk.json(&["add", address]);
        let rejects = read[0]["rejects"].to_string();
        assert_eq!(n(&read, "rejected"), 1, "{read}");
        assert!(rejects.contains(told) && rejects.contains("not heard"), "{rejects}");
        assert!(!rejects.contains("board"), "a private channel is not even named: {rejects}");
        let before = messages(&desk);
        let again =
            desk.json(&["sync", &format!("{service}:{}", address.split_once(':').unwrap().1.to_lowercase())]);
        assert_eq!((n(&again, "rejected"), n(&again, "stored")), (0, 0), "told once: {again}");
        assert_eq!(messages(&desk), before);
    }
    let both = standing(&server, "slack") + standing(&server, "discord");
    assert_eq!(messages(&desk), both);
    desk.is_well();
    none(&server);
}

#[test]
fn a_refused_token_says_what_to_do() {
    let (desk, server) = played(3, |stage| stage.token = Some("right-one".to_owned()));
    for (address, told) in [("slack:T0TIDE", "invalid_auth"), ("discord:500", "401")] {
        let output = desk.run(&["add", address]);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(3), "{said}");
        assert!(said.contains(told) && said.contains("token"), "{said}");
    }
    none(&server);
}

#[test]
fn what_changes_in_a_chat_comes_through_once() {
    let (desk, server) = played(8, |_| {});
    for (service, address) in [("slack", "slack:T0TIDE"), ("discord", "discord:500")] {
        desk.json(&["add", address]);
        {
            let mut stages = server.stages.lock().unwrap();
            let index = stages.iter().position(|s| s.service == service).unwrap();
            let community = &mut stages[index].community;
            let now = crate::s22_living::now();
            community.reply(0, now);
            community.edit(1, now);
            community.delete(2, now);
            community.delete(3, now);
            community.open(now);
        }
        // Old threads have their turns.
        for _ in 0..4 {
            desk.json(&["sync", &address.to_lowercase()]);
        }
        let stands = format!(
            "SELECT count(*) AS n FROM activities WHERE deleted = 0 AND act IN ('opened', 'replied') AND source = '{}'",
            address.to_lowercase()
        );
        assert_eq!(
            desk.json(&["sql", &stands])[0]["n"].as_u64(),
            Some(standing(&server, service)),
            "{service}"
        );
        let edited = stands.replace("deleted = 0", "text LIKE '%second header%'");
        assert_eq!(
            desk.json(&["sql", &edited])[0]["n"].as_u64(),
            Some(1),
            "{service}: the edit came through"
        );
    }
    desk.is_well();
    none(&server);
}

#[test]
fn a_pause_of_a_chat_is_told_within_two_seconds() {
    let (desk, server) = played(3, |stage| {
        stage.faults.insert(1, Fault::Pause(3));
    });
    for (address, title) in [("slack:T0TIDE", "Slack"), ("discord:500", "Discord")] {
        let began = Instant::now();
        let mut child = desk.command();
        let mut child =
            child.args(["add", address]).stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        let mut status = String::new();
        BufReader::new(child.stderr.take().unwrap()).read_line(&mut status).unwrap();
        assert!(began.elapsed() < Duration::from_millis(2_000), "told after {:?}", began.elapsed());
        assert!(status.starts_with(&format!("{title}: next try ")), "{status}");
        assert!(status.contains("(it asks for a pause)"), "{status}");
        assert!(child.wait().unwrap().success());
        assert!(began.elapsed() >= Duration::from_secs(3), "it waited");
    }
    none(&server);
}
