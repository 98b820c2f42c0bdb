//! `merge`, `unmerge`, `people mark`, `people ledger`: what people say of who is who. Each can be taken back, and then
//! everything is as it was.

use clap::Args;
use rapport_insight::people::apart;
use rapport_model::ledger::Word;
use rapport_model::{Ledger, MemberKind, Said, Time, ToSay};
use rapport_store::{Changed, IdentityRow, Store};
use serde::Serialize;

use super::find::{find, shown};
use crate::desk::add::parsed;
use crate::desk::{Answer, Desk, Verb, learned, me, with_judge};
use crate::fault::{Fault, FaultKind};
use crate::page::{count, dim, line, moment};

pub(crate) const MERGE: Verb = Verb {
    name: "merge",
    about: "Say that two accounts or members are one person; every count follows",
    example: "rapport merge 12 57\nrapport merge github.com:asa-l asa@tidewater.example --because \"she told us\"\nrapport merge 12 57 --undo",
    args: Merge::augment_args,
    call: |desk, matches| merge(desk, &parsed(matches)?),
};
pub(crate) const UNMERGE: Verb = Verb {
    name: "unmerge",
    about: "Say that somebody is not the same person: separate, and not suggested again",
    example: "rapport unmerge 12 57\nrapport unmerge 12 --because \"a shared account\"\nrapport unmerge 12 57 --undo",
    args: Unmerge::augment_args,
    call: |desk, matches| unmerge(desk, &parsed(matches)?),
};

/// Arguments of `merge`.
#[derive(Args)]
struct Merge {
    /// One: a number, login, address or name
    one: String,
    /// The other
    other: String,
    /// Why
    #[arg(long, default_value = "")]
    because: String,
    /// Take it back: everything is as it was before
    #[arg(long)]
    undo: bool,
}

/// Arguments of `unmerge`.
#[derive(Args)]
struct Unmerge {
    /// One: a number, login, address or name
    one: String,
    /// The other; without it the account is separated from all others of its member
    other: Option<String>,
    /// Why
    #[arg(long, default_value = "")]
    because: String,
    /// Take back that the two are not the same
    #[arg(long)]
    undo: bool,
}

/// Arguments of `people mark`.
#[derive(Args)]
pub(super) struct Mark {
    /// Who: a number, login, address or name
    who: String,
    /// What they are
    #[arg(value_parser = MemberKind::ALL.map(MemberKind::as_str))]
    kind: String,
    /// Why
    #[arg(long, default_value = "")]
    because: String,
    /// Take back what was said: the rules judge again
    #[arg(long)]
    undo: bool,
}

/// Arguments of `people ledger`.
#[derive(Args)]
pub(super) struct Entries {
    /// Only what concerns this member: a number, login, address or name
    who: Option<String>,
    /// Also what the program linked by itself
    #[arg(long)]
    all: bool,
}

/// What was said, and what followed.
#[derive(Serialize)]
struct Told {
    done: String,
    entries: Vec<i64>,
    /// Identities that belong to another person now.
    persons: u64,
    /// Identities that are of another kind now.
    kinds: u64,
    /// Threads that were judged again.
    threads: u64,
}

/// Says words in the name of whoever sits at the desk.
fn say(desk: &Desk, store: &mut Store, words: &[ToSay]) -> Result<Changed, Fault> {
    let declared = desk.config()?.declared();
    let known = learned(store)?;
    Ok(with_judge(&declared, &known, |judge| store.say_of_people(words, &me(), false, desk.now, judge))?)
}

fn told(desk: &Desk, done: String, changed: Changed, next: &str) -> Result<Answer, Fault> {
    let told = Told {
        done,
        entries: changed.entries,
        persons: changed.persons,
        kinds: changed.kinds,
        threads: changed.threads,
    };
    desk.answer(&told, || {
        let n = |n: u64| usize::try_from(n).unwrap_or(0);
        let mut out = format!("{}\n", told.done);
        out.push_str(&format!(
            "{} follow, {} judged again\n",
            count(n(told.persons), "identity", "identities"),
            count(n(told.threads), "thread", "threads")
        ));
        out.push_str(&dim(&format!("\nnext: {next}\n")));
        out
    })
}

fn undo(entry: &Said, because: &str) -> ToSay {
    let said = &entry.said;
    ToSay { word: Word::Undo(entry.id), a: said.a, b: said.b, confidence: None, because: because.to_owned() }
}

fn merge(desk: &Desk, args: &Merge) -> Result<Answer, Fault> {
    desk.reading()?; // a folder that is not there is said to be so, not made
    let mut store = desk.writing()?;
    let (one, other) = (find(desk, &store, &args.one)?, find(desk, &store, &args.other)?);
    let ledger = store.ledger()?;
    let p = desk.program();
    let (a, b) = (shown(&one), shown(&other));
    if args.undo {
        let words: Vec<ToSay> = by_people(&ledger, Word::Same, &store, &one, &other)?
            .into_iter()
            .map(|entry| undo(entry, &args.because))
            .collect();
        if words.is_empty() {
            return Err(Fault::usage(format!("nobody has merged {a} and {b}")).hint(format!(
                "{p} unmerge {} {}  separates what the program has linked",
                one.id, other.id
            )));
        }
        let changed = say(desk, &mut store, &words)?;
        return told(
            desk,
            format!("{a} and {b}: as before the merge"),
            changed,
            &format!("{p} people suggest"),
        );
    }
    if one.person == other.person {
        return Err(Fault::new(FaultKind::Refused, format!("{a} and {b} are one person already"))
            .hint(format!("{p} people show {}", one.id)));
    }
    let persons = ledger.persons();
    let person = |id: i64| persons.get(&id).copied().unwrap_or(id);
    let between = |x: i64, y: i64| {
        (person(x), person(y)) == (one.person, other.person)
            || (person(y), person(x)) == (one.person, other.person)
    };
    if let Some((entry, x, y)) = ledger.apart().find(|(_, x, y)| between(*x, *y)) {
        return Err(Fault::new(
            FaultKind::Refused,
            format!("{} said on {} that {x} and {y} are not the same person", entry.who, moment(entry.at)),
        )
        .hint(format!("{p} unmerge {x} {y} --undo  takes that back")));
    }
    let word = ToSay {
        word: Word::Same,
        a: one.id,
        b: Some(other.id),
        confidence: None,
        because: args.because.clone(),
    };
    let changed = say(desk, &mut store, &[word])?;
    told(
        desk,
        format!("{a} and {b} are one person"),
        changed,
        &format!("{p} people show {} \u{b7} take it back: {p} merge {} {} --undo", one.id, one.id, other.id),
    )
}

/// What people said of the very two identities, or of any two of the two members.
fn by_people<'a>(
    ledger: &'a Ledger,
    word: Word,
    store: &Store,
    one: &IdentityRow,
    other: &IdentityRow,
) -> Result<Vec<&'a Said>, Fault> {
    let of = |row: &IdentityRow| -> Result<Vec<i64>, Fault> {
        Ok(store.identities_of(row.person)?.into_iter().map(|r| r.id).collect())
    };
    let (mine, its) = (of(one)?, of(other)?);
    let exact = |e: &&Said| {
        e.said.b.is_some_and(|b| (e.said.a, b) == (one.id, other.id) || (b, e.said.a) == (one.id, other.id))
    };
    let near = |e: &&Said| {
        e.said.b.is_some_and(|b| {
            mine.contains(&e.said.a) && its.contains(&b) || mine.contains(&b) && its.contains(&e.said.a)
        })
    };
    let said: Vec<&Said> = ledger.in_force().filter(|e| e.said.word == word && !e.automatic).collect();
    let found: Vec<&Said> = said.iter().copied().filter(exact).collect();
    // Of one member the exact words only: else everything that was ever merged into it would come apart.
    Ok(if found.is_empty() && one.person != other.person {
        said.into_iter().filter(near).collect()
    } else {
        found
    })
}

fn unmerge(desk: &Desk, args: &Unmerge) -> Result<Answer, Fault> {
    desk.reading()?;
    let mut store = desk.writing()?;
    let one = find(desk, &store, &args.one)?;
    let ledger = store.ledger()?;
    let p = desk.program();
    let a = shown(&one);
    let Some(other) = &args.other else {
        if args.undo {
            return Err(
                Fault::usage("take back what? name both").hint(format!("{p} people ledger {}", one.id))
            );
        }
        let words = apart::leave(&ledger, one.id, &args.because);
        if words.is_empty() {
            return Err(Fault::new(FaultKind::Refused, format!("{a} is linked to nobody"))
                .hint(format!("{p} people show {}", one.id)));
        }
        let changed = say(desk, &mut store, &words)?;
        return told(
            desk,
            format!("{a} is a member alone; the others stay together"),
            changed,
            &format!("{p} people show {} \u{b7} {p} people ledger {}", one.id, one.id),
        );
    };
    let other = find(desk, &store, other)?;
    let b = shown(&other);
    if one.id == other.id {
        return Err(Fault::usage(format!("both are {a}")).hint("name two accounts by their numbers"));
    }
    if args.undo {
        let words: Vec<ToSay> = by_people(&ledger, Word::Apart, &store, &one, &other)?
            .into_iter()
            .map(|entry| undo(entry, &args.because))
            .collect();
        if words.is_empty() {
            return Err(Fault::usage(format!("nobody has said that {a} and {b} are not the same"))
                .hint(format!("{p} people ledger {}", one.id)));
        }
        let changed = say(desk, &mut store, &words)?;
        return told(
            desk,
            format!("{a} and {b} may be the same again"),
            changed,
            &format!("{p} merge {} {} \u{b7} {p} people link", one.id, other.id),
        );
    }
    let mut words: Vec<ToSay> = apart::between(&ledger, one.id, other.id)
        .into_iter()
        .map(|entry| undo(entry, &args.because))
        .collect();
    let cut = words.len();
    words.push(ToSay {
        word: Word::Apart,
        a: one.id.min(other.id),
        b: Some(one.id.max(other.id)),
        confidence: None,
        because: args.because.clone(),
    });
    let changed = say(desk, &mut store, &words)?;
    let done = match cut {
        0 => format!("{a} and {b} are not the same: they will not be linked or suggested"),
        _ => format!(
            "{a} and {b} are two people now ({} taken back), and will not be linked or suggested",
            count(cut, "link", "links")
        ),
    };
    told(
        desk,
        done,
        changed,
        &format!(
            "{p} people show {} \u{b7} take it back: {p} unmerge {} {} --undo",
            one.id, one.id, other.id
        ),
    )
}

/// Says what kind somebody is; used by `bots`, too.
pub(super) fn mark_as(
    desk: &Desk,
    who: &str,
    kind: MemberKind,
    because: &str,
    take_back: bool,
) -> Result<Answer, Fault> {
    desk.reading()?;
    let mut store = desk.writing()?;
    let row = find(desk, &store, who)?;
    let ledger = store.ledger()?;
    let a = shown(&row);
    let p = desk.program();
    // Of a program each account is marked by itself; of a person it is enough to mark one.
    let word = match (take_back, ledger.kinds().get(&row.id)) {
        (true, Some((entry, _))) => undo(entry, because),
        (true, None) => {
            return Err(Fault::usage(format!("nobody has said what {a} is"))
                .hint(format!("{p} people show {}", row.id)));
        }
        (false, _) => ToSay {
            word: Word::Kind(kind),
            a: row.id,
            b: None,
            confidence: None,
            because: because.to_owned(),
        },
    };
    let changed = say(desk, &mut store, &[word])?;
    let now = store.identity(row.id)?.map_or(kind, |row| row.member);
    told(
        desk,
        format!("{a}: {}", now.as_str()),
        changed,
        &format!(
            "{p} people show {} \u{b7} take it back: {p} people mark {} {} --undo",
            row.id,
            row.id,
            kind.as_str()
        ),
    )
}

pub(super) fn mark(desk: &Desk, args: &Mark) -> Result<Answer, Fault> {
    let kind = MemberKind::from_word(&args.kind).unwrap_or_default();
    mark_as(desk, &args.who, kind, &args.because, args.undo)
}

/// One entry of the ledger.
#[derive(Serialize)]
struct Entry {
    entry: i64,
    at: Time,
    who: String,
    automatic: bool,
    word: &'static str,
    a: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    b: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<MemberKind>,
    #[serde(skip_serializing_if = "Option::is_none")]
    undoes: Option<i64>,
    confidence: Option<f64>,
    because: String,
    /// It holds: nothing later takes it back.
    holds: bool,
}

pub(super) fn entries(desk: &Desk, args: &Entries) -> Result<Answer, Fault> {
    let store = desk.reading()?;
    let ledger = store.ledger()?;
    let only: Option<Vec<i64>> = match &args.who {
        None => None,
        Some(who) => {
            let row = find(desk, &store, who)?;
            Some(store.identities_of(row.person)?.into_iter().map(|r| r.id).collect())
        }
    };
    let concerns = |e: &&Said| {
        only.as_ref().is_none_or(|ids| ids.contains(&e.said.a) || e.said.b.is_some_and(|b| ids.contains(&b)))
    };
    let rows: Vec<Entry> = ledger
        .entries()
        .iter()
        .filter(|e| args.all || only.is_some() || !e.automatic)
        .filter(concerns)
        .map(|e| Entry {
            entry: e.id,
            at: e.at,
            who: e.who.clone(),
            automatic: e.automatic,
            word: e.said.word.as_str(),
            a: e.said.a,
            b: e.said.b,
            kind: if let Word::Kind(kind) = e.said.word { Some(kind) } else { None },
            undoes: if let Word::Undo(of) = e.said.word { Some(of) } else { None },
            confidence: e.said.confidence.map(|c| (c * 1_000.0).floor() / 1_000.0),
            because: e.said.because.clone(),
            holds: ledger.holds(e.id),
        })
        .collect();
    desk.answer(&rows, || {
        let mut out = String::new();
        for row in &rows {
            let what = match (row.word, row.b, row.kind, row.undoes) {
                ("same", Some(b), ..) => format!("{} and {b} are one person", row.a),
                ("apart", Some(b), ..) => format!("{} and {b} are not the same person", row.a),
                (_, _, Some(kind), _) => format!("{} is {}", row.a, kind.as_str()),
                (_, _, _, Some(of)) => format!("{of} does not hold any more"),
                _ => row.word.to_owned(),
            };
            let by = if row.automatic { "the program" } else { &row.who };
            let gone = if row.holds || row.undoes.is_some() { "" } else { " (taken back)" };
            out.push_str(&format!("{:>6}  {what}{gone}\n", row.entry));
            let why =
                if row.because.is_empty() { String::new() } else { format!(": {}", line(&row.because, 160)) };
            out.push_str(&dim(&format!("        {by}, {}{why}\n", moment(row.at))));
        }
        if rows.is_empty() {
            out.push_str("Nobody has said anything yet.\n");
        }
        out.push_str(&dim(&format!(
            "\nnext: {p} people ledger --all \u{b7} {p} people show WHO\n",
            p = desk.program()
        )));
        out
    })
}
