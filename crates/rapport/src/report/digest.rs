//! The community's week as a page: every sentence links what it is from.

use rapport_model::{NeedState, Time};

use super::document::{Document, Span, Words, link, plain};
use crate::desk::digest::{Thread, Week};
use crate::page::{count, line, span};

/// Builds it.
pub(crate) fn page(week: &Week) -> Document {
    let day = |t: Time| t.to_string().get(..10).unwrap_or_default().to_owned();
    let over = week.as_of >= week.to;
    let state = if over { String::new() } else { format!(", so far until {}", day(week.as_of)) };
    let mut page = Document::new(
        format!("{}: week {}", line(&week.community, 80), week.week),
        format!(
            "{} to {}{state}. A draft: read it before you send it.",
            day(week.from),
            day(week.to.plus_millis(-1))
        ),
    );
    page.text(plain(summary(week)));
    part(&mut page, "Asked", week.asked.iter().map(asked).collect(), "Nobody asked for anything.");
    part(
        &mut page,
        "Answered",
        week.answered.iter().map(answered).collect(),
        "Nothing was answered for the first time.",
    );
    if week.helped > 0 {
        let others = week.helped - week.named.len().min(week.helped);
        let words = match (week.named.is_empty(), others) {
            (true, _) => format!("{} answered.", count(week.helped, "person", "people")),
            (false, 0) => format!("Thanks to {}.", list(&week.named)),
            (false, n) => format!("Thanks to {} and {}.", list(&week.named), count(n, "other", "others")),
        };
        page.soft(format!("{words} People are named only when they agreed to it."));
    }
    let out = week.shipped.iter().map(|s| {
        let sign = match s.what.as_str() {
            "release" => "Released: ",
            "page" => "New page: ",
            _ => "Asked for, and out: ",
        };
        vec![
            Span::Plain(sign.to_owned()),
            link(line(&s.name, 140), s.url.as_deref()),
            Span::Plain(format!(" ({}, {}).", line(&s.source, 60), day(s.at))),
        ]
    });
    part(&mut page, "Shipped", out.collect(), "Nothing came out.");
    let open = week.open.iter().map(|t| {
        let waits = t
            .waiting_since
            .map_or_else(String::new, |s| format!(", for {}", span(week.as_of.seconds_since(s))));
        vec![title(t), Span::Plain(format!(" waits in {}{waits}. Can you help?", line(&t.source, 60)))]
    });
    part(&mut page, "Open", open.collect(), "Nobody waits.");
    let events = week.events.iter().map(|e| {
        let days = match e.ends {
            Some(last) if last > e.starts => format!("{} to {}", day(e.starts), day(last)),
            _ => day(e.starts),
        };
        let place = e.place.as_ref().map_or_else(String::new, |p| format!(", {}", line(p, 60)));
        let talks =
            if e.talks.is_empty() { String::new() } else { format!(": “{}”", e.talks.join("”, “")) };
        vec![link(line(&e.name, 100), e.url.as_deref()), Span::Plain(format!(" ({days}{place}){talks}"))]
    });
    part(&mut page, "Events", events.collect(), "No event with us in the next six weeks.");
    page
}

/// The week in a sentence.
pub(crate) fn summary(week: &Week) -> String {
    format!(
        "{} asked for {}; {} for the first time; {} out; {}.",
        count(week.people, "person", "people"),
        count(week.asked.len(), "thing", "things"),
        count(week.answered.len(), "thread was answered", "threads were answered"),
        count(week.shipped.len(), "thing came", "things came"),
        if week.open.is_empty() {
            "nobody waits".to_owned()
        } else {
            count(week.open.len(), "thread waits", "threads wait")
        }
    )
}

fn part(page: &mut Document, heading: &str, items: Vec<Words>, nothing: &str) {
    page.heading(heading);
    if items.is_empty() {
        page.text(plain(nothing));
    } else {
        page.list(items);
    }
}

fn title(t: &Thread) -> Span {
    link(line(&t.title, 140), t.url.as_deref())
}

fn asked(t: &Thread) -> Words {
    let became = match t.state {
        NeedState::Waiting => "it waits",
        NeedState::Answered => "it was answered",
        NeedState::Met => "it is settled",
        NeedState::Declined => "it was declined",
        NeedState::Stale => "it waited too long",
    };
    vec![title(t), Span::Plain(format!(" ({}, {}): {became}.", t.kind, line(&t.source, 60)))]
}

fn answered(t: &Thread) -> Words {
    let by = match (&t.answered_by, t.answered_from.as_deref()) {
        (Some(name), _) => format!("by {}", line(name, 60)),
        (None, Some("community")) => "by somebody of the community".to_owned(),
        (None, Some(_)) => "by the team".to_owned(),
        (None, None) => "by somebody".to_owned(),
    };
    let took = t
        .answered_at
        .map_or_else(String::new, |at| format!(" after {}", span(at.seconds_since(t.opened_at))));
    vec![title(t), Span::Plain(format!(" was answered {by}{took}."))]
}

fn list(names: &[String]) -> String {
    names.iter().map(|n| line(n, 60)).collect::<Vec<_>>().join(", ")
}
