//! Gradient-boosted trees that rank: each group holds candidates of which one or more are right, and the model learns
//! scores whose softmax puts the weight there. Deterministic: the same rows and settings give the same trees.

use rapport_insight::replies::trees::{Forest, Knot};

use crate::random::Random;

/// Candidates in groups, row after row.
#[derive(Default)]
pub(crate) struct Groups {
    /// Numbers per row.
    pub(crate) width: usize,
    /// All rows behind each other.
    pub(crate) rows: Vec<f32>,
    /// How right each row is: what a group's rows share adds up to one.
    pub(crate) right: Vec<f32>,
    /// Where each group begins; its last entry is the number of rows.
    pub(crate) starts: Vec<usize>,
}

/// How to grow.
pub(crate) struct Growth {
    pub(crate) trees: usize,
    pub(crate) leaves: usize,
    pub(crate) rate: f32,
    pub(crate) least_weight: f32,
    pub(crate) calm: f32,
    /// The share of numbers, and of groups, in percent, that each tree sees.
    pub(crate) features: u64,
    pub(crate) groups: u64,
    pub(crate) seed: u64,
}

const BINS: usize = 64;

struct Leaf {
    rows: Vec<u32>,
    bins: Vec<[f32; 2]>,
    sum: [f32; 2],
    best: Option<Split>,
    at: usize,
}

#[derive(Clone, Copy)]
struct Split {
    gain: f32,
    feature: usize,
    bin: usize,
}

enum Node {
    Split(usize, usize, usize, usize),
    Leaf(f32),
}

/// Grows a forest, and leaves the scores of all rows behind.
pub(crate) fn grow(data: &Groups, how: &Growth) -> Forest {
    let n = data.right.len();
    let edges = edges(data);
    let bins = binned(data, &edges);
    let mut scores = vec![0.0_f32; n];
    let mut slopes = vec![[0.0_f32; 2]; n];
    let mut random = Random::new(how.seed, "forest");
    let mut forest = Forest::default();
    for _ in 0..how.trees {
        let mut rows = Vec::with_capacity(n);
        for pair in data.starts.windows(2) {
            let (from, to) = (pair[0], pair[1]);
            let highest = scores[from..to].iter().copied().fold(f32::NEG_INFINITY, f32::max);
            let sum: f32 = scores[from..to].iter().map(|s| (s - highest).exp()).sum();
            let seen = random.percent(how.groups);
            for row in from..to {
                let p = (scores[row] - highest).exp() / sum;
                slopes[row] = [data.right[row] - p, (p * (1.0 - p)).max(1e-6)];
                if seen {
                    rows.push(row as u32);
                }
            }
        }
        let chosen: Vec<usize> = (0..data.width).filter(|_| random.percent(how.features)).collect();
        let nodes = tree(data.width, &bins, &slopes, rows, &chosen, how);
        let knots = flat(&nodes, &edges);
        let mut one = Forest::default();
        one.push(&knots);
        for (row, score) in scores.iter_mut().enumerate() {
            *score += one.score(&data.rows[row * data.width..(row + 1) * data.width]);
        }
        forest.push(&knots);
    }
    forest
}

/// Where each number is cut: up to [`BINS`] - 1 values that split the rows evenly.
fn edges(data: &Groups) -> Vec<Vec<f32>> {
    let n = data.right.len();
    let step = (n / 50_000).max(1);
    (0..data.width)
        .map(|feature| {
            let mut values: Vec<f32> =
                (0..n).step_by(step).map(|row| data.rows[row * data.width + feature]).collect();
            values.sort_by(f32::total_cmp);
            let mut edges: Vec<f32> = (1..BINS).map(|k| values[k * (values.len() - 1) / BINS]).collect();
            // Rare values matter most at the ends: the distinct ones that quantiles pass over.
            values.dedup();
            if values.len() <= BINS {
                edges = values[..values.len() - 1].to_vec();
            }
            edges.dedup();
            edges
        })
        .collect()
}

fn binned(data: &Groups, edges: &[Vec<f32>]) -> Vec<u8> {
    data.rows
        .iter()
        .enumerate()
        .map(|(at, value)| edges[at % data.width].partition_point(|edge| edge < value) as u8)
        .collect()
}

fn tree(
    width: usize,
    bins: &[u8],
    slopes: &[[f32; 2]],
    rows: Vec<u32>,
    chosen: &[usize],
    how: &Growth,
) -> Vec<Node> {
    let count = |rows: &[u32]| {
        let mut found = vec![[0.0_f32; 2]; width * BINS];
        for row in rows {
            let slope = slopes[*row as usize];
            let from = *row as usize * width;
            for feature in chosen {
                let bin = &mut found[feature * BINS + usize::from(bins[from + feature])];
                bin[0] += slope[0];
                bin[1] += slope[1];
            }
        }
        found
    };
    let sum = |rows: &[u32]| {
        rows.iter().fold([0.0, 0.0], |sum: [f32; 2], row| {
            let slope = slopes[*row as usize];
            [sum[0] + slope[0], sum[1] + slope[1]]
        })
    };
    let value = |sum: [f32; 2]| how.rate * sum[0] / (sum[1] + how.calm);
    let mut nodes = vec![Node::Leaf(0.0)];
    let (first, total) = (count(&rows), sum(&rows));
    let best = best(&first, total, chosen, how);
    let mut open = vec![Leaf { rows, bins: first, sum: total, best, at: 0 }];
    while open.len() < how.leaves {
        let gain = |leaf: &Leaf| leaf.best.map_or(f32::NEG_INFINITY, |b| b.gain);
        let Some(next) = (0..open.len()).max_by(|a, b| gain(&open[*a]).total_cmp(&gain(&open[*b]))) else {
            break;
        };
        let Some(split) = open[next].best else { break };
        let leaf = open.swap_remove(next);
        let near = |row: &u32| usize::from(bins[*row as usize * width + split.feature]) <= split.bin;
        let (left, right): (Vec<u32>, Vec<u32>) = leaf.rows.iter().partition(|row| near(row));
        let (small, large) = if left.len() <= right.len() { (&left, &right) } else { (&right, &left) };
        let few = count(small);
        let many: Vec<[f32; 2]> =
            leaf.bins.iter().zip(&few).map(|(all, few)| [all[0] - few[0], all[1] - few[1]]).collect();
        let swapped = std::ptr::eq(small, &raw const right);
        let _ = large;
        let (left_bins, right_bins) = if swapped { (many, few) } else { (few, many) };
        let at = nodes.len();
        nodes[leaf.at] = Node::Split(split.feature, split.bin, at, at + 1);
        nodes.push(Node::Leaf(0.0));
        nodes.push(Node::Leaf(0.0));
        for (rows, bins, at) in [(left, left_bins, at), (right, right_bins, at + 1)] {
            let total = sum(&rows);
            let best = best_of(&bins, total, chosen, how);
            open.push(Leaf { rows, bins, sum: total, best, at });
        }
    }
    for leaf in open {
        nodes[leaf.at] = Node::Leaf(value(leaf.sum));
    }
    nodes
}

fn best(bins: &[[f32; 2]], total: [f32; 2], chosen: &[usize], how: &Growth) -> Option<Split> {
    best_of(bins, total, chosen, how)
}

fn best_of(bins: &[[f32; 2]], total: [f32; 2], chosen: &[usize], how: &Growth) -> Option<Split> {
    let worth = |sum: [f32; 2]| sum[0] * sum[0] / (sum[1] + how.calm);
    let whole = worth(total);
    let mut best: Option<Split> = None;
    for feature in chosen {
        let mut left = [0.0_f32; 2];
        for bin in 0..BINS - 1 {
            let here = bins[feature * BINS + bin];
            left = [left[0] + here[0], left[1] + here[1]];
            let right = [total[0] - left[0], total[1] - left[1]];
            if left[1] < how.least_weight || right[1] < how.least_weight {
                continue;
            }
            let gain = worth(left) + worth(right) - whole;
            if gain > 1e-4 && best.is_none_or(|b| gain > b.gain) {
                best = Some(Split { gain, feature: *feature, bin });
            }
        }
    }
    best
}

/// The tree as knots: near side first.
fn flat(nodes: &[Node], edges: &[Vec<f32>]) -> Vec<Knot> {
    fn walk(nodes: &[Node], at: usize, edges: &[Vec<f32>], knots: &mut Vec<Knot>) {
        match &nodes[at] {
            Node::Leaf(value) => knots.push(Knot::Leaf(*value)),
            Node::Split(feature, bin, near, far) => {
                let here = knots.len();
                knots.push(Knot::Leaf(0.0));
                walk(nodes, *near, edges, knots);
                let skip = (knots.len() - here) as u16;
                let most = edges[*feature].get(*bin).copied().unwrap_or(f32::MAX);
                knots[here] = Knot::Split { feature: *feature as u8, most, skip };
                walk(nodes, *far, edges, knots);
            }
        }
    }
    let mut knots = Vec::new();
    walk(nodes, 0, edges, &mut knots);
    knots
}
