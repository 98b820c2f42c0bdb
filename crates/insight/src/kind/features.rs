//! What the model sees of a text: its words alone and in pairs (title, text and form answers apart), what it is built
//! of, and its direction of meaning.

use crate::text::{vectors, wordpiece};

/// Words and pairs are folded into so many numbers.
pub const FOLD: usize = 1 << 16;
/// Numbers that say how a text is built.
pub const FLAGS: usize = SIGNS.len();
/// Where the directions begin: of the title, of the text, of its beginning.
pub const MEANING: usize = FOLD + FLAGS;
/// All numbers.
pub const WIDTH: usize = MEANING + 3 * vectors::DIMS;
/// How many bytes of a text are read.
const READ: usize = 4_096;

/// What each of the flags says, in words a reader understands.
pub const SIGNS: &[&str] = &[
    "code in it",
    "much code",
    "a stack trace",
    "a picture",
    "form headings",
    "ticked boxes",
    "a question mark in the title",
    "a question mark in the text",
    "many question marks",
    "the title begins like a question",
    "the title begins with an order",
    "version numbers",
    "a list of steps",
    "an error's name in the title",
    "speaks of expected and actual behaviour",
    "words of failure",
    "words of wishing",
    "words of asking",
    "words of docs",
    "a tag in brackets before the title",
    "hardly any text",
    "a long text",
    "the author writes as 'I'",
    "asks for help",
    "thanks in advance",
    "a link",
    "code in the title",
    "words of failure in the title",
    "words of wishing in the title",
    "always on",
];

/// Where a word stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In the title.
    Title,
    /// In the text.
    Text,
    /// In a form: a heading, or a heading with its short answer.
    Form,
}

/// One word or pair of words.
#[derive(Clone, Debug, PartialEq)]
pub struct Gram {
    /// The number it is folded into.
    pub slot: u32,
    /// Where it stands.
    pub place: Place,
    /// As it is told to people.
    pub words: String,
}

/// A text as the model sees it.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// Every word and pair.
    pub grams: Vec<Gram>,
    /// See [`SIGNS`].
    pub flags: Vec<f32>,
    /// The directions of the title, the text, and its first 64 tokens.
    pub meaning: Vec<Option<vectors::Vector>>,
}

const FAILURE: &[&str] = &[
    "bug",
    "crash",
    "error",
    "exception",
    "fail",
    "broken",
    "regression",
    "panic",
    "segfault",
    "hang",
    "incorrect",
    "wrong",
    "not work",
    "doesn't work",
    "leak",
    "freeze",
    "unexpected",
    "cannot",
    "can't",
    "unable to",
    "missing",
];
const WISHING: &[&str] = &[
    "feature",
    "would be nice",
    "would be great",
    "please add",
    "could you add",
    "support for",
    "proposal",
    "add ",
    "allow ",
    "implement",
    "enhancement",
    "improve",
    "option to",
    "ability to",
    "suggest",
    "should be able",
    "request",
];
const QUESTIONS: &[&str] = &[
    "how ", "what ", "why ", "where ", "which ", "when ", "is ", "are ", "can ", "does ", "do ", "should ",
    "could ", "has ", "any ", "question", "who ",
];
const ORDERS: &[&str] = &[
    "add ",
    "allow ",
    "support ",
    "implement ",
    "make ",
    "provide ",
    "expose ",
    "enable ",
    "improve ",
    "use ",
    "remove ",
    "feature",
    "request",
    "introduce ",
    "show ",
    "consider ",
    "update ",
    "upgrade ",
    "extend ",
    "optimi",
];

/// Reads a text.
#[must_use]
pub fn see(title: &str, body: &str) -> Seen {
    let title = cut(title, 512);
    let body = cut(body, READ);
    let parts = parts(body);
    let low_title = title.to_lowercase();
    let low_text = parts.text.to_lowercase();
    let mut grams = Vec::new();
    take(&low_title, Place::Title, &mut grams);
    take(&low_text, Place::Text, &mut grams);
    for (heading, answer) in &parts.form {
        let heading = words(&heading.to_lowercase()).join(" ");
        grams.push(gram(Place::Form, &heading, String::new));
        if let Some(answer) = answer {
            let answer = words(&answer.to_lowercase()).join(" ");
            let both = format!("{heading}: {answer}");
            grams.push(gram(Place::Form, &both, String::new));
        }
    }
    for gram in &mut grams {
        if gram.words.is_empty() && gram.place == Place::Form {
            gram.words = "the form's answers".to_owned();
        }
    }
    let flags = flags(title, &low_title, body, &low_text, &parts);
    let tokens = wordpiece::tokens(&low_text, 512);
    let direction = |tokens: &[u16]| vectors::of_tokens(tokens);
    let meaning = vec![
        direction(&wordpiece::tokens(title, 64)),
        direction(&tokens),
        direction(&tokens[..tokens.len().min(64)]),
    ];
    Seen { grams, flags, meaning }
}

fn cut(text: &str, most: usize) -> &str {
    let end = (0..=most.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    &text[..end]
}

/// A body taken apart.
#[derive(Default)]
struct Parts {
    text: String,
    /// Headings, with the answer under them when it is short.
    form: Vec<(String, Option<String>)>,
    code_lines: usize,
    trace: bool,
    boxes: usize,
    steps: usize,
    pictures: bool,
    links: bool,
}

fn parts(body: &str) -> Parts {
    let mut parts = Parts::default();
    let mut fenced = false;
    let mut comment = false;
    let mut waits = false;
    for line in body.lines() {
        let line = line.trim();
        if line.starts_with("```") || line.starts_with("~~~") {
            fenced = !fenced;
            continue;
        }
        parts.trace |= traces(line);
        if fenced {
            parts.code_lines += 1;
            continue;
        }
        if comment || line.starts_with("<!--") {
            comment = !line.contains("-->");
            continue;
        }
        if line.starts_with('>') || line.is_empty() {
            continue;
        }
        let bold = line.len() > 4 && line.starts_with("**") && line.ends_with("**");
        if line.starts_with('#') && line.trim_start_matches('#').starts_with(' ') || bold {
            parts.form.push((line.trim_matches(['#', '*', ' ', ':']).to_owned(), None));
            waits = true;
            continue;
        }
        if line.starts_with("- [") || line.starts_with("* [") {
            parts.boxes += usize::from(line.contains("[x]") || line.contains("[X]"));
            continue;
        }
        if waits
            && line.split_whitespace().count() <= 4
            && let Some(last) = parts.form.last_mut()
        {
            last.1 = Some(line.to_owned());
        }
        waits = false;
        parts.steps += usize::from(
            line.len() > 2 && line.as_bytes()[0].is_ascii_digit() && line[1..].starts_with(['.', ')']),
        );
        parts.pictures |= line.contains("![") || line.contains("<img");
        for word in line.split_whitespace() {
            if let Some(at) = word.find("://") {
                parts.links = true;
                let host = word[at + 3..].split(['/', ')', '>', '"']).next().unwrap_or("");
                parts.text.push_str("url ");
                parts.text.push_str(host);
            } else {
                parts.text.push_str(word);
            }
            parts.text.push(' ');
        }
        parts.text.push('\n');
    }
    parts
}

/// A line of a stack trace, of whatever language.
fn traces(line: &str) -> bool {
    line.starts_with("Traceback (most recent")
        || line.starts_with("at ") && (line.contains('(') || line.contains("://"))
        || line.starts_with("File \"") && line.contains("line ")
        || line.starts_with("thread '") && line.contains("panicked")
        || line.starts_with("Exception in thread")
        || line.starts_with("Caused by:")
        || line.starts_with("goroutine ")
        || line.starts_with("#0 ")
}

/// Words in lower case; numbers and versions become one word each.
fn words(text: &str) -> Vec<String> {
    text.split(|c: char| !(c.is_alphanumeric() || matches!(c, '\'' | '_' | '.' | '+' | '-')))
        .map(|word| word.trim_matches(['.', '\'', '-', '_']))
        .filter(|word| !word.is_empty() && word.len() <= 40)
        .map(|word| {
            let digits = word.bytes().filter(u8::is_ascii_digit).count();
            if digits * 2 > word.len() {
                if word.contains('.') { "0.0".to_owned() } else { "0".to_owned() }
            } else {
                word.to_owned()
            }
        })
        .collect()
}

fn take(text: &str, place: Place, grams: &mut Vec<Gram>) {
    for sentence in text.split(['\n', '!', ';', '(', ')']) {
        let asked = sentence.contains('?');
        let words = words(sentence);
        for (n, word) in words.iter().enumerate() {
            grams.push(gram(place, word, || word.clone()));
            if let Some(next) = words.get(n + 1) {
                let pair = format!("{word} {next}");
                grams.push(gram(place, &pair, || pair.clone()));
            }
        }
        if asked && let Some(first) = words.first() {
            let asks = format!("{first} ...?");
            grams.push(gram(place, &asks, || asks.clone()));
        }
    }
    if place == Place::Title {
        let words = words(text);
        if let Some(first) = words.first() {
            let begins = format!("{first} ...");
            grams.push(gram(place, &begins, || begins.clone()));
        }
    }
}

/// FNV-1a over the place and the words.
fn gram(place: Place, words: &str, told: impl Fn() -> String) -> Gram {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64 ^ (place as u64 + 1);
    hash = hash.wrapping_mul(0x0100_0000_01b3);
    for byte in words.bytes() {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    let slot = ((hash >> 32) ^ hash) as u32 % FOLD as u32;
    Gram { slot, place, words: told() }
}

fn flags(title: &str, low_title: &str, body: &str, low_text: &str, parts: &Parts) -> Vec<f32> {
    let any = |text: &str, list: &[&str]| list.iter().any(|word| text.contains(word));
    let begins = |text: &str, list: &[&str]| {
        let own = text.rsplit_once("]").map_or(text, |(_, own)| own).trim_start_matches([':', ' ', '-']);
        list.iter().any(|word| own.starts_with(word))
    };
    let questions = low_text.matches('?').count();
    let error_name = title.split_whitespace().any(|w| {
        let w = w.trim_end_matches(':');
        w.len() > 6 && (w.ends_with("Error") || w.ends_with("Exception"))
    });
    let version = |text: &str| {
        text.split_whitespace().any(|w| {
            w.matches('.').count() >= 1 && w.trim_start_matches('v').starts_with(|c: char| c.is_ascii_digit())
        })
    };
    let signs = [
        parts.code_lines > 0 || body.contains('`'),
        parts.code_lines > 15,
        parts.trace,
        parts.pictures,
        parts.form.len() > 1,
        parts.boxes > 0,
        title.contains('?'),
        questions > 0,
        questions > 2,
        begins(low_title, QUESTIONS),
        begins(low_title, ORDERS),
        version(low_text) || version(low_title),
        parts.steps > 1,
        error_name,
        any(low_text, &["expected", "actual", "instead", "reproduce", "repro"]),
        any(low_text, FAILURE),
        any(low_text, WISHING),
        any(
            low_text,
            &["how to", "how do", "how can", "is there a way", "is it possible", "wondering", "anyone"],
        ),
        any(low_text, &["documentation", "docs", "tutorial", "readme"]),
        low_title.starts_with('['),
        low_text.split_whitespace().count() < 15,
        low_text.split_whitespace().count() > 150,
        any(low_text, &["i ", "i'm", "my "]),
        any(low_text, &["help", "any idea", "what should i", "what am i"]),
        any(low_text, &["thanks", "thank you", "in advance"]),
        parts.links,
        title.contains('`') || title.contains("()"),
        any(low_title, FAILURE),
        any(low_title, WISHING),
        true,
    ];
    signs.iter().map(|sign| f32::from(u8::from(*sign))).collect()
}
