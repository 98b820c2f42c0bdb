//! `bytes`: one archive of a given size, to see whether a reader's memory stays flat.

use std::io::Write;
use std::path::Path;

use serde_json::json;

use crate::Fault;
use crate::html::cooked;
use crate::mill::Mill;
use crate::options::Options;
use crate::random::Random;
use crate::scale::{create, mails, posts};
use crate::world::{World, company};

/// Zulip topics grow to this size, then the next one begins.
const TOPIC: u64 = 256 << 10;

/// Writes the archive: one file of Discourse posts, one mbox, or a folder of Zulip topics.
pub(crate) fn bytes(options: &Options) -> Result<(), Fault> {
    let wanted = options.number("mb", None)? << 20;
    let (out, seed) = (options.path("out")?, options.number("seed", Some(1))?);
    let world = World::load(&company())?;
    let mill = Mill::new(&world, wanted / 10_000)?;
    let mut random = Random::new(seed, "bytes");
    let messages = match options.text("kind")? {
        "discourse" if out.extension().is_none_or(|e| e != "json") => {
            return Err("--out: posts are read from a file that ends in .json".into());
        }
        "discourse" => discourse(&mill, &mut random, &out, wanted)?,
        "mbox" => mbox(&mill, &mut random, &out, wanted)?,
        "zulip" => zulip(&mill, &mut random, &out, wanted)?,
        kind => return Err(format!("--kind {kind}: it is discourse, zulip or mbox").into()),
    };
    println!("{messages} messages\nrapport add {}", out.display());
    Ok(())
}

/// A writer that knows how much went through it.
struct Counted<W>(W, u64);

impl<W: Write> Write for Counted<W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let n = self.0.write(bytes)?;
        self.1 += n as u64;
        Ok(n)
    }
    fn flush(&mut self) -> std::io::Result<()> {
        self.0.flush()
    }
}

#[allow(clippy::cast_precision_loss)] // a share
fn share(written: u64, wanted: u64) -> f64 {
    written as f64 / wanted.max(1) as f64
}

fn discourse(mill: &Mill<'_>, random: &mut Random, path: &Path, wanted: u64) -> Result<u64, Fault> {
    let mut out = Counted(create(path)?, 0);
    let (mut topic, mut post) = (0, 0);
    out.write_all(b"[")?;
    while out.1 < wanted {
        let begins = mill.begins(random, share(out.1, wanted));
        let made = mill.thread(random, begins, u64::MAX);
        topic += 1;
        posts(&mut out, &made, topic, &mut post, false, topic == 1)?;
    }
    out.write_all(b"]\n")?;
    out.flush()?;
    Ok(post)
}

fn mbox(mill: &Mill<'_>, random: &mut Random, path: &Path, wanted: u64) -> Result<u64, Fault> {
    let mut out = Counted(create(path)?, 0);
    let (mut thread, mut messages) = (0, 0);
    while out.1 < wanted {
        let begins = mill.begins(random, share(out.1, wanted));
        let made = mill.thread(random, begins, u64::MAX);
        thread += 1;
        messages += made.messages.len() as u64;
        mails(&mut out, &made, thread)?;
    }
    out.flush()?;
    Ok(messages)
}

fn zulip(mill: &Mill<'_>, random: &mut Random, folder: &Path, wanted: u64) -> Result<u64, Fault> {
    let (mut written, mut id, mut file) = (0, 0, 0);
    while written < wanted {
        file += 1;
        let path = folder.join(format!("{}-stream/topic.20{file}.json", 7 + file % 5));
        let mut out = Counted(create(&path)?, 0);
        out.write_all(b"[")?;
        while out.1 < TOPIC.min(wanted - written) {
            let begins = mill.begins(random, share(written + out.1, wanted));
            for said in mill.thread(random, begins, u64::MAX).messages {
                out.write_all(if out.1 > 1 { b",\n" } else { b"" })?;
                id += 1;
                serde_json::to_writer(
                    &mut out,
                    &json!({ "id": id, "sender_full_name": said.who.name, "sender_id": said.who.number,
                        "timestamp": said.at, "content": cooked(&said.text) }),
                )?;
            }
        }
        out.write_all(b"]\n")?;
        out.flush()?;
        written += out.1;
    }
    Ok(id)
}
