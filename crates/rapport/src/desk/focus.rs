//! `focus`: where to specialise. What technologists need, times what the employer wants; what only one side has stands by
//! itself.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use clap::Args;
use rapport_insight::text::clean;
use rapport_insight::text::retrieval::without;
use rapport_insight::text::vectors::{DIMS, Vector, dot, unit, vector};
use rapport_model::{Slug, Time};
use rapport_practice::focus::{Focus, Move, Spot, Topic, focus, moves};
use rapport_practice::org::{Area, Organisation, Priority};
use rapport_practice::words::Words;
use serde::Serialize;

use super::add::parsed;
use super::org::force::{at_that_time, in_force};
use super::topics::sight::{Placed, Sight, see};
use super::{Answer, Desk, Verb};
use crate::fault::Fault;
use crate::page::{bold, count, dim, line, moment};

pub(crate) const VERB: Verb = Verb {
    name: "focus",
    about: "Where to specialise: what technologists need times what the employer wants, with reasons",
    example: "rapport focus\nrapport focus --without move-to-v3\nrapport focus --since 2026-07-01",
    args: FocusArgs::augment_args,
    call: |desk, matches| call(desk, &parsed(matches)?),
};

/// Arguments of `focus`.
#[derive(Args)]
struct FocusArgs {
    /// As if this priority were not there, several times if several; says what moves and why
    #[arg(long, value_name = "PRIORITY")]
    without: Vec<String>,
    /// What moved since the priorities that were in force on this day
    #[arg(long, value_name = "DAY", conflicts_with = "without")]
    since: Option<String>,
    /// Needs of so many days
    #[arg(long, default_value_t = 182, value_parser = clap::value_parser!(u32).range(1..=3650))]
    days: u32,
    /// How many of each list to print
    #[arg(long, default_value_t = 10)]
    top: usize,
}

/// The map, as other programs read it.
#[derive(Serialize)]
struct Shown {
    /// Needed and wanted: the plan.
    both: Vec<Row>,
    industry_only: Vec<Row>,
    employer_only: Vec<rapport_practice::focus::Unasked>,
    /// Topics that a priority speaks of and in which nobody asked.
    silent: Vec<Row>,
    /// Priorities that do not hold today.
    not_now: Vec<Slug>,
    /// What moved, when it is compared.
    #[serde(skip_serializing_if = "Option::is_none")]
    moves: Option<Vec<Move>>,
    /// With what it is compared.
    #[serde(skip_serializing_if = "Option::is_none")]
    compared: Option<String>,
}

/// A topic with what opens it.
#[derive(Serialize)]
struct Row {
    #[serde(flatten)]
    spot: Spot,
    threads: usize,
    evidence: Vec<String>,
}

const DAY: i64 = 86_400_000;

fn call(desk: &Desk, args: &FocusArgs) -> Result<Answer, Fault> {
    let house = in_force(desk)?;
    let sight = see(desk)?;
    let since = desk.now.plus_millis(-i64::from(args.days) * DAY);
    let areas = house.preset.areas_with(&house.org);
    let mut wanted: Vec<&Priority> = house.org.priorities_on(desk.now).collect();
    let texts = Texts::new(desk, since)?;
    let whole = map(&sight, &texts, &wanted, &areas);
    let (shown, compared, before) = if !args.without.is_empty() {
        for name in &args.without {
            known(&house.org, &wanted, name)?;
        }
        wanted.retain(|p| !args.without.iter().any(|name| name == p.id.as_str()));
        let without = map(&sight, &texts, &wanted, &areas);
        (without, Some(format!("without {}", args.without.join(", "))), Some(whole))
    } else if let Some(day) = &args.since {
        let at = Time::parse(day).map_err(|e| Fault::usage(format!("--since: {e}")))?;
        let (old, kept) = at_that_time(desk, at)?.ok_or_else(|| {
            Fault::usage(format!("no organisation was kept by {}", moment(at)))
                .hint("every good org.toml is kept when it is first used; choose a later day")
        })?;
        let then: Vec<&Priority> = old.priorities_on(at).collect();
        let before = map(&sight, &texts, &then, &house.preset.areas_with(&old));
        (whole, Some(format!("since the priorities of {}", moment(kept))), Some(before))
    } else {
        (whole, None, None)
    };
    let moved = before.as_ref().map(|before| moves(before, &shown));
    let holds: BTreeSet<&Slug> = house.org.priorities_on(desk.now).map(|p| &p.id).collect();
    let not_now = house.org.priorities.iter().map(|p| &p.id).filter(|id| !holds.contains(id)).cloned();
    let rows = |spots: Vec<Spot>| spots.into_iter().map(|spot| row(&sight, since, spot)).collect();
    let Focus { both, industry_only, employer_only, silent } = shown;
    let shown = Shown {
        both: rows(both),
        industry_only: rows(industry_only),
        employer_only,
        silent: rows(silent),
        not_now: not_now.collect(),
        moves: moved,
        compared,
    };
    let note = [house.note(), sight.note.clone()].into_iter().flatten().collect::<Vec<_>>().join("\n");
    desk.answer(&shown, || text(desk, args, &shown, &house.org, &note))
}

fn known(org: &Organisation, wanted: &[&Priority], name: &str) -> Result<(), Fault> {
    if wanted.iter().any(|p| p.id.as_str() == name) {
        return Ok(());
    }
    let ids: Vec<&str> = wanted.iter().map(|p| p.id.as_str()).collect();
    let says = match org.priorities.iter().any(|p| p.id.as_str() == name) {
        true => format!("{name} does not hold today, so that nothing would move without it"),
        false => format!("there is no priority {:?}", line(name, 40)),
    };
    let there = if ids.is_empty() { "none".to_owned() } else { ids.join(", ") };
    Err(Fault::usage(says).hint(format!("priorities of today: {there}")))
}

/// What was asked since a day, made ready: words to be looked for, directions to be compared.
struct Texts {
    words: HashMap<i64, Words>,
    directions: HashMap<i64, Vector>,
    mean: Vector,
    since: Time,
}

impl Texts {
    fn new(desk: &Desk, since: Time) -> Result<Texts, Fault> {
        let needs = desk.reading()?.needs_since(since, desk.now)?;
        let mut words = HashMap::with_capacity(needs.len());
        let mut directions: Vec<(i64, Vector)> = Vec::with_capacity(needs.len());
        for need in &needs {
            let said = clean::joined(&need.title, &need.text);
            words.insert(need.thread, Words::new(&said));
            directions.extend(vector(&said).map(|direction| (need.thread, direction)));
        }
        let mut mean: Vector = [0.0; DIMS];
        #[allow(clippy::cast_precision_loss)] // texts
        let share = 1.0 / directions.len().max(1) as f32;
        for (_, direction) in &directions {
            for (sum, x) in mean.iter_mut().zip(direction) {
                *sum += x * share;
            }
        }
        Ok(Texts { words, directions: directions.into_iter().collect(), mean, since })
    }

    /// The direction of a topic: what its texts have in common and others do not.
    fn of_topic(&self, members: &[&Placed]) -> Option<Vector> {
        let mut sum: Vector = [0.0; DIMS];
        for p in members {
            let Some(direction) = self.directions.get(&p.ask.thread).and_then(|d| without(d, &self.mean))
            else {
                continue;
            };
            for (s, x) in sum.iter_mut().zip(&direction) {
                *s += x;
            }
        }
        unit(sum)
    }
}

fn map(sight: &Sight, texts: &Texts, wanted: &[&Priority], areas: &[Area]) -> Focus {
    let about: Vec<(Slug, Option<Vector>)> = wanted
        .iter()
        .map(|p| {
            let said = format!("{}. {}", p.text, p.words.join(", "));
            (p.id.clone(), vector(&said).and_then(|d| without(&d, &texts.mean)))
        })
        .collect();
    let topics: Vec<Topic> = sight
        .topics
        .iter()
        .map(|named| {
            let members: Vec<&Placed> =
                sight.of(named.id).filter(|p| p.ask.opened_at > texts.since).collect();
            let direction = texts.of_topic(&members);
            let likeness: BTreeMap<Slug, f64> = about
                .iter()
                .filter_map(|(id, d)| Some((id.clone(), f64::from(dot(direction.as_ref()?, d.as_ref()?)))))
                .collect();
            let asked = members
                .iter()
                .filter_map(|p| Some((p.person(), p.ask.scope, texts.words.get(&p.ask.thread)?.clone())));
            Topic {
                id: named.id,
                label: named.label.clone(),
                name: Words::new(&format!("{}, {}", named.label, named.terms.join(", "))),
                asked: asked.collect(),
                likeness,
            }
        })
        .collect();
    focus(&topics, wanted, areas)
}

fn row(sight: &Sight, since: Time, mut spot: Spot) -> Row {
    let to = |n: f64| (n * 1e4).round() / 1e4;
    for n in [&mut spot.need, &mut spot.priority, &mut spot.score, &mut spot.share] {
        *n = to(*n);
    }
    for found in &mut spot.matches {
        found.spoken = to(found.spoken);
        found.strength = to(found.strength);
        found.likeness = found.likeness.map(to);
    }
    let members: Vec<&Placed> = sight.of(spot.topic).filter(|p| p.ask.opened_at > since).collect();
    let evidence = members.iter().filter_map(|p| p.ask.url.clone()).collect();
    Row { threads: members.len(), evidence, spot }
}

fn text(desk: &Desk, args: &FocusArgs, shown: &Shown, org: &Organisation, note: &str) -> String {
    let head = match shown.both.len() {
        0 => "Nothing is both needed and wanted".to_owned(),
        n => format!("{} both needed and wanted", count(n, "topic is", "topics are")),
    };
    let mut out = format!(
        "{}   {}\n",
        bold(&head),
        dim(&format!("needs of {} days, as of {}", args.days, moment(desk.now)))
    );
    let p = desk.program();
    let more = |n: usize| {
        if n > args.top {
            format!("       and {} more: {p} focus --top {n}\n", n - args.top)
        } else {
            String::new()
        }
    };
    let spots = |rows: &[Row], share: bool| -> String {
        let each = rows.iter().take(args.top).map(|r| {
            let part = if share { format!("{:>3.0} %", r.spot.share * 100.0) } else { "     ".to_owned() };
            format!(
                "  {part}  {:>3}  {}\n              {}\n",
                r.spot.topic,
                bold(&line(&r.spot.label, 60)),
                dim(&line(&r.spot.because, 200))
            )
        });
        each.collect::<String>() + &more(rows.len())
    };
    let mut list = |head: &str, body: String| {
        if !body.is_empty() {
            out.push_str(&format!("\n{}\n{body}", bold(head)));
        }
    };
    list("Needed and wanted: the plan, with its share", spots(&shown.both, true));
    list("Needed, and no priority", spots(&shown.industry_only, false));
    let unasked = shown.employer_only.iter().take(args.top).map(|u| {
        let text = line(&u.text, 80);
        format!("         {}  {text}\n              {}\n", bold(u.priority.as_str()), dim(&u.because))
    });
    list("Wanted, and nobody asks", unasked.collect::<String>() + &more(shown.employer_only.len()));
    list("Topics that a priority speaks of, without anybody who asked", spots(&shown.silent, false));
    if let (Some(moves), Some(compared)) = (&shown.moves, &shown.compared) {
        let rows: String = moves
            .iter()
            .map(|m| {
                format!(
                    "  {:>3}  {}: {} \u{2192} {}\n       {}\n",
                    m.topic,
                    bold(&line(&m.label, 50)),
                    m.from.words(),
                    m.to.words(),
                    dim(&line(&m.because, 160))
                )
            })
            .collect();
        let rows = if rows.is_empty() { "  nothing\n".to_owned() } else { rows };
        list(&format!("What moves {}", line(compared, 100)), rows);
    }
    if !shown.not_now.is_empty() {
        let names: Vec<&str> = shown.not_now.iter().map(Slug::as_str).collect();
        out.push_str(&dim(&format!("\nPriorities that do not hold today: {}\n", names.join(", "))));
    }
    if org.priorities.is_empty() {
        out.push_str("\nNo priority is declared: everything that is needed is needed only. Add [[priorities]] to org.toml.\n");
    }
    if !note.is_empty() {
        out.push_str(&format!("\n{note}\n"));
    }
    let without = org.priorities_on(desk.now).next().map_or("PRIORITY", |p| p.id.as_str());
    out.push_str(&dim(&format!(
        "\nnext: {p} topics --of TOPIC \u{b7} {p} focus --without {without} \u{b7} {p} gaps\n"
    )));
    out
}
