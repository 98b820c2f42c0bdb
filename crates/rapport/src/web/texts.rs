//! What the pages themselves say: messages of Project Fluent in `texts/LANGUAGE/*.ftl`, built into the program. A page asks
//! for a message by its name and gives it what is to stand in it; markup stays in the templates.

use std::borrow::Cow;
use std::fmt::{self, Display, Write};
use std::sync::LazyLock;

use askama::filters::{Escaper, Html, HtmlSafe};
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use include_dir::{Dir, include_dir};

use crate::fault::Fault;

static FILES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/texts");
/// What every language is translated from, and what stands in for what is missing.
pub(super) const ENGLISH: &str = "en";
/// Makes the pages speak a made-up language, in which every word of ours has accents. Not in a release.
const MADE_UP: &str = "RAPPORT_MADE_UP_LANGUAGE";

mod units;

type Bundle = FluentBundle<FluentResource>;

/// All that is said in one language. Made once: a page only looks its messages up.
pub(super) struct Texts {
    language: String,
    messages: Bundle,
}

static ALL: LazyLock<Vec<Texts>> = LazyLock::new(|| {
    let name = |folder: &Dir<'_>| folder.path().to_string_lossy().into_owned();
    FILES.dirs().map(|folder| Texts::read(name(folder), None)).collect()
});

static ACCENTED: LazyLock<Texts> = LazyLock::new(|| Texts::read(ENGLISH.to_owned(), Some(accented)));

/// The name of a text that is said elsewhere, so that it is found where texts are looked for.
pub(super) const fn key(name: &'static str) -> &'static str {
    name
}

impl Texts {
    /// The texts of a language.
    ///
    /// # Errors
    /// When the program was not built with it.
    pub(super) fn of(language: &str) -> Result<&'static Texts, Fault> {
        if cfg!(debug_assertions) && std::env::var_os(MADE_UP).is_some() {
            return Ok(&ACCENTED);
        }
        ALL.iter().find(|texts| texts.language == language).ok_or_else(|| {
            let known: Vec<&str> = ALL.iter().map(|texts| texts.language.as_str()).collect();
            Fault::usage(format!("[web] language: no texts for '{language}'"))
                .hint(format!("it is one of: {}", known.join(", ")))
        })
    }

    fn read(language: String, change: Option<fn(&str) -> Cow<'_, str>>) -> Texts {
        let mut messages = Bundle::new_concurrent(language.parse().into_iter().collect());
        // Pages say the direction of what people wrote by `dir`; marks in the text would be copied along.
        messages.set_use_isolating(false);
        messages.set_transform(change);
        let files = FILES.get_dir(&language).into_iter().flat_map(Dir::files);
        for file in files {
            let text = file.contents_utf8().unwrap_or_default().to_owned();
            // What cannot be read is not there; a test reads every file.
            let read = FluentResource::try_new(text).unwrap_or_else(|(read, _)| read);
            let _ = messages.add_resource(read);
        }
        Texts { language, messages }
    }

    /// The language, as `lang` names it.
    pub(super) fn language(&self) -> &str {
        &self.language
    }

    /// A message.
    pub(super) fn t<'a>(&'a self, key: &'a str) -> Text<'a> {
        Text { texts: self, key, given: FluentArgs::new() }
    }

    /// A message, or an attribute of one, with what it was given.
    fn says(&self, key: &str, attribute: Option<&str>, given: &FluentArgs<'_>) -> String {
        let english = || ALL.iter().find(|texts| texts.language == ENGLISH);
        let own = self.formatted(key, attribute, given);
        let said = own.or_else(|| english()?.formatted(key, attribute, given));
        debug_assert!(said.is_some(), "no text is called '{key}' {attribute:?}");
        // A name on a page is better than no page.
        said.unwrap_or_else(|| key.to_owned())
    }

    fn formatted(&self, key: &str, attribute: Option<&str>, given: &FluentArgs<'_>) -> Option<String> {
        let message = self.messages.get_message(key)?;
        let pattern = match attribute {
            Some(name) => message.get_attribute(name)?.value(),
            None => message.value()?,
        };
        let mut wrong = Vec::new();
        let said = self.messages.format_pattern(pattern, Some(given), &mut wrong).into_owned();
        // A translation that names what nobody gives it is not said; English is held to it by tests.
        let whole = wrong.is_empty() || self.language == ENGLISH;
        debug_assert!(!whole || wrong.is_empty(), "{key}: {wrong:?}");
        whole.then_some(said)
    }
}

/// A message that is being said. On a page it is escaped like any text, after what was given stands in it.
pub(super) struct Text<'a> {
    texts: &'a Texts,
    key: &'a str,
    given: FluentArgs<'a>,
}

impl<'a> Text<'a> {
    /// Gives it a text.
    pub(super) fn with(mut self, name: &'static str, text: impl Display) -> Text<'a> {
        self.given.set(name, text.to_string());
        self
    }

    /// Gives it a number, by which a language may choose its words.
    pub(super) fn n(mut self, name: &'static str, number: impl Display) -> Text<'a> {
        self.given.set(name, FluentValue::try_number(&number.to_string()).into_owned());
        self
    }

    fn rich(self) -> Rich<'a> {
        Rich { text: self, slots: Vec::new() }
    }

    /// Its words of the same name become a link: `says = Look at { $all }.` with `.all = all sources`.
    pub(super) fn link(self, name: &'static str, to: impl Display) -> Rich<'a> {
        self.rich().link(name, to)
    }

    /// A command or a name of the program, which no language changes.
    pub(super) fn code(self, name: &'static str, text: impl Display) -> Rich<'a> {
        self.rich().code(name, text)
    }

    /// A text with an element around it.
    pub(super) fn tag(self, name: &'static str, element: &'static str, text: impl Display) -> Rich<'a> {
        self.rich().tag(name, element, text)
    }

    /// Its words of the same name become a button that a script of ours knows by the attribute `mark`.
    pub(super) fn button(self, name: &'static str, mark: &'static str) -> Rich<'a> {
        self.rich().button(name, mark)
    }

    /// A text with a `span` of a class around it.
    pub(super) fn span(self, name: &'static str, class: impl Display, text: impl Display) -> Rich<'a> {
        self.rich().span(name, class, text)
    }

    /// Its words of the same name get an element around them.
    pub(super) fn words(self, name: &'static str, element: &'static str) -> Rich<'a> {
        self.rich().words(name, element)
    }
}

impl Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.texts.says(self.key, None, &self.given))
    }
}

impl From<Text<'_>> for String {
    fn from(text: Text<'_>) -> String {
        text.to_string()
    }
}

/// A message with links or elements in it. The message names their places, the template says what stands there; every text
/// is escaped by itself.
pub(super) struct Rich<'a> {
    text: Text<'a>,
    slots: Vec<Slot>,
}

struct Slot {
    name: &'static str,
    open: String,
    /// The text inside; without it the message's own words of the same name.
    inside: Option<String>,
    close: String,
}

/// Characters without a meaning, one for each place, that stand in the text until it is escaped.
const FIRST: u32 = 0xe000;
const PLACES: u32 = 16;

impl<'a> Rich<'a> {
    /// Gives it a text.
    pub(super) fn with(mut self, name: &'static str, text: impl Display) -> Rich<'a> {
        self.text = self.text.with(name, text);
        self
    }

    /// Gives it a number.
    pub(super) fn n(mut self, name: &'static str, number: impl Display) -> Rich<'a> {
        self.text = self.text.n(name, number);
        self
    }

    /// A link.
    pub(super) fn link(self, name: &'static str, to: impl Display) -> Rich<'a> {
        let open = format!("<a href=\"{}\">", escaped(&to.to_string()));
        self.slot(name, open, None, "</a>".to_owned())
    }

    /// A link to another site.
    pub(super) fn out(self, name: &'static str, to: impl Display) -> Rich<'a> {
        let open = format!("<a href=\"{}\" rel=\"noopener noreferrer\">", escaped(&to.to_string()));
        self.slot(name, open, None, "</a>".to_owned())
    }

    /// A command or a name of the program.
    pub(super) fn code(self, name: &'static str, text: impl Display) -> Rich<'a> {
        self.tag(name, "code", text)
    }

    /// A text with an element around it.
    pub(super) fn tag(self, name: &'static str, element: &'static str, text: impl Display) -> Rich<'a> {
        self.slot(name, format!("<{element}>"), Some(text.to_string()), format!("</{element}>"))
    }

    /// A button that does nothing without a script.
    pub(super) fn button(self, name: &'static str, mark: &'static str) -> Rich<'a> {
        let open = format!("<button type=\"button\" class=\"plain\" {mark}>");
        self.slot(name, open, None, "</button>".to_owned())
    }

    /// A text with a `span` of a class around it.
    pub(super) fn span(self, name: &'static str, class: impl Display, text: impl Display) -> Rich<'a> {
        let open = format!("<span class=\"{}\">", escaped(&class.to_string()));
        self.slot(name, open, Some(text.to_string()), "</span>".to_owned())
    }

    /// The message's own words with an element around them.
    pub(super) fn words(self, name: &'static str, element: &'static str) -> Rich<'a> {
        self.slot(name, format!("<{element}>"), None, format!("</{element}>"))
    }

    fn slot(mut self, name: &'static str, open: String, inside: Option<String>, close: String) -> Rich<'a> {
        self.slots.push(Slot { name, open, inside, close });
        self
    }
}

/// Which place a character stands for.
fn place(c: char) -> Option<usize> {
    let n = u32::from(c).checked_sub(FIRST).filter(|n| *n < PLACES)?;
    usize::try_from(n).ok()
}

impl Display for Rich<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Text { texts, key, given } = &self.text;
        // What was given may not stand for a place.
        let mut all = FluentArgs::new();
        for (name, value) in given.iter() {
            match value {
                FluentValue::String(text) => {
                    all.set(name.to_owned(), text.replace(|c| place(c).is_some(), ""));
                }
                other => all.set(name.to_owned(), other.clone()),
            }
        }
        let inner = |slot: &Slot| match &slot.inside {
            Some(text) => text.clone(),
            None => texts.says(key, Some(slot.name), &all),
        };
        let inside: Vec<String> = self.slots.iter().map(inner).collect();
        for (slot, mark) in self.slots.iter().zip(FIRST..FIRST + PLACES) {
            all.set(slot.name, char::from_u32(mark).map(String::from).unwrap_or_default());
        }
        let said = texts.says(key, None, &all);
        let mut rest = said.as_str();
        while let Some((at, n)) = rest.char_indices().find_map(|(at, c)| Some((at, place(c)?))) {
            f.write_str(&escaped(&rest[..at]))?;
            if let (Some(slot), Some(text)) = (self.slots.get(n), inside.get(n)) {
                write!(f, "{}{}{}", slot.open, escaped(text), slot.close)?;
            }
            rest = rest[at..].split_at(rest[at..].chars().next().map_or(0, char::len_utf8)).1;
        }
        f.write_str(&escaped(rest))
    }
}

// Each text in it was escaped where it was put in.
impl HtmlSafe for Rich<'_> {}

/// As the templates escape.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let _ = Html.write_escaped_str(&mut out, text); // writing into a String cannot fail
    out
}

/// The made-up language: every letter has an accent and vowels stand twice, so that a word that comes from elsewhere is
/// seen, and so is a page that has no room for longer words.
fn accented(text: &str) -> Cow<'_, str> {
    const LETTERS: &str = "ȧƀƈḓḗƒɠħīĵķŀḿƞǿƥɋřşŧŭṽẇẋẏẑ";
    const CAPITALS: &str = "ȦƁƇḒḖƑƓĦĪĴĶĿḾȠǾƤɊŘŞŦŬṼẆẊẎẐ";
    let mut out = String::with_capacity(text.len() * 3);
    for c in text.chars() {
        let (all, first) = if c.is_ascii_uppercase() { (CAPITALS, 'A') } else { (LETTERS, 'a') };
        let other = if c.is_ascii_alphabetic() { all.chars().nth(c as usize - first as usize) } else { None };
        let other = other.unwrap_or(c);
        let _ = out.write_char(other); // as above
        if "aeiou".contains(c) {
            out.push(other);
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests;
