//! A Discourse forum as lists of posts, a file for each month in which their topics began.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use serde_json::json;

use super::{Quota, create};
use crate::Fault;
use crate::html::cooked;
use crate::mill::{Made, Mill};
use crate::random::Random;
use crate::when::{iso, month};

/// The forum's host.
pub(crate) const HOST: &str = "forum.tidewater.example.com";

/// Writes the forum.
pub(crate) fn write(mill: &Mill<'_>, random: &mut Random, folder: &Path, most: u64) -> Result<u64, Fault> {
    let mut quota = Quota::new(most);
    let mut open: Option<(BufWriter<File>, String)> = None;
    let (mut topic, mut post) = (0, 0);
    while quota.left() > 0 {
        let begins = mill.begins(random, quota.share());
        let made = mill.thread(random, begins, quota.left());
        let name = month(begins);
        // A topic that begins a little earlier than the one before it stays in the file that is open.
        let later = open.as_ref().is_none_or(|(_, named)| *named < name);
        if later {
            close(open.take())?;
            let mut file = create(&folder.join(format!("posts-{name}.json")))?;
            file.write_all(b"[")?;
            open = Some((file, name));
        }
        topic += 1;
        let accepted = made.answered && random.percent(30);
        if let Some((file, _)) = &mut open {
            posts(file, &made, topic, &mut post, accepted, later)?;
        }
        quota.written += made.messages.len() as u64;
    }
    close(open)?;
    Ok(quota.written)
}

fn close(open: Option<(BufWriter<File>, String)>) -> Result<(), Fault> {
    if let Some((mut file, _)) = open {
        file.write_all(b"]\n")?;
        file.flush()?;
    }
    Ok(())
}

/// Writes a topic's posts, each behind a comma unless the list is still empty.
pub(crate) fn posts(
    out: &mut impl Write,
    made: &Made,
    topic: u64,
    post: &mut u64,
    accepted: bool,
    mut first: bool,
) -> Result<(), Fault> {
    let slug: String = made.title.to_lowercase().split_whitespace().collect::<Vec<_>>().join("-");
    let slug: String = slug.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
    let answer = made.messages.iter().position(|m| !m.who.bot && m.who != made.messages[0].who);
    for (n, message) in made.messages.iter().enumerate() {
        *post += 1;
        if !first {
            out.write_all(b",\n")?;
        }
        first = false;
        serde_json::to_writer(
            &mut *out,
            &json!({
                "id": *post, "name": message.who.name, "username": message.who.handle,
                "avatar_template": format!("/user_avatar/{HOST}/{}/{{size}}/1.png", message.who.handle),
                "created_at": iso(message.at), "cooked": cooked(&message.text), "post_number": n + 1,
                "post_type": 1, "updated_at": iso(message.at), "reply_to_post_number": null,
                "topic_id": topic, "topic_slug": slug, "topic_title": made.title, "category_id": 1 + topic % 6,
                "user_title": if message.who.staff { "at Tidewater" } else { "" },
                "accepted_answer": accepted && answer == Some(n), "hidden": false, "user_deleted": false,
            }),
        )?;
    }
    Ok(())
}
