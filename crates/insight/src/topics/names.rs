//! Names for topics: the terms that set a topic's texts apart from all others, as people write them.

use super::terms::Terms;

/// Terms kept per topic.
const KEPT: usize = 8;
/// A term that begins or ends with one of these names no topic.
const WEAK: &[&str] = &[
    "access",
    "add",
    "additional",
    "advantage",
    "advice",
    "allow",
    "apart",
    "app",
    "application",
    "apply",
    "approach",
    "appropriate",
    "avoid",
    "best",
    "bug",
    "call",
    "case",
    "categories",
    "category",
    "certain",
    "change",
    "check",
    "class",
    "code",
    "compare",
    "consider",
    "create",
    "current",
    "day",
    "default",
    "description",
    "detail",
    "difference",
    "different",
    "discuss",
    "discussion",
    "error",
    "exact",
    "example",
    "exception",
    "explicit",
    "fail",
    "feature",
    "final",
    "first",
    "fix",
    "following",
    "four",
    "general",
    "good",
    "guide",
    "help",
    "hour",
    "idea",
    "implement",
    "include",
    "information",
    "initial",
    "issue",
    "key",
    "large",
    "left",
    "line",
    "list",
    "long",
    "longest",
    "main",
    "major",
    "mention",
    "method",
    "month",
    "multiple",
    "name",
    "near",
    "nearest",
    "new",
    "next",
    "note",
    "number",
    "object",
    "old",
    "opinion",
    "optimistic",
    "option",
    "page",
    "part",
    "people",
    "perspective",
    "possible",
    "previous",
    "problem",
    "process",
    "project",
    "proposal",
    "propose",
    "purpose",
    "question",
    "questions",
    "real",
    "recent",
    "request",
    "require",
    "requirement",
    "result",
    "results",
    "right",
    "run",
    "second",
    "series",
    "set",
    "short",
    "show",
    "side",
    "simple",
    "single",
    "small",
    "special",
    "specific",
    "start",
    "summary",
    "support",
    "system",
    "term",
    "test",
    "thing",
    "third",
    "three",
    "time",
    "times",
    "today",
    "two",
    "type",
    "update",
    "usage",
    "use",
    "user",
    "value",
    "various",
    "version",
    "way",
    "week",
    "work",
    "year",
];

/// Endings of words that seldom name a thing.
const DOING: &[&str] = &["ing", "ed", "ly", "able", "wn", "tly"];
static COUNTS: &[u8] = include_bytes!("../../models/static-minilm-256/token_counts.u32");
/// How many texts the background counts are from.
const BACKGROUND: f64 = 78_000.0;

/// What names are made from.
pub(super) struct Naming<'a> {
    pub(super) terms: &'a Terms,
    /// Each text's topic, if any.
    pub(super) places: &'a [Option<usize>],
    /// Who wrote each.
    pub(super) authors: Vec<i64>,
    pub(super) product: &'a [String],
    pub(super) people: &'a [String],
}

impl Naming<'_> {
    /// The terms that set each topic apart, the best first.
    #[allow(clippy::cast_precision_loss)]
    pub(super) fn terms(&self, count: usize) -> Vec<Vec<String>> {
        let mut within = vec![std::collections::HashMap::<u32, (u32, Voices)>::new(); count];
        let mut sizes = vec![0_u32; count];
        let mut voices = vec![Voices::default(); count];
        for ((text, place), author) in self.terms.texts.iter().zip(self.places).zip(&self.authors) {
            if let Some(at) = place {
                sizes[*at] += 1;
                voices[*at].hear(*author);
                for term in text {
                    let (n, heard) = within[*at].entry(*term).or_default();
                    *n += 1;
                    heard.hear(*author);
                }
            }
        }
        let all = self.terms.texts.len().max(1) as f64;
        let common = self.common();
        (0..count)
            .map(|topic| {
                let size = sizes[topic];
                let least = (size / 50).max(2).min(size.max(1));
                let mut scored: Vec<(f64, usize)> = within[topic]
                    .iter()
                    // What one person alone writes names what several people write about least of all.
                    .filter(|(_, (n, heard))| *n >= least && (heard.several() || !voices[topic].several()))
                    .filter_map(|(term, (n, _))| {
                        let term = *term as usize;
                        let here = f64::from(*n) / f64::from(size);
                        let there = f64::from(self.terms.within[term]) / all;
                        let score = here * (here / there).ln() * self.worth(term, &common);
                        (here / there > 1.1 && score > 0.0).then_some((score, term))
                    })
                    .collect();
                scored.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
                scored.truncate(80);
                apart(&scored, self.terms)
            })
            .collect()
    }

    /// Words that so many texts have are the community's own subject, and no topic of it.
    #[allow(clippy::cast_precision_loss)]
    fn common(&self) -> std::collections::HashSet<&str> {
        const SHARE: f64 = 0.2;
        const ENOUGH: usize = 30;
        let all = self.terms.texts.len();
        let often = |n: &u32| all >= ENOUGH && f64::from(*n) >= all as f64 * SHARE;
        let names = self.terms.names.iter().zip(&self.terms.within);
        names.filter(|(name, n)| !name.contains(' ') && often(n)).map(|(name, _)| name.as_str()).collect()
    }

    /// How good a name a term is, whatever the topic.
    fn worth(&self, term: usize, common: &std::collections::HashSet<&str>) -> f64 {
        let name = &self.terms.names[term];
        let written = &self.terms.written[term];
        let words: Vec<&str> = name.split(' ').collect();
        let capital = written.split(' ').all(|w| w.chars().next().is_some_and(char::is_uppercase));
        if words.iter().any(|w| self.product.iter().any(|p| p == w))
            || capital && words.iter().any(|w| self.people.iter().any(|p| p == w))
        {
            return 0.0;
        }
        let weak = words.iter().filter(|w| WEAK.binary_search(w).is_ok()).count();
        let usual = words.iter().filter(|w| common.contains(*w)).count();
        let empty = words.iter().all(|w| common.contains(w) || WEAK.binary_search(w).is_ok());
        let doing = words.iter().any(|w| w.len() > 5 && DOING.iter().any(|end| w.ends_with(end)));
        // A word that is everywhere, in any community, says little here.
        let rare = words.iter().map(|w| rarity(w)).sum::<f64>() / words.len() as f64;
        // People put in titles what their text is about.
        let titled = f64::from(self.terms.titles[term]) / f64::from(self.terms.within[term].max(1));
        let mut worth = (rare / 6.0).min(1.0) * (0.5 + titled.min(0.5));
        if words.len() > 1 {
            let last_weak = words.last().is_some_and(|w| WEAK.binary_search(w).is_ok());
            worth *= if self.terms.titles[term] >= 2 { 1.35 } else { 0.8 };
            worth *= if weak == words.len() { 0.5 } else { 1.0 } * if last_weak { 0.9 } else { 1.0 };
        } else if weak > 0 {
            worth *= 0.35;
        }
        worth * if doing { 0.6 } else { 1.0 } * if empty && usual > 0 { 0.15 } else { 1.0 }
    }
}

/// Who was heard: nobody, one, or several.
#[derive(Clone, Copy, Debug, Default)]
struct Voices(Option<i64>, bool);

impl Voices {
    fn hear(&mut self, author: i64) {
        self.1 |= self.0.is_some_and(|first| first != author);
        self.0 = self.0.or(Some(author));
    }
    fn several(self) -> bool {
        self.1
    }
}

/// The logarithm of how rare a word is in any text of this field; the rarest where it is no single token.
fn rarity(word: &str) -> f64 {
    let tokens = crate::text::wordpiece::tokens(word, 4);
    let count = match tokens[..] {
        [token] => COUNTS.as_chunks::<4>().0.get(usize::from(token)).map_or(0, |c| u32::from_le_bytes(*c)),
        _ => 0,
    };
    (BACKGROUND / (f64::from(count) + 20.0)).ln().max(0.0)
}

/// Whether two words are one in two forms: thrown and throwing, encrypt and encryption.
fn akin(a: &str, b: &str) -> bool {
    if a == b {
        return true;
    }
    let same = a.chars().zip(b.chars()).take_while(|(a, b)| a == b).count();
    let (short, long) = (a.chars().count().min(b.chars().count()), a.chars().count().max(b.chars().count()));
    same >= 4 && same + 2 >= short && same * 10 >= long * 5
}

/// A pair replaces its words where it carries most of what they carry; a word of a chosen pair is not said again.
fn apart(scored: &[(f64, usize)], terms: &Terms) -> Vec<String> {
    let mut kept: Vec<usize> = Vec::new();
    let said = |kept: &[usize], name: &str| {
        kept.iter().any(|k| terms.names[*k].split(' ').any(|w| name.split(' ').any(|n| akin(w, n))))
    };
    for (score, term) in scored {
        let name = &terms.names[*term];
        if said(&kept, name) {
            continue;
        }
        // The best pair that holds this word and is nearly as telling.
        let longer = scored.iter().find(|(s, t)| {
            let pair = &terms.names[*t];
            *s > score * 0.4
                && !name.contains(' ')
                && pair.split_once(' ').is_some_and(|(a, b)| !akin(a, b) && (a == name || b == name))
                && !said(&kept, pair)
        });
        kept.push(longer.map_or(*term, |(_, t)| *t));
        if kept.len() == KEPT {
            break;
        }
    }
    kept.into_iter().map(|t| terms.written[t].clone()).collect()
}

/// The words that speak for a topic, with the logarithm of how much.
pub(super) fn telling(
    terms: &Terms,
    lifts: &[f32],
    places: &[Option<usize>],
    topic: usize,
) -> Vec<(String, f32)> {
    const TOLD: usize = 200;
    let mut counts = std::collections::BTreeMap::<u32, u32>::new();
    for (text, _) in terms.texts.iter().zip(places).filter(|(_, at)| **at == Some(topic)) {
        for term in text {
            *counts.entry(*term).or_default() += 1;
        }
    }
    #[allow(clippy::cast_precision_loss)] // counts
    let mut found: Vec<(f32, u32)> = counts
        .into_iter()
        .filter(|(term, _)| lifts[*term as usize] > 0.2)
        .map(|(term, n)| (n as f32 * lifts[term as usize], term))
        .collect();
    found.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    found.truncate(TOLD);
    let round = |lift: f32| (lift * 1_000.0).round() / 1_000.0;
    found.into_iter().map(|(_, t)| (terms.names[t as usize].clone(), round(lifts[t as usize]))).collect()
}

/// A label from the first terms: two where the first says enough by being a pair.
pub(super) fn label(terms: &[String]) -> String {
    let pairs = terms.iter().take(2).filter(|t| t.contains(' ')).count();
    let shown = if pairs > 0 { 2 } else { 3 };
    if terms.is_empty() { "unnamed".to_owned() } else { terms[..terms.len().min(shown)].join(", ") }
}
