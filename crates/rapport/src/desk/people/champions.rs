//! `champions`: people whom the community can count on, by published criteria, for a term; afterwards alumni.

use std::collections::{BTreeMap, BTreeSet};

use clap::{ArgMatches, Args, Command};
use rapport_model::{MemberKind, Time};
use rapport_practice::recognition::{Criteria, Given, Standing, months_after, quiet, standing};
use rapport_store::{Store, Term};
use serde::Serialize;

use super::find::{find, shown};
use super::recognise::{Evidence, Names, Silent, evidence, given, private, silence, silent, ways};
use crate::desk::add::parsed;
use crate::desk::{Answer, Desk, Verb, me};
use crate::fault::{Fault, FaultKind};
use crate::page::{bold, count, dim, line, moment};

pub(crate) const VERB: Verb = Verb {
    name: "champions",
    about: "Members honoured for what they do, by published criteria and for a term; afterwards alumni",
    example: "rapport champions\nrapport champions review\nrapport champions criteria\n\
              rapport champions add 12 --because \"answers in the forum since spring\"\nrapport champions end 12",
    args: |command| {
        Champions::augment_args(command).args_conflicts_with_subcommands(true).subcommands([
            Review::augment_args(Command::new("review")).about(
                "The term review: whose term ends, who meets the criteria, who helps quietly; with evidence",
            ),
            Command::new("criteria").about("The criteria in force, for everybody to read"),
            Add::augment_args(Command::new("add")).about("Begin or renew a term"),
            End::augment_args(Command::new("end"))
                .about("End a term now: the member becomes an alumna or alumnus"),
        ])
    },
    call,
};

/// A file in the data folder that takes the place of the criteria that come with the program.
const FILE: &str = "champions.toml";

/// Arguments of `champions`.
#[derive(Args)]
struct Champions {}

/// Arguments of `champions review`.
#[derive(Args)]
struct Review {
    /// How many to print of each list
    #[arg(long, default_value_t = 20)]
    top: usize,
}

/// Arguments of `champions add`.
#[derive(Args)]
struct Add {
    /// Who: a number, login, address or name
    who: String,
    /// For how many months; as the criteria say when left out
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=60))]
    months: Option<u32>,
    /// Why
    #[arg(long, default_value = "")]
    because: String,
}

/// Arguments of `champions end`.
#[derive(Args)]
struct End {
    /// Who: a number, login, address or name
    who: String,
    /// Why
    #[arg(long, default_value = "")]
    because: String,
}

/// One member with a term.
#[derive(Serialize)]
struct Champion {
    person: i64,
    name: String,
    standing: Standing,
    begins: Time,
    ends: Time,
    by: String,
    because: String,
    /// Which criteria the last months meet, with what counts.
    meets: Vec<Met>,
}

/// One criterion that somebody meets.
#[derive(Serialize)]
struct Met {
    criterion: String,
    words: String,
    evidence: Vec<Evidence>,
}

/// Somebody without a term who meets a criterion.
#[derive(Serialize)]
struct Candidate {
    person: i64,
    name: String,
    meets: Vec<Met>,
    /// Helps steadily, and no reply was ever marked as the answer.
    quiet: bool,
}

#[derive(Serialize)]
struct Reviewed {
    criteria: String,
    version: u32,
    from: Time,
    ending: Vec<Champion>,
    champions: Vec<Champion>,
    alumni: Vec<Champion>,
    candidates: Vec<Candidate>,
    /// Steady helpers who meet no criterion yet and whom nobody has thanked.
    quiet: Vec<Quiet>,
    /// For the team only.
    stopped: Vec<Silent>,
}

#[derive(Serialize)]
struct Quiet {
    person: i64,
    name: String,
    did: BTreeMap<&'static str, Vec<Evidence>>,
}

fn call(desk: &Desk, matches: &ArgMatches) -> Result<Answer, Fault> {
    match matches.subcommand() {
        Some(("review", matches)) => review(desk, &parsed(matches)?),
        Some(("criteria", _)) => criteria_page(desk),
        Some(("add", matches)) => {
            let args: Add = parsed(matches)?;
            let months = match args.months {
                Some(months) => months,
                None => criteria(desk)?.term_months,
            };
            appoint(desk, &args.who, Some(months), &args.because)
        }
        Some(("end", matches)) => {
            let args: End = parsed(matches)?;
            appoint(desk, &args.who, None, &args.because)
        }
        _ => champions(desk),
    }
}

fn criteria(desk: &Desk) -> Result<Criteria, Fault> {
    let path = desk.folder.join(FILE);
    match std::fs::read_to_string(&path) {
        Ok(text) => Criteria::read(&text).map_err(|why| {
            Fault::usage(format!("{}: {why}", path.display()))
                .hint("mend it, or move the file away to use the defaults")
        }),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Criteria::ours()),
        Err(error) => Err(Fault::usage(format!("{}: {error}", path.display()))),
    }
}

/// The last word on each person's term.
fn terms(store: &Store) -> Result<BTreeMap<i64, Term>, Fault> {
    Ok(store.terms()?.into_iter().map(|term| (term.person, term)).collect())
}

fn champion(term: &Term, standing: Standing, names: &Names, meets: Vec<Met>) -> Champion {
    Champion {
        person: term.person,
        name: names.name(term.person),
        standing,
        begins: term.begins,
        ends: term.ends,
        by: term.who.clone(),
        because: term.because.clone(),
        meets,
    }
}

fn day(at: Time) -> String {
    at.to_string().get(..10).unwrap_or_default().to_owned()
}

fn champions(desk: &Desk) -> Result<Answer, Fault> {
    let store = desk.reading()?;
    let criteria = criteria(desk)?;
    let terms = terms(&store)?;
    let names = Names::read(&store, &terms.keys().copied().collect())?;
    let mut rows: Vec<Champion> = terms
        .values()
        .filter_map(|term| {
            let standing = standing(term.begins, term.ends, desk.now, criteria.look_ahead_days)?;
            Some(champion(term, standing, &names, Vec::new()))
        })
        .collect();
    rows.sort_by_cached_key(|c| (c.standing == Standing::Alumni, c.name.to_lowercase(), c.person));
    desk.answer(&rows, || {
        let p = desk.program();
        let now = rows.iter().filter(|c| c.standing != Standing::Alumni).count();
        let mut out = format!(
            "{}   {}\n\n",
            bold(&count(now, "champion", "champions")),
            dim(&format!("as of {}", moment(desk.now)))
        );
        for c in &rows {
            let until = match c.standing {
                Standing::Champion => format!("until {}", day(c.ends)),
                Standing::Ending => format!("until {}: the term ends soon", day(c.ends)),
                Standing::Alumni => format!("alumni since {}", day(c.ends)),
            };
            out.push_str(&format!("{:>6}  {}  {}\n", c.person, bold(&line(&c.name, 50)), until));
            if !c.because.is_empty() {
                out.push_str(&dim(&format!("        {}: {}\n", line(&c.by, 30), line(&c.because, 120))));
            }
        }
        out.push_str(&dim(&format!(
            "\nnext: {p} champions review \u{b7} {p} champions add WHO \u{b7} {p} champions criteria\n"
        )));
        out
    })
}

fn criteria_page(desk: &Desk) -> Result<Answer, Fault> {
    let criteria = criteria(desk)?;
    desk.answer(&criteria, || {
        let mut out = format!("{}\n\n", bold(&format!("{}, version {}", criteria.name, criteria.version)));
        out.push_str(&format!(
            "A champion is a member of the community who, in {} months, met one of these:\n",
            criteria.window_months
        ));
        for c in &criteria.criterion {
            out.push_str(&format!("  {:<12} {}\n", c.id, c.words));
        }
        out.push_str(&format!(
            "\nA term lasts {} months; then a champion is thanked and becomes an alumna or alumnus, unless it is renewed.\n\
             Followers, reach and money count for nothing, and nobody is ranked.\n",
            criteria.term_months
        ));
        out.push_str(&dim(&format!("\nnext: {} champions review \u{b7} your own: {} in the data folder\n", desk.program(), FILE)));
        out
    })
}

fn appoint(desk: &Desk, who: &str, months: Option<u32>, because: &str) -> Result<Answer, Fault> {
    desk.reading()?; // a folder that is not there is said to be so, not made
    let look_ahead = criteria(desk)?.look_ahead_days;
    let mut store = desk.writing()?;
    let row = find(desk, &store, who)?;
    let shown = shown(&row);
    let p = desk.program();
    let held = terms(&store)?.remove(&row.person);
    let runs = held.as_ref().filter(|term| {
        standing(term.begins, term.ends, desk.now, look_ahead).is_some_and(|s| s != Standing::Alumni)
    });
    let (begins, ends) = match (months, runs) {
        (Some(_), _) if row.member != MemberKind::Community => {
            return Err(Fault::new(
                FaultKind::Refused,
                format!("{shown} is {}: champions are members of the community", row.member.as_str()),
            )
            .hint(format!("{p} people show {}", row.id)));
        }
        // A renewal goes on where the term ends, and keeps its beginning.
        (Some(months), Some(term)) => (term.begins, months_after(term.ends, months)),
        (Some(months), None) => (desk.now, months_after(desk.now, months)),
        (None, Some(term)) => (term.begins, desk.now.max(term.begins)),
        (None, None) => {
            return Err(Fault::usage(format!("{shown} has no term that runs")).hint(format!("{p} champions")));
        }
    };
    store.appoint(row.id, (begins, ends), because, &me(), desk.now)?;
    let told =
        serde_json::json!({ "person": row.person, "name": row.who.shown(), "begins": begins, "ends": ends });
    desk.answer(&told, || {
        let done = if months.is_some() {
            format!("{shown}: champion until {}", day(ends))
        } else {
            format!("{shown}: alumni from today")
        };
        format!("{done}\n{}", dim(&format!("\nnext: {p} champions\n")))
    })
}

fn review(desk: &Desk, args: &Review) -> Result<Answer, Fault> {
    let store = desk.reading()?;
    let criteria = criteria(desk)?;
    let from = desk.now.plus_millis(-i64::from(criteria.window_months) * 30 * 86_400_000);
    let given = given(&store, from, desk.now.plus_millis(1))?;
    let stopped = silent(desk, &store)?;
    let terms = terms(&store)?;
    let mut by: BTreeMap<i64, Vec<&Given>> = BTreeMap::new();
    for g in &given {
        by.entry(g.person).or_default().push(g);
    }
    let people: BTreeSet<i64> = given
        .iter()
        .flat_map(|g| [Some(g.person), g.to])
        .flatten()
        .chain(terms.keys().copied())
        .chain(stopped.iter().map(|s| s.person))
        .collect();
    let names = Names::read(&store, &people)?;
    let quiet = quiet(&given);
    let meets = |person: i64| -> Vec<Met> {
        let none = Vec::new();
        let all = by.get(&person).unwrap_or(&none);
        let met = criteria.met(all).into_iter();
        met.map(|(criterion, counted)| Met {
            criterion: criterion.id.clone(),
            words: criterion.words.clone(),
            evidence: counted.iter().rev().map(|g| evidence(g, &names)).collect(),
        })
        .collect()
    };
    let mut reviewed = Reviewed {
        criteria: criteria.name.clone(),
        version: criteria.version,
        from,
        ending: Vec::new(),
        champions: Vec::new(),
        alumni: Vec::new(),
        candidates: Vec::new(),
        quiet: Vec::new(),
        stopped: silence(stopped, &names),
    };
    let mut serving = BTreeSet::new();
    for term in terms.values() {
        let Some(standing) = standing(term.begins, term.ends, desk.now, criteria.look_ahead_days) else {
            continue;
        };
        let champion = champion(term, standing, &names, meets(term.person));
        match standing {
            Standing::Champion => reviewed.champions.push(champion),
            Standing::Ending => reviewed.ending.push(champion),
            Standing::Alumni => {
                reviewed.alumni.push(champion);
                continue;
            }
        }
        serving.insert(term.person);
    }
    for person in by.keys().filter(|p| !serving.contains(p) && names.kind(**p) == MemberKind::Community) {
        let meets = meets(*person);
        if !meets.is_empty() {
            let name = names.name(*person);
            reviewed.candidates.push(Candidate {
                person: *person,
                name,
                meets,
                quiet: quiet.contains(person),
            });
        } else if quiet.contains(person) {
            let mut did: BTreeMap<&'static str, Vec<Evidence>> = BTreeMap::new();
            for g in by[person].iter().rev() {
                did.entry(g.help.as_str()).or_default().push(evidence(g, &names));
            }
            reviewed.quiet.push(Quiet { person: *person, name: names.name(*person), did });
        }
    }
    // By name: nobody comes first for what they are worth.
    reviewed.candidates.sort_by_cached_key(|c| (c.name.to_lowercase(), c.person));
    reviewed.quiet.sort_by_cached_key(|q| (q.name.to_lowercase(), q.person));
    desk.answer(&reviewed, || text(desk, args, &reviewed))
}

fn met(out: &mut String, meets: &[Met]) {
    for m in meets {
        out.push_str(&format!("        {}: {}\n", m.criterion, m.words));
        for e in m.evidence.iter().take(3) {
            let whom = e.whom.as_deref().map(|w| format!(" for {}", line(w, 30))).unwrap_or_default();
            let url = e.url.as_deref().map(|u| format!("  {}", line(u, 200))).unwrap_or_default();
            out.push_str(&dim(&format!("          {}{whom}{url}\n", line(&e.what, 70))));
        }
        if m.evidence.len() > 3 {
            out.push_str(&dim(&format!("          and {} more\n", m.evidence.len() - 3)));
        }
    }
}

fn text(desk: &Desk, args: &Review, r: &Reviewed) -> String {
    let p = desk.program();
    let mut out = format!(
        "{}   {}\n",
        bold(&format!("Term review: {}, version {}", r.criteria, r.version)),
        dim(&format!("what was done since {}, as of {}", day(r.from), moment(desk.now)))
    );
    let mut part = |title: &str, all: &[Champion]| {
        if all.is_empty() {
            return;
        }
        out.push_str(&format!("\n{}\n", bold(title)));
        for c in all.iter().take(args.top) {
            out.push_str(&format!(
                "{:>6}  {}  {} to {}\n",
                c.person,
                bold(&line(&c.name, 50)),
                day(c.begins),
                day(c.ends)
            ));
            if c.meets.is_empty() {
                out.push_str("        meets no criterion now\n");
            }
            met(&mut out, &c.meets);
        }
    };
    part("Terms that end soon", &r.ending);
    part("Champions", &r.champions);
    part("Alumni", &r.alumni);
    out.push_str(&format!(
        "\n{}\n",
        bold(&format!(
            "{} without a term",
            match r.candidates.len() {
                0 => "Nobody meets the criteria now".to_owned(),
                n => count(n, "member meets the criteria", "members meet the criteria"),
            }
        ))
    ));
    for c in r.candidates.iter().take(args.top) {
        let quiet = if c.quiet { "  quietly" } else { "" };
        out.push_str(&format!("{:>6}  {}{}\n", c.person, bold(&line(&c.name, 50)), dim(quiet)));
        met(&mut out, &c.meets);
    }
    if r.candidates.len() > args.top {
        out.push_str(&format!(
            "  and {} more: --top {}\n",
            r.candidates.len() - args.top,
            r.candidates.len()
        ));
    }
    if !r.quiet.is_empty() {
        out.push_str(&format!(
            "\n{}\n",
            bold("Quiet helpers: steady, a little at a time, and nobody has marked a reply of theirs")
        ));
        for q in r.quiet.iter().take(args.top) {
            out.push_str(&format!("{:>6}  {}\n", q.person, bold(&line(&q.name, 50))));
            out.push_str(&ways(&q.did));
        }
        if r.quiet.len() > args.top {
            out.push_str(&format!("  and {} more: --top {}\n", r.quiet.len() - args.top, r.quiet.len()));
        }
    }
    out.push_str(&private(&r.stopped));
    out.push_str(&dim(&format!("\nnext: {p} champions add WHO --because WORDS \u{b7} {p} champions criteria \u{b7} {p} people show WHO\n")));
    out
}
