//! `gaps`: topics whose needs stay unmet more than chance explains, that are asked again though an answer exists, or that
//! rise outside the product; and which department each concerns.

use std::collections::{BTreeSet, HashMap};

use clap::Args;
use rapport_insight::gaps::{Ask, Excess, PEOPLE_LEAST, excess};
use rapport_insight::stats::quantile;
use rapport_model::{NeedKind, NeedState, Scope};
use rapport_practice::routing::{Asked, GapKind, gap};
use rapport_practice::words::Words;
use serde::Serialize;

use super::add::parsed;
use super::org::force::{InForce, in_force};
use super::topics::sight::{Placed, Sight, see, usual_kind};
use super::{Answer, Desk, Verb, trends};
use crate::fault::Fault;
use crate::page::{bold, count, dim, line, moment, span};

pub(crate) const VERB: Verb = Verb {
    name: "gaps",
    about: "Where needs stay unmet beyond chance, with evidence and the department each concerns",
    example: "rapport gaps\nrapport gaps --kind docs",
    args: Gaps::augment_args,
    call: |desk, matches| call(desk, &parsed(matches)?),
};

/// Arguments of `gaps`.
#[derive(Args)]
struct Gaps {
    /// Only this kind: product, docs, support or market
    #[arg(long, value_parser = ["product", "docs", "support", "market"])]
    kind: Option<String>,
}

#[derive(Serialize)]
pub(crate) struct Row {
    pub(crate) id: u32,
    pub(crate) label: String,
    /// `product`, `docs`, `support` or `market`.
    pub(crate) kind: &'static str,
    need: String,
    /// Distinct people it happened to.
    pub(crate) people: u64,
    /// Distinct people who asked in this topic.
    of: u64,
    messages: u64,
    threads: usize,
    /// How long those who wait have waited, at the median.
    waiting_s: Option<f64>,
    rate_ratio: f64,
    low: f64,
    high: f64,
    q: f64,
    /// As the organisation calls it.
    pub(crate) department: String,
    pub(crate) why: String,
    pub(crate) evidence: Vec<String>,
    /// The threads it is seen in.
    #[serde(skip)]
    pub(crate) members: Vec<i64>,
}

const DAY: i64 = 86_400_000;
/// Unmet: nobody answered although there was time, or it was closed without an answer.
fn unmet(placed: &Placed) -> bool {
    matches!(placed.ask.state, NeedState::Waiting | NeedState::Declined | NeedState::Stale)
}

fn call(desk: &Desk, args: &Gaps) -> Result<Answer, Fault> {
    let house = in_force(desk)?;
    let sight = see(desk)?;
    let mut rows = found(desk, &sight)?;
    rows.retain(|r| args.kind.as_ref().is_none_or(|k| r.kind == k));
    desk.answer(&rows, || text(desk, &house, &sight, &rows))
}

/// Every gap, the one that most people meet first.
pub(crate) fn found(desk: &Desk, sight: &Sight) -> Result<Vec<Row>, Fault> {
    let promised = desk.config()?.answers.within_working_days;
    let house = in_force(desk)?;
    // What was asked a moment ago waits for nobody's failure.
    #[allow(clippy::cast_possible_truncation)] // days of a promise
    let had_time = desk.now.plus_millis(-(promised * DAY as f64) as i64);
    let mut rows = Vec::new();
    let ours: Vec<&Placed> =
        sight.asks.iter().filter(|p| p.ask.scope == Scope::Product && p.ask.opened_at <= had_time).collect();
    let asks = |hit: &dyn Fn(usize, &Placed) -> bool| -> Vec<Ask> {
        let placed = ours
            .iter()
            .enumerate()
            .filter_map(|(n, p)| Some(Ask { topic: p.topic?, person: p.person(), hit: hit(n, p) }));
        placed.collect()
    };
    for (topic, found) in excess(&asks(&|_, p| unmet(p))) {
        if found.speaks() {
            let members: Vec<&Placed> =
                ours.iter().copied().filter(|p| p.topic == Some(topic) && unmet(p)).collect();
            let silent = members.iter().filter(|p| p.ask.responded_at.is_none()).count() * 2 > members.len();
            let asked = usual_kind(members.iter().map(|p| p.ask.kind.as_str()));
            let kind = match asked.as_str() {
                "bug" | "feature" | "friction" => GapKind::Product,
                _ if silent => GapKind::Support,
                _ => GapKind::Product,
            };
            let why = format!(
                "{} of {} people stay without an answer, {} elsewhere",
                found.people,
                found.of,
                share(&found)
            );
            rows.push(row(desk, &house, sight, topic, kind, &found, &members, &why));
        }
    }
    let again = asked_again(&sight.asks, &ours);
    for (topic, found) in excess(&asks(&|n, _| again.contains(&n))) {
        if found.people >= PEOPLE_LEAST && found.speaks() {
            let members: Vec<&Placed> = (0..ours.len())
                .filter(|n| again.contains(n))
                .map(|n| ours[n])
                .filter(|p| p.topic == Some(topic))
                .collect();
            let why = format!("{} people asked again what was answered before", found.people);
            rows.push(row(desk, &house, sight, topic, GapKind::Docs, &found, &members, &why));
        }
    }
    let group = |p: &Placed| p.topic.map(|t| t.to_string());
    for (name, members, _, trend) in
        trends::judged(desk.now, &sight.asks, group, |p| p.ask.scope == Scope::Market)
    {
        let (Ok(topic), Some(ratio), Some(q)) = (name.parse::<u32>(), trend.rate_ratio, trend.q) else {
            continue;
        };
        if trend.direction.more() {
            let people = members.iter().map(|p| p.person()).collect::<BTreeSet<_>>().len() as u64;
            let found = Excess { people: trend.recent, of: people, ratio, q };
            let why = format!(
                "outside the product {} people asked in four weeks, {:.0} were expected",
                trend.recent, trend.expected
            );
            rows.push(row(desk, &house, sight, topic, GapKind::Market, &found, &members, &why));
        }
    }
    if rows.iter().any(|r| r.kind == "docs") {
        let lacking = super::docs::reasons(desk, &desk.reading()?, &desk.config()?, sight)?;
        for row in rows.iter_mut().filter(|r| r.kind == "docs") {
            row.why.extend(lacking.get(&row.id).into_iter().flatten().map(|reason| format!("; {reason}")));
        }
    }
    rows.sort_by(|a, b| b.people.cmp(&a.people).then(a.id.cmp(&b.id)).then(a.kind.cmp(b.kind)));
    Ok(rows)
}

fn share(found: &Excess) -> String {
    #[allow(clippy::cast_precision_loss)] // people
    let here = found.people as f64 / found.of.max(1) as f64;
    format!("{:.0} %", here / found.ratio.0 * 100.0)
}

/// Which of the threads (by place) ask what somebody else had asked and got answered in the same topic before.
fn asked_again(all: &[Placed], ours: &[&Placed]) -> BTreeSet<usize> {
    let at: HashMap<i64, &Placed> = all.iter().map(|p| (p.ask.thread, p)).collect();
    let known = |placed: &Placed, earlier: &Placed| {
        matches!(earlier.ask.state, NeedState::Answered | NeedState::Met)
            && earlier.ask.responded_at.is_some_and(|at| at < placed.ask.opened_at)
            && earlier.ask.scope == Scope::Product
            && earlier.person() != placed.person()
            && earlier.topic == placed.topic
    };
    (0..ours.len())
        .filter(|n| {
            ours[*n].earlier().iter().filter_map(|t| at.get(t)).any(|earlier| known(ours[*n], earlier))
        })
        .collect()
}

#[allow(clippy::too_many_arguments)] // one row, from all that it shows
fn row(
    desk: &Desk,
    house: &InForce,
    sight: &Sight,
    topic: u32,
    kind: GapKind,
    found: &Excess,
    members: &[&Placed],
    why: &str,
) -> Row {
    let of = |wanted: &str| members.iter().filter(|p| p.ask.kind.as_str() == wanted).count() as u64;
    let need = usual_kind(members.iter().map(|p| p.ask.kind.as_str()));
    let said: Vec<String> = members.iter().map(|p| p.title()).collect();
    let words = Words::new(&format!("{}, {}", sight.label(topic), said.join(", ")));
    let asked_kind = NeedKind::named(&need);
    let scope = if kind == GapKind::Market { Scope::Market } else { Scope::Product };
    let asked = Asked { words: &words, kind: &asked_kind, scope };
    let routed = gap(&house.org, &house.preset, kind, (of("bug"), of("feature")), asked);
    let (department, reason) = (house.org.called(routed.department.as_str()), routed.because);
    let mut waits: Vec<f64> = members
        .iter()
        .filter(|p| p.ask.state == NeedState::Waiting)
        .map(|p| desk.now.seconds_since(p.ask.opened_at))
        .collect();
    waits.sort_by(f64::total_cmp);
    let to = |n: f64, places: f64| (n * places).round() / places;
    Row {
        id: topic,
        label: sight.label(topic).to_owned(),
        kind: kind.as_str(),
        need,
        people: found.people,
        of: found.of,
        messages: members.iter().map(|p| u64::from(p.ask.messages)).sum(),
        threads: members.len(),
        waiting_s: quantile(&waits, 0.5),
        rate_ratio: to(found.ratio.0, 100.0),
        low: to(found.ratio.1, 100.0),
        high: to(found.ratio.2, 100.0),
        q: to(found.q, 10_000.0),
        why: format!("{why}; to {department}, because {reason}"),
        department: routed.department.to_string(),
        evidence: members.iter().filter_map(|p| p.ask.url.clone()).collect(),
        members: members.iter().map(|p| p.ask.thread).collect(),
    }
}

/// Silence is an answer, and says what it means.
const NONE: &str = "In each topic, needs that stay unmet were compared with all other topics: none differs more than chance allows.\n\
                    What keeps coming back all the same is listed by `topics`, who waits by `needs`.\n";

fn text(desk: &Desk, house: &InForce, sight: &Sight, rows: &[Row]) -> String {
    let head =
        if rows.is_empty() { "No gap beyond chance".to_owned() } else { count(rows.len(), "gap", "gaps") };
    let mut out = format!("{}   {}\n\n", bold(&head), dim(&format!("as of {}", moment(desk.now))));
    if rows.is_empty() {
        out.push_str(NONE);
    }
    for r in rows {
        let waited = r.waiting_s.map_or_else(String::new, |s| format!(", waiting {} at the median", span(s)));
        out.push_str(&format!(
            "{:>4}  {:<8} {}  {}\n",
            r.id,
            r.kind,
            bold(&line(&r.label, 60)),
            dim(&format!(
                "{} in {}{waited}; x {} ({} to {})",
                count(usize::try_from(r.people).unwrap_or(0), "person", "people"),
                count(r.threads, "thread", "threads"),
                r.rate_ratio,
                r.low,
                r.high
            ))
        ));
        out.push_str(&dim(&format!("               {}\n", line(&r.why, 140))));
        for url in r.evidence.iter().take(3) {
            out.push_str(&dim(&format!("               {url}\n")));
        }
    }
    // Without an organisation the usual departments are meant, which goes without saying.
    let house = house.note().filter(|_| !house.form.is_empty());
    for note in sight.note.iter().chain(&house) {
        out.push_str(&format!("\n{note}\n"));
    }
    let p = desk.program();
    out.push_str(&dim(&format!(
        "\nnext: {p} topics show TOPIC \u{b7} {p} feedback new --gap TOPIC \u{b7} {p} needs\n"
    )));
    out
}
