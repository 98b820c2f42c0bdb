//! `people link`: which identities are one person, on evidence that holds; what falls short is kept as a suggestion.
//!
//! Runs after every read over what is new only; `people link` weighs everything again and takes back what the program
//! itself had linked and would not link today. What people said is never touched.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use clap::Args;
use rapport_insight::people::behaviour::{LEAST, Message, behaviour};
use rapport_insight::people::{Identity, Known, Link, Maybe, Options, link as weigh};
use rapport_insight::same;
use rapport_model::ledger::{Union, Word, persons};
use rapport_model::{Ledger, MemberKind, Time, ToSay};
use rapport_store::{IdentityRow, Store};
use serde::Serialize;

use crate::config::Config;
use crate::desk::{Answer, Desk, learned, with_judge};
use crate::fault::Fault;
use crate::page::{count, dim};

/// Arguments of `people link`.
#[derive(Args)]
pub(super) struct LinkAgain {}

/// What came of it.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Linked {
    /// Identities weighed against all others.
    pub(crate) weighed: usize,
    /// Links made.
    pub(crate) linked: usize,
    /// Links of the program's own taken back.
    pub(crate) taken_back: usize,
    /// Suggestions left for a person.
    pub(crate) suggested: usize,
    /// Accounts that are taken for programs by the way they write, now.
    pub(crate) bots: u64,
    /// Threads that were judged again.
    pub(crate) threads: u64,
}

/// Messages of an account that are looked at.
const LOOKED_AT: usize = 60;
/// Openings of an account that are compared.
const OPENINGS: usize = 30;
/// The same question in two places within so many days is one asking.
const SAME_WITHIN_MS: i64 = 2 * 86_400_000;
/// How much likelier one person is than two when a question was asked in the same words in two places.
const ASKED_ALIKE: f64 = 200.0;

pub(super) fn again(desk: &Desk) -> Result<Answer, Fault> {
    let config = desk.config()?;
    desk.reading()?; // a folder that is not there is said to be so, not made
    let mut store = desk.writing()?;
    let linked = link(desk, &mut store, &config, true)?;
    desk.answer(&linked, || {
        let mut out = format!(
            "{} weighed: {} made, {} taken back, {} left for a person to say; {} judged again.\n",
            count(linked.weighed, "identity", "identities"),
            count(linked.linked, "link", "links"),
            linked.taken_back,
            count(linked.suggested, "suggestion", "suggestions"),
            count(usize::try_from(linked.threads).unwrap_or(0), "thread", "threads"),
        );
        if !config.people.link {
            out.push_str(
                "Nothing is linked without a person's word: people.link is false in rapport.toml.\n",
            );
        }
        let p = desk.program();
        out.push_str(&dim(&format!("\nnext: {p} people suggest \u{b7} {p} people \u{b7} {p} bots\n")));
        out
    })
}

/// Looks at what is new (at everything with `full`), links, and keeps suggestions.
pub(crate) fn link(desk: &Desk, store: &mut Store, config: &Config, full: bool) -> Result<Linked, Fault> {
    let declared = config.declared();
    let mut done = Linked { bots: look(store, config, full)?, ..Linked::default() };
    let new = store.unweighed()?;
    if new.is_empty() && !full {
        return Ok(done);
    }
    // A program is nobody's second account.
    let mut rows = store.identities()?;
    rows.retain(|row| row.member != MemberKind::Bot);
    let at: BTreeMap<i64, usize> = rows.iter().enumerate().map(|(n, row)| (row.id, n)).collect();
    let ledger = store.ledger()?;
    let identities: Vec<Identity> = rows.iter().map(identity).collect();
    let pair = |a: i64, b: i64| Some((*at.get(&a)?, *at.get(&b)?));
    let known = Known {
        same: ledger
            .links()
            .filter(|(entry, _, _)| !full || !entry.automatic)
            .filter_map(|(_, a, b)| pair(a, b))
            .collect(),
        apart: ledger.apart().filter_map(|(_, a, b)| pair(a, b)).collect(),
        no_evidence: config.people.no_evidence.clone(),
        only: (!full).then(|| new.iter().filter_map(|id| at.get(id).copied()).collect()),
    };
    done.weighed = known.only.as_ref().map_or(rows.len(), BTreeSet::len);
    let options = Options::default();
    let (mut links, maybes) = weigh(&identities, &known, &options);
    let maybes = asked_alike(store, &rows, maybes, &mut links, &options)?;
    let words = if config.people.link { words(&ledger, &rows, &links, full) } else { Vec::new() };
    done.linked = words.iter().filter(|w| w.word == Word::Same).count();
    done.taken_back = words.len() - done.linked;
    if !words.is_empty() {
        let known = learned(store)?;
        let changed = with_judge(&declared, &known, |judge| {
            store.say_of_people(&words, "rapport", true, desk.now, judge)
        })?;
        done.threads = changed.threads;
    }
    let mut found: Vec<(i64, i64, f64, String)> = maybes
        .into_iter()
        .map(|m| (head(&rows, &m.sides[0]), head(&rows, &m.sides[1]), m.confidence, m.because))
        .collect();
    if !config.people.link {
        found.extend(
            links.into_iter().map(|l| (rows[l.pair.0].id, rows[l.pair.1].id, l.confidence, l.because)),
        );
    }
    let found = few(found, options.most);
    done.suggested = found.len();
    store.suggest(&found, (!full).then_some(&new))?;
    store.set_weighed()?;
    Ok(done)
}

/// Looks at the way accounts write, at those nobody has looked at.
fn look(store: &mut Store, config: &Config, full: bool) -> Result<u64, Fault> {
    let mut found = Vec::new();
    for who in store.writers(LEAST, full)? {
        let messages = store.writing(who, LOOKED_AT)?;
        let messages: Vec<Message> =
            messages.into_iter().map(|(after_s, text)| Message { after_s, text }).collect();
        found.push((who, behaviour(&messages)));
    }
    if found.is_empty() {
        return Ok(0);
    }
    let known = learned(store)?;
    Ok(with_judge(&config.declared(), &known, |judge| store.keep_behaviour(&found, judge))?)
}

fn identity(row: &IdentityRow) -> Identity {
    Identity {
        id: row.id.to_string(),
        name: row.who.name.clone(),
        email: row.who.email.clone(),
        place: row.who.place.as_str().to_owned(),
        handle: row.who.handle.clone(),
    }
}

fn head(rows: &[IdentityRow], side: &[usize]) -> i64 {
    side.iter().map(|at| rows[*at].id).min().unwrap_or(0)
}

/// Two who go by one name and asked the same question in two places within two days are one: that is a name and
/// something beside it.
fn asked_alike(
    store: &Store,
    rows: &[IdentityRow],
    maybes: Vec<Maybe>,
    links: &mut Vec<Link>,
    options: &Options,
) -> Result<Vec<Maybe>, Fault> {
    let mut left = Vec::new();
    // What each account asked, read once: a common name stands in many pairs.
    let mut asked: HashMap<i64, Vec<Asked>> = HashMap::new();
    for mut maybe in maybes {
        if !maybe.by_name {
            left.push(maybe);
            continue;
        }
        for at in maybe.sides.iter().flatten() {
            let id = rows[*at].id;
            if let Entry::Vacant(unread) = asked.entry(id) {
                unread.insert(store.openings(&[id], OPENINGS)?);
            }
        }
        let all = |side: &[usize]| -> Vec<&Asked> {
            side.iter().filter_map(|at| asked.get(&rows[*at].id)).flatten().collect()
        };
        let (one, other) = (all(&maybe.sides[0]), all(&maybe.sides[1]));
        let copy = one.iter().find_map(|(at, source, sketch)| {
            other
                .iter()
                .find(|(then, _, words)| {
                    (at.millis() - then.millis()).abs() <= SAME_WITHIN_MS
                        && same::alike(sketch, words) >= same::FOLD_FROM
                })
                .map(|(then, place, _)| ((at.millis() - then.millis()).abs(), source.clone(), place.clone()))
        });
        let Some((apart, source, place)) = copy else {
            left.push(maybe);
            continue;
        };
        let odds = maybe.confidence / (1.0 - maybe.confidence).max(1e-6) * ASKED_ALIKE;
        maybe.confidence = odds / (1.0 + odds);
        #[allow(clippy::cast_precision_loss)] // two days
        let within = crate::page::span(apart as f64 / 1_000.0);
        let reason = maybe.because.split("; a name or a login alone").next().unwrap_or_default().to_owned();
        maybe.because = format!("{reason}; asked the same in {source} and {place}, {within} apart");
        if maybe.confidence >= options.at {
            let pair = (maybe.sides[0][0], maybe.sides[1][0]);
            links.push(Link { pair, confidence: maybe.confidence, because: maybe.because });
        } else {
            left.push(maybe);
        }
    }
    Ok(left)
}

/// When something was asked, in which source, and the fingerprint of its words.
type Asked = (Time, String, Vec<u32>);

/// What the program has to say: links that are new, and its own that it takes back. Nothing that a person said.
fn words(ledger: &Ledger, rows: &[IdentityRow], links: &[Link], full: bool) -> Vec<ToSay> {
    let mut words = Vec::new();
    let found = links.iter().map(|l| (rows[l.pair.0].id, rows[l.pair.1].id));
    let mut holds: Vec<(i64, i64)> = Vec::new();
    if full {
        let said = ledger.links().filter(|(entry, _, _)| !entry.automatic).map(|(_, a, b)| (a, b));
        let now = persons(said.chain(found));
        for (entry, a, b) in ledger.links() {
            if !entry.automatic || now.get(&a).is_some_and(|person| now.get(&b) == Some(person)) {
                holds.push((a, b));
            } else {
                let because = "weighed again, it does not hold any more".to_owned();
                words.push(ToSay { word: Word::Undo(entry.id), a, b: Some(b), confidence: None, because });
            }
        }
    } else {
        holds.extend(ledger.links().map(|(_, a, b)| (a, b)));
    }
    let mut one = Union::default();
    for (a, b) in holds {
        one.join(a, b);
    }
    for link in links {
        let (a, b) = (rows[link.pair.0].id, rows[link.pair.1].id);
        if !one.join(a, b) {
            continue;
        }
        words.push(ToSay {
            word: Word::Same,
            a,
            b: Some(b),
            confidence: Some(link.confidence),
            because: link.because.clone(),
        });
    }
    words
}

/// The likeliest few of each.
fn few(mut found: Vec<(i64, i64, f64, String)>, most: usize) -> Vec<(i64, i64, f64, String)> {
    found.sort_by(|x, y| y.2.total_cmp(&x.2).then((x.0, x.1).cmp(&(y.0, y.1))));
    let mut seen: BTreeMap<i64, usize> = BTreeMap::new();
    found.retain(|(a, b, _, _)| {
        let full = [a, b].iter().any(|id| seen.get(id).is_some_and(|n| *n >= most));
        if !full {
            *seen.entry(*a).or_default() += 1;
            *seen.entry(*b).or_default() += 1;
        }
        !full
    });
    found
}
