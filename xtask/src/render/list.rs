//! The mailing lists: relay-users as raw mail in several charsets, relay-dev as monthly archives that hide addresses.

use std::collections::BTreeMap;

use super::Files;
use crate::Fault;
use crate::mail::{self, Mail};
use crate::when::{self, Seconds};
use crate::world::{Thread, World};

/// Renders both lists.
pub(crate) fn render(world: &World, files: &mut Files) -> Result<(), Fault> {
    let mut users: Vec<(Seconds, Vec<u8>)> = Vec::new();
    let mut dev: BTreeMap<String, Vec<(Seconds, Vec<u8>)>> = BTreeMap::new();
    for thread in world.of("list") {
        let mails = mails(world, thread).map_err(|e| format!("{}: {e}", thread.id))?;
        match thread.place.as_deref() {
            Some("relay-users") => users.extend(mails),
            Some("relay-dev") => {
                for (at, mail) in mails {
                    dev.entry(when::month_in_words(at)).or_default().push((at, mail));
                }
            }
            place => return Err(format!("{}: there is no list {place:?}", thread.id).into()),
        }
    }
    for mail in &world.malformed {
        users.push((when::parse(&mail.at)?, format!("{}\n\n", mail.raw.trim_end()).into_bytes()));
    }
    files.insert("sources/list/relay-users.mbox".to_owned(), in_order(users));
    for (month, mails) in dev {
        files.insert(format!("sources/relay-dev/{month}.txt"), in_order(mails));
    }
    Ok(())
}

fn in_order(mut mails: Vec<(Seconds, Vec<u8>)>) -> Vec<u8> {
    mails.sort_by_key(|(at, _)| *at);
    mails.into_iter().flat_map(|(_, mail)| mail).collect()
}

fn mails(world: &World, thread: &Thread) -> Result<Vec<(Seconds, Vec<u8>)>, Fault> {
    let list = thread.place.as_deref().unwrap_or_default();
    let id = |n: usize| format!("{}.{n}@lists.tidewater.example.com", thread.id);
    let mut found = Vec::new();
    let mut references: Vec<String> = Vec::new();
    for (n, message) in thread.messages.iter().enumerate() {
        let parent = match message.re {
            Some(re) => Some(id(re - 1)),
            None => n.checked_sub(1).map(id),
        };
        let mail = Mail {
            name: &world.person(&message.by)?.name,
            address: world.handle(&message.by, "list")?,
            at: message.at()?,
            subject: &format!("{}[{list}] {}", if n > 0 { "Re: " } else { "" }, thread.title),
            id: &id(n),
            parent: parent.as_deref(),
            references: &references,
            list,
            charset: message.charset.as_deref().unwrap_or("utf-8"),
            text: message.text.trim(),
        };
        found.push((mail.at, if list == "relay-dev" { mail::pipermail(&mail) } else { mail::raw(&mail)? }));
        references.push(id(n));
    }
    Ok(found)
}
