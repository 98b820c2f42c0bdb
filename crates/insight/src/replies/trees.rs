//! Decision trees, added up: reading them, writing them, and what they say of a row of numbers.

/// One knot of a tree; the trees lie behind each other in one list.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Knot {
    /// Goes to the next knot when the number is at most `most`, else `skip` knots further.
    Split {
        /// Which number.
        feature: u8,
        /// The highest value that goes to the next knot.
        most: f32,
        /// How far the other side is.
        skip: u16,
    },
    /// The end: what the tree says.
    Leaf(f32),
}

impl Knot {
    /// The same, saying so many times as much.
    #[must_use]
    pub fn scaled(self, times: f32) -> Knot {
        match self {
            Knot::Leaf(value) => Knot::Leaf(value * times),
            split @ Knot::Split { .. } => split,
        }
    }
}

/// A list of trees.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Forest {
    /// All knots, tree by tree, each tree in the order "knot, its near side, its far side".
    pub knots: Vec<Knot>,
    /// Where each tree begins.
    pub roots: Vec<u32>,
}

const MARK: &[u8; 4] = b"TRE1";

impl Forest {
    /// The sum of what all trees say of a row. A row that is too short counts as zeros.
    #[must_use]
    pub fn score(&self, row: &[f32]) -> f32 {
        let mut sum = 0.0;
        for root in &self.roots {
            let mut at = *root as usize;
            loop {
                match self.knots.get(at) {
                    Some(Knot::Split { feature, most, skip }) => {
                        let value = row.get(usize::from(*feature)).copied().unwrap_or(0.0);
                        at += if value <= *most { 1 } else { usize::from(*skip) };
                    }
                    Some(Knot::Leaf(value)) => {
                        sum += value;
                        break;
                    }
                    None => break,
                }
            }
        }
        sum
    }

    /// Adds a tree.
    pub fn push(&mut self, tree: &[Knot]) {
        self.roots.push(u32::try_from(self.knots.len()).unwrap_or(u32::MAX));
        self.knots.extend_from_slice(tree);
    }

    /// As bytes: a mark, the number of trees, then per knot its feature (255: a leaf), the distance of its far side,
    /// and its value as a 32-bit float. A tree ends where its last open side ends.
    #[must_use]
    pub fn write(&self) -> Vec<u8> {
        let mut bytes = MARK.to_vec();
        bytes.extend((self.roots.len() as u32).to_le_bytes());
        for knot in &self.knots {
            let (feature, skip, value) = match knot {
                Knot::Split { feature, most, skip } => (*feature, *skip, *most),
                Knot::Leaf(value) => (255, 0, *value),
            };
            bytes.push(feature);
            bytes.extend(skip.to_le_bytes());
            bytes.extend(value.to_le_bytes());
        }
        bytes
    }

    /// Reads what [`Forest::write`] wrote; `None` when it is anything else.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Option<Forest> {
        let rest = bytes.strip_prefix(MARK)?;
        let (head, rest) = rest.split_first_chunk::<4>()?;
        let trees = u32::from_le_bytes(*head);
        let (rows, more) = rest.as_chunks::<7>();
        if !more.is_empty() {
            return None;
        }
        let mut forest = Forest::default();
        let mut open = 0_u32;
        for [feature, low, high, value @ ..] in rows {
            if open == 0 {
                forest.roots.push(u32::try_from(forest.knots.len()).ok()?);
                open = 1;
            }
            let value = f32::from_le_bytes(*value);
            let skip = u16::from_le_bytes([*low, *high]);
            if *feature == 255 {
                open -= 1;
                forest.knots.push(Knot::Leaf(value));
            } else {
                open += 1;
                if skip < 2 {
                    return None;
                }
                forest.knots.push(Knot::Split { feature: *feature, most: value, skip });
            }
        }
        (open == 0 && forest.roots.len() == trees as usize).then_some(forest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comes_back_from_bytes_as_it_was() {
        let mut forest = Forest::default();
        forest.push(&[Knot::Split { feature: 1, most: 0.5, skip: 2 }, Knot::Leaf(1.0), Knot::Leaf(-2.0)]);
        forest.push(&[Knot::Leaf(0.25)]);
        let bytes = forest.write();
        assert_eq!(Forest::read(&bytes).as_ref(), Some(&forest));
        assert_eq!(
            (forest.score(&[0.0, 0.5]), forest.score(&[0.0, 0.6]), forest.score(&[])),
            (1.25, -1.75, 1.25)
        );
        for cut in 0..bytes.len() {
            assert_eq!(Forest::read(&bytes[..cut]), None, "{cut}");
        }
    }
}
