//! What is true of the world: what a reader of all its archives should find.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::{Files, json};
use crate::Fault;
use crate::when::{self, Seconds, iso};
use crate::world::{Message, NOW, Thread, World};

/// Renders `expected/truth.json`.
pub(crate) fn render(world: &World, files: &mut Files) -> Result<(), Fault> {
    let mut threads = Vec::new();
    let mut crossed: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for thread in &world.threads {
        threads.push(truth(world, thread).map_err(|e| format!("{}: {e}", thread.id))?);
        if let Some(name) = &thread.cross_post {
            crossed.entry(name).or_default().push(&thread.id);
        }
    }
    let of_kind = |kind: &str| {
        let people: Vec<&str> =
            world.people.iter().filter(|p| p.kind == kind).map(|p| p.id.as_str()).collect();
        people
    };
    let same: Vec<Value> = world
        .people
        .iter()
        .filter_map(|p| {
            p.same.as_ref().map(|why| json!({ "person": p.id, "accounts": p.handles, "why": why }))
        })
        .collect();
    let alike: Vec<Value> = world
        .people
        .iter()
        .filter_map(|p| p.lookalike.as_ref().filter(|other| p.id < **other).map(|other| json!([p.id, other])))
        .collect();
    let employers: BTreeMap<&str, &str> =
        world.people.iter().filter_map(|p| Some((p.id.as_str(), p.company.as_deref()?))).collect();
    let messages: usize = world.threads.iter().map(|t| t.messages.len()).sum();
    let channels: BTreeSet<&str> = world.threads.iter().map(|t| t.channel.as_str()).collect();
    let own = [of_kind("staff"), of_kind("practitioner")].concat();
    let truth = json!({
        "now": NOW,
        "counts": { "threads": world.threads.len(), "messages": messages, "people": world.people.len(),
            "channels": channels, "malformed_mails": world.malformed.len() },
        "staff": own, "practitioners": of_kind("practitioner"), "bots": of_kind("bot"),
        "same_person": same, "employers": employers, "lookalikes": alike, "cross_posts": crossed,
        "malformed": world.malformed.iter().map(|m| json!({ "why": m.why, "readable": m.readable })).collect::<Vec<_>>(),
        "topics": topics(world), "threads": threads,
    });
    files.insert("expected/truth.json".to_owned(), json(&truth));
    Ok(())
}

/// Each planted topic: pieces of evidence, people counted apart from pieces, and where they are.
fn topics(world: &World) -> Value {
    let mut found: BTreeMap<&str, (Vec<Value>, BTreeSet<&str>)> = BTreeMap::new();
    for thread in &world.threads {
        let Some(topic) = &thread.topic else { continue };
        let opening = usize::from(thread.evidence && thread.asks);
        let pieces = thread.messages.iter().enumerate().filter(|(n, m)| *n < opening || m.ev);
        let entry = found.entry(topic).or_default();
        for (n, message) in pieces {
            entry.0.push(json!({ "thread": thread.id, "message": n + 1 }));
            entry.1.insert(&message.by);
        }
    }
    let topics = found.into_iter().map(|(topic, (pieces, people))| {
        (topic.to_owned(), json!({ "pieces": pieces.len(), "people": people.len(), "evidence": pieces }))
    });
    Value::Object(topics.collect())
}

fn truth(world: &World, thread: &Thread) -> Result<Value, Fault> {
    let now = when::parse(NOW)?;
    let opener = thread.messages.first().map(|m| m.by.as_str()).unwrap_or_default();
    let mut answer: Option<(&Message, Seconds)> = None;
    for message in thread.messages.iter().skip(1) {
        let human = world.person(&message.by)?.kind != "bot";
        if human && message.by != opener && message.seen(now)?.is_some() {
            answer = answer.or(Some((message, message.at()?)));
        }
    }
    let own = world.person(opener)?.kind != "community";
    let closed = thread.closed_by(now)?.is_some();
    let last = thread.messages.last().map(|m| m.by.as_str()).unwrap_or_default();
    let state = match answer {
        _ if !thread.asks || own || thread.staff_only => "none",
        _ if thread.declined => "declined",
        _ if thread.accept.is_some() || thread.resolved || closed => "met",
        None => "waiting",
        Some(_) if last == opener => "met",
        Some(_) => "answered",
    };
    Ok(json!({
        "id": thread.id, "channel": thread.channel, "kind": thread.kind, "number": thread.number, "title": thread.title,
        "topic": thread.topic, "opened_by": opener, "opened_at": iso(thread.opened()?), "state": state,
        "answered_by": answer.map(|(m, _)| &m.by), "answered_at": answer.map(|(_, at)| iso(at)),
        "messages": thread.messages.len(), "weekend": thread.weekend, "hostile": thread.hostile,
    }))
}
