//! A department's report as a page: first what waits for it.

use super::document::{Block, Chart, Document, Span, Words, link, plain, under};
use super::leadership::lines;
use crate::desk::report::department::{Ask, Department, Topic};
use crate::page::{count, line, span};

/// Builds it.
pub(crate) fn page(r: &Department) -> Document {
    let day = |t: rapport_model::Time| t.to_string().get(..10).unwrap_or_default().to_owned();
    let mut page = Document::new(
        format!("{}: for {}", line(&r.community, 80), line(&r.department, 40)),
        under(&r.period, r.as_of),
    );
    if let Some(relation) = &r.relation {
        page.text(plain(format!("{}.", relation.says)));
    }
    page.heading("Waiting for your decision");
    if r.waiting.is_empty() {
        page.text(plain("Nothing."));
    }
    let item = |a: &Ask| -> Words {
        let mut words = vec![
            link(line(&a.title, 140), a.url.as_deref()),
            Span::Plain(format!(" (feedback {}, {}): {}", a.feedback, a.severity, line(&a.ask, 300))),
        ];
        let waits = a.waiting_s.map_or_else(String::new, |s| format!(" Waits {}", span(s)));
        let by = a.decide_by.map_or_else(String::new, |d| format!(", asked for by {}", day(d)));
        words.push(Span::Plain(format!(
            "{waits}{by}; {}.",
            count(a.evidence, "piece of evidence", "pieces of evidence")
        )));
        words
    };
    page.list(r.waiting.iter().map(item).collect());
    if !r.decided.is_empty() {
        page.heading("Decided");
        let rows = r.decided.iter().map(|a| {
            let why = a.reason.clone().or_else(|| a.release.clone()).unwrap_or_default();
            vec![
                plain(a.feedback.to_string()),
                plain(line(&a.title, 120)),
                plain(a.state.clone()),
                plain(line(&why, 160)),
            ]
        });
        page.table(&["feedback", "what", "state", "reason or release"], false, rows.collect());
    }
    page.heading("What developers ask");
    if r.any_topics {
        page.soft("No topic was brought to you yet; these are the largest of the period.");
    }
    page.blocks.extend(by_week(&r.topics).map(Block::Chart));
    for t in &r.topics {
        page.smaller(format!("{} (topic {})", line(&t.label, 100), t.id));
        let waits =
            if t.waiting > 0 { format!(", {}", count(t.waiting, "waits", "wait")) } else { String::new() };
        page.text(plain(format!(
            "{} in {}{waits}.",
            count(t.people, "person", "people"),
            count(t.threads, "thread", "threads")
        )));
        page.list(t.evidence.iter().map(|(title, url)| vec![link(title.clone(), url.as_deref())]).collect());
    }
    page.heading("Trends and gaps");
    lines(
        &mut page,
        "Trends",
        &r.trends,
        "None of these topics changed beyond chance in the last four weeks.",
    );
    lines(&mut page, "Gaps", &r.gaps, "No gap beyond chance is routed to you.");
    if !r.docs.is_empty() {
        page.heading("What the documentation lacks");
        let rows = r.docs.iter().map(|g| {
            vec![
                vec![link(line(&g.about, 100), g.evidence.first().map(String::as_str))],
                plain(g.lack),
                plain(g.people.to_string()),
                plain(g.nothing.to_string()),
                plain(line(&g.because.join("; "), 300)),
            ]
        });
        page.table(&["about", "lacking", "people asked", "searches in vain", "why"], false, rows.collect());
    }
    page.heading("What is not known");
    page.blocks.push(Block::List(r.not_known.iter().map(|s| plain(line(s, 400))).collect()));
    page
}

/// Weeks that are drawn at most, the last ones.
const WEEKS: usize = 52;

/// Who asked week by week, a row a topic.
fn by_week(topics: &[Topic]) -> Option<Chart> {
    let all = || topics.iter().flat_map(|t| t.weeks.keys());
    let mut weeks: Vec<_> = all().min()?.through(*all().max()?).collect();
    let weeks = weeks.split_off(weeks.len().saturating_sub(WEEKS));
    // A single week is a number, and the text has that.
    if weeks.len() < 2 {
        return None;
    }
    let counts = |t: &Topic| weeks.iter().map(|w| t.weeks.get(w).map_or(0, |n| *n as u64)).collect();
    Some(Chart::Topics {
        title: "People who asked, by week".to_owned(),
        rows: topics.iter().map(|t| (line(&t.label, 60), counts(t))).collect(),
        weeks: weeks.iter().map(ToString::to_string).collect(),
    })
}
