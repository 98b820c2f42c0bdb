//! Hacker News, living: what holds a word, from the newest back to what was known. A search shows a thousand hits and
//! no more: the next one ends where the last one ended.

use serde::{Deserialize, Serialize};

use super::github::{state, value};
use super::{Ask, At, Live, LiveAbout, Place, Progress, Reply, Turn, encoded};

/// The channel.
pub(super) struct HackerNews;

/// Hits of one search at most.
const MOST: usize = 1_000;
/// The index is some minutes behind, and an item can be edited for two hours.
const OVERLAP: i64 = 3 * 3_600;

/// How far the walk back is.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Back {
    /// Everything up to this second is in.
    known: Option<i64>,
    newest: Option<i64>,
    /// Go on before this second.
    until: Option<i64>,
    progress: Progress,
}

#[derive(Deserialize)]
struct Answer {
    hits: Vec<Hit>,
    #[serde(rename = "nbHits")]
    all: Option<u64>,
}

#[derive(Deserialize)]
struct Hit {
    created_at_i: i64,
}

impl Live for HackerNews {
    fn about(&self) -> &'static LiveAbout {
        &LiveAbout {
            name: "hackernews",
            title: "Hacker News",
            addresses: &["hackernews:word"],
            token: "None is needed.",
            token_env: &[],
            limits: "a search shows 1,000 hits: it is cut into stretches of time, so that nothing is left out",
            interval: 900,
            gap_ms: 500,
        }
    }

    fn place(&self, address: &str) -> Option<Place> {
        let word = address
            .strip_prefix("hackernews:")
            .or_else(|| address.strip_prefix("hn:"))?
            .trim()
            .to_lowercase();
        let base = "https://hn.algolia.com".to_owned();
        (!word.is_empty() && word.len() <= 100).then_some(Place { what: word, base, token: false })
    }

    fn streams(&self, _place: &Place) -> Vec<&'static str> {
        vec!["items"]
    }

    fn next(&self, place: &Place, at: At<'_>) -> Option<Ask> {
        let back: Back = state(at.cursor);
        let mut filters = Vec::new();
        filters.extend(back.known.map(|known| format!("created_at_i>={known}")));
        filters.extend(back.until.map(|until| format!("created_at_i<={until}")));
        let filters = if filters.is_empty() {
            String::new()
        } else {
            format!("&numericFilters={}", encoded(&filters.join(",")))
        };
        // Quotes: the word itself, not what looks like it.
        let url = format!(
            "{}/api/v1/search_by_date?query={}&tags=%28story%2Ccomment%29&hitsPerPage={MOST}&typoTolerance=false{filters}",
            place.base,
            encoded(&place.what)
        );
        Some(Ask::get(url, ""))
    }

    fn turn(&self, _place: &Place, at: At<'_>, _ask: &Ask, reply: &Reply) -> Result<Turn, String> {
        let answer: Answer = serde_json::from_slice(&reply.body).map_err(|e| e.to_string())?;
        let mut back: Back = state(at.cursor);
        let stamps = || answer.hits.iter().map(|h| h.created_at_i);
        let old = back.known.map(|known| known + OVERLAP);
        let seam = back.until;
        back.progress.done += stamps()
            .filter(|s| old.is_none_or(|old| *s > old) && seam.is_none_or(|seam| *s < seam))
            .count() as u64;
        if seam.is_none() {
            back.progress.about = answer.all.map(|all| back.progress.done.max(all));
        }
        back.newest = back.newest.max(stamps().max());
        let oldest = stamps().min();
        // Of a second that the cut went through the rest comes with the next stretch: it begins with that second.
        let until = oldest.map(|oldest| if Some(oldest) == seam { oldest - 1 } else { oldest });
        let end = answer.hits.len() < MOST;
        if end {
            back.known = back.newest.take().map(|newest| newest - OVERLAP).max(back.known);
            back.until = None;
            back.progress.about = Some(back.progress.done);
        } else {
            back.until = until;
        }
        let item = Some("live/search.json".to_owned());
        Ok(Turn { cursor: value(&back), item, end, progress: back.progress, ..Turn::default() })
    }
}
