//! Relations with the departments: what was delivered, what became of it, how long each step took, and when either side
//! last spoke. Silence is shown, never judged.

use std::collections::BTreeMap;

use rapport_model::Time;

use crate::feedback::State;

/// One feedback with the states it went through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Its number.
    pub feedback: i64,
    /// The department.
    pub department: String,
    /// Each state and when it was reached, in order.
    pub steps: Vec<(State, Time)>,
}

/// One conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spoke {
    /// The department.
    pub department: String,
    /// We turned to them; else they turned to us.
    pub ours: bool,
    /// When.
    pub at: Time,
}

/// How it stands with one department. Numbers are lists of feedback, so that each opens.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Relation {
    /// The department.
    pub department: String,
    /// What reached it.
    pub delivered: Vec<i64>,
    /// Of that, what somebody there has read.
    pub acknowledged: Vec<i64>,
    /// Of that, what was decided, either way.
    pub decided: Vec<i64>,
    /// Of that, what was declined.
    pub declined: Vec<i64>,
    /// Of that, what is out.
    pub shipped: Vec<i64>,
    /// Of that, whose askers have heard back.
    pub told: Vec<i64>,
    /// What waits for a decision, and for how many seconds, the longest first.
    pub waiting: Vec<(i64, f64)>,
    /// Seconds from delivery to each step, at the median.
    pub to_acknowledge_s: Option<f64>,
    /// To the decision.
    pub to_decide_s: Option<f64>,
    /// To the release.
    pub to_ship_s: Option<f64>,
    /// When we last turned to them.
    pub last_ours: Option<Time>,
    /// When they last turned to us, or decided something.
    pub last_theirs: Option<Time>,
    /// How many conversations were noted.
    pub spoken: usize,
    /// Seconds since anything came from them, while something waits for them: since the oldest of it was delivered, or
    /// since they last spoke, whichever is later.
    pub silent_s: Option<f64>,
}

/// Departments that are always shown: no line is a finding, too.
pub const ALWAYS: [&str; 3] = ["product", "marketing", "engineering"];

/// How it stands with each department: [`ALWAYS`] first, then the others by name. Only what was delivered from `from`
/// until before `to` is counted; what waits and who spoke is as of `now`, whenever it was delivered.
#[must_use]
pub fn relations(items: &[Item], spoken: &[Spoke], from: Time, to: Time, now: Time) -> Vec<Relation> {
    let mut all: BTreeMap<(usize, String), Relation> = BTreeMap::new();
    let place = |d: &str| ALWAYS.iter().position(|a| *a == d).unwrap_or(ALWAYS.len());
    let named = ALWAYS.iter().copied().chain(items.iter().map(|i| i.department.as_str()));
    for department in named.chain(spoken.iter().map(|s| s.department.as_str())) {
        let one = Relation { department: department.to_owned(), ..Relation::default() };
        all.entry((place(department), department.to_owned())).or_insert(one);
    }
    let mut times: BTreeMap<String, [Vec<f64>; 3]> = BTreeMap::new();
    for item in items {
        let Some(one) = all.get_mut(&(place(&item.department), item.department.clone())) else { continue };
        let steps: Vec<(State, Time)> = item.steps.iter().copied().filter(|(_, at)| *at <= now).collect();
        for (state, at) in &steps {
            match state {
                State::Delivered => one.last_ours = one.last_ours.max(Some(*at)),
                State::Acknowledged | State::Accepted | State::Declined | State::Shipped => {
                    one.last_theirs = one.last_theirs.max(Some(*at));
                }
                State::Draft | State::Told => {}
            }
        }
        let Some((_, delivered)) = steps.iter().find(|(s, _)| *s == State::Delivered) else { continue };
        if steps.last().is_some_and(|(state, _)| state.awaits_decision()) {
            // Since it was last delivered: what was opened again waits anew.
            let since =
                steps.iter().rev().find(|(s, _)| *s == State::Delivered).map_or(*delivered, |(_, at)| *at);
            one.waiting.push((item.feedback, now.seconds_since(since)));
        }
        if *delivered < from || *delivered >= to {
            continue;
        }
        one.delivered.push(item.feedback);
        let first = |wanted: &[State]| steps.iter().find(|(s, _)| wanted.contains(s)).map(|(_, at)| *at);
        let took = times.entry(item.department.clone()).or_default();
        let decided = first(&[State::Accepted, State::Declined, State::Shipped]);
        let read = first(&[State::Acknowledged]).or(decided);
        let shipped = first(&[State::Shipped]);
        for (at, list, seconds) in [
            (read, &mut one.acknowledged, Some(0)),
            (decided, &mut one.decided, Some(1)),
            (first(&[State::Declined]), &mut one.declined, None),
            (shipped, &mut one.shipped, Some(2)),
            (first(&[State::Told]), &mut one.told, None),
        ] {
            if let Some(at) = at {
                list.push(item.feedback);
                if let Some(n) = seconds {
                    took[n].push(at.seconds_since(*delivered));
                }
            }
        }
    }
    for spoke in spoken.iter().filter(|s| s.at <= now) {
        let Some(one) = all.get_mut(&(place(&spoke.department), spoke.department.clone())) else { continue };
        one.spoken += 1;
        let last = if spoke.ours { &mut one.last_ours } else { &mut one.last_theirs };
        *last = (*last).max(Some(spoke.at));
    }
    let mut out: Vec<Relation> = all.into_values().collect();
    for one in &mut out {
        if let Some(took) = times.get_mut(&one.department) {
            one.to_acknowledge_s = median(&mut took[0]);
            one.to_decide_s = median(&mut took[1]);
            one.to_ship_s = median(&mut took[2]);
        }
        one.waiting.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        let spoke = one.last_theirs.map(|at| now.seconds_since(at));
        one.silent_s =
            one.waiting.first().map(|(_, waited)| spoke.map_or(*waited, |spoke| spoke.min(*waited)));
    }
    out
}

fn median(values: &mut [f64]) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => None,
        n if n % 2 == 1 => Some(values[middle]),
        _ => Some(f64::midpoint(values[middle - 1], values[middle])),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(n: i64) -> Time {
        Time::from_millis(n * 86_400_000).unwrap()
    }
    fn item(feedback: i64, department: &str, steps: &[(State, i64)]) -> Item {
        let steps = steps.iter().map(|(s, n)| (*s, day(*n))).collect();
        Item { feedback, department: department.to_owned(), steps }
    }

    #[test]
    fn each_department_is_told_with_its_silence() {
        use State::{Accepted, Acknowledged, Declined, Delivered, Draft, Shipped, Told};
        let items = [
            item(
                1,
                "product",
                &[(Draft, 0), (Delivered, 1), (Acknowledged, 2), (Accepted, 5), (Shipped, 20), (Told, 21)],
            ),
            item(2, "product", &[(Draft, 0), (Delivered, 1), (Declined, 9)]),
            item(3, "marketing", &[(Draft, 0), (Delivered, 9)]),
            item(4, "product", &[(Draft, 0)]),
            item(5, "product", &[(Draft, 0), (Delivered, 30), (Acknowledged, 35)]),
        ];
        let spoken = [Spoke { department: "sales".to_owned(), ours: false, at: day(30) }];
        let all = relations(&items, &spoken, day(0), day(29), day(40));
        let names: Vec<&str> = all.iter().map(|r| r.department.as_str()).collect();
        assert_eq!(names, ["product", "marketing", "engineering", "sales"]);
        let product = &all[0];
        assert_eq!(
            (&product.delivered, &product.decided, &product.declined),
            (&vec![1, 2], &vec![1, 2], &vec![2])
        );
        assert_eq!((&product.shipped, &product.told), (&vec![1], &vec![1]));
        assert_eq!(product.to_decide_s, Some(6.0 * 86_400.0), "4 and 8 days");
        assert_eq!((product.last_ours, product.last_theirs), (Some(day(30)), Some(day(35))));
        // 5 waits for ten days, and they spoke five days ago.
        assert_eq!(product.waiting, [(5, 10.0 * 86_400.0)]);
        assert_eq!(product.silent_s, Some(5.0 * 86_400.0));
        assert_eq!(all[1].silent_s, Some(31.0 * 86_400.0), "marketing never said a word");
        assert_eq!((all[2].silent_s, all[2].last_ours), (None, None));
        assert_eq!((all[3].spoken, all[3].last_theirs), (1, Some(day(30))));
        // What came later was not yet so.
        let then = relations(&items, &spoken, day(0), day(29), day(4));
        assert_eq!((then[0].decided.len(), then[0].waiting.len()), (0, 2));
    }
}
