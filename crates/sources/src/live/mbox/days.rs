//! Mailman 3's archive (`HyperKitty`), which exports what lies between two days: forward from the first day to today, the
//! last days with each look, and one older stretch anew, around and around. It tells no deletion. Of each stretch it is
//! remembered which mails it was shown to hold; one that it is not shown to hold any more was taken out.

use std::collections::BTreeSet;
use std::io::{BufReader, Read};

use flate2::bufread::MultiGzDecoder;
use rapport_model::{Key, Time};
use serde::{Deserialize, Serialize};

use super::super::github::{state, value};
use super::super::{Ask, At, Place, Progress, Reply, Turn};
use crate::connectors::mbox::Mbox;
use crate::contract::{Connector, Item};
use crate::gathered::Gathered;

/// How far the archive is read, in days since 1970.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Days {
    /// Everything before this day is in.
    from: i64,
    /// How many days are asked for at once.
    span: i64,
    progress: Progress,
    /// Which day it was at the last reply.
    today: i64,
    /// What lies before `from`, in order: as much as holds the newest mails that are watched.
    stretches: Vec<Stretch>,
    /// The mails that were shown from `from` on.
    open: Vec<String>,
    /// The older stretch that comes next begins here or later; is read now, before the look ends.
    anew: i64,
    older: bool,
}

/// Some days that are over, and the ids of the mails that they were shown to hold.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Stretch {
    from: i64,
    until: i64,
    ids: Vec<String>,
}

/// No list is older: 1990-01-01.
const FIRST: i64 = 7_305;
/// A mail may reach the archive some days after its date.
const LATE: i64 = 7;
const YEAR: i64 = 365;
/// A reply over this size is followed by half the span; the service packs it, so that is a fifth of it on the wire.
const LARGE: usize = 8 << 20;
/// About so many mails of an older stretch are read anew at once.
const PART: i64 = 500;
/// Of so many of the newest mails it is known whether they stand.
const WATCHED: usize = 20_000;
/// Up to so many may go from a stretch at once, whatever part of it they are.
const FEW: usize = 20;

impl Days {
    /// The days that are asked for next.
    fn window(&self) -> (i64, i64) {
        if let Some(stretch) = self.stretches.get(self.place()).filter(|_| self.older) {
            let days = stretch.until - stretch.from;
            let mails = i64::try_from(stretch.ids.len()).unwrap_or(i64::MAX);
            let step = if mails <= PART { days } else { (days * PART / mails).max(1) };
            return (stretch.from, stretch.from + step);
        }
        let (from, span) = (self.from.max(FIRST), if self.span == 0 { YEAR } else { self.span });
        let over = self.today - LATE;
        // What has been over for so long is read once more and closed; the rest is open.
        let until = if self.today == 0 {
            from + span
        } else if from + LATE <= over {
            (from + span).min(over)
        } else {
            from + YEAR
        };
        (from, until)
    }

    /// Which of the older stretches is next; none of them holds anything that could go where it is none.
    fn place(&self) -> usize {
        let holds = |from: i64| move |s: &Stretch| s.from >= from && !s.ids.is_empty();
        let here = self.stretches.iter().position(holds(self.anew));
        here.or_else(|| self.stretches.iter().position(holds(0))).unwrap_or(usize::MAX)
    }

    /// Forgets the oldest of too many.
    fn watch(&mut self) {
        let mut mails = self.open.len() + self.stretches.iter().map(|s| s.ids.len()).sum::<usize>();
        while mails > WATCHED && !self.stretches.is_empty() {
            mails -= self.stretches.remove(0).ids.len();
        }
        // Stretches without a mail are one.
        self.stretches.dedup_by(|next, before| {
            let both = next.ids.is_empty() && before.ids.is_empty() && before.until == next.from;
            if both {
                before.until = next.until;
            }
            both
        });
    }
}

/// A cursor that remembers no day is an older program's: all is read again, and what is known is known.
fn kept(at: At<'_>) -> Days {
    let kept: Days = state(at.cursor);
    if kept.today == 0 { Days::default() } else { kept }
}

pub(super) fn next(place: &Place, at: At<'_>) -> Ask {
    let at = kept(at);
    let (from, until) = at.window();
    let list = place.base.rsplit('/').next().unwrap_or("list");
    let url = format!("{}/export/{list}-{from}.mbox.gz?start={}&end={}", place.base, day(from), day(until));
    Ask { accept: "*/*", ..Ask::get(url, "") }
}

pub(super) fn turn(at: At<'_>, reply: &Reply) -> Result<Turn, String> {
    let mut at = kept(at);
    let now = reply
        .header("date")
        .and_then(super::super::manners::http_date)
        .ok_or("it does not say what day it is")?;
    let (from, until) = at.window();
    at.today = now.millis().div_euclid(86_400_000);
    let shown = shown(&reply.body);
    let here: BTreeSet<&String> = shown.iter().flatten().collect();
    let (mut gone, mut end) = (Vec::new(), true);
    if at.older {
        let place = at.place();
        if let Some(stretch) = at.stretches.get(place).cloned() {
            let rest: Vec<String> = stretch.ids.into_iter().filter(|id| !here.contains(id)).collect();
            let part = Stretch { from, until, ids: shown.clone().unwrap_or_default() };
            if until < stretch.until {
                // What the first part did not show stands in the rest, or is missed there.
                at.stretches[place] = Stretch { from: until, until: stretch.until, ids: rest };
                at.stretches.insert(place, part);
            } else {
                at.stretches[place] = part;
                gone = missed(rest, &mut at.stretches[place].ids, shown.is_some());
            }
        }
        (at.older, at.anew) = (false, until);
    } else if until <= at.today - LATE {
        at.open.retain(|id| !here.contains(id));
        at.stretches.push(Stretch { from, until, ids: shown.clone().unwrap_or_default() });
        at.from = until;
        let span = if at.span == 0 { YEAR } else { at.span };
        at.span = if reply.body.len() > LARGE { (span / 2).max(1) } else { (span * 2).min(YEAR) };
        at.progress.done += 1;
        at.progress.about =
            Some(at.progress.done + u64::try_from((at.today - at.from).max(0) / at.span).unwrap_or(0));
        end = false;
    } else {
        let rest: Vec<String> = at.open.drain(..).filter(|id| !here.contains(id)).collect();
        at.open = shown.clone().unwrap_or_default();
        gone = missed(rest, &mut at.open, shown.is_some());
        at.from = from;
        at.progress.about = Some(at.progress.done);
        // Whoever was away for a year is not at its end yet.
        at.older = until > at.today && at.place() < at.stretches.len();
        end = until > at.today && !at.older;
    }
    at.watch();
    let gone = gone.into_iter().map(|id| Key::new(format!("msg/{id}"))).collect();
    let item = Some("live/days.mbox".to_owned());
    Ok(Turn { cursor: value(&at), item, gone, end, progress: at.progress, ..Turn::default() })
}

/// What was taken out, of what was not shown again. More than half of it at once is none of that: then it stays watched, and
/// so it does where the reply could not be read to its end.
fn missed(rest: Vec<String>, stands: &mut Vec<String>, whole: bool) -> Vec<String> {
    if whole && (rest.len() <= FEW || rest.len() * 2 <= rest.len() + stands.len()) {
        return rest;
    }
    stands.extend(rest);
    Vec::new()
}

/// The ids of the mails of an export, as its reader takes them; none when it broke off.
fn shown(body: &[u8]) -> Option<Vec<String>> {
    let mut reader = Mbox.reader("list");
    let mut gathered = Gathered::default();
    let item = Item { name: "live/days.mbox".to_owned() };
    let read = if body.starts_with(&[0x1f, 0x8b]) {
        let unpacked = MultiGzDecoder::new(body).take(super::super::drive::UNPACKED);
        reader.read(&item, &mut BufReader::new(unpacked), &mut gathered)
    } else {
        let mut body = body;
        reader.read(&item, &mut body, &mut gathered)
    };
    read.ok()?;
    let said = gathered.records.iter().flat_map(|record| &record.activities);
    Some(said.filter_map(|a| Some(a.key.as_str().strip_prefix("msg/")?.to_owned())).collect())
}

fn day(days: i64) -> String {
    Time::from_seconds(days * 86_400).map_or_else(String::new, |at| at.to_string().chars().take(10).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(n: std::ops::Range<u32>) -> Vec<String> {
        n.map(|n| format!("{n}@x")).collect()
    }

    #[test]
    fn days_are_over_a_week_later_and_long_stretches_are_read_in_parts() {
        assert_eq!(day(FIRST), "1990-01-01");
        let at = |from, span, today| Days { from, span, today, ..Days::default() }.window();
        assert_eq!(at(0, 0, 0), (FIRST, FIRST + YEAR));
        assert_eq!(at(20_000, 90, 20_100), (20_000, 20_090), "by its span");
        assert_eq!(at(20_090, 90, 20_100), (20_090, 20_090 + YEAR), "open");
        assert_eq!(at(20_086, 90, 20_100), (20_086, 20_093), "closed: all but the last week");
        let stretch = |from, until, n| Stretch { from, until, ids: ids(0..n) };
        let mut days = Days { today: 20_100, older: true, ..Days::default() };
        days.stretches =
            vec![stretch(9_000, 9_365, 0), stretch(9_365, 9_730, 500), stretch(9_730, 9_930, 1_000)];
        assert_eq!(days.window(), (9_365, 9_730), "nothing can go where nothing is");
        days.anew = 9_730;
        assert_eq!(days.window(), (9_730, 9_830));
        days.anew = 9_931;
        assert_eq!(days.window(), (9_365, 9_730), "around");
    }

    #[test]
    fn what_goes_is_deleted_unless_more_than_half_goes_at_once() {
        let mut stands = ids(0..40);
        assert_eq!(missed(ids(40..60), &mut stands, true).len(), 20);
        assert_eq!(missed(ids(40..61), &mut ids(0..10), true), Vec::<String>::new(), "tidied");
        assert_eq!(missed(ids(40..41), &mut stands, false), Vec::<String>::new(), "not to its end");
        assert_eq!(stands.len(), 41, "it stays watched");
    }

    #[test]
    fn the_newest_are_watched() {
        let mut days = Days { open: ids(0..10), ..Days::default() };
        for n in 0..5 {
            days.stretches.push(Stretch { from: n, until: n + 1, ids: ids(0..6_000) });
        }
        days.stretches.extend([5, 6].map(|n| Stretch { from: n, until: n + 1, ids: Vec::new() }));
        days.watch();
        let left: Vec<(i64, i64)> = days.stretches.iter().map(|s| (s.from, s.until)).collect();
        assert_eq!(left, [(2, 3), (3, 4), (4, 5), (5, 7)]);
    }
}
