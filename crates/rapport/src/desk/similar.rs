//! `similar`: answered threads like this one, and why they are like it.

use std::collections::BTreeMap;

use clap::Args;
use rapport_insight::similar::{self, Candidate, STRONG};
use rapport_insight::text::clean;
use rapport_insight::text::vectors;
use rapport_model::{NeedState, Time};
use rapport_store::{Asked, Store};
use serde::Serialize;

use super::add::parsed;
use super::thread::unknown;
use super::{Answer, Desk, Verb};
use crate::fault::Fault;
use crate::page::{bold, count, dim, line, moment};

pub(crate) const VERB: Verb = Verb {
    name: "similar",
    about: "Answered threads like this text or this thread, with why they are like it",
    example: "rapport similar \"webhook signature does not match\"\nrapport similar 12",
    args: Similar::augment_args,
    call: |desk, matches| answer(desk, &parsed(matches)?),
};

/// Arguments of `similar`.
#[derive(Args)]
struct Similar {
    /// A thread's number, or words
    #[arg(required = true, value_name = "THREAD|TEXT")]
    what: Vec<String>,
    /// Also threads that nobody answered
    #[arg(long)]
    all: bool,
    /// How many at most
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..=200))]
    top: u16,
}

/// A thread like the one asked for.
#[derive(Serialize)]
struct Like {
    thread: i64,
    source: String,
    title: String,
    url: Option<String>,
    kind: Option<String>,
    state: NeedState,
    why_state: String,
    opened_at: Time,
    /// Larger is nearer; comparable within one answer only.
    score: f64,
    /// The cosine of the two meanings, -1 to 1; none when one of them has no known word.
    meaning: Option<f64>,
    /// Words in common, those in its title first.
    words: Vec<String>,
    why: String,
    answer: Option<Reply>,
}

/// The answer that it got.
#[derive(Serialize)]
struct Reply {
    who: Option<String>,
    at: Time,
    text: String,
    url: Option<String>,
}

/// How many candidates each way of looking gives.
const EACH: usize = 60;
/// Words that are looked for.
const WORDS: usize = 10;
/// Words that are named as a reason.
const NAMED: usize = 5;
/// Letters of an answer that are shown.
const SHOWN: usize = 600;

fn answer(desk: &Desk, args: &Similar) -> Result<Answer, Fault> {
    let words = args.what.join(" ");
    let store = desk.reading()?;
    let number = match args.what.as_slice() {
        [one] => one.parse::<i64>().ok(),
        _ => None,
    };
    let (thread, at, title, text) = match number {
        Some(number) => {
            let asked = store.asked(number)?.ok_or_else(|| unknown(number))?;
            (Some(number), Some(asked.row.opened_at), asked.row.title, asked.text)
        }
        None if words.contains(char::is_alphanumeric) => (None, None, String::new(), words.clone()),
        None => {
            return Err(Fault::usage("there is no word to look for")
                .hint("rapport similar \"webhook signature does not match\", or a thread's number"));
        }
    };
    let likes = likes(desk, &store, (thread, at), (&title, &text), args)?;
    desk.answer(&likes, || told(desk, thread, if title.is_empty() { &text } else { &title }, &likes, args))
}

fn likes(
    desk: &Desk,
    store: &Store,
    (thread, at): (Option<i64>, Option<Time>),
    (title, text): (&str, &str),
    args: &Similar,
) -> Result<Vec<Like>, Fault> {
    let own = clean::joined(title, text);
    let meaning = similar::meaning(title, text);
    let mut cosines: BTreeMap<i64, Option<f32>> = BTreeMap::new();
    if let Some(meaning) = &meaning {
        for near in
            store.near(&[meaning], (!args.all).then_some(desk.now), EACH, &cosine)?.into_iter().flatten()
        {
            cosines.insert(near.thread, Some(near.score));
        }
    }
    // A text that is all code has no words of its own; then what stands in it has to do.
    let own = if own.is_empty() { text } else { &own };
    for found in store.saying(&similar::telling(own, WORDS), EACH)? {
        if let std::collections::btree_map::Entry::Vacant(entry) = cosines.entry(found) {
            let vector = store.vector(found)?;
            entry.insert(meaning.as_ref().zip(vector).map(|(asked, there)| cosine(asked, &there)));
        }
    }
    let mut found: Vec<(Asked, Option<f32>)> = Vec::new();
    for (id, cosine) in cosines {
        let Some(asked) = store.asked(id)? else { continue };
        let answered = matches!(asked.row.state, NeedState::Answered | NeedState::Met);
        let fits = asked.row.need.is_some() && (args.all || answered) && asked.row.opened_at <= desk.now;
        if fits && Some(id) != thread {
            found.push((asked, cosine));
        }
    }
    // A text of no time is asked beside the newest of them: the same answer whenever it is asked.
    let at = at.or_else(|| found.iter().map(|(asked, _)| asked.row.opened_at).max()).unwrap_or(desk.now);
    let candidates: Vec<Candidate<'_>> = found
        .iter()
        .map(|(asked, cosine)| Candidate {
            title: &asked.row.title,
            body: &asked.text,
            cosine: cosine.unwrap_or(0.0),
            days: Some(days_between(at, asked.row.opened_at)),
        })
        .collect();
    let scores = similar::rank(title, text, &candidates);
    let mut ranked: Vec<(f32, (Asked, Option<f32>))> = scores.into_iter().zip(found).collect();
    ranked.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.0.row.id.cmp(&b.1.0.row.id)));
    ranked.truncate(usize::from(args.top));
    ranked.into_iter().map(|(score, (asked, cosine))| like(store, own, score, asked, cosine)).collect()
}

#[allow(clippy::cast_precision_loss)] // hours
pub(in crate::desk) fn days_between(a: Time, b: Time) -> f32 {
    ((a.millis() - b.millis()).abs() / 3_600_000) as f32 / 24.0
}

fn like(store: &Store, own: &str, score: f32, asked: Asked, cosine: Option<f32>) -> Result<Like, Fault> {
    let row = asked.row;
    let words = similar::shared(own, &row.title, &asked.text, NAMED);
    let answer = store.answer(row.id)?.map(|reply| {
        let text = clean::clean(&reply.text).text;
        let text = if text.is_empty() { reply.text } else { text };
        Reply { who: reply.who, at: reply.at, text: text.chars().take(SHOWN).collect(), url: reply.url }
    });
    Ok(Like {
        thread: row.id,
        source: row.source,
        title: row.title,
        url: row.url,
        kind: row.need.map(|n| n.as_str().to_owned()),
        state: row.state,
        why_state: row.because,
        opened_at: row.opened_at,
        score: rounded(score),
        meaning: cosine.map(rounded),
        why: because(&words, cosine),
        words,
        answer,
    })
}

fn rounded(x: f32) -> f64 {
    (f64::from(x) * 1_000.0).round() / 1_000.0
}

fn because(words: &[String], cosine: Option<f32>) -> String {
    let meaning = match cosine {
        Some(c) if c >= STRONG => "much the same meaning",
        Some(c) if c >= STRONG / 2.0 => "a related meaning",
        _ => "",
    };
    match (words.is_empty(), meaning) {
        (true, "") => "parts of words in common".to_owned(),
        (true, meaning) => format!("{meaning}, in other words"),
        (false, "") => format!("both say {}", words.join(", ")),
        (false, meaning) => format!("{meaning}; both say {}", words.join(", ")),
    }
}

pub(super) fn cosine(a: &[i8], b: &[i8]) -> f32 {
    let (Ok(a), Ok(b)) = (a.try_into(), b.try_into()) else { return 0.0 };
    vectors::small_cosine(a, b)
}

/// For each of these threads, how many answered earlier threads asked much the same.
pub(super) fn answered_before(
    store: &Store,
    threads: &[i64],
    now: Time,
) -> Result<BTreeMap<i64, usize>, Fault> {
    let mut asked: Vec<(i64, Vec<i8>)> = Vec::new();
    for thread in threads {
        asked.extend(store.vector(*thread)?.map(|vector| (*thread, vector)));
    }
    let vectors: Vec<&[i8]> = asked.iter().map(|(_, vector)| vector.as_slice()).collect();
    if vectors.is_empty() {
        return Ok(BTreeMap::new());
    }
    let near = store.near(&vectors, Some(now), MENTIONED + 1, &cosine)?;
    Ok(asked
        .iter()
        .zip(near)
        .map(|((thread, _), near)| {
            let strong = near.iter().filter(|n| n.thread != *thread && n.score >= STRONG).count();
            (*thread, strong.min(MENTIONED))
        })
        .filter(|(_, n)| *n > 0)
        .collect())
}

/// More than these are not counted.
pub(super) const MENTIONED: usize = 9;

fn told(desk: &Desk, thread: Option<i64>, asked: &str, likes: &[Like], args: &Similar) -> String {
    let which = if args.all { "thread" } else { "answered thread" };
    let what =
        thread.map_or_else(|| format!("'{}'", line(asked, 80)), |n| format!("{n} {}", line(asked, 80)));
    let Some(first) = likes.first() else {
        let more = if args.all { "" } else { " --all also looks among those that nobody answered." };
        return format!("No {which} is like {what}.{more}\n");
    };
    let mut out =
        format!("{}\n", bold(&format!("{} like {what}", count(likes.len(), which, &format!("{which}s")))));
    for like in likes {
        out.push_str(&format!("\n{:>6}  {}\n", like.thread, bold(&line(&like.title, 100))));
        out.push_str(&dim(&format!(
            "        {} \u{b7} {} \u{b7} {}: {}\n",
            like.source,
            moment(like.opened_at),
            like.state.as_str(),
            line(&like.why_state, 60)
        )));
        out.push_str(&dim(&format!("        {}\n", line(&like.why, 110))));
        if let Some(reply) = &like.answer {
            let who = line(reply.who.as_deref().unwrap_or("(account gone)"), 30);
            out.push_str(&format!("        {who}: {}\n", line(&reply.text, 200)));
        }
        let url = like.answer.as_ref().and_then(|a| a.url.as_ref()).or(like.url.as_ref());
        if let Some(url) = url {
            out.push_str(&dim(&format!("        {}\n", line(url, 200))));
        }
    }
    out.push_str(&dim(&format!("\nnext: {r} thread {t}\n", r = desk.program(), t = first.thread)));
    out
}
