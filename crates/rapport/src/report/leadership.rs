//! The leadership report as a page: two columns always, the way from heard to told, and a list behind every number.

use super::document::{Bar, Block, Chart, Document, Span, Words, here, link, plain, under};
use super::overview::drawn;
use crate::desk::report::leadership::{Leadership, Line};
use crate::page::{count, line, span};

/// Entries of a list that are printed at most; the JSON has all.
const MOST: usize = 100;

/// The lists in the order of the page, with their headings.
const LISTS: [(&str, &str); 10] = [
    ("asked", "Asked for"),
    ("answered", "Answered by a human"),
    ("waiting", "Still waiting"),
    ("late", "Answered late, or not yet"),
    ("topics", "Topics"),
    ("delivered", "Feedback delivered"),
    ("decided", "Feedback decided"),
    ("undecided", "Feedback that waits for a decision"),
    ("shipped", "Feedback shipped"),
    ("told", "Feedback told"),
];

/// Builds it.
pub(crate) fn page(r: &Leadership) -> Document {
    let mut page = Document::new(
        format!("{}: what developers needed, and what we did with it", line(&r.community, 80)),
        under(&r.period, r.as_of),
    );
    page.blocks.push(Block::Columns(vec![
        ("Needs met".to_owned(), met(r)),
        ("Feedback delivered".to_owned(), delivered(r)),
    ]));
    page.blocks.push(Block::Chart(Chart::Bars {
        title: "From heard to told".to_owned(),
        rows: r
            .way
            .iter()
            .map(|s| Bar {
                label: s.name.to_owned(),
                n: s.n as u64,
                word: s.means.clone(),
                opens: s.list.to_owned(),
            })
            .collect(),
    }));
    page.heading("The numbers");
    let rows = r.metrics.iter().map(|m| {
        let kept = match m.kept {
            Some(true) => " (kept)",
            Some(false) => " (not kept)",
            None => "",
        };
        vec![
            vec![Span::Strong(m.name.to_owned()), Span::Plain(format!(": {}", m.definition))],
            vec![here(m.value.clone(), m.list)],
            plain(m.baseline.clone()),
            plain(format!("{}{kept}", m.threshold)),
            plain(m.label.clone()),
            plain(m.owner.clone()),
        ]
    });
    page.table(
        &["number, and what it means", "now", "before", "threshold", "whose", "owner"],
        false,
        rows.collect(),
    );
    page.soft("“Before” is the period of the same length just before, as it stood at its end. Below 30 cases there is a list and no rate. Each number opens its list.");
    if let Some(chart) = drawn(&r.fared, "Needs by the week of asking", ["answered", "still waiting"]) {
        page.blocks.push(Block::Chart(chart));
    }
    page.heading("Trends and gaps");
    lines(&mut page, "Trends", &r.trends, "No topic changed beyond chance in the last four weeks.");
    lines(&mut page, "Gaps", &r.gaps, "No topic's needs stay unmet beyond chance.");
    page.heading("What counts as ours");
    page.text(plain(format!("{}.", upper(r.attribution.rule.trim_end_matches('.')))));
    page.soft(r.attribution.says.clone());
    if !r.downloads.is_empty() {
        page.heading("Downloads");
        page.text(plain("Downloads are not people: mirrors, CI and caches count too. They are no part of any number above."));
        page.list(r.downloads.iter().map(|s| plain(line(s, 200))).collect());
    }
    page.heading("What we do not know");
    page.list(r.not_known.iter().map(|s| plain(line(s, 400))).collect());
    page.heading("The lists");
    for (name, heading) in LISTS {
        let entries = r.lists.get(name).map_or(&[][..], Vec::as_slice);
        page.blocks.push(Block::Smaller(format!("{heading} ({})", entries.len()), Some(name.to_owned())));
        if entries.is_empty() {
            page.soft("Nothing.");
            continue;
        }
        let mut items: Vec<Words> = entries
            .iter()
            .take(MOST)
            .map(|e| {
                vec![
                    link(e.title.clone(), e.url.as_deref()),
                    Span::Plain(format!(" ({}; {})", e.what, e.note)),
                ]
            })
            .collect();
        if entries.len() > MOST {
            items.push(plain(format!("{} more in the JSON of this report", entries.len() - MOST)));
        }
        page.list(items);
    }
    page.soft(format!(
        "Made from the log up to row {}, as of the moment above; the same log gives the same page.",
        r.log
    ));
    page
}

fn met(r: &Leadership) -> Vec<Words> {
    let a = &r.met;
    let list = |name: &str| r.lists.get(name).map_or(0, Vec::len);
    let mut out = vec![vec![
        here(format!("{} people asked", a.people), "asked"),
        Span::Plain(format!(" for {}, ", count(list("asked"), "thing", "things"))),
        here(format!("{} were answered by a human", list("answered")), "answered"),
        Span::Plain(match (a.median_s, a.p90_s) {
            (Some(median), Some(p90)) => {
                format!(", at the median after {}, 90 % within {}; ", span(median), span(p90))
            }
            _ => "; ".to_owned(),
        }),
        here(format!("{} wait", list("waiting")), "waiting"),
        Span::Plain(".".to_owned()),
    ]];
    if a.declined > 0 {
        out.push(plain(format!("{} were declined.", a.declined)));
    }
    out
}

fn delivered(r: &Leadership) -> Vec<Words> {
    let mut out: Vec<Words> = Vec::new();
    for d in &r.departments {
        let name = upper(&d.department);
        let active = !d.delivered.is_empty() || !d.waiting.is_empty();
        let mut words: Words = vec![Span::Strong(format!("{name}:"))];
        if active {
            words.push(Span::Plain(" ".to_owned()));
            words.push(here(count(d.delivered.len(), "ask", "asks"), "delivered"));
            words.push(Span::Plain(", ".to_owned()));
            words.push(here(format!("{} decided", d.decided.len()), "decided"));
            let took = d.median_to_decide_s.map_or_else(String::new, |s| format!(" (median {})", span(s)));
            let silent = d.silent_s.filter(|s| *s >= 86_400.0);
            let silent =
                silent.map_or_else(String::new, |s| format!(", silent {}", crate::desk::relations::days(s)));
            words.push(Span::Plain(format!("{took}, {} shipped{silent}.", d.shipped.len())));
        } else {
            words.push(Span::Plain(format!(" nothing delivered; {}.", d.says)));
        }
        out.push(words);
    }
    out
}

fn upper(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// Trends or gaps as a list.
pub(super) fn lines(page: &mut Document, heading: &str, all: &[Line], nothing: &str) {
    page.smaller(heading);
    if all.is_empty() {
        page.text(plain(nothing));
        return;
    }
    let item = |l: &Line| {
        vec![
            link(line(&l.label, 100), l.url.as_deref()),
            Span::Plain(format!(" (topic {}): {}", l.topic, line(&l.says, 400))),
        ]
    };
    page.list(all.iter().map(item).collect());
}
