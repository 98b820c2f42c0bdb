//! Pages and answers as they were made last, bound in bytes; and whether one that others have overtaken will still do.
//!
//! Making a page over a big log takes a second or two. Where somebody else changed the folder (a sync, the command line,
//! a colleague) the page made last is shown at once, says how old it is, and a newer one is made behind. Whoever has just
//! acted never sees a page from before that, and nobody sees one from before somebody was forgotten.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};

use super::texts::{Texts, key};
use crate::desk::Answer;
use crate::report::html::esc;

/// Sizes and times of the files that answers are made from, the database's two first.
pub(super) type State = Vec<Option<(u64, SystemTime)>>;

/// Files of the state that hold the log; the others are the owner's settings.
pub(super) const LOG: usize = 2;
/// Ages in answers move on with the clock: after this long a page is made anew though nothing changed.
pub(super) const LONGEST: Duration = Duration::from_secs(60);
/// What is older than this is shown to nobody.
const OLDEST: Duration = Duration::from_secs(3_600);
/// So many bytes of pages are kept.
const PAGES: usize = 64 << 20;
/// So many bytes of answers are kept.
const ANSWERS: usize = 96 << 20;
/// Where a page says how old it is.
const MARK: &[u8] = b"<!--age-->";

/// When something was made, and of which state of the folder it is.
#[derive(Clone, Debug)]
pub(super) struct Made {
    /// From before it was made.
    pub(super) state: State,
    /// The moment before it was made.
    pub(super) at: Instant,
    /// How long that took.
    pub(super) took: Duration,
    /// How often anything had been withdrawn: a person forgotten, a consent changed.
    pub(super) withdrawn: i64,
}

/// The folder as it is, and what the one who asks has seen to.
pub(super) struct Present {
    pub(super) state: State,
    pub(super) withdrawn: i64,
    /// When this visitor did something last that shows on what is asked for.
    pub(super) acted: Option<Instant>,
    /// The moment was given: nothing ages.
    pub(super) fixed: bool,
    /// What took less is made anew while the reader waits.
    pub(super) quick: Duration,
}

impl Made {
    /// Nothing has changed since.
    pub(super) fn current(&self, now: &Present) -> bool {
        self.state == now.state && (now.fixed || self.at.elapsed() < LONGEST)
    }

    /// Only others changed something since, and nothing that must not be seen any more.
    pub(super) fn will_do(&self, now: &Present) -> bool {
        let settings = |state: &State| state.iter().skip(LOG).copied().collect::<Vec<_>>();
        now.acted.is_none_or(|acted| self.at > acted)
            && self.at.elapsed() < OLDEST
            && self.withdrawn >= 0
            && self.withdrawn == now.withdrawn
            && settings(&self.state) == settings(&now.state)
    }

    /// Making it is too slow for somebody who waits.
    pub(super) fn slow(&self, now: &Present) -> bool {
        self.took >= now.quick
    }
}

/// When somebody acted last: on one thread or piece of feedback, on topics, and on anything else.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Acts {
    near: Option<Instant>,
    topics: Option<Instant>,
    far: Option<Instant>,
}

/// Pages and verbs over the whole log. What is done to one thread or one piece of feedback moves a number there by one at
/// most: they are shown as they were, with their age, while they are made anew.
const FAR: &[&str] = &[
    "topics",
    "trends",
    "gaps",
    "focus",
    "metrics",
    "people",
    "organisation",
    "org",
    "relations",
    "report",
    "docs",
];

/// Those of them that no topic shows on.
const WITHOUT_TOPICS: &[&str] = &["metrics", "people", "organisation", "org", "relations"];

/// Whether a page looks a few rows up: no verb over the whole log, nor one of anybody's choice.
pub(super) fn is_light(what: &str) -> bool {
    !FAR.contains(&what) && !["", "api", "feeds", "answer"].contains(&what)
}

impl Acts {
    /// Something was done at this address.
    pub(super) fn note(&mut self, path: &str) {
        let path = path.strip_prefix("/api").unwrap_or(path);
        let one = ["/thread/", "/feedback", "/claim", "/snooze", "/met", "/evidence"];
        let one = one.iter().any(|begin| path.starts_with(begin)) && !path.starts_with("/metrics");
        let last = match () {
            () if one => &mut self.near,
            () if path.starts_with("/topics/") => &mut self.topics,
            () => &mut self.far,
        };
        *last = Some(Instant::now());
    }

    /// When something was done that shows on `what`, the first word of an address or of a call.
    pub(super) fn on(self, what: &str) -> Option<Instant> {
        match () {
            () if WITHOUT_TOPICS.contains(&what) => self.far,
            () if FAR.contains(&what) => self.far.max(self.topics),
            () => self.near.max(self.topics).max(self.far),
        }
    }
}

/// Things by key, the least lately used thrown away first where they grow beyond their bytes.
pub(super) struct Shelf<K, V> {
    all: HashMap<K, (V, usize, u64)>,
    bytes: usize,
    most: usize,
    uses: u64,
}

impl<K: Hash + Eq + Clone, V> Shelf<K, V> {
    fn new(most: usize) -> Shelf<K, V> {
        Shelf { all: HashMap::new(), bytes: 0, most, uses: 0 }
    }

    pub(super) fn get(&mut self, key: &K) -> Option<&V> {
        self.uses += 1;
        let (value, _, used) = self.all.get_mut(key)?;
        *used = self.uses;
        Some(value)
    }

    pub(super) fn put(&mut self, key: K, value: V, bytes: usize) {
        self.drop(&key);
        if bytes > self.most {
            return;
        }
        while self.bytes + bytes > self.most {
            let oldest = self.all.iter().min_by_key(|(_, (_, _, used))| *used).map(|(key, _)| key.clone());
            let Some(oldest) = oldest else { break };
            self.drop(&oldest);
        }
        self.uses += 1;
        self.bytes += bytes;
        self.all.insert(key, (value, bytes, self.uses));
    }

    fn drop(&mut self, key: &K) {
        if let Some((_, bytes, _)) = self.all.remove(key) {
            self.bytes -= bytes;
        }
    }
}

/// Answers of verbs, and which are being made.
pub(super) struct Answers {
    pub(super) shelf: Shelf<Vec<String>, (Made, Arc<Answer>)>,
    pub(super) making: HashSet<Vec<String>>,
}

impl Default for Answers {
    fn default() -> Answers {
        Answers { shelf: Shelf::new(ANSWERS), making: HashSet::new() }
    }
}

impl Answers {
    pub(super) fn keep(&mut self, key: Vec<String>, made: Made, answer: Arc<Answer>) {
        let bytes = answer.json.len() + answer.text.len() + 500;
        self.shelf.put(key, (made, answer), bytes);
    }
}

/// A page as it was sent last.
#[derive(Clone)]
pub(super) struct Page {
    pub(super) made: Made,
    headers: HeaderMap,
    body: Bytes,
    /// Where its age can be said; a page that cannot say it is never shown late.
    mark: Option<usize>,
}

impl Page {
    pub(super) fn new(made: Made, headers: HeaderMap, body: Bytes) -> Page {
        // The footer comes last, and what people wrote cannot hold a comment.
        let mark = body.windows(MARK.len()).rposition(|part| part == MARK);
        Page { made, headers, body, mark }
    }

    pub(super) fn says_its_age(&self) -> bool {
        self.mark.is_some()
    }

    /// As it was sent.
    pub(super) fn plainly(self) -> Response {
        (self.headers, self.body).into_response()
    }

    /// With its age, in the footer and for programs.
    pub(super) fn with_age(self, texts: &Texts, changed: bool) -> Response {
        let seconds = self.made.at.elapsed().as_secs();
        let mut body = self.body.to_vec();
        if let Some(at) = self.mark {
            let says = texts.t(if changed { key("base-age-changed") } else { key("base-age") });
            let says = esc(&says.with("span", span(texts, seconds)).to_string());
            let says = format!(" <span data-age=\"{seconds}\">{says}</span>");
            body.splice(at..at + MARK.len(), says.into_bytes());
        }
        let mut headers = self.headers;
        headers.remove(header::CONTENT_LENGTH);
        headers.insert(header::AGE, HeaderValue::from(seconds));
        (headers, body).into_response()
    }
}

fn span(texts: &Texts, seconds: u64) -> String {
    match seconds {
        0..=119 => texts.t("unit-seconds").n("s", seconds).to_string(),
        _ => texts.t("unit-minutes").n("m", seconds / 60).to_string(),
    }
}

/// Pages by who asks and the address.
pub(super) type Pages = Shelf<String, Page>;

pub(super) fn pages() -> Pages {
    Shelf::new(PAGES)
}

pub(super) fn bytes_of(page: &Page) -> usize {
    page.body.len() + 1_000
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(log: u64, settings: u64) -> Made {
        let at = |n| Some((n, SystemTime::UNIX_EPOCH));
        let state = vec![at(log), None, at(settings), None];
        Made { state, at: Instant::now(), took: Duration::from_secs(1), withdrawn: 0 }
    }

    fn present(of: &Made, acted: Option<Instant>) -> Present {
        Present { state: of.state.clone(), withdrawn: 0, acted, fixed: false, quick: Duration::ZERO }
    }

    #[test]
    fn only_what_others_changed_may_be_missing() {
        let before = Instant::now();
        let page = made(1, 1);
        assert!(page.current(&present(&page, None)));
        let now = present(&made(2, 1), None);
        assert!(!page.current(&now) && page.will_do(&now));
        assert!(page.will_do(&present(&made(2, 1), Some(before))), "acted before it was made");
        assert!(!page.will_do(&present(&made(2, 1), Some(Instant::now()))), "acted since");
        assert!(!page.will_do(&present(&made(1, 2), None)), "the owner's settings changed");
        let forgotten = Present { withdrawn: 1, ..present(&made(2, 1), None) };
        assert!(!page.will_do(&forgotten), "somebody was forgotten");
    }

    #[test]
    fn what_is_done_to_one_thread_makes_nobody_wait_for_the_whole() {
        let mut acts = Acts::default();
        acts.note("/thread/7/claim");
        assert!(acts.on("").is_some() && acts.on("thread").is_some() && acts.on("needs").is_some());
        assert!(acts.on("topics").is_none() && acts.on("metrics").is_none());
        acts.note("/topics/3/rename");
        assert!(acts.on("topics").is_some() && acts.on("gaps").is_some() && acts.on("metrics").is_none());
        acts.note("/people/review/same");
        assert!(acts.on("metrics").is_some());
    }

    #[test]
    fn what_is_kept_is_bound_in_bytes() {
        let mut shelf = Shelf::new(10);
        shelf.put("a", 1, 4);
        shelf.put("b", 2, 4);
        assert_eq!(shelf.get(&"a"), Some(&1));
        shelf.put("c", 3, 4);
        let there = |shelf: &mut Shelf<_, _>| ["a", "b", "c"].map(|key| shelf.get(&key).copied());
        assert_eq!(there(&mut shelf), [Some(1), None, Some(3)], "the least lately used went");
        shelf.put("c", 4, 6);
        assert_eq!((there(&mut shelf), shelf.bytes), ([Some(1), None, Some(4)], 10));
        shelf.put("d", 5, 11);
        assert_eq!(shelf.get(&"d"), None);
    }

    #[test]
    fn an_age_is_said_where_the_footer_has_its_place() {
        let body = "<main>&lt;!--age--&gt;</main><footer>as of now<!--age--> · keys</footer>";
        let page = Page::new(made(1, 1), HeaderMap::new(), Bytes::from(body));
        assert!(page.says_its_age());
        let response = page.with_age(Texts::of("en").unwrap(), true);
        assert_eq!(response.headers()[header::AGE], "0");
        assert!(!Page::new(made(1, 1), HeaderMap::new(), Bytes::from("{}")).says_its_age());
    }
}
