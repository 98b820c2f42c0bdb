//! New threads out of the invented ones: other people, other times, and words that no other thread has.

use crate::Fault;
use crate::crowd::{Crowd, Somebody};
use crate::random::Random;
use crate::when::{self, Seconds};
use crate::world::{NOW, Thread, World};

/// Three years.
pub(crate) const SPAN: Seconds = 3 * 365 * 86_400;

/// A made thread.
pub(crate) struct Made {
    /// Its title.
    pub(crate) title: String,
    /// Labels or tags.
    pub(crate) labels: Vec<String>,
    /// The messages in order; the first one opens it.
    pub(crate) messages: Vec<Said>,
    /// Somebody else answered it.
    pub(crate) answered: bool,
}

/// A made message.
pub(crate) struct Said {
    /// Who wrote it.
    pub(crate) who: Somebody,
    /// When.
    pub(crate) at: Seconds,
    /// What it says.
    pub(crate) text: String,
}

/// Makes threads.
pub(crate) struct Mill<'w> {
    world: &'w World,
    templates: Vec<&'w Thread>,
    sentences: Vec<String>,
    /// Who may write.
    pub(crate) crowd: Crowd,
    end: Seconds,
}

impl<'w> Mill<'w> {
    /// A mill over the threads in which a community member asks.
    pub(crate) fn new(world: &'w World, people: u64) -> Result<Mill<'w>, Fault> {
        let by_community =
            |t: &Thread| t.asks && world.person(&t.messages[0].by).is_ok_and(|p| p.kind == "community");
        let templates: Vec<&Thread> =
            world.threads.iter().filter(|t| !t.messages.is_empty() && by_community(t)).collect();
        let sentences = templates
            .iter()
            .flat_map(|t| &t.messages)
            .flat_map(|m| m.text.split(". "))
            .map(|s| s.trim().replace('\n', " "))
            .filter(|s| (20..140).contains(&s.len()) && s.is_ascii() && !s.contains("```"))
            .collect();
        Ok(Mill { world, templates, sentences, crowd: Crowd::new(world, people), end: when::parse(NOW)? })
    }

    /// The moment at which the `n`th of `of` threads begins: evenly over three years, with some disorder.
    pub(crate) fn begins(&self, random: &mut Random, share: f64) -> Seconds {
        #[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation)] // a moment within three years
        let offset = (SPAN as f64 * share.clamp(0.0, 1.0)) as Seconds;
        let jitter = i64::try_from(random.below(6 * 3_600)).unwrap_or(0);
        (self.end - SPAN + offset + jitter).min(self.end - 60)
    }

    /// A thread that begins at a moment and has at most this many messages.
    pub(crate) fn thread(&self, random: &mut Random, begins: Seconds, most: u64) -> Made {
        let template = *random.of(&self.templates);
        let first = when::parse(&template.messages[0].at).unwrap_or(begins);
        let mut cast: Vec<(&str, Somebody)> = Vec::new();
        let mut messages: Vec<Said> = Vec::new();
        // One in nine is never answered, and the youngest wait more often.
        let unanswered = random.percent(if self.end - begins < 4 * 86_400 { 40 } else { 11 });
        let speed = 20 + random.below(300);
        let mut at = begins;
        for message in &template.messages {
            if messages.len() as u64 >= most || unanswered && message.by != template.messages[0].by {
                break;
            }
            let who = match cast.iter().find(|(id, _)| *id == message.by) {
                Some((_, who)) => who.clone(),
                None => {
                    let taken: Vec<Somebody> = cast.iter().map(|(_, who)| who.clone()).collect();
                    let who = Crowd::own(self.world, &message.by)
                        .unwrap_or_else(|| self.crowd.anybody(random, &taken));
                    cast.push((&message.by, who.clone()));
                    who
                }
            };
            let offset = when::parse(&message.at).unwrap_or(first) - first;
            at = (begins + offset * i64::try_from(speed).unwrap_or(100) / 100).max(at + 1);
            if at >= self.end && !messages.is_empty() {
                break;
            }
            let text = self.text(random, &message.text, messages.is_empty(), who.bot);
            messages.push(Said { who, at, text });
        }
        let opener = messages[0].who.clone();
        Made {
            title: format!("{} ({} {})", template.title, component(random), 1 + random.below(40)),
            labels: template.labels.clone(),
            answered: messages.iter().any(|m| !m.who.bot && m.who != opener),
            messages,
        }
    }

    /// A message of the world in words that no other has; an opening changes most, or it would be taken for a copy.
    fn text(&self, random: &mut Random, text: &str, opens: bool, bot: bool) -> String {
        if bot {
            return text.to_owned();
        }
        let mut out = text.trim().to_owned();
        let more = if opens { 3 + random.below(4) } else { random.below(3) };
        for _ in 0..more {
            let sentence = match random.below(4) {
                0 => format!(
                    "We run {} on {} nodes in {}.",
                    version(random),
                    1 + random.below(60),
                    random.of(&["eu-north", "eu-west", "us-east", "ap-south", "our own cellar"])
                ),
                1 => format!(
                    "It concerns the {} {}.",
                    component(random),
                    random.of(&["service", "worker", "queue", "consumer"])
                ),
                2 => format!("The request id was {:012x}.", random.next() >> 16),
                _ if self.sentences.is_empty() => String::new(),
                _ => format!("{}.", random.of(&self.sentences).trim_end_matches(['.', '?', '!'])),
            };
            out = if random.percent(60) { format!("{out} {sentence}") } else { format!("{sentence} {out}") };
        }
        out
    }
}

fn version(random: &mut Random) -> String {
    format!("{}.{}.{}", 2 + random.below(2), random.below(10), random.below(7))
}

/// A word of a vocabulary that grows with the archive, some words much more frequent than others.
fn component(random: &mut Random) -> String {
    const PARTS: [&str; 16] = [
        "ka", "ro", "min", "tel", "vo", "sar", "lu", "den", "pi", "gor", "hel", "ba", "nix", "tu", "fal",
        "ze",
    ];
    let mut rank = random.rank(60_000);
    let mut word = String::new();
    loop {
        word.push_str(PARTS[usize::try_from(rank % 16).unwrap_or(0)]);
        rank /= 16;
        if rank == 0 {
            return word;
        }
    }
}
