//! `search`: which messages say this?

use clap::Args;
use rapport_model::{NeedKind, NeedState, Time};
use rapport_store::Wanted;
use serde::Serialize;

use super::add::parsed;
use super::{Answer, Desk, Verb};
use crate::fault::Fault;
use crate::page::{bold, dim, line, moment};

pub(crate) const VERB: Verb = Verb {
    name: "search",
    about: "Find messages by their words",
    example: "rapport search webhook signature\nrapport search '\"token expired\"' --source github:acme/relay --since 2026-07-01",
    args: Search::augment_args,
    call: |desk, matches| search(desk, &parsed(matches)?),
};

/// Arguments of `search`.
#[derive(Args)]
struct Search {
    /// Words that must all occur; "a phrase"; a beginning*
    #[arg(required = true)]
    words: Vec<String>,
    /// Only this source
    #[arg(long)]
    source: Option<String>,
    /// Only threads with this kind of need: question, bug, feature, docs, friction, other
    #[arg(long)]
    kind: Option<String>,
    /// Only threads whose need is in this state
    #[arg(long, value_parser = ["waiting", "answered", "met", "declined"])]
    state: Option<String>,
    /// Only from this time on
    #[arg(long)]
    since: Option<String>,
    /// Only before this time
    #[arg(long)]
    until: Option<String>,
    /// Only by this person: name, login or address
    #[arg(long)]
    person: Option<String>,
    /// How many at most
    #[arg(long, default_value_t = 20)]
    top: usize,
}

#[derive(Serialize)]
struct Hit {
    activity: i64,
    thread: Option<i64>,
    source: String,
    title: String,
    at: Time,
    who: Option<String>,
    url: Option<String>,
    score: f64,
    text: String,
}

fn search(desk: &Desk, args: &Search) -> Result<Answer, Fault> {
    let time = |flag: &str, text: &Option<String>| -> Result<Option<Time>, Fault> {
        text.as_ref().map(|t| Time::parse(t).map_err(|e| Fault::usage(format!("{flag}: {e}")))).transpose()
    };
    let words = args.words.join(" ");
    if !words.contains(char::is_alphanumeric) {
        return Err(Fault::usage("there is no word to look for").hint("rapport search webhook signature"));
    }
    let store = desk.reading()?;
    if let Some(name) = &args.source
        && store.source_id(name)?.is_none()
    {
        return Err(Fault::usage(format!("there is no source '{name}'")).hint("rapport sources  lists them"));
    }
    let wanted = Wanted {
        words: words.clone(),
        source: args.source.clone(),
        kind: args.kind.as_deref().map(NeedKind::named),
        state: args.state.as_deref().and_then(NeedState::from_word),
        since: time("--since", &args.since)?,
        until: time("--until", &args.until)?,
        person: args.person.clone(),
        most: args.top,
    };
    let hits: Vec<Hit> = store
        .search(&wanted)?
        .into_iter()
        .map(|h| Hit {
            activity: h.activity,
            thread: h.thread,
            source: h.source,
            title: h.title,
            at: h.at,
            who: h.who,
            url: h.url,
            score: (h.score * 1_000.0).round() / 1_000.0,
            text: h.text,
        })
        .collect();
    desk.answer(&hits, || {
        if hits.is_empty() {
            return format!(
                "Nothing says '{}'. Fewer words, or a beginning with *, find more.\n",
                line(&words, 80)
            );
        }
        let mut out = String::new();
        for hit in &hits {
            let thread = hit.thread.map_or_else(String::new, |t| t.to_string());
            let title = if hit.title.is_empty() { line(&hit.text, 70) } else { line(&hit.title, 90) };
            out.push_str(&format!("{thread:>6}  {}\n", bold(&title)));
            let who = line(hit.who.as_deref().unwrap_or("?"), 30);
            out.push_str(&dim(&format!("        {} \u{b7} {who} \u{b7} {}\n", hit.source, moment(hit.at))));
            out.push_str(&format!("        {}\n", excerpt(&hit.text, &words)));
        }
        out
    })
}

/// The stretch around the first word that was looked for.
fn excerpt(text: &str, words: &str) -> String {
    let flat = line(text, 100_000);
    let lower = flat.to_lowercase();
    let found = words
        .split(|c: char| !c.is_alphanumeric())
        .filter(|w| !w.is_empty())
        .filter_map(|w| lower.find(&w.to_lowercase()))
        .min()
        .unwrap_or(0);
    let skip = lower.get(..found).map_or(0, |before| before.chars().count()).saturating_sub(50);
    let cut: String = flat.chars().skip(skip).take(140).collect();
    if skip > 0 { format!("\u{2026}{cut}") } else { cut }
}
