//! Small statistics: quantiles and the absence factor.

/// The quantile `q` of sorted values, by linear interpolation between closest ranks (type 7 of Hyndman and Fan 1996);
/// `None` for no values.
#[must_use]
pub fn quantile(sorted: &[f64], q: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    #[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    // lengths far below 2^53; q is within 0 and 1
    let (below, share) = {
        let place = last as f64 * q.clamp(0.0, 1.0);
        (place.floor() as usize, place - place.floor())
    };
    let low = sorted[below];
    let high = sorted[(below + 1).min(last)];
    Some(low + (high - low) * share)
}

/// The smallest number of people who together made at least half of all contributions (CHAOSS Contributor Absence
/// Factor). `counts` in falling order.
#[must_use]
pub fn absence_factor(counts: &[i64]) -> usize {
    let all: i64 = counts.iter().sum();
    let mut sum = 0;
    for (n, count) in counts.iter().enumerate() {
        sum += count;
        if sum * 2 >= all {
            return n + 1;
        }
    }
    0
}

/// The chance that a negative binomial count of this mean and spread (variance = mean + spread * mean^2) is at most
/// `n`. A spread of zero is Poisson.
#[must_use]
pub fn negative_binomial_at_most(n: u64, mean: f64, spread: f64) -> f64 {
    if mean <= 0.0 {
        return 1.0;
    }
    // Each term from the one before: p(k + 1) / p(k).
    let (mut log, step): (f64, Box<dyn Fn(f64) -> f64>) = if spread < 1e-9 {
        (-mean, Box::new(move |k| mean / (k + 1.0)))
    } else {
        let size = 1.0 / spread;
        let share = mean / (mean + size);
        (size * (1.0 - share).ln(), Box::new(move |k| (k + size) / (k + 1.0) * share))
    };
    let mut sum = log.exp();
    for k in 0..n.min(10_000_000) {
        #[allow(clippy::cast_precision_loss)] // far below 2^53
        let ratio = step(k as f64);
        log += ratio.ln();
        sum += log.exp();
    }
    sum.min(1.0)
}

/// The chance that such a count is at least `n`.
#[must_use]
pub fn negative_binomial_at_least(n: u64, mean: f64, spread: f64) -> f64 {
    if n == 0 { 1.0 } else { (1.0 - negative_binomial_at_most(n - 1, mean, spread)).max(0.0) }
}

/// The chance of at least `k` hits in `n` at the rate `p`.
#[must_use]
#[allow(clippy::cast_precision_loss)] // counts
pub fn binomial_at_least(k: u64, n: u64, p: f64) -> f64 {
    let p = p.clamp(1e-9, 1.0 - 1e-9);
    // From the chance of none, term by term.
    let mut log = n as f64 * (1.0 - p).ln();
    let mut below = 0.0;
    for j in 0..k {
        below += log.exp();
        log += ((n - j) as f64 / (j + 1) as f64 * p / (1.0 - p)).ln();
    }
    (1.0 - below).max(0.0)
}

/// The chance that, of `n` drawn without putting back from `all` of which `hits` are marked, at least `k` are marked.
#[must_use]
#[allow(clippy::cast_precision_loss)] // counts
pub fn hypergeometric_at_least(k: u64, n: u64, hits: u64, all: u64) -> f64 {
    let (hits, n) = (hits.min(all), n.min(all));
    let least = (n + hits).saturating_sub(all);
    let most = n.min(hits);
    // Each term from the one before, from any start; then scaled so that they sum to one.
    let (mut term, mut sum, mut tail) = (1.0_f64, 0.0_f64, 0.0_f64);
    for j in least..=most {
        sum += term;
        if j >= k {
            tail += term;
        }
        let (j, n, hits, all) = (j as f64, n as f64, hits as f64, all as f64);
        term *= (hits - j) * (n - j) / ((j + 1.0) * (all - hits - n + j + 1.0));
        if sum > 1e250 {
            (term, sum, tail) = (term / 1e250, sum / 1e250, tail / 1e250);
        }
    }
    (tail / sum).clamp(0.0, 1.0)
}

/// Chances corrected for how many were looked at (Benjamini and Hochberg 1995): each is the least share of false
/// discoveries at which it would still be named. In the order given.
#[must_use]
pub fn benjamini_hochberg(chances: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..chances.len()).collect();
    order.sort_by(|a, b| chances[*b].total_cmp(&chances[*a]));
    let mut least = 1.0_f64;
    let mut out = vec![1.0; chances.len()];
    for (from_top, n) in order.into_iter().enumerate() {
        #[allow(clippy::cast_precision_loss)] // a number of tests
        let scaled = chances[n] * chances.len() as f64 / (chances.len() - from_top) as f64;
        least = least.min(scaled);
        out[n] = least;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_known_values() {
        assert_eq!(quantile(&[1.0, 2.0, 4.0, 8.0], 0.5), Some(3.0));
        assert_eq!(quantile(&[1.0, 2.0, 3.0, 4.0, 5.0], 0.9), Some(4.6));
        assert_eq!(quantile(&[], 0.5), None);
        // The example of the CHAOSS definition.
        assert_eq!(absence_factor(&[1000, 433, 343, 332, 202, 90, 42, 33]), 2);
        assert_eq!(absence_factor(&[]), 0);
    }

    #[test]
    fn tails_and_corrections_are_as_in_the_tables() {
        // Poisson of mean 3: P(X <= 2) = 0.4232, P(X >= 6) = 0.0839.
        assert!((negative_binomial_at_most(2, 3.0, 0.0) - 0.4232).abs() < 1e-4);
        assert!((negative_binomial_at_least(6, 3.0, 0.0) - 0.0839).abs() < 1e-4);
        // Geometric (size 1, mean 1): P(X <= 1) = 0.75.
        assert!((negative_binomial_at_most(1, 1.0, 1.0) - 0.75).abs() < 1e-9);
        assert!((binomial_at_least(8, 10, 0.5) - 56.0 / 1024.0).abs() < 1e-9);
        assert!((binomial_at_least(0, 10, 0.5) - 1.0).abs() < 1e-9);
        // The lady tasting tea: all four of four, in eight cups.
        assert!((hypergeometric_at_least(4, 4, 4, 8) - 1.0 / 70.0).abs() < 1e-12);
        assert!((hypergeometric_at_least(3, 4, 4, 8) - 17.0 / 70.0).abs() < 1e-12);
        assert!((hypergeometric_at_least(0, 5, 3, 9) - 1.0).abs() < 1e-12);
        assert!(hypergeometric_at_least(900, 1_000, 5_000, 100_000) < 1e-12);
        let q = benjamini_hochberg(&[0.01, 0.04, 0.03, 0.5]);
        let wanted = [0.04, 0.16 / 3.0, 0.16 / 3.0, 0.5];
        assert!(q.iter().zip(wanted).all(|(a, b)| (a - b).abs() < 1e-9), "{q:?}");
    }
}
