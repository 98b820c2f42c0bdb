//! What a tracker's issue says about feedback: closed as done, closed as not planned, planned, read.

use crate::feedback::{State, Step};

/// How an issue was closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closed {
    /// As done, or without saying how.
    Done,
    /// As not planned, or as a duplicate.
    NotPlanned,
}

/// How an issue stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// How it was closed; none while it is open.
    pub closed: Option<Closed>,
    /// Its labels, in lower case, without their scope.
    pub labels: Vec<String>,
    /// The milestone's title.
    pub milestone: Option<String>,
    /// Somebody has taken it.
    pub assigned: bool,
    /// What a human last wrote in it.
    pub words: Option<String>,
    /// The tracker's name.
    pub tracker: String,
}

impl Seen {
    /// In a few words: what is kept beside the delivery.
    #[must_use]
    pub fn says(&self) -> String {
        let state = match self.closed {
            Some(Closed::Done) => "closed as done",
            Some(Closed::NotPlanned) => "closed as not planned",
            None => "open",
        };
        let milestone = self.milestone.as_ref().map(|m| format!(", milestone {m}")).unwrap_or_default();
        format!("{state}{milestone}")
    }
}

/// What follows for the feedback.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Meant {
    /// Nothing new.
    Nothing,
    /// This step.
    Step(Step),
    /// A step that lacks something only a person can add.
    Lacks(String),
}

/// Labels that say "yes".
const YES: [&str; 8] =
    ["accepted", "planned", "scheduled", "in progress", "in-progress", "doing", "approved", "committed"];

/// What an issue's state means for feedback that is in `state`.
#[must_use]
pub fn meant(state: State, seen: &Seen) -> Meant {
    let release = seen.milestone.clone();
    let tracker = &seen.tracker;
    let yes = seen.milestone.is_some() || seen.labels.iter().any(|l| YES.contains(&l.as_str()));
    match (state, seen.closed) {
        (State::Draft | State::Told, _) => Meant::Nothing,
        (State::Delivered | State::Acknowledged | State::Accepted, Some(Closed::Done)) => {
            Meant::Step(Step::Ship { release })
        }
        (State::Delivered | State::Acknowledged | State::Accepted, Some(Closed::NotPlanned)) => {
            match &seen.words {
                Some(reason) => Meant::Step(Step::Decline { reason: reason.clone() }),
                None => Meant::Lacks(format!(
                    "{tracker} closed it as not planned and says no reason: those who asked will want one"
                )),
            }
        }
        (State::Declined, Some(Closed::Done)) | (State::Shipped, Some(Closed::NotPlanned)) => Meant::Lacks(
            format!("{tracker} says {}, while it is {} here: say which holds", seen.says(), state.as_str()),
        ),
        (State::Declined | State::Shipped, None) => {
            Meant::Step(Step::Reopen { reason: format!("{tracker} opened it again") })
        }
        (State::Delivered | State::Acknowledged, None) if yes => Meant::Step(Step::Accept { release }),
        (State::Delivered, None) if seen.assigned || seen.words.is_some() => Meant::Step(Step::Acknowledge),
        _ => Meant::Nothing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_tracker_says_is_a_step_or_a_question() {
        let open = Seen { tracker: "github".to_owned(), ..Seen::default() };
        let done = Seen { closed: Some(Closed::Done), milestone: Some("3.1".to_owned()), ..open.clone() };
        let no = Seen { closed: Some(Closed::NotPlanned), ..open.clone() };
        let why = Seen { words: Some("too few need it".to_owned()), ..no.clone() };
        let release = Some("3.1".to_owned());
        for (state, seen, wanted) in [
            (State::Delivered, &open, Meant::Nothing),
            (State::Delivered, &Seen { assigned: true, ..open.clone() }, Meant::Step(Step::Acknowledge)),
            (
                State::Acknowledged,
                &Seen { labels: vec!["planned".to_owned()], ..open.clone() },
                Meant::Step(Step::Accept { release: None }),
            ),
            (State::Delivered, &done, Meant::Step(Step::Ship { release })),
            (State::Accepted, &why, Meant::Step(Step::Decline { reason: "too few need it".to_owned() })),
            (State::Shipped, &done, Meant::Nothing),
            (
                State::Shipped,
                &open,
                Meant::Step(Step::Reopen { reason: "github opened it again".to_owned() }),
            ),
            (State::Told, &open, Meant::Nothing),
        ] {
            assert_eq!(meant(state, seen), wanted, "{state:?} {seen:?}");
        }
        assert!(matches!(meant(State::Delivered, &no), Meant::Lacks(_)), "no without a reason");
        assert!(matches!(meant(State::Declined, &done), Meant::Lacks(_)));
    }
}
