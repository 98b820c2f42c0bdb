//! Random numbers that are the same on every machine for the same seed (xorshift64*, Marsaglia and Vigna).

/// A stream of random numbers.
#[derive(Clone, Debug)]
pub(crate) struct Random(u64);

impl Random {
    /// A stream for this seed; the name keeps the streams of several writers apart.
    pub(crate) fn new(seed: u64, name: &str) -> Random {
        let mixed = name
            .bytes()
            .fold(seed ^ 0xcbf2_9ce4_8422_2325, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3));
        Random(mixed | 1)
    }

    /// Any number.
    pub(crate) fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// A number below `most`; 0 when that is 0.
    pub(crate) fn below(&mut self, most: u64) -> u64 {
        if most == 0 { 0 } else { (self.next() >> 11) % most }
    }

    /// True this many times in a hundred.
    pub(crate) fn percent(&mut self, times: u64) -> bool {
        self.below(100) < times
    }

    /// One of these.
    pub(crate) fn of<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        let index = self.below(list.len() as u64);
        &list[usize::try_from(index).unwrap_or(0)]
    }

    /// A rank below `size`, where rank r comes about once for every r times that the first one comes (Zipf): few
    /// people write most.
    pub(crate) fn rank(&mut self, size: u64) -> u64 {
        #[allow(clippy::cast_precision_loss)] // a draw does not need the last digits
        let (unit, size_f) = ((self.next() >> 11) as f64 / (1_u64 << 53) as f64, (size + 1) as f64);
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // between 1 and size + 1
        let rank = size_f.powf(unit) as u64;
        rank.clamp(1, size.max(1)) - 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_and_few_write_most() {
        let draw = |seed| {
            let mut random = Random::new(seed, "x");
            (0..10_000).map(|_| random.rank(1_000)).collect::<Vec<_>>()
        };
        assert_eq!(draw(1), draw(1));
        assert_ne!(draw(1), draw(2));
        let top = draw(1).iter().filter(|r| **r < 10).count();
        assert!((2_500..4_500).contains(&top), "ten of a thousand people write a third: {top}");
        assert!(draw(1).iter().all(|r| *r < 1_000));
    }
}
