//! The driver: finds the connector, hands it an archive's items in order, and passes on what it says in pages.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use rapport_model::Key;

use crate::archive::{Archive, ItemInfo};
use crate::bounds;
use crate::contract::{Connector, Detected, Item, Out, Peek, Plan, Record, Reject, Unreadable};
use crate::registry::CONNECTORS;

pub use rapport_model::Page;

/// How a read ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Done {
    /// Everything was read.
    All,
    /// The receiver asked to stop.
    Stopped,
}

/// The connectors that can read the archive, the surest first.
#[must_use]
pub fn detect(archive: &dyn Peek) -> Vec<(&'static dyn Connector, Detected)> {
    let look = |c: &&'static dyn Connector| {
        let mut detected = c.detect(archive)?;
        // The name comes out of foreign bytes and stands in every listing.
        let fits =
            |what: &str| !what.trim().is_empty() && what.len() <= NAME && !what.contains(char::is_control);
        if !fits(&detected.what) {
            detected.what =
                if fits(archive.name()) { archive.name().to_owned() } else { "archive".to_owned() };
        }
        detected.why = bounds::cut(detected.why, NAME);
        Some((*c, detected))
    };
    let mut found: Vec<_> = CONNECTORS.iter().filter_map(look).collect();
    found.sort_by_key(|(c, d)| (std::cmp::Reverse(d.sure), c.about().name));
    found
}

/// The longest name of a source.
const NAME: usize = 200;
const PAGE_RECORDS: usize = 4_000;
const PAGE_BYTES: usize = 8 << 20;

struct Paging<'a> {
    item: ItemInfo,
    /// Records and rejects of this item that are in the log already and are passed over.
    skip: u64,
    seen: u64,
    records: Vec<Record>,
    rejects: Vec<Reject>,
    rejected: bool,
    bytes: usize,
    keys: BTreeSet<u64>,
    whole: Vec<(Key, BTreeSet<u64>)>,
    receive: &'a mut dyn FnMut(Page) -> ControlFlow<()>,
}

impl Paging<'_> {
    fn flush(&mut self, last: bool) -> ControlFlow<()> {
        self.bytes = 0;
        (self.receive)(Page {
            item: self.item.clone(),
            records: std::mem::take(&mut self.records),
            rejects: std::mem::take(&mut self.rejects),
            whole: std::mem::take(&mut self.whole),
            done: self.seen,
            last,
        })
    }
}

impl Out for Paging<'_> {
    fn record(&mut self, mut record: Record) -> ControlFlow<()> {
        self.seen += 1;
        self.keys.extend(record.activities.iter().map(|a| a.key.fingerprint()));
        self.rejected |= !record.rejects.is_empty();
        if self.seen <= self.skip {
            return ControlFlow::Continue(());
        }
        bounds::record(&mut record);
        if let (Some(thread), true) = (record.whole.take(), record.rejects.is_empty()) {
            self.whole.push((thread, record.activities.iter().map(|a| a.key.fingerprint()).collect()));
        }
        self.bytes += record.raw.len() + 200 * record.activities.len();
        self.records.push(record);
        if self.records.len() >= PAGE_RECORDS || self.bytes >= PAGE_BYTES {
            self.flush(false)
        } else {
            ControlFlow::Continue(())
        }
    }

    fn reject(&mut self, reject: Reject) -> ControlFlow<()> {
        self.seen += 1;
        self.rejected = true;
        if self.seen <= self.skip {
            return ControlFlow::Continue(());
        }
        let reject = bounds::reject(reject);
        self.bytes += reject.raw.len();
        self.rejects.push(reject);
        if self.bytes >= PAGE_BYTES { self.flush(false) } else { ControlFlow::Continue(()) }
    }

    fn whole_thread(&mut self, thread: Key) {
        if !self.rejected {
            self.whole.push((thread, self.keys.clone()));
        }
    }
}

/// Reads an archive through a connector.
///
/// `known` tells how many records and rejects of an item the log already holds, as [`Page::done`] counts them: `None` for an item never seen, `Some(u64::MAX)`
/// for one that was read to its end with the same length and stamp. `receive` gets the pages in order and may stop.
pub fn read(
    archive: &Archive,
    connector: &dyn Connector,
    what: &str,
    known: &dyn Fn(&ItemInfo) -> Option<u64>,
    receive: &mut dyn FnMut(Page) -> ControlFlow<()>,
) -> Done {
    let mut reader = connector.reader(what);
    let mut plans: Vec<(Plan, &ItemInfo)> = archive
        .infos()
        .iter()
        .map(|info| (reader.plan(&info.name), info))
        .filter(|(p, _)| *p != Plan::Skip)
        .collect();
    plans.sort_by(|(p, a), (q, b)| (p, &a.name).cmp(&(q, &b.name)));
    for (plan, info) in plans {
        let skip = known(info).unwrap_or(0);
        if skip == u64::MAX && plan != Plan::Setup {
            continue;
        }
        let item = Item { name: info.name.clone() };
        let mut paging = Paging {
            item: info.clone(),
            skip,
            seen: 0,
            records: Vec::new(),
            rejects: Vec::new(),
            rejected: false,
            bytes: 0,
            keys: BTreeSet::new(),
            whole: Vec::new(),
            receive,
        };
        let result = archive.with_item(&info.name, |body| reader.read(&item, body, &mut paging));
        let fault = match result {
            Ok(Ok(())) => None,
            Ok(Err(Unreadable::Stopped)) => return Done::Stopped,
            Ok(Err(Unreadable::Shape { at, why })) => Some((at, why)),
            Ok(Err(Unreadable::Io(error))) | Err(error) => {
                Some((format!("after record {}", paging.seen), error.to_string()))
            }
        };
        if let Some((at, why)) = fault {
            paging.whole.clear();
            paging.rejects.push(bounds::reject(Reject::new(at, why, b"")));
        }
        if paging.flush(true).is_break() {
            return Done::Stopped;
        }
    }
    Done::All
}
