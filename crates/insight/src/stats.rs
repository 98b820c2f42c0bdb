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
}
