//! A chat as the judge sees it: who wrote, to whom, which words, when. Names are learned from the chat itself.

use std::collections::{BTreeMap, BTreeSet};

use super::Message;

/// One message, read.
#[derive(Clone, Debug, Default)]
pub(super) struct Line {
    /// Joins, leaves and renames: nobody wrote them and nobody answers them.
    pub(super) system: bool,
    /// Who wrote it; somebody without a name is nobody's partner.
    pub(super) author: Option<u32>,
    /// Seconds; rising, also where the source gave only the time of day.
    pub(super) at: Option<i64>,
    /// The person it is addressed to by name at its beginning.
    pub(super) target: Option<u32>,
    /// Everybody it names, the addressed one too.
    pub(super) mentions: Vec<u32>,
    /// Its words without names and the commonest ones, sorted, each once.
    pub(super) words: Vec<u32>,
    pub(super) length: usize,
    pub(super) asks: bool,
    pub(super) begins_asking: bool,
    pub(super) greets: bool,
    pub(super) thanks: bool,
    pub(super) acknowledges: bool,
    pub(super) links: bool,
    pub(super) action: bool,
    /// The word behind a `!`: an order to a bot.
    pub(super) order: Option<u32>,
    /// The person whom an order names (`!guide | ada`).
    pub(super) order_for: Option<u32>,
    pub(super) bot: bool,
}

/// A chat, read: its lines, and how rare each word is in it.
#[derive(Debug, Default)]
pub(super) struct Chat {
    pub(super) lines: Vec<Line>,
    pub(super) rarity: Vec<f32>,
}

const SYSTEM: &[&str] = &[
    "has joined",
    "has left",
    "has quit",
    "is now known as",
    "joined #",
    "left #",
    "sets mode",
    "changed the topic",
    "topic for #",
    "quit (",
    "was kicked",
    "mode/#",
    "joined the channel",
    "left the channel",
];

/// Words that are also people's names now and then: only an address (`hello:`) makes them one.
const COMMON: &[&str] = &[
    "the", "and", "you", "for", "that", "this", "with", "have", "not", "but", "can", "are", "was", "what",
    "how", "why", "just", "like", "one", "any", "get", "use", "yes", "hello", "help", "user", "root",
    "ubuntu", "linux", "thanks", "all", "out", "now", "then", "there", "here", "who", "will", "did", "does",
    "done", "good", "well", "some", "time", "name", "test", "guest", "work", "file", "windows", "hey", "hi",
    "ok", "lol", "it", "is", "in", "on", "to", "so", "me", "my", "be", "we", "he", "if", "or", "no", "do",
    "go", "up", "an", "as", "at", "by", "us", "am", "sure",
];

const STOP: &[&str] = &[
    "the", "a", "an", "and", "or", "but", "i", "you", "it", "he", "she", "we", "they", "is", "are", "was",
    "were", "be", "to", "of", "in", "on", "for", "with", "at", "by", "from", "as", "that", "this", "do",
    "does", "did", "have", "has", "had", "not", "no", "yes", "so", "if", "then", "just", "my", "your", "me",
    "can", "will", "would", "there", "what", "how", "im", "its", "dont", "get", "like", "ok", "oh", "some",
    "any", "all", "one", "up", "out", "about", "s", "t",
];

const GREETS: &[&str] =
    &["hi", "hello", "hey", "hallo", "hola", "yo", "morning", "evening", "greetings", "hiya", "howdy"];
const THANKS: &[&str] =
    &["thanks", "thank", "thx", "ty", "cheers", "thanx", "tnx", "danke", "merci", "gracias"];
const ACKNOWLEDGES: &[&str] = &[
    "yes", "yeah", "yep", "yea", "ya", "yup", "no", "nope", "nah", "ok", "okay", "k", "oh", "ah", "ahh",
    "aha", "right", "sure", "hm", "hmm", "lol", "haha", "heh", "true", "exactly", "indeed", "well", "nice",
    "cool", "great", "np", "sorry", "correct", "maybe", "probably", "nothing", "same", "done", "because",
    "and", "but", "so", "or", "then",
];
const ASKING: &[&str] = &[
    "how", "what", "why", "where", "who", "which", "when", "is", "are", "can", "does", "do", "did", "anyone",
    "anybody", "has", "have", "could", "would", "should", "will", "whats", "any", "i'm", "im", "i",
];
const BOTS: &[&str] =
    &["ubottu", "ubotu", "ubot", "ubot2", "ubotu2", "ubot5", "ubot3", "lubotu3", "lubotu1", "slackbot"];

impl Chat {
    pub(super) fn read(messages: &[Message<'_>]) -> Chat {
        let mut names = Names::default();
        let split: Vec<Split<'_>> = messages.iter().map(Split::of).collect();
        for part in &split {
            match part.renamed {
                Some((from, to)) => names.rename(from, to),
                None if !part.system && !part.author.is_empty() => {
                    names.learn(part.author);
                }
                None => {}
            }
        }
        let mut ids = BTreeMap::new();
        let mut seen: Vec<u32> = Vec::new();
        let mut clock = Clock::default();
        let lines: Vec<Line> = split
            .iter()
            .zip(messages)
            .map(|(part, message)| {
                let line = read(part, clock.at(message.at), &names, &mut ids);
                seen.resize(ids.len(), 0);
                for word in &line.words {
                    seen[*word as usize] += 1;
                }
                line
            })
            .collect();
        let all = lines.iter().filter(|l| !l.system).count().max(1) as f32;
        let rarity = seen.iter().map(|n| (all / (*n as f32).max(1.0)).ln().max(0.0)).collect();
        Chat { lines, rarity }
    }
}

/// A message cut into its parts: who, what, and whether anybody wrote it.
struct Split<'a> {
    author: &'a str,
    text: &'a str,
    system: bool,
    action: bool,
    renamed: Option<(&'a str, &'a str)>,
}

impl<'a> Split<'a> {
    fn of(message: &Message<'a>) -> Split<'a> {
        let author = message.author.trim().trim_start_matches(['@', '+', '~', '%']);
        let text = message.text.trim();
        let nobody =
            author.is_empty() || matches!(author, "*" | "***" | "===" | "--" | "-->" | "<--" | "system");
        let body = text.trim_start_matches(['=', '*', '-', '<', '>', ' ']);
        let marked = body.len() != text.len() && (text.starts_with("===") || text.starts_with('*'));
        let system = (nobody || text.starts_with("===")) && SYSTEM.iter().any(|word| body.contains(word));
        if system {
            let renamed = body.split_once(" is now known as ").map(|(from, to)| (from.trim(), to.trim()));
            return Split { author: "", text, system, action: false, renamed };
        }
        // `* ada waves` and `=== ada waves` are Ada's.
        if marked && nobody {
            let (who, rest) = body.split_once(' ').unwrap_or((body, ""));
            return Split { author: who, text: rest, system: false, action: true, renamed: None };
        }
        let author = if nobody { "" } else { author };
        Split { author, text, system: false, action: text.starts_with("/me "), renamed: None }
    }
}

/// The people of a chat.
#[derive(Default)]
struct Names {
    ids: BTreeMap<String, u32>,
    next: u32,
}

impl Names {
    fn learn(&mut self, name: &str) -> u32 {
        let name = name.to_lowercase();
        if let Some(id) = self.ids.get(&name) {
            return *id;
        }
        let id = self.next;
        self.next += 1;
        // Display names have several words; people are addressed by the first.
        if let Some((first, _)) = name.split_once(' ')
            && first.chars().count() > 2
        {
            self.ids.entry(first.to_owned()).or_insert(id);
        }
        self.ids.insert(name, id);
        id
    }

    fn rename(&mut self, from: &str, to: &str) {
        let id = self.learn(from);
        self.ids.entry(to.to_lowercase()).or_insert(id);
    }

    fn find(&self, name: &str) -> Option<u32> {
        self.ids.get(name).copied()
    }
}

/// Makes times of day rise over midnight.
#[derive(Default)]
struct Clock {
    last: Option<i64>,
}

impl Clock {
    fn at(&mut self, at: Option<super::When>) -> Option<i64> {
        let seconds = match at? {
            super::When::Instant(seconds) => seconds,
            super::When::OfDay(seconds) => {
                const DAY: i64 = 86_400;
                let last = self.last.unwrap_or(seconds);
                let mut at = last.div_euclid(DAY) * DAY + seconds;
                if at + DAY / 2 < last {
                    at += DAY;
                }
                at
            }
        };
        // Two clocks in one export may run against each other a little; the order is what counts.
        let rising = self.last.map_or(seconds, |last| last.max(seconds));
        self.last = Some(rising);
        Some(rising)
    }
}

/// How many bytes of a message are read: nobody's answer is told by what comes after.
const READ: usize = 4_096;

fn read(part: &Split<'_>, at: Option<i64>, names: &Names, ids: &mut BTreeMap<String, u32>) -> Line {
    let mut line = Line { system: part.system, at, action: part.action, ..Line::default() };
    if part.system {
        return line;
    }
    let author = part.author.to_lowercase();
    line.author = names.find(&author);
    line.bot = BOTS.contains(&author.as_str()) || author.ends_with("bot") && author.len() > 5;
    let end = part.text.char_indices().map(|(at, c)| at + c.len_utf8()).take_while(|end| *end <= READ).last();
    let text = part.text[..end.unwrap_or(0)].to_lowercase();
    line.links = text.contains("://") || text.contains("www.");
    let mut words = BTreeSet::new();
    let mut first_word = true;
    let own = line.author;
    for (n, token) in text.split_whitespace().enumerate() {
        line.length += 1;
        let called = token.trim_start_matches(['@', '"', '(', '<', '*']);
        let at_sign = called.len() != token.len() && token.starts_with('@');
        let bare = called.trim_end_matches([':', ',', ';', '.', '?', '!', '"', ')', '>', '*']);
        let addressed = called[bare.len()..].starts_with([':', ',', ';']) || at_sign;
        let strong = addressed || bare.chars().count() > 2 && !COMMON.contains(&bare);
        let person = (strong && !bare.is_empty())
            .then(|| names.find(bare).or_else(|| names.find(called)))
            .flatten()
            .filter(|id| Some(*id) != own);
        if let Some(person) = person {
            if n == 0 || n == 1 && addressed && line.target.is_none() {
                line.target = Some(person);
            }
            if !line.mentions.contains(&person) {
                line.mentions.push(person);
            }
            continue;
        }
        if n == 0
            && let Some(order) = token.strip_prefix('!')
            && !order.is_empty()
        {
            let next = ids.len() as u32;
            line.order = Some(*ids.entry(plain(order)).or_insert(next));
        }
        let word = plain(bare);
        if word.is_empty() {
            continue;
        }
        if first_word {
            first_word = false;
            line.acknowledges = ACKNOWLEDGES.contains(&word.as_str());
            line.begins_asking = ASKING.contains(&word.as_str());
        }
        line.greets |= n < 3 && GREETS.contains(&word.as_str());
        line.thanks |= THANKS.contains(&word.as_str());
        if !STOP.contains(&word.as_str()) {
            let next = ids.len() as u32;
            words.insert(*ids.entry(word).or_insert(next));
        }
    }
    line.asks = text.contains('?');
    if line.order.is_some() {
        line.order_for = line.mentions.first().copied();
    }
    line.words = words.into_iter().collect();
    line
}

fn plain(word: &str) -> String {
    word.chars().filter(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '/' | '.')).collect()
}
