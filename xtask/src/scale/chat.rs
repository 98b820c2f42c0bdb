//! A Slack export: a folder per channel, a file per day, threads that go on for days.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::{Quota, create};
use crate::Fault;
use crate::crowd::{Crowd, Somebody};
use crate::mill::Mill;
use crate::random::Random;
use crate::when::{Seconds, day};
use crate::world::World;

const CHANNELS: [&str; 4] = ["help", "general", "sdk", "streaming"];

/// A message that waits for its day: (when, a number that no other has, channel, JSON).
type Waiting = Reverse<(Seconds, u64, usize, String)>;

/// Writes the workspace.
pub(crate) fn write(
    world: &World,
    mill: &Mill<'_>,
    random: &mut Random,
    folder: &Path,
    most: u64,
) -> Result<u64, Fault> {
    users(world, &mill.crowd, folder)?;
    let mut days = Days { folder: folder.to_owned(), open: CHANNELS.map(|_| None) };
    let mut quota = Quota::new(most);
    let mut waiting: BinaryHeap<Waiting> = BinaryHeap::new();
    let mut serial = 0_u64;
    while quota.left() > 0 {
        let begins = mill.begins(random, quota.share());
        let made = mill.thread(random, begins, quota.left());
        let channel = usize::try_from(random.rank(CHANNELS.len() as u64)).unwrap_or(0);
        let mut thread: Option<String> = None;
        let replies = made.messages.len() - 1;
        for said in &made.messages {
            serial += 1;
            quota.written += 1;
            let ts = format!("{}.{:06}", said.at, serial % 1_000_000);
            let mut message =
                json!({ "type": "message", "user": user_id(&said.who), "text": text(&said.text), "ts": ts });
            match &thread {
                Some(thread) => message["thread_ts"] = json!(thread),
                None if replies > 0 => {
                    message["thread_ts"] = json!(ts);
                    message["reply_count"] = json!(replies);
                }
                None => {}
            }
            if random.percent(8) && quota.left() > 0 {
                quota.written += 1;
                let by = user_id(&mill.crowd.anybody(random, std::slice::from_ref(&said.who)));
                message["reactions"] = json!([{ "name": "+1", "users": [by], "count": 1 }]);
            }
            thread.get_or_insert(ts);
            waiting.push(Reverse((said.at, serial, channel, message.to_string())));
        }
        // Threads begin in order but for some hours: what is older than that can be written.
        while waiting.peek().is_some_and(|Reverse((at, ..))| *at < begins - 86_400) {
            let Some(Reverse((at, _, channel, json))) = waiting.pop() else { break };
            days.write(channel, at, &json)?;
        }
    }
    while let Some(Reverse((at, _, channel, json))) = waiting.pop() {
        days.write(channel, at, &json)?;
    }
    days.close()?;
    Ok(quota.written)
}

fn user_id(who: &Somebody) -> String {
    format!("U{:07}", who.number)
}

fn text(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn users(world: &World, crowd: &Crowd, folder: &Path) -> Result<(), Fault> {
    let list: Vec<Value> = (1..)
        .zip(CHANNELS)
        .map(|(n, name)| json!({ "id": format!("C{n:06}"), "name": name, "members": [] }))
        .collect();
    let mut channels = create(&folder.join("channels.json"))?;
    serde_json::to_writer_pretty(&mut channels, &list)?;
    channels.flush()?;
    let mut out = create(&folder.join("users.json"))?;
    let own = world.people.iter().filter_map(|p| Crowd::own(world, &p.id));
    let crowd = (0..crowd.size).map(|rank| crowd.person(rank));
    for (n, who) in own.chain(crowd).enumerate() {
        out.write_all(if n == 0 { b"[" } else { b",\n" })?;
        let title = if who.staff { "at Tidewater" } else { "" };
        serde_json::to_writer(
            &mut out,
            &json!({ "id": user_id(&who), "team_id": "T0SCALE", "name": who.handle, "real_name": who.name,
                "is_bot": who.bot, "profile": { "real_name": who.name, "display_name": who.handle,
                "email": who.email, "title": title } }),
        )?;
    }
    out.write_all(b"]\n")?;
    Ok(out.flush()?)
}

/// The file of the day that each channel is at.
struct Days {
    folder: PathBuf,
    open: [Option<(String, BufWriter<File>)>; CHANNELS.len()],
}

impl Days {
    fn write(&mut self, channel: usize, at: Seconds, json: &str) -> Result<(), Fault> {
        let today = day(at);
        let slot = &mut self.open[channel];
        if let Some((_, file)) = slot.as_mut().filter(|(open, _)| *open >= today) {
            file.write_all(b",\n")?;
            file.write_all(json.as_bytes())?;
            return Ok(());
        }
        finish(slot.take())?;
        let path = self.folder.join(CHANNELS[channel]).join(format!("{today}.json"));
        let mut file = create(&path)?;
        file.write_all(b"[")?;
        file.write_all(json.as_bytes())?;
        *slot = Some((today, file));
        Ok(())
    }

    fn close(self) -> Result<(), Fault> {
        self.open.into_iter().try_for_each(finish)
    }
}

fn finish(open: Option<(String, BufWriter<File>)>) -> Result<(), Fault> {
    if let Some((_, mut file)) = open {
        file.write_all(b"]\n")?;
        file.flush()?;
    }
    Ok(())
}
