//! Names for topics: the terms that set a topic's texts apart from all others, as people write them.

use super::terms::Terms;

/// Terms kept per topic.
const KEPT: usize = 8;
/// A term that begins or ends with one of these names no topic.
const WEAK: &[&str] = &[
    "access",
    "add",
    "app",
    "application",
    "bug",
    "call",
    "case",
    "change",
    "check",
    "class",
    "code",
    "create",
    "default",
    "error",
    "exception",
    "fail",
    "feature",
    "fix",
    "information",
    "issue",
    "list",
    "multiple",
    "name",
    "number",
    "object",
    "option",
    "page",
    "project",
    "request",
    "run",
    "set",
    "show",
    "simple",
    "specific",
    "start",
    "support",
    "time",
    "type",
    "update",
    "user",
    "value",
    "version",
];

/// The terms that set each topic apart, the best first. `places`: each text's topic, if any.
#[allow(clippy::cast_precision_loss)]
pub(super) fn terms(
    terms: &Terms,
    places: &[Option<usize>],
    count: usize,
    product: &[String],
) -> Vec<Vec<String>> {
    let mut within = vec![vec![0_u32; terms.names.len()]; count];
    let mut sizes = vec![0_u32; count];
    for (text, place) in terms.texts.iter().zip(places) {
        if let Some(at) = place {
            sizes[*at] += 1;
            for term in text {
                within[*at][*term as usize] += 1;
            }
        }
    }
    let all = terms.texts.len().max(1) as f64;
    let least = |size: u32| (size / 100).max(2);
    within
        .iter()
        .zip(&sizes)
        .map(|(counts, size)| {
            let mut scored: Vec<(f64, usize)> = counts
                .iter()
                .enumerate()
                .filter(|(_, n)| **n >= least(*size))
                .filter_map(|(term, n)| {
                    let here = f64::from(*n) / f64::from(*size);
                    let there = f64::from(terms.within[term]) / all;
                    let name = &terms.names[term];
                    let weak = name.split(' ').all(|w| WEAK.binary_search(&w).is_ok());
                    let products = name.split(' ').any(|w| product.iter().any(|p| p == w));
                    let lift = (here / there).ln() * if weak { 0.35 } else { 1.0 };
                    (lift > 0.1 && !products).then_some((here * lift, term))
                })
                .collect();
            scored.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
            scored.truncate(60);
            apart(&scored, terms)
        })
        .collect()
}

/// A pair replaces its words where it carries most of what they carry; a word of a chosen pair is not said again.
fn apart(scored: &[(f64, usize)], terms: &Terms) -> Vec<String> {
    let mut kept: Vec<usize> = Vec::new();
    let said = |kept: &[usize], name: &str| {
        kept.iter().any(|k| terms.names[*k].split(' ').any(|w| name.split(' ').any(|n| n == w)))
    };
    for (score, term) in scored {
        let name = &terms.names[*term];
        if said(&kept, name) {
            continue;
        }
        // The best pair that holds this word and is nearly as telling.
        let longer = scored.iter().find(|(s, t)| {
            let pair = &terms.names[*t];
            *s > score * 0.45
                && !name.contains(' ')
                && pair.split_once(' ').is_some_and(|(a, b)| a != b && (a == name || b == name))
                && !said(&kept, pair)
        });
        kept.push(longer.map_or(*term, |(_, t)| *t));
        if kept.len() == KEPT {
            break;
        }
    }
    kept.into_iter().map(|t| terms.written[t].clone()).collect()
}

/// A label from the first terms.
pub(super) fn label(terms: &[String]) -> String {
    if terms.is_empty() { "unnamed".to_owned() } else { terms[..terms.len().min(3)].join(", ") }
}
