//! A friction log on one readable page.

use rapport_practice::friction::Log;

use super::document::{Block, Document, Span, Words, link, plain};
use crate::desk::friction::{Bad, Row, minutes_words};
use crate::page::line;

/// Builds it.
pub(crate) fn page(row: &Row, log: &Log, evidence: &[Bad]) -> Document {
    let day = |t: rapport_model::Time| t.to_string().get(..10).unwrap_or_default().to_owned();
    let mut under = vec![day(log.date), log.persona.clone(), log.size.clone()];
    under.extend(log.version.iter().map(|v| format!("version {v}")));
    under.extend(log.recorder.iter().map(|r| format!("written by {r}")));
    let mut page =
        Document::new(format!("Friction log: {}", line(&log.scenario, 100)), under.join(" \u{b7} "));
    if let Some(goal) = &log.goal {
        page.text(plain(format!("Goal: {goal}")));
    }
    let mut sentence: Words = match row.first_success_min {
        Some(minutes) => vec![Span::Strong(format!("First success after {}.", minutes_words(minutes)))],
        None => vec![Span::Strong("No success.".to_owned())],
    };
    sentence.push(Span::Plain(match &row.before {
        Some(before) => format!(
            " {}: log {} of {}. Two walks by hand, no trend.",
            upper(&before.change),
            before.log,
            day(before.date)
        ),
        None => " This is the first log of the scenario.".to_owned(),
    }));
    sentence.push(Span::Plain(format!(" {} of {} steps went badly.", row.bad_steps, row.steps)));
    page.text(sentence);
    for paragraph in log.story.split("\n\n").filter(|p| !p.trim().is_empty()) {
        page.text(plain(paragraph));
    }
    page.heading("At a glance");
    let rows = log.steps.iter().map(|step| {
        let bad = log.bad(step).is_some();
        let title = if bad { Span::Strong(step.title.clone()) } else { Span::Plain(step.title.clone()) };
        let mood = step.mood.clone().unwrap_or_else(|| "not written down".to_owned());
        let worked = step.success.map_or_else(String::new, |at| format!("works at +{}", minutes_words(at)));
        vec![plain(format!("+{}", minutes_words(step.minute))), vec![title], plain(mood), plain(worked)]
    });
    page.table(&["after", "step", "mood", ""], false, rows.collect());
    page.heading("Step by step");
    for (n, step) in log.steps.iter().enumerate() {
        page.smaller(format!("{}. {} (+{})", n + 1, line(&step.title, 120), minutes_words(step.minute)));
        let mood = step.mood.as_ref().map(|m| format!("Mood: {m}."));
        let place = step.place.as_deref().map(|p| link(line(p, 100), Some(p)));
        if mood.is_some() || place.is_some() {
            let mut words: Words = mood.map(Span::Plain).into_iter().collect();
            if let Some(place) = place {
                words.extend([Span::Plain(" ".to_owned()), place]);
            }
            page.blocks.push(Block::Soft(words));
        }
        for paragraph in step.text.split("\n\n").filter(|p| !p.trim().is_empty()) {
            page.text(plain(paragraph));
        }
        let signed = step.pros.iter().map(|p| ("Good: ", p)).chain(step.cons.iter().map(|c| ("Bad: ", c)));
        page.list(
            signed
                .map(|(sign, text)| {
                    vec![Span::Strong(sign.trim().to_owned()), Span::Plain(format!(" {text}"))]
                })
                .collect(),
        );
        for bad in evidence.iter().filter(|b| b.step == n + 1) {
            let topic = match (bad.topic, &bad.label) {
                (Some(id), Some(label)) => format!("topic {id}, {}", line(label, 80)),
                _ => "no topic is near".to_owned(),
            };
            page.soft(format!("Evidence {}: {}; {topic}.", bad.evidence, bad.because));
        }
    }
    page
}

fn upper(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
