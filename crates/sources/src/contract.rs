//! What a connector is, and what it may say.

use std::io::BufRead;
use std::ops::ControlFlow;

use rapport_model::Time;

/// What is known about a connector without running it. Help, docs and the contract tests are made from it.
#[derive(Debug)]
pub struct About {
    /// Its name, a slug: `discourse`.
    pub name: &'static str,
    /// What it reads, in one line a user understands.
    pub reads: &'static str,
    /// How to get such an archive, in a sentence or two.
    pub how_to_get: &'static str,
    /// The licence or terms that the content usually stands under.
    pub terms: &'static str,
    /// What numbers from it cannot tell, shown beside them; empty when they are complete.
    pub limits: &'static str,
}

/// A look at an archive before it is read: its names and the first bytes of any of them.
pub trait Peek {
    /// The name of the archive itself: the file's or folder's last path component, without `.zip` or `.gz`.
    fn name(&self) -> &str;
    /// Names of its items in order, relative, `/`-separated. A single file has one item. At most the first 50,000.
    fn items(&self) -> &[String];
    /// Whether it is a git repository.
    fn is_git(&self) -> bool;
    /// The first bytes of an item, at most `most` (and never over 1 MiB); empty when it cannot be read. Gzip is undone.
    fn head(&self, item: &str, most: usize) -> Vec<u8>;
}

/// That a connector can read an archive, and how sure it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Detected {
    /// 0 to 100; the surest connector reads. 90 and more: the shape is unmistakable; 50: it parses as such.
    pub sure: u8,
    /// What the source is called behind `<connector>:`; the same for every export of the same place, whatever the
    /// file is called, so that a newer export becomes revisions instead of a second source.
    pub what: String,
    /// Why, for the user: "archive.json of acme/relay".
    pub why: String,
}

/// What to do with one item of an archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Plan {
    /// Read first, on every read: users, channels, categories. Its records are nothing by themselves.
    Setup,
    /// Read in this order (then by name). Skipped when the log has read the very same bytes before.
    Read(u32),
    /// None of this connector's business (pictures, private conversations).
    Skip,
}

/// One item of an archive, as the reader sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Relative name, `/`-separated.
    pub name: String,
}

pub use rapport_model::{Key, Record, Reject};

/// Where a reader puts what it finds. `Break` means stop: the receiver is full or gone; return at once.
pub trait Out {
    /// One record.
    fn record(&mut self, record: Record) -> ControlFlow<()>;
    /// One reject.
    fn reject(&mut self, reject: Reject) -> ControlFlow<()>;
    /// All records since the item began are all that this thread holds (see [`Record::whole`]). Has no effect when
    /// anything of the item was rejected.
    fn whole_thread(&mut self, thread: Key);
}

/// Why the rest of an item could not be read. What was handed out before stands; the driver turns this into a reject.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// The bytes could not be fetched: a broken disk, a truncated ZIP member, bad gzip.
    #[error("{0}")]
    Io(#[from] std::io::Error),
    /// The bytes are not of the expected shape from here on.
    #[error("{at}: {why}")]
    Shape {
        /// Where, for example `byte 1042`.
        at: String,
        /// What is wrong, and what was expected.
        why: String,
    },
    /// The receiver asked to stop.
    #[error("stopped")]
    Stopped,
}

/// Reads one archive, item by item, in the order of its [`Plan`]s. Carries what setup items told (users, channels).
pub trait Reader {
    /// What to do with the item of this name.
    fn plan(&self, name: &str) -> Plan;
    /// Reads one item.
    ///
    /// # Errors
    /// [`Unreadable`] when the rest of the item makes no sense; records handed out before it stand.
    fn read(&mut self, item: &Item, body: &mut dyn BufRead, out: &mut dyn Out) -> Result<(), Unreadable>;
}

/// One kind of source.
pub trait Connector: Sync {
    /// What it is.
    fn about(&self) -> &'static About;
    /// Whether, and as what, it would read this archive. Looks at content, not at file names alone.
    fn detect(&self, peek: &dyn Peek) -> Option<Detected>;
    /// A reader for the source called `what`.
    fn reader(&self, what: &str) -> Box<dyn Reader>;
}

/// Milliseconds or seconds since the epoch as a float in text (`"1784815968.632889"`), as chat exports write it.
#[must_use]
pub fn epoch_seconds(text: &str) -> Option<Time> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let seconds: i64 = whole.parse().ok()?;
    let mut millis = 0;
    for (digit, weight) in fraction.bytes().zip([100, 10, 1]) {
        millis += i64::from(digit.is_ascii_digit().then(|| digit - b'0')?) * weight;
    }
    Time::from_millis(seconds.checked_mul(1000)?.checked_add(millis)?)
}

/// Turns `Break` into [`Unreadable::Stopped`], so that readers can use `?`.
///
/// # Errors
/// [`Unreadable::Stopped`] on `Break`.
pub fn go_on(flow: ControlFlow<()>) -> Result<(), Unreadable> {
    match flow {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(()) => Err(Unreadable::Stopped),
    }
}
