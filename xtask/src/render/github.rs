//! Issues and change requests as the archive of the repository, in two versions.

use serde_json::{Value, json};

use super::{Files, json};
use crate::Fault;
use crate::when::{self, Seconds, iso};
use crate::world::{Message, NOW, Thread, World};

const REPO: &str = "tidewater-relay/relay";

/// The archives: what was known at which moment.
const VERSIONS: [(&str, &str); 2] = [("archive.2026-05.json", "2026-06-05T12:00:00Z"), ("archive.json", NOW)];

/// Renders both versions.
pub(crate) fn render(world: &World, files: &mut Files) -> Result<(), Fault> {
    for (name, now) in VERSIONS {
        let at = when::parse(now)?;
        let (mut issues, mut pulls) = (Vec::new(), Vec::new());
        let mut labels: Vec<String> = Vec::new();
        for thread in world.of("github") {
            if thread.opened()? > at {
                continue;
            }
            labels.extend(thread.labels_at(at)?);
            let list = if thread.kind == "change-request" { &mut pulls } else { &mut issues };
            list.push(rendered(world, thread, at).map_err(|e| format!("{}: {e}", thread.id))?);
        }
        labels.sort();
        labels.dedup();
        let labels: Vec<Value> =
            labels.iter().map(|l| json!({ "name": l, "description": "", "color": "c5def5" })).collect();
        let archive = json!({ "magic": "E!vIA5L86J2I", "timestamp": now, "repo": REPO, "labels": labels,
            "issues": issues, "pulls": pulls });
        files.insert(format!("sources/github/{name}"), json(&archive));
    }
    Ok(())
}

/// A login as the archive has it: none when the account is gone.
pub(crate) fn login(world: &World, id: &str) -> Result<Value, Fault> {
    Ok(if world.person(id)?.gone { Value::Null } else { json!(world.handle(id, "github")?) })
}

/// What the service says about the author's part in the project.
pub(crate) fn association(world: &World, id: &str) -> Result<&'static str, Fault> {
    Ok(match world.person(id)?.kind.as_str() {
        "staff" | "practitioner" => "MEMBER",
        "bot" => "CONTRIBUTOR",
        _ => "NONE",
    })
}

fn said(world: &World, message: &Message, text: &str, now: Seconds) -> Result<Value, Fault> {
    Ok(json!({ "author": login(world, &message.by)?, "authorAssociation": association(world, &message.by)?,
        "body": text, "createdAt": iso(message.at()?), "updatedAt": iso(message.touched(now)?) }))
}

fn rendered(world: &World, thread: &Thread, now: Seconds) -> Result<Value, Fault> {
    let pull = thread.kind == "change-request";
    let (mut comments, mut reviews): (Vec<Value>, Vec<Value>) = (Vec::new(), Vec::new());
    let mut updated = thread.opened()?;
    for (n, message) in thread.messages.iter().enumerate() {
        let Some(text) = message.seen(now)? else { continue };
        updated = updated.max(message.touched(now)?);
        match message.role.as_deref() {
            _ if n == 0 => {}
            Some("review") => {
                let mut review = said(world, message, &text, now)?;
                review["id"] = json!(format!("PRR_{}_{n}", thread.number()?));
                review["state"] = json!(message.state);
                review["submittedAt"] = json!(iso(message.at()?));
                review["comments"] = json!([]);
                reviews.push(review);
            }
            Some("review-comment") => {
                let comment = said(world, message, &text, now)?;
                let review = reviews.last_mut().ok_or("a review comment stands behind its review")?;
                if let Some(list) = review["comments"].as_array_mut() {
                    list.push(comment);
                }
            }
            _ => comments.push(said(world, message, &text, now)?),
        }
    }
    let first = &thread.messages[0];
    let closed = thread.closed_by(now)?;
    let merged = closed.is_some_and(|e| e.what == "merged");
    let state = match closed {
        None => "OPEN",
        Some(_) if merged => "MERGED",
        Some(_) => "CLOSED",
    };
    for event in thread.events_until(now)? {
        updated = updated.max(when::parse(&event.at)?);
    }
    let number = thread.number()?;
    let place = if pull { "pull" } else { "issues" };
    let mut value = json!({
        "number": number, "id": format!("{}_{number}", if pull { "PR" } else { "I" }), "title": thread.title,
        "url": format!("https://github.com/{REPO}/{place}/{number}"), "state": state,
        "author": login(world, &first.by)?, "authorAssociation": association(world, &first.by)?,
        "assignees": [], "labels": thread.labels_at(now)?, "body": first.seen(now)?.unwrap_or_default(),
        "createdAt": iso(thread.opened()?), "updatedAt": iso(updated), "closedAt": closed.map(|e| e.at.clone()),
    });
    if pull {
        value["mergedAt"] = json!(closed.filter(|_| merged).map(|e| e.at.clone()));
        value["mergedBy"] = match closed.filter(|_| merged) {
            Some(event) => login(world, &event.by)?,
            None => Value::Null,
        };
        value["comments"] = json!(comments);
        value["reviews"] = json!(reviews);
    } else {
        let reason = if thread.declined { "NOT_PLANNED" } else { "COMPLETED" };
        value["stateReason"] = json!(closed.map(|_| reason));
        value["comments"] = json!(comments);
    }
    Ok(value)
}
