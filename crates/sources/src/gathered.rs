//! What a reader says about one reply or delivery: small enough to hold, bounded, and made a page of.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use rapport_model::{ItemInfo, Key, Page, Record, Reject};

use crate::bounds;
use crate::contract::Out;

#[derive(Default)]
pub(crate) struct Gathered {
    pub(crate) records: Vec<Record>,
    pub(crate) rejects: Vec<Reject>,
    /// Threads that were told as wholes, with the keys of all that they hold.
    pub(crate) whole: Vec<(Key, BTreeSet<u64>)>,
}

impl Gathered {
    /// All of it as one page; `stamp` says by which way it came.
    pub(crate) fn page(self, name: &str, stamp: &str) -> Page {
        let item = ItemInfo { name: name.to_owned(), len: 0, stamp: stamp.to_owned() };
        let done = (self.records.len() + self.rejects.len()) as u64;
        let Gathered { records, rejects, whole } = self;
        Page { item, records, rejects, whole, done, last: true }
    }
}

impl Out for Gathered {
    fn record(&mut self, mut record: Record) -> ControlFlow<()> {
        bounds::record(&mut record);
        self.records.push(record);
        ControlFlow::Continue(())
    }
    fn reject(&mut self, reject: Reject) -> ControlFlow<()> {
        self.rejects.push(bounds::reject(reject));
        ControlFlow::Continue(())
    }
    fn whole_thread(&mut self, thread: Key) {
        if self.rejects.is_empty() {
            let keys = self.records.iter().flat_map(|r| &r.activities).map(|a| a.key.fingerprint());
            self.whole.push((thread, keys.collect()));
        }
    }
}
