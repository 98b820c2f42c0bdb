//! A trip report, drafted from the notes of an event.

use std::collections::BTreeMap;

use super::document::{Block, Document, Span, Words, link, plain};
use crate::desk::notes::{Row, Trip, follow};
use crate::page::{count, line};

/// Builds it.
pub(crate) fn page(trip: &Trip) -> Document {
    let day = |t: rapport_model::Time| t.to_string().get(..10).unwrap_or_default().to_owned();
    let mut under = Vec::new();
    match (trip.starts, trip.ends) {
        (Some(first), Some(last)) if last > first => under.push(format!("{} to {}", day(first), day(last))),
        (Some(first), _) => under.push(day(first)),
        _ => {}
    }
    under.extend(trip.place.clone());
    let mut writers: Vec<&str> = trip.notes.iter().filter_map(|n| n.writer.as_deref()).collect();
    writers.sort_unstable();
    writers.dedup();
    if !writers.is_empty() {
        under.push(format!("notes by {}", writers.join(", ")));
    }
    under.push(format!("a draft of {}", day(trip.as_of)));
    let mut page = Document::new(format!("Trip report: {}", line(&trip.event, 120)), under.join(" \u{b7} "));
    let open: Vec<&Row> = trip.notes.iter().filter(|n| follow(n).is_some() && n.done_at.is_none()).collect();
    let topics = grouped(&trip.notes);
    let mut sentence = format!(
        "{} about {}; {}.",
        count(trip.notes.len(), "note", "notes"),
        count(
            topics.keys().filter(|k| k.is_some()).count(),
            "topic that the community asks about, too",
            "topics that the community asks about, too"
        ),
        if open.is_empty() {
            "no follow-up is open".to_owned()
        } else {
            format!("{} open", count(open.len(), "follow-up is", "follow-ups are"))
        }
    );
    for (title, speaker, state) in &trip.talks {
        let by = speaker.as_ref().map_or_else(String::new, |s| format!(" by {s}"));
        sentence.push_str(&format!(" Talk “{}”{by}: {state}.", line(title, 120)));
    }
    let mut words: Words = vec![Span::Plain(sentence)];
    if let Some(url) = &trip.url {
        words.extend([Span::Plain(" ".to_owned()), link(line(url, 80), Some(url))]);
    }
    page.text(words);
    page.heading("What was heard");
    let mut order: Vec<(&Option<String>, &Vec<&Row>)> = topics.iter().collect();
    order.sort_by_key(|(label, notes)| (label.is_none(), std::cmp::Reverse(notes.len())));
    for (label, notes) in order {
        page.smaller(label.clone().unwrap_or_else(|| "Near no topic".to_owned()));
        page.list(notes.iter().map(|n| heard(n)).collect());
    }
    if !open.is_empty() {
        page.heading("Follow-ups");
        page.blocks.push(Block::Tasks(
            open.iter()
                .map(|n| {
                    plain(format!(
                        "{}: {} (note {})",
                        follow(n).unwrap_or_default(),
                        line(&n.text, 160),
                        n.note
                    ))
                })
                .collect(),
        ));
    }
    page.heading("What this report does not know");
    let mut unknown =
        vec!["These are notes of what was heard, by hand; who was not spoken to is not in them.".to_owned()];
    if trip.left_out > 0 {
        unknown.push(format!(
            "{} may not be quoted and {} left out.",
            count(trip.left_out, "note", "notes"),
            if trip.left_out == 1 { "is" } else { "are" }
        ));
    }
    let silent = trip.notes.iter().filter(|n| n.consent == "none").count();
    if silent > 0 {
        unknown.push(format!(
            "{} without consent to be quoted: not for eyes outside DevRel (--outside leaves them out).",
            count(silent, "note is", "notes are")
        ));
    }
    let loose = trip.notes.iter().filter(|n| n.topic.is_none()).count();
    if loose > 0 {
        unknown.push(format!(
            "{} near no topic: asked by nobody else yet, or in words that are not known.",
            count(loose, "note is", "notes are")
        ));
    }
    page.list(unknown.into_iter().map(plain).collect());
    page
}

fn grouped(notes: &[Row]) -> BTreeMap<Option<String>, Vec<&Row>> {
    let mut topics: BTreeMap<Option<String>, Vec<&Row>> = BTreeMap::new();
    for note in notes {
        topics.entry(note.label.clone()).or_default().push(note);
    }
    topics
}

fn heard(note: &Row) -> Words {
    let mut words = vec![Span::Plain(note.text.clone())];
    let said = note.said_by.as_ref().map(|by| match note.consent.as_str() {
        "name" => line(by, 80),
        _ => format!("{}, name not for others", line(by, 80)),
    });
    let mut more: Vec<String> = said.into_iter().collect();
    more.extend(note.kind.clone().filter(|k| k != "other"));
    if note.consent == "none" {
        more.push("not for quoting".to_owned());
    }
    if !more.is_empty() {
        words.push(Span::Plain(format!(" ({})", more.join("; "))));
    }
    words
}
