//! One source, brought up to date: asks what is next, hands the reply to its reader, and the rows with their cursor to
//! the log, one reply at a time. Whatever stops it, the log has all that came, and the next run goes on there.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Read};

use flate2::bufread::MultiGzDecoder;
use rapport_model::{Key, Page, Reject};
use serde_json::Value;

use super::{Ask, At, Held, Live, Place, Progress, Reply, Turn};
use crate::bounds;
use crate::contract::{Connector, Item, Reader, Unreadable};
use crate::gathered::Gathered;
use crate::transport::{Got, Pass, Pause, Secret, Stop, Transport};

/// Everything that one reply moves: it is stored as one, or not at all.
#[derive(Debug)]
pub struct Taken {
    /// The stream.
    pub stream: &'static str,
    /// Its rows.
    pub page: Page,
    /// Its cursor behind them.
    pub cursor: Value,
    /// The address and the validators (`ETag`, `Last-Modified`) to ask with the next time; `None` keeps what is held.
    pub validator: Option<(String, String, String)>,
    /// How far the stream is.
    pub progress: Progress,
    /// The stream has everything.
    pub end: bool,
}

/// The log, as a living source needs it.
pub trait Ledger: Held {
    /// The address of a stream's last conditional reply and its validators.
    fn validator(&self, stream: &str) -> Option<(String, String, String)>;
    /// Stores what a reply brought.
    ///
    /// # Errors
    /// When it cannot be stored, in words; the drive stops there.
    fn take(&mut self, taken: Taken) -> Result<(), String>;
    /// The next request is about to go out: what the log takes in from here on its reply cannot know.
    fn asking(&mut self) {}
    /// A pause begins while this stream is read.
    fn pause(&mut self, pause: &Pause, stream: &str, progress: Progress);
}

/// How a drive ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Everything that is new is in.
    All,
    /// The rest has to wait, or cannot be had.
    Stopped(Stop),
    /// The log could not be written.
    Unwritten(String),
}

/// Brings every stream of a place up to date.
pub fn sync(
    live: &dyn Live,
    reader: &dyn Connector,
    place: &Place,
    token: Option<&Secret>,
    transport: &mut Transport<'_>,
    ledger: &mut dyn Ledger,
) -> Ended {
    let origins: Vec<String> = live.hosts(place);
    let exchange = live.exchange(place);
    // One reader for the whole look, where it has to keep a directory in mind.
    let mut lasting = (!live.directories().is_empty()).then(|| reader.reader(&place.what));
    for stream in live.streams(place) {
        let afresh = live.directories().contains(&stream);
        let mut cursor = if afresh { None } else { ledger.cursor(stream) }.unwrap_or(Value::Null);
        let mut here = Progress::default();
        while let Some(ask) = live.next(place, At { stream, cursor: &cursor, held: &*ledger }) {
            let remembered =
                ledger.validator(stream).filter(|(url, _, _)| ask.conditional && *url == ask.url);
            let validators = remembered.map(|(_, etag, modified)| (etag, modified));
            let token = token.filter(|_| super::origin(&ask.url).as_ref() == origins.first());
            let (validators, exchange) = (validators.as_ref(), exchange.as_ref());
            let pass = Pass { live, origins: &origins, token, exchange, validators };
            ledger.asking();
            let got = transport.ask(&ask, pass, &mut |pause| ledger.pause(&pause, stream, here));
            let (turn, reply) = match got {
                Ok(Got::Reply(reply)) => {
                    let told = live.barred(place, At { stream, cursor: &cursor, held: &*ledger }, &reply);
                    if let Some((why, hint)) = told {
                        return Ended::Stopped(Stop::Denied { why, hint });
                    }
                    match live.turn(place, At { stream, cursor: &cursor, held: &*ledger }, &ask, &reply) {
                        Ok(turn) => (turn, reply),
                        Err(why) => return Ended::Stopped(not_understood(&why)),
                    }
                }
                Ok(Got::Gone) => match live.gone(place, At { stream, cursor: &cursor, held: &*ledger }, &ask)
                {
                    Some(turn) => (turn, Reply { status: 404, ..Reply::default() }),
                    None => return Ended::Stopped(not_there()),
                },
                Err(stop) => return Ended::Stopped(stop),
            };
            let (end, next, progress) = (turn.end, turn.cursor.clone(), turn.progress);
            let mut fresh = lasting.is_none().then(|| reader.reader(&place.what));
            let Some(reading) = lasting.as_mut().or(fresh.as_mut()) else { continue };
            let taken = taken(live, &mut **reading, stream, &ask, &reply, turn, &*ledger);
            if let Err(why) = ledger.take(taken) {
                return Ended::Unwritten(why);
            }
            (cursor, here) = (next, progress);
            if end {
                break;
            }
        }
    }
    Ended::All
}

fn not_there() -> Stop {
    Stop::Denied {
        why: "there is nothing at this address, or it is not for us to see (404)".to_owned(),
        hint: "check the address; a private place needs a token that may read it".to_owned(),
    }
}

fn not_understood(why: &str) -> Stop {
    Stop::Denied {
        why: format!("its answer has no shape that is known: {why}"),
        hint: "check the address; if it is right, please report this".to_owned(),
    }
}

/// Reads a reply's body through the connector, as an item of an archive.
#[allow(clippy::too_many_arguments)] // what one reply is made of; a struct would only name it again
fn taken(
    live: &dyn Live,
    reader: &mut dyn Reader,
    stream: &'static str,
    ask: &Ask,
    reply: &Reply,
    turn: Turn,
    held: &dyn Held,
) -> Taken {
    let mut gathered = Gathered::default();
    if let Some(name) = turn.item {
        let mut body: &[u8] = &reply.body;
        let read = if body.starts_with(&[0x1f, 0x8b]) {
            // A file that is gzip by itself, as in an archive; what unpacks to more is made to fill the memory.
            let mut body = BufReader::new(MultiGzDecoder::new(body).take(UNPACKED));
            reader.read(&Item { name }, &mut body, &mut gathered)
        } else {
            reader.read(&Item { name }, &mut body as &mut dyn BufRead, &mut gathered)
        };
        if let Err(Unreadable::Io(_) | Unreadable::Shape { .. }) = &read {
            let (at, why) = match read {
                Err(Unreadable::Shape { at, why }) => (at, why),
                Err(other) => ("its body".to_owned(), other.to_string()),
                Ok(()) => unreachable!("matched above"),
            };
            gathered.whole.clear();
            gathered.rejects.push(bounds::reject(Reject::new(at, why, b"")));
        }
    }
    gathered.whole.extend(turn.whole);
    gathered.whole.extend(without(&turn.gone, held));
    let mut page = gathered.page(stream, "live");
    live.mend(&mut page, held);
    let told = |name: &str| reply.header(name).unwrap_or("").chars().take(500).collect::<String>();
    let validator = (ask.conditional && reply.status == 200).then(|| {
        // A 304 keeps what is held; a reply without validators forgets it.
        (ask.url.clone(), told("etag"), told("last-modified"))
    });
    Taken { stream, page, cursor: turn.cursor, validator, progress: turn.progress, end: turn.end }
}

/// A reply that is gzip by itself is read so far.
pub(super) const UNPACKED: u64 = 256 << 20;

/// What stays of the threads from which these were withdrawn.
fn without(gone: &[Key], held: &dyn Held) -> Vec<(Key, BTreeSet<u64>)> {
    let mut threads: BTreeMap<Key, BTreeSet<u64>> = BTreeMap::new();
    for key in gone {
        let Some(thread) = held.thread(key) else { continue };
        let stays = threads
            .entry(thread.clone())
            .or_insert_with(|| held.keys(&thread).iter().map(Key::fingerprint).collect());
        stays.remove(&key.fingerprint());
    }
    threads.into_iter().collect()
}
