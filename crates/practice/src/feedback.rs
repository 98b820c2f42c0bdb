//! Feedback's states and the steps between them: one step at a time, a reason where somebody is told no, and no closing
//! while people who asked have not heard back without saying so.

use rapport_model::Time;

/// How far feedback has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// Being written; nobody outside the team has seen it.
    Draft,
    /// It reached the department.
    Delivered,
    /// Somebody there has read it.
    Acknowledged,
    /// It will be done.
    Accepted,
    /// It will not be done, for a reason.
    Declined,
    /// It is done and out.
    Shipped,
    /// Those who asked have heard what became of it.
    Told,
}

impl State {
    /// All states.
    pub const ALL: [State; 7] = [
        State::Draft,
        State::Delivered,
        State::Acknowledged,
        State::Accepted,
        State::Declined,
        State::Shipped,
        State::Told,
    ];

    /// The word as written in files and output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            State::Draft => "draft",
            State::Delivered => "delivered",
            State::Acknowledged => "acknowledged",
            State::Accepted => "accepted",
            State::Declined => "declined",
            State::Shipped => "shipped",
            State::Told => "told",
        }
    }
    /// Reads the word back.
    #[must_use]
    pub fn from_word(word: &str) -> Option<State> {
        State::ALL.into_iter().find(|state| state.as_str() == word)
    }
    /// Whether it is the department's turn to decide.
    #[must_use]
    pub const fn awaits_decision(self) -> bool {
        matches!(self, State::Delivered | State::Acknowledged)
    }
    /// Whether it is time to tell those who asked.
    #[must_use]
    pub const fn awaits_telling(self) -> bool {
        matches!(self, State::Shipped | State::Declined)
    }
}

/// One step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// It reached the department.
    Deliver,
    /// Somebody there has read it.
    Acknowledge,
    /// It will be done; for which release, when that is known.
    Accept {
        /// The release, milestone or date.
        release: Option<String>,
    },
    /// It will not be done.
    Decline {
        /// Why: never empty.
        reason: String,
    },
    /// It is done and out.
    Ship {
        /// In which release.
        release: Option<String>,
    },
    /// What was declined is looked at again, or what shipped was taken back.
    Reopen {
        /// Why: never empty.
        reason: String,
    },
    /// Those who asked have heard back.
    Tell {
        /// How many of those who asked, and may be written to, have not.
        untold: usize,
        /// Why it is closed all the same.
        why: Option<String>,
    },
}

impl Step {
    /// The word as written in files and output.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Step::Deliver => "deliver",
            Step::Acknowledge => "acknowledge",
            Step::Accept { .. } => "accept",
            Step::Decline { .. } => "decline",
            Step::Ship { .. } => "ship",
            Step::Reopen { .. } => "reopen",
            Step::Tell { .. } => "tell",
        }
    }
    /// The reason that it carries.
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        match self {
            Step::Decline { reason } | Step::Reopen { reason } => Some(reason),
            Step::Tell { why, .. } => why.as_deref(),
            _ => None,
        }
    }
    /// The release that it names.
    #[must_use]
    pub fn release(&self) -> Option<&str> {
        match self {
            Step::Accept { release } | Step::Ship { release } => release.as_deref(),
            _ => None,
        }
    }
}

/// Why a step is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The step does not lead on from here.
    #[error("what is {from} cannot be {to}")]
    NotFrom {
        /// The state it is in.
        from: &'static str,
        /// What was wanted.
        to: &'static str,
    },
    /// Saying no takes a reason.
    #[error("a reason is required: those who asked will read it")]
    NoReason,
    /// People wait to hear back.
    #[error("{untold} who asked have not heard back")]
    Untold {
        /// How many.
        untold: usize,
    },
}

/// The state after one step.
///
/// # Errors
/// A [`Refusal`] when the step does not lead on from `state`, lacks its reason, or would close over people who wait.
pub fn next(state: State, step: &Step) -> Result<State, Refusal> {
    let to = |to: &'static str| Err(Refusal::NotFrom { from: state.as_str(), to });
    match (state, step) {
        (_, Step::Decline { reason } | Step::Reopen { reason }) if reason.trim().is_empty() => {
            Err(Refusal::NoReason)
        }
        (State::Draft, Step::Deliver) => Ok(State::Delivered),
        (_, Step::Deliver) => to("delivered"),
        (State::Delivered, Step::Acknowledge) => Ok(State::Acknowledged),
        (_, Step::Acknowledge) => to("acknowledged"),
        (State::Acknowledged, Step::Accept { .. }) => Ok(State::Accepted),
        (_, Step::Accept { .. }) => to("accepted"),
        (State::Acknowledged | State::Accepted, Step::Decline { .. }) => Ok(State::Declined),
        (_, Step::Decline { .. }) => to("declined"),
        (State::Accepted, Step::Ship { .. }) => Ok(State::Shipped),
        (_, Step::Ship { .. }) => to("shipped"),
        (State::Declined, Step::Reopen { .. }) => Ok(State::Acknowledged),
        (State::Shipped, Step::Reopen { .. }) => Ok(State::Accepted),
        (_, Step::Reopen { .. }) => to("reopened"),
        (State::Shipped | State::Declined, Step::Tell { untold, why }) => {
            let said = why.as_deref().is_some_and(|why| !why.trim().is_empty());
            if *untold > 0 && !said { Err(Refusal::Untold { untold: *untold }) } else { Ok(State::Told) }
        }
        (_, Step::Tell { .. }) => to("told"),
    }
}

/// The steps that an answer means: who declines has read it, what is shipped was accepted. Every step in between is a
/// step of its own; none is skipped.
///
/// # Errors
/// A [`Refusal`] when no such way leads on from `state`.
pub fn steps(state: State, wanted: &Step) -> Result<Vec<(Step, State)>, Refusal> {
    let mut before = Vec::new();
    if matches!(wanted, Step::Accept { .. } | Step::Decline { .. } | Step::Ship { .. })
        && state == State::Delivered
    {
        before.push(Step::Acknowledge);
    }
    if let Step::Ship { release } = wanted
        && state.awaits_decision()
    {
        before.push(Step::Accept { release: release.clone() });
    }
    before.push(wanted.clone());
    let (mut at, mut taken) = (state, Vec::new());
    for step in before {
        at = next(at, &step)?;
        taken.push((step, at));
    }
    Ok(taken)
}

/// Whose turn it is, and for how long it has been.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Turn {
    /// The department decides or ships; else it is ours: to deliver or to tell.
    pub theirs: bool,
    /// Whole days since it became their or our turn.
    pub days: i64,
    /// Whole days since an answer was due; 0 when it is not late.
    pub late: i64,
}

/// Whose turn it is; none when it is closed. `since` is when the state was reached; while a department decides it is
/// when the feedback was delivered, for reading it is no answer.
#[must_use]
pub fn turn(state: State, since: Time, decide_by: Option<Time>, now: Time) -> Option<Turn> {
    const DAY: i64 = 86_400_000;
    let days = |from: Time| (now.millis() - from.millis()).max(0) / DAY;
    let late = decide_by.filter(|_| state.awaits_decision()).map_or(0, days);
    match state {
        State::Told => None,
        _ => Some(Turn {
            theirs: state.awaits_decision() || state == State::Accepted,
            days: days(since),
            late,
        }),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn any_step() -> impl Strategy<Value = Step> {
        let text =
            prop_oneof![Just(String::new()), Just("  ".to_owned()), Just("it costs too much".to_owned())];
        let maybe = proptest::option::of(text.clone());
        prop_oneof![
            Just(Step::Deliver),
            Just(Step::Acknowledge),
            maybe.clone().prop_map(|release| Step::Accept { release }),
            text.clone().prop_map(|reason| Step::Decline { reason }),
            maybe.clone().prop_map(|release| Step::Ship { release }),
            text.prop_map(|reason| Step::Reopen { reason }),
            (0_usize..4, maybe).prop_map(|(untold, why)| Step::Tell { untold, why }),
        ]
    }

    /// What every feedback of that state has behind it.
    fn behind(state: State) -> &'static [State] {
        match state {
            State::Draft => &[],
            State::Delivered => &[State::Draft],
            State::Acknowledged => &[State::Delivered],
            State::Accepted | State::Declined => &[State::Acknowledged],
            State::Shipped => &[State::Accepted],
            State::Told => &[State::Acknowledged],
        }
    }

    proptest! {
        #[test]
        fn no_sequence_skips_a_state(wanted in proptest::collection::vec(any_step(), 0..40)) {
            let (mut state, mut been) = (State::Draft, vec![State::Draft]);
            for step in wanted {
                let Ok(taken) = steps(state, &step) else { continue };
                for (small, reached) in taken {
                    prop_assert_eq!(next(state, &small), Ok(reached), "every part is a step");
                    prop_assert_ne!(state, State::Told, "told is the end");
                    if reached == State::Declined {
                        prop_assert!(small.reason().is_some_and(|r| !r.trim().is_empty()));
                    }
                    if let Step::Tell { untold, why } = &small {
                        prop_assert!(*untold == 0 || why.as_deref().is_some_and(|w| !w.trim().is_empty()));
                        prop_assert!(state.awaits_telling());
                    }
                    for needed in behind(reached) {
                        prop_assert!(been.contains(needed), "{:?} without {:?}", reached, needed);
                    }
                    state = reached;
                    been.push(state);
                }
            }
            if been.contains(&State::Shipped) {
                prop_assert!(been.contains(&State::Accepted) && been.contains(&State::Delivered));
            }
        }

        #[test]
        fn nothing_is_put_before_a_step_that_leads_on(step in any_step(), n in 0_usize..7) {
            let state = State::ALL[n];
            if next(state, &step).is_ok() {
                let Ok(taken) = steps(state, &step) else { return Err(TestCaseError::fail("a step is a way")) };
                prop_assert_eq!(taken.len(), 1);
            }
        }
    }

    #[test]
    fn an_answer_means_that_it_was_read() {
        let shipped = Step::Ship { release: Some("3.1".to_owned()) };
        let taken: Vec<State> =
            steps(State::Delivered, &shipped).unwrap().into_iter().map(|(_, state)| state).collect();
        assert_eq!(taken, [State::Acknowledged, State::Accepted, State::Shipped]);
        assert_eq!(steps(State::Draft, &shipped), Err(Refusal::NotFrom { from: "draft", to: "shipped" }));
        let no = Step::Decline { reason: " ".to_owned() };
        assert_eq!(steps(State::Delivered, &no), Err(Refusal::NoReason));
        let close = Step::Tell { untold: 1, why: None };
        assert_eq!(next(State::Shipped, &close), Err(Refusal::Untold { untold: 1 }));
    }

    #[test]
    fn waiting_is_counted_from_delivery() {
        let at = |text: &str| Time::parse(text).unwrap();
        let (since, now) = (at("2026-09-01"), at("2026-09-15T12:00:00Z"));
        let waits = turn(State::Delivered, since, Some(at("2026-09-12")), now);
        assert_eq!(waits, Some(Turn { theirs: true, days: 14, late: 3 }));
        assert_eq!(turn(State::Told, since, None, now), None);
        assert_eq!(
            turn(State::Shipped, since, Some(at("2026-09-02")), now).map(|t| (t.theirs, t.late)),
            Some((false, 0))
        );
    }
}
