//! `scale`: a community of any size over three years, written as the archives of four services.
//!
//! Every writer streams: a million activities need no more memory than a thousand.

mod chat;
mod forum;
mod github;
mod list;

use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

use crate::Fault;
use crate::mill::Mill;
use crate::options::Options;
use crate::random::Random;
use crate::world::{World, company};

pub(crate) use forum::posts;
pub(crate) use list::mails;

/// A file that is written in large pieces, with its folder.
pub(crate) fn create(path: &Path) -> Result<BufWriter<File>, Fault> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let file = File::create(path).map_err(|e| format!("{}: {e}", path.display()))?;
    Ok(BufWriter::with_capacity(1 << 20, file))
}

/// How many activities are still to be written of how many.
pub(crate) struct Quota {
    most: u64,
    /// Written so far.
    pub(crate) written: u64,
}

impl Quota {
    /// This many.
    pub(crate) fn new(most: u64) -> Quota {
        Quota { most, written: 0 }
    }
    /// What is left.
    pub(crate) fn left(&self) -> u64 {
        self.most.saturating_sub(self.written)
    }
    /// How far it has come, 0 to 1.
    #[allow(clippy::cast_precision_loss)] // a share
    pub(crate) fn share(&self) -> f64 {
        self.written as f64 / self.most.max(1) as f64
    }
}

/// Writes the archives and tells how to add them.
pub(crate) fn scale(options: &Options) -> Result<(), Fault> {
    let (all, seed) = (options.number("activities", None)?, options.number("seed", Some(1))?);
    let out = options.path("out")?;
    if out.exists() && std::fs::read_dir(&out)?.next().is_some() {
        return Err(format!("{}: this folder is not empty", out.display()).into());
    }
    let world = World::load(&company())?;
    let mill = Mill::new(&world, all / 12)?;
    let part = |hundredths: u64| all * hundredths / 100;
    let (relay, sdk, forum, list) = (part(25), part(10), part(25), part(20));
    let chat = all - relay - sdk - forum - list;
    let random = |name: &str| Random::new(seed, name);
    let wrote = [
        github::write(&mill, &mut random("relay"), &out.join("github/relay.json"), "relay", relay)?,
        github::write(&mill, &mut random("sdk"), &out.join("github/relay-sdk.json"), "relay-sdk", sdk)?,
        forum::write(&mill, &mut random("forum"), &out.join("forum"), forum)?,
        chat::write(&world, &mill, &mut random("chat"), &out.join("chat"), chat)?,
        list::write(&mill, &mut random("list"), &out.join("relay-users"), list)?,
    ];
    println!("{} activities: {wrote:?} in relay, relay-sdk, forum, chat, list", wrote.iter().sum::<u64>());
    let o = out.display();
    println!(
        "rapport add {o}/github/relay.json {o}/github/relay-sdk.json {o}/forum {o}/chat {o}/relay-users"
    );
    Ok(())
}
