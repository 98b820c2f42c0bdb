//! One run: learning topics from a sample, and placing every text.

use super::forms::Forms;
use super::mixture::{Mixture, Text, Word};
use super::terms::Terms;
use super::tree::{self, Held};
use super::{
    DRAW, FEW, FLAT, Found, LEAST, MANY, MOST, NEVER_BELOW, OTHER_BELOW, Options, Place, RUNS, SAMPLE, SOME,
    TRIAL, Topic, TopicId, Topics, WORDS_ENOUGH, alike, means, names, vector_of,
};
use crate::chance::Chance;
use crate::text::language::{Language, language};
use crate::text::retrieval::without;
use crate::text::vectors::{self, DIMS, Vector};

/// Finds topics in texts.
#[must_use]
pub fn find<T: AsRef<str>>(texts: &[T], options: &Options) -> Found {
    again(&Topics::default(), texts, options)
}

/// Finds topics in texts that have grown or changed since `old`: what is still there keeps its id.
#[must_use]
pub fn again<T: AsRef<str>>(old: &Topics, texts: &[T], options: &Options) -> Found {
    again_of(old, texts.len(), &mut |n| texts[n].as_ref().to_owned(), options)
}

/// As [`again`], for more texts than one likes to hold at once: each is asked for at most twice.
#[must_use]
pub fn again_of(
    old: &Topics,
    count: usize,
    text: &mut dyn FnMut(usize) -> String,
    options: &Options,
) -> Found {
    let mut sample = evenly(count, SAMPLE);
    // What people said something about is always learnt from.
    sample.extend(options.said.iter().map(|s| s.text).filter(|n| *n < count));
    sample.extend(options.declared.iter().flat_map(|d| d.members.iter().copied()).filter(|n| *n < count));
    sample.sort_unstable();
    sample.dedup();
    let raw: Vec<String> = sample.iter().map(|n| text(*n)).collect();
    let forms = Forms::read(&raw);
    let own: Vec<String> = raw.iter().map(|t| forms.without(t)).collect();
    drop(raw);
    let learnt = learn(old, &sample, &own, forms, options);
    let mut places = Vec::with_capacity(count);
    let mut sampled = sample.iter().copied().zip(&learnt.places).peekable();
    for n in 0..count {
        match sampled.next_if(|(at, _)| *at == n) {
            Some((_, place)) => places.push(*place),
            None => places.push(learnt.place(&learnt.forms.without(&text(n)))),
        }
    }
    let mut found = learnt.told(old, options, &places, &sample);
    found.topics.declared = super::bare(&options.declared).collect();
    found
}

/// At most `most` of the first `count` numbers, evenly chosen.
fn evenly(count: usize, most: usize) -> Vec<usize> {
    if count <= most { (0..count).collect() } else { (0..most).map(|n| n * count / most).collect() }
}

/// A topic that is there before the texts are looked at.
struct Slot {
    id: TopicId,
    /// The label that people gave.
    label: Option<String>,
    centre: Vector,
    /// Where its words and examples put it, the terms among its words, and which of `Options::declared` it is.
    declared: Option<(Vector, Vec<u32>, usize)>,
}

/// What a run has learnt.
struct Learnt {
    slots: Vec<Slot>,
    mixture: Mixture,
    terms: Terms,
    forms: Forms,
    mean: Vector,
    /// By text of the sample.
    places: Vec<Option<(usize, f32)>>,
    directions: Vec<Option<Vector>>,
}

fn learn(old: &Topics, sample: &[usize], own: &[String], forms: Forms, options: &Options) -> Learnt {
    let terms = Terms::read(own);
    let raw: Vec<Option<Vector>> = own.iter().map(|t| vectors::vector(t)).collect();
    let known: Vec<Vector> = raw.iter().flatten().copied().collect();
    // Few texts have no mean worth taking away: it would be one of them.
    let mean = if known.len() >= 2 * LEAST { alike::mean(&known) } else { [0.0; DIMS] };
    drop(known);
    let directions: Vec<Option<Vector>> =
        raw.into_iter().map(|d| d.and_then(|d| without(&d, &mean))).collect();
    let few = options.count.is_none() && own.len() <= FEW;
    let slots = slots(old, options, few, &terms, &mean);
    let said = said(&slots, options, sample);
    let mut learnt = Learnt {
        slots,
        mixture: Mixture { centres: Vec::new(), lifts: Vec::new(), closed: Vec::new() },
        terms,
        forms,
        mean,
        places: Vec::new(),
        directions,
    };
    if few {
        learnt.by_tree(own, &said, sample, options);
    } else {
        learnt.by_means(own, &said, options);
    }
    learnt
}

/// Topics that are there beforehand. A tree begins anew and recognises what it finds: only what people spoke of is
/// held. k-means begins from every old topic.
#[allow(clippy::cast_possible_truncation)] // few topics
fn slots(old: &Topics, options: &Options, few: bool, terms: &Terms, mean: &Vector) -> Vec<Slot> {
    let spoken = |id: TopicId| options.said.iter().any(|s| s.topic == id);
    let mut slots: Vec<Slot> = old
        .topics
        .iter()
        .filter(|t| !few || t.kept || spoken(t.id))
        .map(|t| Slot {
            id: t.id,
            label: t.kept.then(|| t.label.clone()),
            centre: vector_of(&t.centre),
            declared: None,
        })
        .collect();
    let mut next = old.next;
    let redeclared = old.redeclared(&options.declared);
    for (n, declared) in options.declared.iter().enumerate() {
        let all = format!("{} {}", declared.words.join(" "), declared.label);
        let mut sum = vectors::vector(&all).unwrap_or([0.0; DIMS]);
        for example in declared.examples.iter().filter_map(|text| vectors::vector(text)) {
            for (s, x) in sum.iter_mut().zip(example) {
                *s += x;
            }
        }
        let Some(direction) = vectors::unit(sum).and_then(|d| without(&d, mean)) else { continue };
        let spoken = Terms::read(&[all.as_str(), all.as_str()]);
        let words = (0..terms.names.len() as u32)
            .filter(|t| spoken.names.contains(&terms.names[*t as usize]))
            .collect();
        let found = Some((direction, words, n));
        match slots.iter_mut().find(|s| s.label.as_deref() == Some(&declared.label)) {
            Some(slot) => {
                if redeclared.contains(&slot.id) {
                    slot.centre = direction;
                }
                slot.declared = found;
            }
            None => {
                let label = Some(declared.label.clone());
                slots.push(Slot { id: TopicId(next), label, centre: direction, declared: found });
                next += 1;
            }
        }
    }
    slots
}

/// What was said, by text of the sample.
fn said(slots: &[Slot], options: &Options, sample: &[usize]) -> Vec<Vec<Word>> {
    let mut said = vec![Vec::new(); sample.len()];
    let at = |text: usize| sample.binary_search(&text).ok();
    for word in &options.said {
        let slot = slots.iter().position(|s| s.id == word.topic);
        if let (Some(text), Some(slot)) = (at(word.text), slot) {
            said[text].push(if word.belongs { Word::In(slot) } else { Word::NotIn(slot) });
        }
    }
    for (slot, declared) in slots.iter().enumerate().filter_map(|(n, s)| Some((n, s.declared.as_ref()?.2))) {
        for text in options.declared[declared].members.iter().filter_map(|n| at(*n)) {
            if !said[text].contains(&Word::NotIn(slot)) {
                said[text].push(Word::In(slot));
            }
        }
    }
    said
}

impl Learnt {
    fn fixed(&self) -> Vec<(usize, Vector, Vec<u32>)> {
        let declared = |(n, s): (usize, &Slot)| s.declared.as_ref().map(|d| (n, d.0, d.1.clone()));
        self.slots.iter().enumerate().filter_map(declared).collect()
    }

    /// A few texts: joined while they are alike.
    fn by_tree(&mut self, own: &[String], said: &[Vec<Word>], sample: &[usize], options: &Options) {
        let tongues: Vec<bool> = own.iter().map(|t| matches!(language(t), Language::Other(_))).collect();
        let english = tongues.iter().filter(|other| !**other).count() * 2 > own.len();
        // The vectors are English: in an English community, texts in other languages would be alike for their language.
        let inside: Vec<usize> =
            (0..own.len()).filter(|n| self.directions[*n].is_some() && !(english && tongues[*n])).collect();
        let mut held = Held { count: self.slots.len(), ..Held::default() };
        for n in &inside {
            held.inside.push(self.held(*n, &said[*n], sample[*n], options));
            let never =
                said[*n].iter().filter_map(|w| if let Word::NotIn(at) = w { Some(*at) } else { None });
            held.never.push(never.collect());
        }
        let mut texts: Vec<&str> = inside.iter().map(|n| own[*n].as_str()).collect();
        // What was declared is there as a text of its own while groups grow.
        let declared: Vec<(usize, String)> = self
            .slots
            .iter()
            .enumerate()
            .filter_map(|(n, s)| Some((n, &options.declared[s.declared.as_ref()?.2])))
            .flat_map(|(n, d)| {
                let words = format!("{}\n{}", d.label, d.words.join(" "));
                std::iter::once(words).chain(d.examples.iter().cloned()).map(move |text| (n, text))
            })
            .collect();
        for (slot, text) in &declared {
            texts.push(text);
            held.inside.push(Some(*slot));
            held.never.push(Vec::new());
        }
        let terms = Terms::read(&texts);
        let least = if own.len() < 4 * LEAST { 2 } else { LEAST };
        let found = tree::grow(&alike::alike(&texts, &terms), &held, MOST, least);
        let mut sizes = std::collections::BTreeMap::<usize, usize>::new();
        for group in &found[..inside.len()] {
            *sizes.entry(*group).or_default() += 1;
        }
        // Held groups keep their numbers; the others follow, the largest first.
        let mut order: Vec<(usize, usize)> =
            sizes.into_iter().filter(|(group, n)| *group >= held.count && *n >= least).collect();
        order.sort_by_key(|(group, n)| (std::cmp::Reverse(*n), *group));
        let number = |group: usize| {
            if group < held.count {
                return Some(group);
            }
            order.iter().position(|(of, _)| *of == group).map(|at| held.count + at)
        };
        let mut at: Vec<Option<usize>> = vec![None; own.len()];
        for (n, group) in inside.iter().zip(&found) {
            at[*n] = number(*group);
        }
        for (n, words) in said.iter().enumerate() {
            at[n] = words.iter().find_map(is_in).or(at[n]);
        }
        let (fixed, count) = (self.fixed(), held.count + order.len());
        let none = [0.0; DIMS];
        let texts: Vec<Text<'_>> = (0..own.len())
            .map(|n| Text {
                vector: self.directions[n].as_ref().unwrap_or(&none),
                terms: &self.terms.texts[n],
                said: &said[n],
            })
            .collect();
        let mut mixture = Mixture::of(&texts, &at, &self.terms, count, &fixed);
        for (n, slot) in self.slots.iter().enumerate() {
            if mixture.centres[n] == none {
                mixture.centres[n] = slot.centre;
            }
        }
        self.places = texts
            .iter()
            .zip(&at)
            .map(|(text, at)| match at {
                Some(at) => Some((*at, vectors::dot(text.vector, &mixture.centres[*at]))),
                // What is alike to nothing may still speak of something.
                None => {
                    placed(&mixture, text, WORDS_ENOUGH * 2.0).filter(|(_, cosine)| *cosine >= OTHER_BELOW)
                }
            })
            .collect();
        self.mixture = mixture;
    }

    /// The held topic that a text is in from the start.
    fn held(&self, n: usize, said: &[Word], text: usize, options: &Options) -> Option<usize> {
        if let Some(at) = said.iter().find_map(is_in) {
            return Some(at);
        }
        let may = |slot: usize| !said.contains(&Word::NotIn(slot));
        let was = options.before.get(text).copied().flatten();
        if let Some(slot) = self.slots.iter().position(|s| Some(s.id) == was).filter(|s| may(*s)) {
            return Some(slot);
        }
        // A declared word in a text of few words: the text is about it.
        let mine = &self.terms.texts[n];
        (0..self.slots.len()).filter(|s| may(*s)).find(|slot| {
            self.slots[*slot].declared.as_ref().is_some_and(|(direction, words, _)| {
                let near = self.directions[n].is_some_and(|d| vectors::dot(&d, direction) >= OTHER_BELOW);
                near && words.iter().any(|w| mine.binary_search(w).is_ok())
            })
        })
    }

    /// Many texts: k-means over their directions, then their words as well.
    fn by_means(&mut self, own: &[String], said: &[Vec<Word>], options: &Options) {
        let known: Vec<usize> = (0..own.len()).filter(|n| self.directions[*n].is_some()).collect();
        let vectors: Vec<Vector> = known.iter().filter_map(|n| self.directions[*n]).collect();
        let wanted = options
            .count
            .unwrap_or_else(|| number(own, &known))
            .clamp(1, 1_000)
            .min(known.len())
            .max(self.slots.len());
        let start = start(&vectors, wanted, &self.slots, options.seed);
        let texts: Vec<Text<'_>> = known
            .iter()
            .zip(&vectors)
            .map(|(n, vector)| Text { vector, terms: &self.terms.texts[*n], said: &said[*n] })
            .collect();
        let at: Vec<u32> = start.places.iter().map(|p| p.0).collect();
        let mut mixture = Mixture::fit(&texts, &at, &self.terms, start.centres, &self.fixed());
        // One or two texts are no topic, unless somebody said so or few texts are all there are.
        let mut sizes = vec![0_usize; mixture.centres.len()];
        for text in &texts {
            let at =
                text.said.iter().find_map(is_in).or_else(|| Some(placed(&mixture, text, WORDS_ENOUGH)?.0));
            if let Some(at) = at {
                sizes[at] += 1;
            }
        }
        let kept = |n: usize| self.slots.get(n).is_some_and(|s| s.label.is_some());
        let enough = |n: usize| known.len() < MANY || sizes[n] >= LEAST || kept(n);
        mixture.closed = (0..sizes.len()).map(|n| !enough(n)).collect();
        self.places = vec![None; own.len()];
        for (n, text) in known.iter().zip(&texts) {
            let belongs = text.said.iter().find_map(is_in);
            self.places[*n] = match belongs {
                Some(at) => Some((at, vectors::dot(text.vector, &mixture.centres[at]))),
                None => placed(&mixture, text, WORDS_ENOUGH),
            };
        }
        for (n, words) in said.iter().enumerate().filter(|(n, _)| self.directions[*n].is_none()) {
            self.places[n] = words.iter().find_map(is_in).map(|at| (at, 0.0));
        }
        self.mixture = mixture;
    }

    /// Where a text outside the sample belongs.
    fn place(&self, text: &str) -> Option<(usize, f32)> {
        let vector = vectors::vector(text).and_then(|v| without(&v, &self.mean))?;
        let terms = self.terms.of(text);
        placed(&self.mixture, &Text { vector: &vector, terms: &terms, said: &[] }, WORDS_ENOUGH)
    }

    /// Names the topics, drops what nobody is in and nobody keeps, and says where each text is.
    #[allow(clippy::cast_possible_truncation)] // few topics
    fn told(
        self,
        old: &Topics,
        options: &Options,
        places: &[Option<(usize, f32)>],
        sample: &[usize],
    ) -> Found {
        let count = self.mixture.centres.len();
        let mut ids: Vec<Option<TopicId>> = self.slots.iter().map(|s| Some(s.id)).collect();
        ids.resize(count, None);
        recognise(old, &mut ids, &self.mixture.centres, places, options);
        let mut next = self.slots.iter().map(|s| s.id.0 + 1).max().unwrap_or(0).max(old.next);
        let ids: Vec<TopicId> = ids
            .into_iter()
            .map(|id| {
                id.unwrap_or_else(|| {
                    next += 1;
                    TopicId(next - 1)
                })
            })
            .collect();
        let mut sizes = vec![0_usize; count];
        let mut medoids: Vec<Option<(usize, f32)>> = vec![None; count];
        for (n, (at, cosine)) in places.iter().enumerate().filter_map(|(n, p)| p.map(|p| (n, p))) {
            sizes[at] += 1;
            if medoids[at].is_none_or(|(_, best)| cosine > best) {
                medoids[at] = Some((n, cosine));
            }
        }
        let at: Vec<Option<usize>> = self.places.iter().map(|p| p.map(|p| p.0)).collect();
        let named = names::Naming {
            terms: &self.terms,
            places: &at,
            authors: sample.iter().map(|n| options.authors.get(*n).copied().unwrap_or(*n as i64)).collect(),
            product: &options.product_words,
            people: &options.people_words,
        };
        let named = named.terms(count);
        let mut topics: Vec<Topic> = (0..count)
            .map(|n| {
                let given = self.slots.get(n).and_then(|s| s.label.clone());
                Topic {
                    id: ids[n],
                    kept: given.is_some(),
                    label: given.unwrap_or_else(|| names::label(&named[n])),
                    terms: named[n].clone(),
                    parent: None,
                    centre: self.mixture.centres[n].to_vec(),
                    words: names::telling(&self.terms, &self.mixture.lifts[n], &at, n),
                    size: sizes[n],
                    medoid: medoids[n].map(|m| m.0),
                }
            })
            .collect();
        topics.retain(|t| t.size > 0 || t.kept);
        topics.sort_by_key(|t| t.id);
        gather(&mut topics, options.seed);
        let places = places.iter().map(|p| match p {
            Some((at, cosine)) => Place { topic: Some(ids[*at]), cosine: *cosine },
            None => Place { topic: None, cosine: 0.0 },
        });
        let (mean, forms) = (self.mean.to_vec(), self.forms.kept());
        if topics.is_empty() && old.next == 0 {
            return Found { topics: Topics::default(), places: places.collect() };
        }
        Found { topics: Topics { topics, next, mean, forms, declared: Vec::new() }, places: places.collect() }
    }
}

fn is_in(word: &Word) -> Option<usize> {
    if let Word::In(at) = word { Some(*at) } else { None }
}

/// Where a text fits, if anywhere.
fn placed(mixture: &Mixture, text: &Text<'_>, enough: f32) -> Option<(usize, f32)> {
    if mixture.centres.is_empty() {
        return None;
    }
    let (at, cosine, words) = mixture.place(text);
    let fits = cosine >= OTHER_BELOW || words >= enough && cosine >= NEVER_BELOW;
    (fits && !text.said.contains(&Word::NotIn(at))).then_some((at, cosine))
}

/// How many topics a draw of the texts shows.
fn number(own: &[String], known: &[usize]) -> usize {
    let draw: Vec<&str> = evenly(known.len(), DRAW).into_iter().map(|n| own[known[n]].as_str()).collect();
    let terms = Terms::read(&draw);
    let found = tree::grow(&alike::alike(&draw, &terms), &Held::default(), MOST, LEAST);
    let mut sizes = std::collections::BTreeMap::<usize, usize>::new();
    for group in found {
        *sizes.entry(group).or_default() += 1;
    }
    sizes.values().filter(|n| **n >= LEAST).count().clamp(SOME, MOST)
}

/// The groups to begin with: from old and declared topics where there are some, from chance else.
fn start(texts: &[Vector], wanted: usize, slots: &[Slot], seed: u64) -> means::Groups {
    let fixed: Vec<(usize, Vector)> =
        slots.iter().enumerate().filter_map(|(n, s)| Some((n, s.declared.as_ref()?.0))).collect();
    let mut centres: Vec<Vector> = slots.iter().map(|s| s.centre).collect();
    let missing = wanted.min(texts.len()).saturating_sub(centres.len());
    if missing > 0 {
        // What no seed covers makes the new topics.
        let mut apart: Vec<Vector> = texts.to_vec();
        if !centres.is_empty() {
            let mut order: Vec<(usize, f32)> =
                means::places(texts, &centres).into_iter().enumerate().map(|(n, p)| (n, p.1)).collect();
            order.sort_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)));
            order.truncate((texts.len() * missing / wanted).max(missing));
            order.sort_unstable_by_key(|o| o.0);
            apart = order.into_iter().map(|(n, _)| texts[n]).collect();
        }
        let step = apart.len().div_ceil(TRIAL).max(1);
        let trial: Vec<Vector> = apart.iter().copied().step_by(step).collect();
        let runs = if missing > MANY { 1 } else { RUNS };
        let found = means::groups(&trial, missing, runs, seed ^ Chance::seeded(seed).bits());
        centres.extend(found.centres);
    }
    means::settle(texts, centres, &fixed, if slots.is_empty() { 20 } else { 4 })
}

/// Gives groups the ids that most of their members had, or, when nobody knows where texts were, that of the old topic
/// nearest by its centre.
fn recognise(
    old: &Topics,
    ids: &mut [Option<TopicId>],
    centres: &[Vector],
    places: &[Option<(usize, f32)>],
    options: &Options,
) {
    const SURE: f32 = 0.6;
    let free = |ids: &[Option<TopicId>], id: TopicId| !ids.contains(&Some(id));
    let mut shared: Vec<(usize, usize, TopicId)> = Vec::new();
    let mut counts = std::collections::BTreeMap::<(usize, TopicId), usize>::new();
    for (place, before) in places.iter().zip(&options.before) {
        if let (Some((at, _)), Some(id)) = (place, before) {
            *counts.entry((*at, *id)).or_default() += 1;
        }
    }
    for ((at, id), n) in counts {
        let had = old.topics.iter().find(|t| t.id == id).map_or(0, |t| t.size);
        if n * 3 >= had && had > 0 {
            shared.push((n, at, id));
        }
    }
    shared.sort_by(|a, b| b.0.cmp(&a.0).then((a.1, a.2).cmp(&(b.1, b.2))));
    for (_, at, id) in shared {
        if ids[at].is_none() && free(ids, id) {
            ids[at] = Some(id);
        }
    }
    if !options.before.is_empty() {
        return;
    }
    for (at, centre) in centres.iter().enumerate() {
        if ids[at].is_some() {
            continue;
        }
        let near = old
            .topics
            .iter()
            .map(|t| (vectors::dot(centre, &vector_of(&t.centre)), t.id))
            .filter(|(like, id)| *like >= SURE && free(ids, *id))
            .max_by(|a, b| a.0.total_cmp(&b.0));
        ids[at] = near.map(|(_, id)| id);
    }
}

/// Many topics are gathered under the largest of those that are near each other.
fn gather(topics: &mut [Topic], seed: u64) {
    if topics.len() <= FLAT {
        return;
    }
    let centres: Vec<Vector> = topics.iter().map(|t| vector_of(&t.centre)).collect();
    let groups = means::groups(&centres, (topics.len() / 5).clamp(10, FLAT), 2, seed);
    for group in 0..groups.centres.len() {
        let inside: Vec<usize> =
            (0..topics.len()).filter(|n| groups.places[*n].0 as usize == group).collect();
        let head = inside.iter().copied().fold(None, |best: Option<usize>, n| match best {
            Some(b) if topics[b].size >= topics[n].size => Some(b),
            _ => Some(n),
        });
        for n in inside {
            topics[n].parent = head.filter(|h| *h != n).map(|h| topics[h].id);
        }
    }
}
