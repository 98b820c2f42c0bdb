//! The Q&A site as its data dump: Posts.xml, Comments.xml, Users.xml.

use std::fmt::Write as _;

use super::Files;
use crate::Fault;
use crate::html::cooked;
use crate::when::{self, iso};
use crate::world::{Message, World};

const SITE: &str = "sources/qa/qa.example.net";

/// Renders the dump.
pub(crate) fn render(world: &World, files: &mut Files) -> Result<(), Fault> {
    let (mut posts, mut comments, mut comment) = (String::new(), String::new(), 0);
    for thread in world.of("qa") {
        let number = thread.number()?;
        let id = |n: usize| if n == 0 { number } else { number * 10 + n as u64 };
        for (n, message) in thread.messages.iter().enumerate() {
            let by = by(world, message)?;
            let at = date(message)?;
            if message.role.as_deref() == Some("comment") {
                comment += 1;
                let post = id(message.re.unwrap_or(1) - 1);
                let _ = writeln!(
                    comments,
                    "  <row Id=\"{comment}\" PostId=\"{post}\" Score=\"0\" Text=\"{}\" CreationDate=\"{at}\" {} />",
                    attribute(message.text.trim()),
                    by.1
                );
                continue;
            }
            let body = attribute(&cooked(message.text.trim()));
            let score = 1 + thread.messages.len() as u64 - n as u64;
            let what = if n == 0 {
                let accepted = thread
                    .accept
                    .map_or_else(String::new, |a| format!(" AcceptedAnswerId=\"{}\"", id(a - 1)));
                format!("PostTypeId=\"1\"{accepted}")
            } else {
                format!("PostTypeId=\"2\" ParentId=\"{number}\"")
            };
            let _ = write!(
                posts,
                "  <row Id=\"{}\" {what} CreationDate=\"{at}\" Score=\"{score}\" Body=\"{body}\" {}",
                id(n),
                by.0
            );
            if n == 0 {
                let tags: String = thread.labels.iter().map(|t| format!("{t}|")).collect();
                let _ = write!(posts, " Title=\"{}\" Tags=\"|{tags}\"", attribute(&thread.title));
            }
            posts.push_str(" ContentLicense=\"CC BY-SA 4.0\" />\n");
        }
    }
    let mut users = String::new();
    for person in world.people.iter().filter(|p| !p.gone) {
        if let Some(name) = person.handles.get("qa") {
            let _ = writeln!(
                users,
                "  <row Id=\"{}\" Reputation=\"{}\" CreationDate=\"2024-01-01T00:00:00.000\" DisplayName=\"{}\" />",
                world.number(&person.id),
                100 + world.number(&person.id) * 37,
                attribute(name)
            );
        }
    }
    for (name, rows) in [("Posts", posts), ("Comments", comments), ("Users", users)] {
        let list = name.to_lowercase();
        let text = format!("\u{feff}<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<{list}>\n{rows}</{list}>\n");
        files.insert(format!("{SITE}/{name}.xml"), text.into_bytes());
    }
    Ok(())
}

fn date(message: &Message) -> Result<String, Fault> {
    Ok(iso(when::parse(&message.at)?).replace('Z', ".000"))
}

/// The author as posts and as comments name them; of a deleted account only the name is left.
fn by(world: &World, message: &Message) -> Result<(String, String), Fault> {
    let name = world.handle(&message.by, "qa")?;
    let number = world.number(&message.by);
    Ok(if world.person(&message.by)?.gone {
        (format!("OwnerDisplayName=\"{name}\""), format!("UserDisplayName=\"{name}\""))
    } else {
        (format!("OwnerUserId=\"{number}\""), format!("UserId=\"{number}\""))
    })
}

fn attribute(text: &str) -> String {
    crate::html::escape(text).replace('"', "&quot;").replace('\n', "&#xA;")
}
