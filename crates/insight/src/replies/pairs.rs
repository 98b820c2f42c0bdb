//! What can be seen of a message and one that it may answer: the numbers the model decides by.

use std::collections::BTreeMap;

use super::REACH;
use super::lines::{Chat, Line};

/// How many numbers describe a pair.
pub const FEATURES: usize = 66;

/// What happened in the chat before a message.
#[derive(Default)]
pub(super) struct Past {
    /// Indexes of the messages by people, the newest last.
    lines: Vec<usize>,
    /// Each person's messages so far.
    wrote: BTreeMap<u32, Wrote>,
    /// How often one person has named another, and when last (as a position in `lines`).
    named: BTreeMap<(u32, u32), (u32, usize)>,
}

#[derive(Default)]
struct Wrote {
    count: u32,
    /// Position in `lines` of the last.
    last: usize,
    /// Whom they addressed last, and who addressed them last.
    to: Option<u32>,
    from: Option<u32>,
}

/// What lies between a message and a candidate, gathered while going back.
#[derive(Default)]
struct Between {
    by: BTreeMap<u32, u32>,
    naming: BTreeMap<u32, u32>,
    exchanged: BTreeMap<(u32, u32), u32>,
    asks_by_others: u32,
}

const NONE: f32 = -1.0;

impl Past {
    pub(super) fn push(&mut self, chat: &Chat, of: usize) {
        let line = &chat.lines[of];
        let position = self.lines.len();
        self.lines.push(of);
        let Some(author) = line.author else { return };
        for person in &line.mentions {
            let seen = self.named.entry((author, *person)).or_default();
            *seen = (seen.0 + 1, position);
            self.wrote.entry(*person).or_default().from = Some(author);
        }
        let wrote = self.wrote.entry(author).or_default();
        wrote.count += 1;
        wrote.last = position;
        if let Some(target) = line.target.or(line.mentions.first().copied()) {
            wrote.to = Some(target);
        }
    }

    /// The candidates of a message, "begins a conversation" first, and their numbers in one row each.
    pub(super) fn candidates(&self, chat: &Chat, of: usize) -> (Vec<Option<usize>>, Vec<f32>) {
        let line = &chat.lines[of];
        let first = self.lines.len().saturating_sub(REACH);
        let mut targets = vec![None];
        let mut features = Vec::with_capacity((self.lines.len() - first + 1) * FEATURES);
        let whole = self.whole(chat, line);
        self.row(chat, line, &whole, None, &Between::default(), &mut features);
        let mut between = Between::default();
        for position in (first..self.lines.len()).rev() {
            let index = self.lines[position];
            targets.push(Some(index));
            self.row(chat, line, &whole, Some(position), &between, &mut features);
            between.take(&chat.lines[index], line);
        }
        (targets, features)
    }

    /// What is the same for all candidates of a message.
    fn whole(&self, chat: &Chat, line: &Line) -> Vec<f32> {
        let now = self.lines.len();
        let wrote = line.author.and_then(|author| self.wrote.get(&author));
        let own = wrote.filter(|w| w.count > 0);
        let recent = &self.lines[now.saturating_sub(10)..];
        let mut people: Vec<u32> = recent.iter().filter_map(|at| chat.lines[*at].author).collect();
        people.sort_unstable();
        people.dedup();
        let last = self.lines.last().map(|at| &chat.lines[*at]);
        let lately =
            self.lines.iter().rev().take(REACH).filter(|at| minutes(&chat.lines[**at], line) <= 3.0).count();
        let target = line.target.and_then(|target| self.wrote.get(&target)).filter(|w| w.count > 0);
        vec![
            truth(line.target.is_some()),
            truth(!line.mentions.is_empty()),
            truth(line.asks),
            truth(line.begins_asking),
            count(line.length),
            truth(line.greets),
            truth(line.thanks),
            truth(line.acknowledges),
            truth(line.links),
            truth(line.order.is_some()),
            truth(line.bot),
            truth(line.action),
            own.map_or(999.0, |w| count(now - w.last)),
            own.map_or(999.0, |w| minutes(&chat.lines[self.lines[w.last]], line)),
            own.map_or(0.0, |w| w.count.min(100) as f32),
            count(people.len()),
            last.map_or(999.0, |last| minutes(last, line)),
            count(lately),
            target.map_or(NONE, |w| count(now - w.last)),
        ]
    }

    #[allow(clippy::too_many_arguments)]
    fn row(
        &self,
        chat: &Chat,
        line: &Line,
        whole: &[f32],
        position: Option<usize>,
        between: &Between,
        row: &mut Vec<f32>,
    ) {
        let start = row.len();
        row.push(truth(position.is_none()));
        row.extend_from_slice(whole);
        if let Some(position) = position {
            self.pair(chat, line, position, between, row);
        }
        debug_assert!(row.len() - start <= FEATURES, "{}", row.len() - start);
        row.resize(start + FEATURES, NONE);
    }

    fn pair(&self, chat: &Chat, line: &Line, position: usize, between: &Between, row: &mut Vec<f32>) {
        let now = self.lines.len();
        let other = &chat.lines[self.lines[position]];
        let (me, you) = (line.author, other.author);
        let both = me.zip(you);
        let same = both.is_some_and(|(me, you)| me == you);
        let is = |a: Option<u32>, b: Option<u32>| a.is_some() && a == b;
        let times = |n: Option<&u32>| n.copied().unwrap_or(0) as f32;
        let wrote_by = |who: Option<u32>| who.and_then(|who| self.wrote.get(&who));
        let named = |pair: Option<(u32, u32)>| pair.and_then(|pair| self.named.get(&pair));
        let swapped = both.map(|(me, you)| (you, me));
        let (shared, weight, rarest) = overlap(chat, line, other);
        let names_you = you.is_some_and(|you| line.mentions.contains(&you));
        let names_me = me.is_some_and(|me| other.mentions.contains(&me));
        let common_name = line.mentions.iter().any(|name| other.mentions.contains(name));
        let age = |seen: Option<&(u32, usize)>| seen.map_or(999.0, |(_, at)| count(now - at));
        let follows = position.checked_sub(1).map(|before| &chat.lines[self.lines[before]]);
        row.extend_from_slice(&[
            count(now - position),
            minutes(other, line),
            truth(same),
            truth(is(you, line.target)),
            truth(names_you),
            truth(line.target.is_some() && !is(you, line.target)),
            truth(is(me, other.target)),
            truth(names_me),
            truth(other.target.is_some()),
            truth(other.target.is_some() && !is(me, other.target)),
            truth(is(line.target, other.target)),
            truth(common_name),
            you.map_or(0.0, |you| times(between.by.get(&you))),
            me.map_or(0.0, |me| times(between.by.get(&me))),
            you.map_or(0.0, |you| times(between.naming.get(&you))),
            me.map_or(0.0, |me| times(between.naming.get(&me))),
            both.map_or(0.0, |pair| times(between.exchanged.get(&pair))),
            swapped.map_or(0.0, |pair| times(between.exchanged.get(&pair))),
            truth(other.asks),
            truth(other.begins_asking),
            count(other.length),
            truth(other.greets),
            truth(other.thanks),
            truth(other.acknowledges),
            truth(other.links),
            truth(other.order.is_some()),
            truth(other.bot),
            truth(other.action),
            shared,
            weight,
            rarest,
            truth(is(wrote_by(me).and_then(|w| w.to), you)),
            truth(is(wrote_by(me).and_then(|w| w.from), you)),
            truth(is(wrote_by(you).and_then(|w| w.to), me)),
            age(named(both)),
            age(named(swapped)),
            named(both).map_or(0.0, |(n, _)| *n as f32) + named(swapped).map_or(0.0, |(n, _)| *n as f32),
            wrote_by(you).map_or(0.0, |w| w.count.min(100) as f32),
            truth(other.order.is_some_and(|order| line.words.binary_search(&order).is_ok())),
            truth(is(line.target.or(line.mentions.first().copied()), other.order_for)),
            truth(line.order.is_some() && line.order_for.is_some() && is(line.order_for, you)),
            between.asks_by_others as f32,
            truth(follows.is_some_and(|before| is(before.author, you))),
            count(between.by.len()),
            follows.map_or(999.0, |before| minutes(before, other)),
            you.map_or(0.0, |you| {
                truth(line.target.is_some() && wrote_by(line.target).is_some_and(|w| w.from == Some(you)))
            }),
        ]);
    }
}

impl Between {
    fn take(&mut self, passed: &Line, of: &Line) {
        if passed.asks && passed.author != of.author {
            self.asks_by_others += 1;
        }
        let Some(author) = passed.author else { return };
        *self.by.entry(author).or_default() += 1;
        for person in &passed.mentions {
            *self.naming.entry(*person).or_default() += 1;
            *self.exchanged.entry((author, *person)).or_default() += 1;
        }
    }
}

/// How many words return, how much they weigh against what could return, and the rarest of them.
fn overlap(chat: &Chat, a: &Line, b: &Line) -> (f32, f32, f32) {
    let weight = |word: &u32| chat.rarity[*word as usize];
    let shared = a.words.iter().filter(|word| b.words.binary_search(word).is_ok());
    let (mut n, mut sum, mut rarest) = (0.0, 0.0, 0.0_f32);
    for word in shared {
        n += 1.0;
        sum += weight(word).powi(2);
        rarest = rarest.max(weight(word));
    }
    if n == 0.0 {
        return (0.0, 0.0, 0.0);
    }
    let norm = |words: &[u32]| words.iter().map(|w| weight(w).powi(2)).sum::<f32>().sqrt();
    (n, sum / (norm(&a.words) * norm(&b.words)).max(1e-6), rarest)
}

/// From one message to a later one; half a minute for each where times are not told.
fn minutes(from: &Line, to: &Line) -> f32 {
    match (from.at, to.at) {
        (Some(from), Some(to)) => ((to - from).clamp(0, 59_940) as f32) / 60.0,
        _ => 0.0,
    }
}

fn truth(is: bool) -> f32 {
    f32::from(u8::from(is))
}

fn count(n: usize) -> f32 {
    n.min(999) as f32
}
