//! Did a page help? How often people asked before and after it went online.
//!
//! Two counts with what they were counted in (weeks, or all who asked) are compared: given their sum, the later one is
//! binomial if nothing changed (Przyborowski and Wilenski 1940), and the exact interval of its share (Clopper and Pearson
//! 1934) gives the interval of the ratio.

/// Fewer than this before and after together, and nothing is said.
pub const LEAST: u64 = 8;

/// How often something happened, and in how much.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rate {
    /// How often.
    pub n: u64,
    /// In how much: everybody who asked in the time.
    pub of: f64,
}

/// What changed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Change {
    /// Too few to say anything.
    NotEnough,
    /// The rate afterwards over the rate before, with its 95 % interval.
    Ratio {
        /// The ratio.
        ratio: f64,
        /// The interval's lower end.
        low: f64,
        /// The interval's upper end.
        high: f64,
    },
}

impl Change {
    /// Whether the interval leaves out 1: it fell (or rose) by more than chance explains.
    #[must_use]
    pub fn speaks(&self) -> bool {
        matches!(self, Change::Ratio { low, high, .. } if *high < 1.0 || *low > 1.0)
    }
}

/// Compares the rate before with the rate after.
#[must_use]
pub fn change(before: Rate, after: Rate) -> Change {
    if before.n + after.n < LEAST || before.of <= 0.0 || after.of <= 0.0 || before.n == 0 {
        return Change::NotEnough;
    }
    let (k, n) = (after.n, before.n + after.n);
    let odds =
        |share: f64| if share >= 1.0 { f64::INFINITY } else { share / (1.0 - share) * before.of / after.of };
    // The share at which so few (so many) would come about in 2.5 % of cases.
    let low = if k == 0 { 0.0 } else { solve(|p| 1.0 - at_most(k - 1, n, p), 0.025) };
    let high = if k == n { 1.0 } else { 1.0 - solve(|q| at_most(k, n, 1.0 - q), 0.025) };
    #[allow(clippy::cast_precision_loss)] // counts of people
    let ratio = (after.n as f64 / after.of) / (before.n as f64 / before.of);
    Change::Ratio { ratio, low: odds(low), high: odds(high) }
}

/// Where a rising function of a share reaches a chance.
fn solve(rising: impl Fn(f64) -> f64, wanted: f64) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if rising(middle) < wanted { low = middle } else { high = middle }
    }
    f64::midpoint(low, high)
}

/// The chance of at most `k` of `n` at the share `p`.
#[allow(clippy::cast_precision_loss)] // counts of people
fn at_most(k: u64, n: u64, p: f64) -> f64 {
    let p = p.clamp(1e-12, 1.0 - 1e-12);
    let mut log = n as f64 * (1.0 - p).ln();
    let mut sum = 0.0;
    for j in 0..=k {
        sum += log.exp();
        log += ((n - j) as f64 / (j + 1) as f64 * p / (1.0 - p)).ln();
    }
    sum.min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_are_as_in_the_tables() {
        // 2 of 10: Clopper-Pearson 0.0252 to 0.5561.
        let Change::Ratio { ratio, low, high } = change(Rate { n: 8, of: 1.0 }, Rate { n: 2, of: 1.0 })
        else {
            panic!("enough");
        };
        assert!((ratio - 0.25).abs() < 1e-9);
        assert!(
            (low - 0.0252 / (1.0 - 0.0252)).abs() < 1e-3 && (high - 0.5561 / (1.0 - 0.5561)).abs() < 1e-3,
            "{low} {high}"
        );
    }

    #[test]
    fn little_says_nothing_and_much_speaks() {
        assert_eq!(change(Rate { n: 4, of: 10.0 }, Rate { n: 1, of: 10.0 }), Change::NotEnough);
        assert!(!change(Rate { n: 8, of: 10.0 }, Rate { n: 4, of: 10.0 }).speaks());
        assert!(change(Rate { n: 20, of: 100.0 }, Rate { n: 3, of: 100.0 }).speaks());
        // Twice as many in twice the time is no change.
        assert!(!change(Rate { n: 20, of: 50.0 }, Rate { n: 40, of: 100.0 }).speaks());
        let Change::Ratio { ratio, low, .. } = change(Rate { n: 12, of: 10.0 }, Rate { n: 0, of: 10.0 })
        else {
            panic!("enough");
        };
        assert!(ratio == 0.0 && low == 0.0);
    }
}
