//! A thread and its messages as they were at a moment: before an edit, after a deletion, with the labels of the day.

use super::{Event, Message, Thread};
use crate::Fault;
use crate::random::Random;
use crate::when::{self, Seconds};

impl Thread {
    /// When it was opened.
    pub(crate) fn opened(&self) -> Result<Seconds, Fault> {
        let first = self.messages.first().ok_or_else(|| format!("{}: nobody says anything", self.id))?;
        when::parse(&first.at)
    }

    /// Its number, where the channel numbers its threads.
    pub(crate) fn number(&self) -> Result<u64, Fault> {
        self.number.ok_or_else(|| format!("{}: it has no number", self.id).into())
    }

    /// The labels as they were at a moment.
    pub(crate) fn labels_at(&self, now: Seconds) -> Result<Vec<String>, Fault> {
        let mut labels = self.labels.clone();
        for event in self.events_until(now)? {
            let Some(label) = &event.value else { continue };
            match event.what.as_str() {
                "labeled" => labels.push(label.clone()),
                "unlabeled" => labels.retain(|l| l != label),
                _ => {}
            }
        }
        Ok(labels)
    }

    /// The events until a moment, in order.
    pub(crate) fn events_until(&self, now: Seconds) -> Result<Vec<&Event>, Fault> {
        let mut found = Vec::new();
        for event in &self.events {
            let at = when::parse(&event.at)?;
            if at <= now {
                found.push((at, event));
            }
        }
        found.sort_by_key(|(at, _)| *at);
        Ok(found.into_iter().map(|(_, event)| event).collect())
    }

    /// The event that closed it, if it was closed or merged at a moment.
    pub(crate) fn closed_by(&self, now: Seconds) -> Result<Option<&Event>, Fault> {
        let events = self.events_until(now)?;
        let last = events.into_iter().rfind(|e| matches!(e.what.as_str(), "closed" | "merged" | "reopened"));
        Ok(last.filter(|e| e.what != "reopened"))
    }
}

impl Message {
    /// When it was written.
    pub(crate) fn at(&self) -> Result<Seconds, Fault> {
        when::parse(&self.at)
    }

    /// What it said at a moment; `None` before it was written and after it was deleted.
    pub(crate) fn seen(&self, now: Seconds) -> Result<Option<String>, Fault> {
        let over = |at: &Option<String>| at.as_deref().map(when::parse).transpose();
        if self.at()? > now || over(&self.deleted)?.is_some_and(|at| at <= now) {
            return Ok(None);
        }
        let later = over(&self.edited)?.is_some_and(|at| at > now);
        let text = if later { self.before.as_deref().unwrap_or(&self.text) } else { &self.text };
        Ok(Some(self.padded(text.trim())))
    }

    /// When it was changed last, as far as was known at a moment.
    pub(crate) fn touched(&self, now: Seconds) -> Result<Seconds, Fault> {
        let edited = self.edited.as_deref().map(when::parse).transpose()?;
        Ok(edited.filter(|at| *at <= now).unwrap_or(self.at()?))
    }

    /// The text filled up with lines of a log, where a size is asked for.
    fn padded(&self, text: &str) -> String {
        let Some(size) = self.pad else { return text.to_owned() };
        let mut out = format!("{text}\n\n```text\n");
        let mut random = Random::new(7, "log");
        let mut second = 0_u64;
        while out.len() + 5 < size {
            second += 1 + random.below(20);
            let (hour, minute) = (second / 3_600 % 24, second / 60 % 60);
            let what = *random.of(&[
                "GET /healthz on :9000 refused",
                "delivery queued",
                "lease renewed",
                "flushed 64 events",
                "liveness probe failed, restarting",
            ]);
            out.push_str(&format!(
                "{hour:02}:{minute:02}:{:02} agent[{}]: {what}\n",
                second % 60,
                1 + second / 600
            ));
        }
        out.push_str("```");
        out
    }

    /// The reactions: an emoji and who used it.
    pub(crate) fn reactions(&self) -> impl Iterator<Item = (&str, Vec<&str>)> {
        self.react
            .iter()
            .filter_map(|r| r.split_once(':'))
            .map(|(emoji, who)| (emoji, who.split(',').collect()))
    }
}
