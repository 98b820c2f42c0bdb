//! What has numbers that only grow: a folder by IMAP (its UIDs, as long as their UIDVALIDITY is the same), a newsgroup
//! by NNTP. First what is new, then, when anything moved, which of the newest still stand.

use std::collections::BTreeMap;

use rapport_model::Key;
use serde::{Deserialize, Serialize};

use super::super::github::{state, value};
use super::super::{Ask, At, Place, Progress, Reply, Turn};
use super::{ROW, header, lines};

/// Of so many of the newest it is known whether they stand.
const WATCHED: usize = 20_000;
/// Up to so many may go at once, whatever part of the folder they are.
const FEW: usize = 20;

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Mails {
    /// Up to this number everything is in.
    last: u64,
    validity: u64,
    /// What the server said last: a folder that says the same again has not moved.
    next: u64,
    exists: u64,
    low: u64,
    progress: Progress,
    /// What was read and is not watched yet: it may go before anybody asks what stands.
    fresh: BTreeMap<u64, String>,
}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Standing {
    last: u64,
    validity: u64,
    next: u64,
    exists: u64,
    low: u64,
    /// The newest that stood, by number, with their Message-IDs.
    ids: BTreeMap<u64, String>,
}

pub(super) fn next(place: &Place, at: At<'_>) -> Option<Ask> {
    if at.stream == "mails" {
        let at: Mails = state(at.cursor);
        return Some(Ask::get(format!("{}?after={}", place.base, at.last), ""));
    }
    let mails: Mails = at.held.cursor("mails").map(|cursor| state(&cursor)).unwrap_or_default();
    let at: Standing = state(at.cursor);
    // IMAP says how many there are; a newsgroup does not say so truly, and is listed at each look.
    let same = (at.validity, at.next, at.exists) == (mails.validity, mails.next, mails.exists);
    let counted = place.base.starts_with("imap");
    if mails.last == 0 || (counted && same && at.last > 0) {
        return None;
    }
    let fits = at.validity == mails.validity && at.last > 0;
    let after = if fits { at.last } else { mails.last.saturating_sub(mails_watched(counted)) };
    let from = at.ids.keys().next().filter(|_| fits).copied().unwrap_or(after);
    Some(Ask::get(format!("{}?standing=1&after={after}&from={from}", place.base), ""))
}

/// A group's numbers are dense: only the newest are asked for at all. A folder's may have gaps.
fn mails_watched(counted: bool) -> u64 {
    if counted { u64::MAX } else { WATCHED as u64 }
}

pub(super) fn turn(at: At<'_>, reply: &Reply) -> Result<Turn, String> {
    let other = |stream: &str| at.held.cursor(stream);
    if at.stream == "mails" {
        let watched = other("standing").map(|cursor| state(&cursor)).unwrap_or_default();
        mails(state(at.cursor), &watched, reply)
    } else {
        let read = other("mails").map(|cursor| state(&cursor)).unwrap_or_default();
        standing(state(at.cursor), &read, reply)
    }
}

fn mails(mut at: Mails, watched: &Standing, reply: &Reply) -> Result<Turn, String> {
    let (last, left) =
        header(reply, "last").zip(header(reply, "left")).ok_or("it does not say how far it went")?;
    let validity = header(reply, "validity").unwrap_or(0);
    if validity != at.validity {
        let first = at.last == 0;
        at = Mails { validity, ..Mails::default() };
        if !first {
            // The numbers mean other mails now: all are read again, and those that are in are known by their ids.
            return Ok(Turn { cursor: value(&at), ..Turn::default() });
        }
    }
    let rows = memchr::memmem::find_iter(&reply.body, b" mail ").count() as u64;
    at.progress.done += rows.min(500);
    at.progress.about = Some(at.progress.done + left);
    at.last = last;
    at.next = header(reply, "next").unwrap_or(0);
    at.exists = header(reply, "exists").unwrap_or(0);
    at.low = header(reply, "low").unwrap_or(0);
    let below = if watched.validity == validity { watched.last } else { 0 };
    at.fresh.extend(named(&reply.body));
    at.fresh.retain(|n, _| *n > below);
    while at.fresh.len() > WATCHED {
        at.fresh.pop_first();
    }
    let item = Some(ROW.to_owned());
    Ok(Turn { cursor: value(&at), item, end: left == 0, progress: at.progress, ..Turn::default() })
}

fn standing(mut at: Standing, read: &Mails, reply: &Reply) -> Result<Turn, String> {
    let told = reply.header("standing").ok_or("it does not say what stands")?;
    let ranges = ranges(told).ok_or("it does not say what stands in numbers")?;
    let validity = header(reply, "validity").unwrap_or(0);
    if validity != at.validity {
        at = Standing { validity, ..Standing::default() };
    }
    if read.validity == validity {
        // Below that nobody asked what stands.
        let asked = at.last.max(read.last.saturating_sub(WATCHED as u64));
        let fresh = read.fresh.range(asked + 1..);
        at.ids.extend(fresh.map(|(n, id)| (*n, id.clone())));
        at.last = at.last.max(read.fresh.keys().next_back().copied().unwrap_or(0));
    }
    let stands = |n: u64| {
        let behind = ranges.partition_point(|(first, _)| *first <= n);
        behind.checked_sub(1).is_some_and(|i| n <= ranges[i].1)
    };
    at.low = header(reply, "low").unwrap_or(0);
    // What is below a group's low mark has only grown old.
    let low = at.low;
    at.ids.retain(|n, _| *n >= low);
    let missing: Vec<u64> = at.ids.keys().copied().filter(|n| !stands(*n)).collect();
    let tidied = missing.len() > FEW && missing.len() * 2 > at.ids.len();
    let mut gone = Vec::new();
    for n in missing {
        let id = at.ids.remove(&n).filter(|id| !id.is_empty() && !tidied);
        gone.extend(id.map(|id| Key::new(format!("msg/{id}"))));
    }
    for (n, id) in lines(reply) {
        at.last = at.last.max(n);
        at.ids.insert(n, id);
    }
    // The same mail may lie in the folder twice: as long as one stands, it stands.
    let still: std::collections::BTreeSet<&String> = at.ids.values().collect();
    gone.retain(|key| key.as_str().strip_prefix("msg/").is_none_or(|id| !still.contains(&id.to_owned())));
    while at.ids.len() > WATCHED {
        at.ids.pop_first();
    }
    at.next = header(reply, "next").unwrap_or(0);
    at.exists = header(reply, "exists").unwrap_or(0);
    let progress = Progress { done: at.ids.len() as u64, about: None };
    Ok(Turn { cursor: value(&at), gone, end: true, progress, ..Turn::default() })
}

/// The mails of a body by number, each with its Message-ID.
fn named(mut body: &[u8]) -> Vec<(u64, String)> {
    let mut found = Vec::new();
    while let Some(end) = memchr::memchr(b'\n', body) {
        let head = String::from_utf8_lossy(&body[..end]).into_owned();
        let words: Vec<&str> = head.split(' ').collect();
        let [n, kind, len] = words[..] else { break };
        let (Ok(n), Ok(len)) = (n.parse(), len.parse::<usize>()) else { break };
        let Some(mail) = body.get(end + 1..).and_then(|rest| rest.get(..len)) else { break };
        if kind == "mail" {
            found.push((n, own_id(mail).unwrap_or_default()));
        }
        body = body.get(end + 2 + len..).unwrap_or(&[]);
    }
    found
}

/// The Message-ID in a mail's own headers; the value may stand on the line behind its name.
fn own_id(mail: &[u8]) -> Option<String> {
    let head = String::from_utf8_lossy(&mail[..mail.len().min(64 << 10)]).into_owned();
    let mut lines = head.lines().take_while(|line| !line.is_empty()).peekable();
    while let Some(line) = lines.next() {
        let Some((name, value)) = line.split_once(':') else { continue };
        if name.eq_ignore_ascii_case("message-id") {
            let more = lines.peek().filter(|next| next.starts_with([' ', '\t'])).copied().unwrap_or("");
            return super::message_id(&format!("{value}{more}"));
        }
    }
    None
}

/// `1:5,7` as pairs in order.
fn ranges(text: &str) -> Option<Vec<(u64, u64)>> {
    let parts = text.split(',').filter(|part| !part.is_empty()).map(|part| {
        let (first, last) = part.split_once(':').unwrap_or((part, part));
        Some((first.parse().ok()?, last.parse().ok()?))
    });
    parts.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(headers: &[(&str, &str)], body: &str) -> Reply {
        let headers = headers.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        Reply { status: 200, headers, body: body.as_bytes().to_vec() }
    }

    fn known(last: u64) -> Standing {
        Standing {
            last,
            validity: 7,
            ids: (1..=last).map(|n| (n, format!("{n}@x"))).collect(),
            ..Standing::default()
        }
    }

    #[test]
    fn what_goes_is_deleted_unless_it_is_tidied_away_or_old() {
        let turn = standing(
            known(40),
            &Mails::default(),
            &reply(&[("standing", "1:4,6:40"), ("validity", "7")], ""),
        )
        .unwrap();
        assert_eq!(turn.gone, [Key::new("msg/5@x")]);
        let turn =
            standing(known(40), &Mails::default(), &reply(&[("standing", "31:40"), ("validity", "7")], ""))
                .unwrap();
        assert_eq!(turn.gone, [], "three quarters at once are tidying");
        let old = reply(&[("standing", "6:40"), ("validity", "7"), ("low", "6")], "");
        assert_eq!(standing(known(40), &Mails::default(), &old).unwrap().gone, [], "below the low mark");
        let again = reply(&[("standing", "1:4,6:41"), ("validity", "7")], "41 5@x\n");
        assert_eq!(
            standing(known(40), &Mails::default(), &again).unwrap().gone,
            [],
            "it lies there a second time"
        );
        let other = reply(&[("standing", "1:2"), ("validity", "8")], "1 1@x\n2 2@x\n");
        assert_eq!(
            standing(known(40), &Mails::default(), &other).unwrap().gone,
            [],
            "other numbers, nothing is concluded"
        );
        assert!(standing(known(40), &Mails::default(), &reply(&[], "")).is_err());
    }

    #[test]
    fn what_goes_before_anybody_asked_what_stands_is_deleted_too() {
        let mail = "From: a@x\r\nMessage-ID:\r\n <41@x>\r\n\r\nHello\r\n";
        let body = format!("41 mail {}\n{mail}\n42 large 0\n\n43 mail 3\nHi.\n", mail.len());
        let told = [("last", "43"), ("left", "0"), ("validity", "7"), ("next", "44")];
        let read =
            mails(Mails { validity: 7, last: 40, ..Mails::default() }, &known(40), &reply(&told, &body));
        let read: Mails = state(&read.unwrap().cursor);
        assert_eq!(read.fresh, BTreeMap::from([(41, "41@x".to_owned()), (43, String::new())]));
        let turn =
            standing(known(40), &read, &reply(&[("standing", "1:40"), ("validity", "7")], "")).unwrap();
        assert_eq!(turn.gone, [Key::new("msg/41@x")]);
        // It is told once, and what is watched is not kept twice.
        let watched: Standing = state(&turn.cursor);
        let again = mails(read, &watched, &reply(&told, "")).unwrap();
        assert_eq!((watched.last, state::<Mails>(&again.cursor).fresh), (43, BTreeMap::new()));
    }
}
