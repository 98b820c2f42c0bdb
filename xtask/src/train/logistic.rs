//! Logistic regression over several classes on sparse rows: L-BFGS with halved steps, deterministic.

/// A row: numbers that are not zero.
pub(crate) type Row = Vec<(u32, f32)>;

/// Learns `classes` x `width` weights, flat, that put each row into its class; `calm` is how dear weights are.
pub(crate) fn fit(
    rows: &[Row],
    labels: &[usize],
    classes: usize,
    width: usize,
    calm: f32,
    rounds: usize,
) -> Vec<f32> {
    // Only the numbers that occur take part.
    let mut used: Vec<u32> = rows.iter().flatten().map(|(slot, _)| *slot).collect();
    used.sort_unstable();
    used.dedup();
    let mut place = vec![0_u32; width];
    for (n, slot) in used.iter().enumerate() {
        place[*slot as usize] = n as u32;
    }
    let dense: Vec<Row> = rows
        .iter()
        .map(|row| row.iter().map(|(slot, value)| (place[*slot as usize], *value)).collect())
        .collect();
    let found = lbfgs(used.len() * classes, rounds, |weights, slopes| {
        let mut loss = 0.0;
        for (weight, slope) in weights.iter().zip(slopes.iter_mut()) {
            loss += 0.5 * f64::from(calm) * f64::from(*weight).powi(2);
            *slope = calm * weight;
        }
        for (row, label) in dense.iter().zip(labels) {
            let mut sums = vec![0.0_f32; classes];
            for (slot, value) in row {
                let from = *slot as usize * classes;
                sums.iter_mut().zip(&weights[from..from + classes]).for_each(|(s, w)| *s += w * value);
            }
            let mut shares = rapport_insight::kind::model::softmax(&sums);
            loss -= f64::from(shares[*label].max(1e-30)).ln();
            shares[*label] -= 1.0;
            for (slot, value) in row {
                let from = *slot as usize * classes;
                slopes[from..from + classes].iter_mut().zip(&shares).for_each(|(g, s)| *g += s * value);
            }
        }
        loss
    });
    let mut all = vec![0.0; width * classes];
    for (n, slot) in used.iter().enumerate() {
        for class in 0..classes {
            all[class * width + *slot as usize] = found[n * classes + class];
        }
    }
    all
}

fn dot(a: &[f32], b: &[f32]) -> f64 {
    a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum()
}

fn lbfgs(size: usize, rounds: usize, mut slope: impl FnMut(&[f32], &mut [f32]) -> f64) -> Vec<f32> {
    const KEPT: usize = 8;
    let mut at = vec![0.0_f32; size];
    let mut g = vec![0.0_f32; size];
    let mut loss = slope(&at, &mut g);
    let mut past: Vec<(Vec<f32>, Vec<f32>, f64)> = Vec::new();
    for _ in 0..rounds {
        let mut way = g.clone();
        let mut used = Vec::new();
        for (s, y, rho) in past.iter().rev() {
            let a = rho * dot(s, &way);
            way.iter_mut().zip(y).for_each(|(w, y)| *w -= a as f32 * y);
            used.push(a);
        }
        if let Some((s, y, _)) = past.last() {
            let scale = (dot(s, y) / dot(y, y)) as f32;
            way.iter_mut().for_each(|w| *w *= scale);
        }
        for ((s, y, rho), a) in past.iter().zip(used.iter().rev()) {
            let b = rho * dot(y, &way);
            way.iter_mut().zip(s).for_each(|(w, s)| *w += (a - b) as f32 * s);
        }
        let down = dot(&g, &way);
        let mut step = if past.is_empty() { 1.0 / down.sqrt().max(1.0) } else { 1.0 };
        let mut next = at.clone();
        let mut next_g = vec![0.0; size];
        let mut better = None;
        for _ in 0..20 {
            next.iter_mut().zip(&at).zip(&way).for_each(|((n, a), w)| *n = a - step as f32 * w);
            let found = slope(&next, &mut next_g);
            if found <= loss - 1e-4 * step * down {
                better = Some(found);
                break;
            }
            step *= 0.5;
        }
        let Some(found) = better else { break };
        let s: Vec<f32> = next.iter().zip(&at).map(|(n, a)| n - a).collect();
        let y: Vec<f32> = next_g.iter().zip(&g).map(|(n, a)| n - a).collect();
        let sy = dot(&s, &y);
        if sy > 1e-12 {
            past.push((s, y, 1.0 / sy));
            if past.len() > KEPT {
                past.remove(0);
            }
        }
        let gained = loss - found;
        (at, g, loss) = (next, next_g, found);
        if gained < 1e-6 * loss.abs() {
            break;
        }
    }
    at
}
