//! `needs`: the people who wait, why the program thinks so, and how long.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use clap::Args;
use rapport_insight::same;
use rapport_insight::threads::judge_by;
use rapport_model::{NeedState, Time};
use rapport_store::{Choice, Store, ThreadRow};
use serde::Serialize;

use super::add::parsed;
use super::{Answer, Desk, Verb, learned, similar};
use crate::config::Config;
use crate::fault::Fault;
use crate::page::{bold, count, dim, line, moment, span, tinted};

pub(crate) const VERB: Verb = Verb {
    name: "needs",
    about: "The people who wait for an answer, the most urgent first",
    example: "rapport needs\nrapport needs --all --json",
    args: Needs::augment_args,
    call: |desk, matches| needs(desk, &parsed(matches)?),
};

/// Arguments of `needs`.
#[derive(Args)]
struct Needs {
    /// Every thread that asked for something, with its state
    #[arg(long)]
    all: bool,
    /// Only this source
    #[arg(long)]
    source: Option<String>,
    /// Only this kind: question, bug, feature, docs, friction, other
    #[arg(long)]
    kind: Option<String>,
    /// Only this state (with --all): waiting, answered, met, declined, stale
    #[arg(long)]
    state: Option<String>,
    /// Also what is snoozed
    #[arg(long)]
    snoozed: bool,
    /// How many cards to print
    #[arg(long, default_value_t = 20)]
    top: usize,
}

/// One need.
#[derive(Clone, Serialize)]
pub(crate) struct Need {
    pub(crate) thread: i64,
    pub(crate) source: String,
    pub(crate) title: String,
    pub(crate) url: Option<String>,
    pub(crate) kind: String,
    pub(crate) kind_why: String,
    pub(crate) state: NeedState,
    pub(crate) opened_at: Time,
    pub(crate) waiting_since: Option<Time>,
    pub(crate) asker: Option<String>,
    /// Distinct people who want it: the asker, those who said they have it too, and the askers of its copies.
    pub(crate) people: u32,
    pub(crate) why: String,
    pub(crate) score: f64,
    pub(crate) same_as: Vec<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) claimed_by: Option<String>,
    /// A copy that another card stands for.
    pub(crate) folded: bool,
    #[serde(skip)]
    opener: Option<i64>,
    #[serde(skip)]
    snoozed_until: Option<Time>,
    #[serde(skip)]
    sketch: Vec<u32>,
    #[serde(skip)]
    pub(crate) responded_at: Option<Time>,
    /// Answered threads that asked much the same; told for the first cards only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) answered_before: Option<usize>,
}

/// For how many cards answered threads like them are looked for: it costs a little for each.
const MENTIONED_CARDS: usize = 20;
const DAY: i64 = 86_400_000;

/// Every need as it stood at the desk's moment: copies folded, people's choices applied. In order of thread.
pub(crate) fn all(
    desk: &Desk,
    store: &Store,
    config: &Config,
    waiting_only: bool,
) -> Result<Vec<Need>, Fault> {
    // When "now" is given, threads that went on after it have to be judged as they were then.
    let stale_after = i64::from(config.answers.stale_after_days) * DAY;
    let asks = if waiting_only {
        store.waiting(desk.now.plus_millis(-stale_after), desk.now)?
    } else {
        store.asks(desk.now)?
    };
    let mut rows: BTreeMap<i64, ThreadRow> = asks.into_iter().map(|row| (row.id, row)).collect();
    if desk.fixed {
        let learned = learned(store)?;
        for mut row in store.moved_after(desk.now)? {
            let then = judge_by(&store.history(row.id, Some(desk.now))?, &learned);
            row.state = then.state;
            row.because = then.because;
            row.need = then.need;
            row.waiting_since = then.waiting_since;
            row.reach = then.reach;
            row.responded_at = then.first_response.map(|(_, at, _)| at);
            rows.insert(row.id, row);
        }
    }
    let choices = store.choices()?;
    let mut needs: Vec<Need> = rows.into_values().filter_map(need).collect();
    for need in &mut needs {
        if need.state == NeedState::Waiting
            && need.waiting_since.is_some_and(|since| desk.now.millis() - since.millis() > stale_after)
        {
            need.state = NeedState::Stale;
            need.why = format!("{}; that was over {} days ago", need.why, config.answers.stale_after_days);
        }
        apply(need, &choices, desk.now);
    }
    fold(store, &mut needs)?;
    for need in &mut needs {
        #[allow(clippy::cast_precision_loss)] // hours of a calendar
        let hours = need.waiting_since.map_or(0.0, |s| (desk.now.millis() - s.millis()) as f64 / 3_600_000.0);
        let waits = need.state == NeedState::Waiting && !need.folded;
        need.score = if waits { (hours * f64::from(need.people) * 10.0).round() / 10.0 } else { 0.0 };
    }
    needs.retain(|n| !waiting_only || n.state == NeedState::Waiting && !n.folded);
    Ok(needs)
}

fn need(row: ThreadRow) -> Option<Need> {
    Some(Need {
        thread: row.id,
        kind: row.need?.as_str().to_owned(),
        kind_why: row.need_because,
        source: row.source,
        title: row.title,
        url: row.url,
        state: row.state,
        opened_at: row.opened_at,
        waiting_since: row.waiting_since,
        asker: row.asker,
        people: 1 + row.reach,
        why: row.because,
        score: 0.0,
        same_as: Vec::new(),
        claimed_by: None,
        folded: false,
        opener: row.opener,
        snoozed_until: None,
        sketch: row.sketch,
        responded_at: row.responded_at,
        answered_before: None,
    })
}

fn apply(need: &mut Need, choices: &[Choice], now: Time) {
    let first = choices.partition_point(|c| c.thread < need.thread);
    for choice in choices[first..].iter().take_while(|c| c.thread == need.thread).filter(|c| c.at <= now) {
        match choice.what.as_str() {
            "claim" => need.claimed_by = Some(choice.who.clone()),
            "snooze" => need.snoozed_until = choice.until.filter(|until| *until > now),
            "met" => {
                need.state = NeedState::Met;
                need.why = match &choice.note {
                    Some(note) => format!("{} marked it as met: {note}", choice.who),
                    None => format!("{} marked it as met", choice.who),
                };
            }
            _ => {}
        }
    }
}

/// The other half of a pair.
struct Twin {
    id: i64,
    source: String,
    state: NeedState,
    because: String,
}

/// Copies of one question in several places become one card: the earliest carries the others. A copy that was
/// answered answers the rest.
fn fold(store: &Store, needs: &mut [Need]) -> Result<(), Fault> {
    let mut waiting: Vec<usize> = (0..needs.len())
        .filter(|n| needs[*n].state == NeedState::Waiting && !needs[*n].sketch.is_empty())
        .collect();
    let (Some(first), Some(last)) = (
        waiting.iter().map(|n| needs[*n].opened_at).min(),
        waiting.iter().map(|n| needs[*n].opened_at).max(),
    ) else {
        return Ok(());
    };
    let window = same::FOLD_DAYS * DAY;
    // In order of time, so that of each band only what lies within the window is looked at.
    waiting.sort_by_key(|n| (needs[*n].opened_at, needs[*n].thread));
    let ids: HashMap<String, i64> = store.source_names()?.into_iter().map(|(id, name)| (name, id)).collect();
    let asked: Vec<(i64, i64)> = waiting
        .iter()
        .map(|n| (needs[*n].opened_at.millis(), ids.get(&needs[*n].source).copied().unwrap_or(-1)))
        .collect();
    // Two equal parts in the same place make a candidate pair: at a likeness of one half 99 % of pairs have one.
    let mut bands: HashMap<(usize, u32, u32), Vec<usize>> = HashMap::new();
    for (at, n) in waiting.iter().enumerate() {
        for (band, pair) in needs[*n].sketch.chunks_exact(2).enumerate() {
            bands.entry((band, pair[0], pair[1])).or_default().push(at);
        }
    }
    let mut candidates: BTreeSet<(usize, i64)> = BTreeSet::new();
    // Which thread each need was last compared with: a pair that shares many bands is compared once.
    let mut compared: Vec<i64> = vec![0; waiting.len()];
    for other in store.sketches(first.plus_millis(-window), last.plus_millis(window + 1))? {
        let opened = other.opened_at.millis();
        for (band, pair) in other.sketch.chunks_exact(2).enumerate() {
            let Some(bucket) = bands.get(&(band, pair[0], pair[1])) else { continue };
            let from = bucket.partition_point(|at| asked[*at].0 < opened - window);
            for at in bucket[from..].iter().take_while(|at| asked[**at].0 <= opened + window) {
                // Two alike in one place are two questions there, not one asked in two places.
                if asked[*at].1 == other.source || compared[*at] == other.thread {
                    continue;
                }
                compared[*at] = other.thread;
                if same::alike(&needs[waiting[*at]].sketch, &other.sketch) >= same::FOLD_FROM {
                    candidates.insert((waiting[*at], other.thread));
                }
            }
        }
    }
    let by_id: HashMap<i64, usize> = needs.iter().enumerate().map(|(n, need)| (need.thread, n)).collect();
    let mut pairs: Vec<(usize, Twin)> = Vec::new();
    for (n, other) in candidates {
        // What is in the list already is not fetched again.
        let twin = match by_id.get(&other).map(|m| &needs[*m]) {
            Some(t) => {
                Some(Twin { id: other, source: t.source.clone(), state: t.state, because: String::new() })
            }
            None => store.thread(other)?.map(|row| Twin {
                id: row.id,
                source: row.source,
                state: row.state,
                because: row.because,
            }),
        };
        pairs.extend(twin.map(|twin| (n, twin)));
    }
    for (n, row) in pairs {
        let other = row.id;
        needs[n].same_as.push(other);
        match by_id.get(&other).map(|m| &needs[*m]) {
            Some(twin) if twin.state == NeedState::Waiting => {
                let (mine, its) = ((needs[n].opened_at, needs[n].thread), (twin.opened_at, twin.thread));
                let (asker, twins) = (needs[n].opener, twin.opener);
                if its < mine {
                    needs[n].folded = true;
                    needs[n].why = format!("the same as {} in {}, which stands for both", other, row.source);
                } else if asker != twins {
                    needs[n].people += 1;
                    needs[n].why = format!("{}; asked again in {} (folded in)", needs[n].why, row.source);
                } else {
                    needs[n].why = format!("{}; also asked in {} (folded in)", needs[n].why, row.source);
                }
            }
            Some(twin) => {
                let (state, why) = (
                    twin.state,
                    format!("its copy in {} is {}: {}", row.source, twin.state.as_str(), twin.why),
                );
                if matches!(state, NeedState::Answered | NeedState::Met) {
                    needs[n].state = state;
                    needs[n].why = why;
                    needs[n].waiting_since = None;
                }
            }
            None if matches!(row.state, NeedState::Answered | NeedState::Met) => {
                needs[n].state = row.state;
                needs[n].why =
                    format!("its copy in {} is {}: {}", row.source, row.state.as_str(), row.because);
                needs[n].waiting_since = None;
            }
            None => {}
        }
    }
    Ok(())
}

fn needs(desk: &Desk, args: &Needs) -> Result<Answer, Fault> {
    let config = desk.config()?;
    let store = desk.reading()?;
    let state = match &args.state {
        Some(word) => Some(NeedState::from_word(word).ok_or_else(|| {
            Fault::usage(format!("'{word}' is no state")).hint("waiting, answered, met, declined, stale")
        })?),
        None => None,
    };
    if let Some(wanted) = &args.source
        && store.source_id(wanted)?.is_none()
    {
        return Err(
            Fault::usage(format!("there is no source '{wanted}'")).hint("rapport sources  lists them")
        );
    }
    let every = args.all || state.is_some();
    let mut list = all(desk, &store, &config, !every)?;
    if let Some(kind) = &args.kind {
        known_kind(kind, &list)?;
    }
    let snoozed = list.iter().filter(|n| n.snoozed_until.is_some() && n.state == NeedState::Waiting).count();
    list.retain(|n| {
        (args.snoozed || every || n.snoozed_until.is_none())
            && args.source.as_ref().is_none_or(|s| n.source == *s)
            && args.kind.as_ref().is_none_or(|k| n.kind == *k)
            && state.is_none_or(|s| n.state == s)
    });
    list.sort_by(|a, b| {
        b.score.total_cmp(&a.score).then(b.opened_at.cmp(&a.opened_at)).then(a.thread.cmp(&b.thread))
    });
    let first = list.iter().take(args.top.min(MENTIONED_CARDS)).filter(|n| n.state == NeedState::Waiting);
    let first: Vec<i64> = first.map(|n| n.thread).collect();
    let before = similar::answered_before(&store, &first, desk.now)?;
    for need in list.iter_mut().take(args.top) {
        need.answered_before = before.get(&need.thread).copied();
    }
    desk.answer(&list, || text(desk, args, &list, every, snoozed))
}

/// Kinds are an open set: a word that no thread carries and no rule knows is a slip.
fn known_kind(kind: &str, list: &[Need]) -> Result<(), Fault> {
    const USUAL: [&str; 6] = ["bug", "feature", "question", "docs", "friction", "other"];
    if USUAL.contains(&kind) || list.iter().any(|n| n.kind == kind) {
        return Ok(());
    }
    Err(Fault::usage(format!("no need is a '{kind}'")).hint(format!("kinds are {}", USUAL.join(", "))))
}

/// The cards of those who wait, as text.
pub(super) fn cards(desk: &Desk) -> Result<String, Fault> {
    let args = Needs { all: false, source: None, kind: None, state: None, snoozed: false, top: 20 };
    let quiet =
        Desk { folder: desk.folder.clone(), json: false, now: desk.now, fixed: desk.fixed, role: desk.role };
    Ok(needs(&quiet, &args)?.text)
}

fn text(desk: &Desk, args: &Needs, list: &[Need], every: bool, snoozed: usize) -> String {
    let as_of = dim(&format!("as of {}", moment(desk.now)));
    let waiting: Vec<&Need> = list.iter().filter(|n| n.state == NeedState::Waiting && !n.folded).collect();
    let mut out = if waiting.is_empty() {
        format!("{}   {as_of}\n", bold("Nobody is waiting."))
    } else {
        let sources: BTreeSet<&str> = waiting.iter().map(|n| n.source.as_str()).collect();
        let longest = waiting.iter().filter_map(|n| n.waiting_since).min().unwrap_or(desk.now);
        // Somebody whose account is gone is a person of their own.
        let gone = waiting.iter().filter(|n| n.opener.is_none()).count();
        let people = gone + waiting.iter().filter_map(|n| n.opener).collect::<BTreeSet<_>>().len();
        let verb = if people == 1 { "waits" } else { "wait" };
        let head = format!(
            "{} {verb} in {}, the longest for {}",
            count(people, "person", "people"),
            count(sources.len(), "source", "sources"),
            span(desk.now.seconds_since(longest))
        );
        format!("{}   {as_of}\n", bold(&head))
    };
    out.push('\n');
    for need in list.iter().take(args.top) {
        let age = match need.waiting_since {
            Some(since) if need.state == NeedState::Waiting => span(desk.now.seconds_since(since)),
            _ => need.state.as_str().to_owned(),
        };
        let source = line(&need.source, 24);
        out.push_str(&format!(
            "{:>5}  {age:>9}  {}  {source:<24}  {}\n",
            need.thread,
            tinted(&need.kind),
            bold(&line(&need.title, 90))
        ));
        let mut why = need.why.clone();
        if let Some(who) = &need.claimed_by {
            why = format!("claimed by {who}; {why}");
        }
        out.push_str(&dim(&format!("{:51}{}\n", "", line(&why, 110))));
        if let Some(n) = need.answered_before {
            let many = if n >= similar::MENTIONED { format!("{n} or more") } else { n.to_string() };
            let threads = if n == 1 { "thread" } else { "threads" };
            let before = format!("answered before in {many} {threads}: rapport similar {}", need.thread);
            out.push_str(&dim(&format!("{:51}{before}\n", "")));
        }
    }
    if list.len() > args.top {
        out.push_str(&format!(
            "\n  and {} more: {} needs --top {}\n",
            list.len() - args.top,
            desk.program(),
            list.len()
        ));
    }
    if snoozed > 0 && !args.snoozed && !every {
        out.push_str(&format!("\n  {snoozed} snoozed: rapport needs --snoozed\n"));
    }
    if let Some(first) = list.first() {
        let t = first.thread;
        out.push_str(&dim(&format!(
            "\nnext: {r} thread {t} \u{b7} {r} claim {t} \u{b7} {r} met {t}\n",
            r = desk.program()
        )));
    }
    out
}

impl Need {
    /// The asker: the person.
    pub(crate) fn opener(&self) -> Option<i64> {
        self.opener
    }
}
