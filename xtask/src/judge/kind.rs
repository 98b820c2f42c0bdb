//! The kind of a text, against the labels that maintainers gave: macro F1 over bug, feature and question, the mean over
//! the repositories. Within the file by five folds, and for repositories that the model has not seen.

use std::path::Path;

use rapport_insight::kind::features::{FOLD, Seen, WIDTH, see};
use rapport_insight::kind::model::{KINDS, Model, RARITY, Verdict, row};

use crate::Fault;
use crate::train::logistic::{Row, fit};

/// One labelled text.
pub(crate) struct Labelled {
    pub(crate) repo: usize,
    pub(crate) kind: usize,
    seen: Seen,
}

/// How much a repository's own weights count beside the shared ones; chosen on the five folds.
const OWN: f32 = 1.5;
/// How dear weights are; the same.
const CALM: f32 = 0.3;

/// The labelled texts, and how many repositories they are from.
pub(crate) fn labelled(data: &Path) -> Result<(Vec<Labelled>, usize), Fault> {
    let path = data.join("text/nlbse2024-train.csv");
    let text = std::fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))?;
    let mut repos: Vec<String> = Vec::new();
    let mut all = Vec::new();
    for fields in super::csv::records(&text).skip(1) {
        let [repo, _, label, title, body] = fields.as_slice() else { continue };
        let Some(kind) = KINDS.iter().position(|kind| kind == label) else { continue };
        let repo = repos.iter().position(|r| r == repo).unwrap_or_else(|| {
            repos.push(repo.clone());
            repos.len() - 1
        });
        all.push(Labelled { repo, kind, seen: see(title, body) });
    }
    Ok((all, repos.len()))
}

/// Learns the model from these texts.
pub(crate) fn learn(texts: &[&Labelled], domains: usize, warmth: f32) -> Model {
    let mut counts = vec![0_u32; FOLD];
    for text in texts {
        let mut slots: Vec<u32> = text.seen.grams.iter().map(|gram| gram.slot).collect();
        slots.sort_unstable();
        slots.dedup();
        slots.iter().for_each(|slot| counts[*slot as usize] += 1);
    }
    let all = texts.len() as f32;
    let rarity: Vec<u8> = counts
        .iter()
        .map(|n| if *n < 2 { 0.0 } else { (((all + 1.0) / (*n as f32 + 1.0)).ln() + 1.0) * RARITY })
        .map(|steps| steps.min(255.0) as u8)
        .collect();
    let plain: Vec<Row> = texts.iter().map(|text| row(&text.seen, &rarity)).collect();
    let kinds: Vec<usize> = texts.iter().map(|text| text.kind).collect();
    let repos: Vec<usize> = texts.iter().map(|text| text.repo).collect();
    let copied: Vec<Row> = plain
        .iter()
        .zip(&repos)
        .map(|(row, repo)| {
            let offset = ((repo + 1) * WIDTH) as u32;
            row.iter().copied().chain(row.iter().map(|(slot, value)| (slot + offset, value * OWN))).collect()
        })
        .collect();
    let width = (domains + 1) * WIDTH;
    let found = fit(&copied, &kinds, 3, width, CALM, 100);
    let mut weights: Vec<Vec<f32>> = Vec::new();
    for copy in 0..=domains {
        for kind in 0..3 {
            let from = kind * width + copy * WIDTH;
            let scale = if copy == 0 { 1.0 } else { OWN };
            weights.push(found[from..from + WIDTH].iter().map(|w| w * scale).collect());
        }
    }
    let found = fit(&plain, &repos, domains, WIDTH, 0.3, 60);
    weights.extend(found.chunks(WIDTH).map(<[f32]>::to_vec));
    Model::pack(domains, rarity, &weights, warmth)
}

/// How sums have to be multiplied so that confidence means what it says, from verdicts at warmth 1.
fn warmth(found: &[(usize, Verdict)]) -> f32 {
    let loss = |warmth: f32| -> f64 {
        found
            .iter()
            .map(|(kind, verdict)| {
                let raised: Vec<f64> =
                    verdict.shares.iter().map(|s| f64::from(s.max(1e-9)).powf(f64::from(warmth))).collect();
                -(raised[*kind] / raised.iter().sum::<f64>()).ln()
            })
            .sum()
    };
    let steps = (4..=60).map(|n| n as f32 * 0.05);
    steps.min_by(|a, b| loss(*a).total_cmp(&loss(*b))).unwrap_or(1.0)
}

const FOLDS: usize = 5;

/// Which fold a text is in: in turn within its repository and kind.
fn folds(texts: &[Labelled]) -> Vec<usize> {
    let mut turns = std::collections::BTreeMap::new();
    texts
        .iter()
        .map(|text| {
            let turn: &mut usize = turns.entry((text.repo, text.kind)).or_default();
            *turn += 1;
            (*turn - 1) % FOLDS
        })
        .collect()
}

fn unseen(texts: &[Labelled], domains: usize) -> Vec<Verdict> {
    let folds = folds(texts);
    let mut found: Vec<Option<Verdict>> = vec![None; texts.len()];
    for fold in 0..FOLDS {
        let rest: Vec<&Labelled> =
            texts.iter().zip(&folds).filter(|(_, f)| **f != fold).map(|(t, _)| t).collect();
        let model = learn(&rest, domains, 1.0);
        for (n, text) in texts.iter().enumerate().filter(|(n, _)| folds[*n] == fold) {
            found[n] = Some(model.judge(&row(&text.seen, &model.rarity)));
        }
    }
    found.into_iter().flatten().collect()
}

/// The model that ships: all texts, with the confidence set by texts that were not seen.
pub(crate) fn ship(texts: &[Labelled], domains: usize) -> Model {
    let found: Vec<(usize, Verdict)> = texts.iter().map(|t| t.kind).zip(unseen(texts, domains)).collect();
    learn(&texts.iter().collect::<Vec<_>>(), domains, warmth(&found))
}

fn best(verdict: &Verdict) -> usize {
    (0..3).max_by(|a, b| verdict.shares[*a].total_cmp(&verdict.shares[*b])).unwrap_or(0)
}

/// Macro F1 of pairs of truth and verdict.
fn macro_f1(pairs: &[(usize, usize)]) -> f64 {
    let f1 = |kind: usize| {
        let hits = pairs.iter().filter(|p| p.0 == kind && p.1 == kind).count() as f64;
        let all =
            pairs.iter().map(|p| usize::from(p.0 == kind) + usize::from(p.1 == kind)).sum::<usize>() as f64;
        if all == 0.0 { 0.0 } else { 2.0 * hits / all }
    };
    (0..3).map(f1).sum::<f64>() / 3.0
}

fn by_repo(texts: &[Labelled], verdicts: &[Verdict], domains: usize) -> Vec<f64> {
    (0..domains)
        .map(|repo| {
            let of = texts.iter().zip(verdicts).filter(|(t, _)| t.repo == repo);
            macro_f1(&of.map(|(t, v)| (t.kind, best(v))).collect::<Vec<_>>())
        })
        .collect()
}

fn print(name: &str, scores: &[f64]) {
    let mean = scores.iter().sum::<f64>() / scores.len() as f64;
    let each: Vec<String> = scores.iter().map(|s| format!("{s:.3}")).collect();
    println!("{name:<44} {mean:.3}   per repository {}", each.join(" "));
}

/// Prints macro F1 within the file and on repositories not seen, and how sure the answers may be taken.
pub(crate) fn judge(data: &Path) -> Result<(), Fault> {
    let (texts, domains) = labelled(data)?;
    let found = unseen(&texts, domains);
    print("macro F1, five folds", &by_repo(&texts, &found, domains));
    let right = texts.iter().zip(&found).filter(|(t, v)| {
        let most = (0..domains).max_by(|a, b| v.domains[*a].total_cmp(&v.domains[*b]));
        most == Some(t.repo)
    });
    println!("sounds like its own repository: {} of {}", right.count(), texts.len());
    let pairs: Vec<(usize, Verdict)> = texts.iter().map(|t| t.kind).zip(found).collect();
    let warmth = warmth(&pairs);
    println!("warmth {warmth:.2}; answered at this confidence or above, five folds:");
    sure(&pairs, warmth);
    let mut scores = Vec::new();
    let mut pairs = Vec::new();
    for repo in 0..domains {
        let others: Vec<&Labelled> = texts.iter().filter(|t| t.repo != repo).collect();
        let model = learn(&others, domains, 1.0);
        let own: Vec<(usize, Verdict)> = texts
            .iter()
            .filter(|t| t.repo == repo)
            .map(|t| (t.kind, model.judge(&row(&t.seen, &model.rarity))))
            .collect();
        scores.push(macro_f1(&own.iter().map(|(k, v)| (*k, best(v))).collect::<Vec<_>>()));
        pairs.extend(own);
    }
    print("macro F1, repositories not seen (cold start)", &scores);
    sure(&pairs, warmth);
    Ok(())
}

fn sure(pairs: &[(usize, Verdict)], warmth: f32) {
    for bar in [0.0, 0.5, 0.6, 0.7, 0.8] {
        let mut counts = [0_usize; 2];
        let mut said = 0.0;
        for (kind, verdict) in pairs {
            let raised: Vec<f32> = verdict.shares.iter().map(|s| s.powf(warmth)).collect();
            let share = raised[best(verdict)] / raised.iter().sum::<f32>();
            if share >= bar {
                counts[0] += 1;
                counts[1] += usize::from(*kind == best(verdict));
                said += f64::from(share);
            }
        }
        let [n, right] = counts.map(|n| n as f64);
        println!(
            "  {bar:.1}: {:5.1} % answered, {:5.1} % of them right, {:5.1} % said",
            100.0 * n / pairs.len() as f64,
            100.0 * right / n,
            100.0 * said / n
        );
    }
}
