//! Mailman 2's archive over HTTP (pipermail). It keeps a file a month and a page that lists them with their sizes:
//! read again is what the page shows another size of, and the two newest.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::super::github::{state, value};
use super::super::{Ask, At, Place, Progress, Reply, Turn, encoded};

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Months {
    /// The months that are in, each with what the page said of its file.
    known: BTreeMap<String, String>,
    /// What is to be read, the last of it first.
    queue: Vec<(String, String)>,
    done: u64,
}

pub(super) fn next_month(place: &Place, at: At<'_>) -> Ask {
    let at: Months = state(at.cursor);
    match at.queue.last() {
        Some((file, _)) => Ask { accept: "*/*", ..Ask::get(format!("{}/{}", place.base, encoded(file)), "") },
        None => Ask { conditional: true, accept: "text/html", ..Ask::get(format!("{}/", place.base), "") },
    }
}

pub(super) fn month(at: At<'_>, ask: &Ask, reply: &Reply) -> Result<Turn, String> {
    let mut at: Months = state(at.cursor);
    if ask.conditional {
        if reply.status == 304 {
            return Ok(settled(&at, true));
        }
        let listed = listed(&String::from_utf8_lossy(&reply.body));
        if listed.is_empty() {
            return Err("the page lists no month's file (.txt, .txt.gz)".to_owned());
        }
        // The page tells sizes in KB: the newest months are read whenever the page changed at all.
        let newest = listed.iter().map(|(file, _)| dated(file)).max();
        let before = listed.iter().map(|(file, _)| dated(file)).filter(|d| Some(*d) != newest).max();
        let mut queue: Vec<(String, String)> = listed
            .into_iter()
            .filter(|(file, told)| {
                at.known.get(file) != Some(told) || [newest, before].contains(&Some(dated(file)))
            })
            .collect();
        queue.sort_by_key(|(file, _)| std::cmp::Reverse(dated(file)));
        at.queue = queue;
        let end = at.queue.is_empty();
        return Ok(settled(&at, end));
    }
    if let Some((file, told)) = at.queue.pop() {
        at.known.insert(file, told);
        at.done += 1;
    }
    let end = at.queue.is_empty();
    Ok(Turn { item: Some("live/month.mbox".to_owned()), ..settled(&at, end) })
}

/// A month's file that is listed and not there is passed over; without a page there is no list.
pub(super) fn no_month(at: At<'_>) -> Option<Turn> {
    let mut at: Months = state(at.cursor);
    at.queue.pop()?;
    let end = at.queue.is_empty();
    Some(settled(&at, end))
}

fn settled(at: &Months, end: bool) -> Turn {
    let progress =
        Progress { done: at.known.len() as u64, about: Some((at.known.len() + at.queue.len()) as u64) };
    Turn { cursor: value(at), end, progress, ..Turn::default() }
}

/// The files that a page links to, with the words behind each link up to the next.
fn listed(page: &str) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = Vec::new();
    let lower = page.to_ascii_lowercase();
    for (at, _) in lower.match_indices("href=\"") {
        let Some(rest) = page.get(at + 6..) else { continue };
        let Some((file, rest)) = rest.split_once('"') else { continue };
        let fits = (file.ends_with(".txt.gz") || file.ends_with(".txt") || file.ends_with(".mbox"))
            && !file.contains(['/', '?', '%', ':'])
            && dated(file) > (0, 0);
        if !fits || found.len() >= 2_000 {
            continue;
        }
        let told: String = rest.split("</a").next().unwrap_or("").chars().take(80).collect();
        // Both forms of a month may be linked; one is enough.
        let bare = |name: &str| name.trim_end_matches(".gz").to_owned();
        match found.iter_mut().find(|(held, _)| bare(held) == bare(file)) {
            Some(held) if file.ends_with(".gz") => *held = (file.to_owned(), told),
            Some(_) => {}
            None => found.push((file.to_owned(), told)),
        }
    }
    found
}

/// `2024-January.txt.gz` as (2024, 1); quarters, weeks and days fall where they begin.
fn dated(file: &str) -> (u32, u32) {
    const MONTHS: [&str; 12] =
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let Some(year) = file.get(..4).and_then(|y| y.parse().ok()) else { return (0, 0) };
    let rest = file.get(4..).unwrap_or("").trim_start_matches(['-', 'q']).to_lowercase();
    let month = MONTHS.iter().position(|m| rest.starts_with(m)).map(|n| n as u32 + 1);
    let number = || rest.split(|c: char| !c.is_ascii_digit()).next().and_then(|n| n.parse().ok());
    (year, month.or_else(number).unwrap_or(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_lists_its_months_once_each() {
        let page = r#"<tr><td>October 2026:</td><td><A href="2026-October/thread.html">[ Thread ]</a></td>
<td><A href="2026-October.txt.gz">[ Gzip'd Text 31 KB ]</a></td></tr><A href="2026-September.txt">[ Text 8 KB ]</a>
<A href="2026-September.txt.gz">[ Gzip'd Text 3 KB ]</a><A href="https://evil.example/2026-May.txt">x</a><a href="robots.txt">"#;
        let found = listed(page);
        let files: Vec<&str> = found.iter().map(|(file, _)| file.as_str()).collect();
        assert_eq!(files, ["2026-October.txt.gz", "2026-September.txt.gz"]);
        assert!(found[0].1.contains("31 KB"));
        assert_eq!(
            (dated("2026-October.txt.gz"), dated("2019q3.txt.gz"), dated("robots.txt")),
            ((2026, 10), (2019, 3), (0, 0))
        );
    }
}
