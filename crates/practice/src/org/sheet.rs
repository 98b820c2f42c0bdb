//! Reading a TOML file so that everything that is wrong with it is found at once, each with its line and column.
//!
//! A derived reader stops at the first mistake. This one walks the tree, takes what it can, notes the rest, and notes
//! every key that nobody asked for.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ops::Range;

use rapport_model::{Slug, Time};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::lints::{self, At, Finding};

/// A longer file is not read: no organisation takes a mebibyte.
const LONGEST: usize = 1 << 20;
/// A longer text is cut in what is said about it, and refused where people will read it.
const LONGEST_TEXT: usize = 2_000;
/// No list of an organisation is longer: a team, its priorities, its routes.
const MOST: usize = 500;
/// Nobody's work or mix has more parts.
const MOST_SHARES: usize = 50;

/// One file on the table, and what was found in it.
pub(super) struct Sheet<'t> {
    text: &'t str,
    /// Where each line begins.
    lines: Vec<usize>,
    findings: RefCell<Vec<Finding>>,
}

impl<'t> Sheet<'t> {
    /// Lays the file out and hands its root to `read`. Syntax that cannot be read is noted; the rest is read all the same.
    pub(super) fn lay<T>(
        text: &'t str,
        read: impl FnOnce(&Sheet<'t>, Section<'_, 't>) -> T,
    ) -> (Option<T>, Vec<Finding>) {
        let sheet = Sheet { text, lines: lines(text), findings: RefCell::new(Vec::new()) };
        if text.len() > LONGEST {
            sheet.note(
                "ORG001",
                None,
                format!("the file has {} bytes", text.len()),
                "split it: 1 MiB is read",
            );
            return (None, sheet.findings.into_inner());
        }
        let (root, errors) = DeTable::parse_recoverable(text);
        for error in &errors {
            let span = error.span().map(|s| s.start);
            sheet.note("ORG001", span, format!("not TOML: {}", error.message()), "mend the line");
        }
        let found = read(&sheet, Section::new(&sheet, String::new(), root.span(), root.get_ref()));
        let mut findings = sheet.findings.into_inner();
        findings.sort_by(|a, b| a.at.cmp(&b.at).then_with(|| a.code.cmp(b.code)));
        findings.dedup();
        (Some(found), findings)
    }

    /// Notes something at a byte of the file.
    pub(super) fn note(
        &self,
        code: &'static str,
        at: Option<usize>,
        says: impl Into<String>,
        fix: impl Into<String>,
    ) {
        let at = at.map(|byte| self.place(byte));
        self.findings.borrow_mut().push(lints::finding(code, at, says, fix));
    }
    /// Line and column of a byte.
    pub(super) fn place(&self, byte: usize) -> At {
        place(self.text, &self.lines, byte)
    }
}

/// Where each line of a text begins.
fn lines(text: &str) -> Vec<usize> {
    std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect()
}

/// Line and column, both from 1; the column counts characters.
fn place(text: &str, lines: &[usize], byte: usize) -> At {
    let mut byte = byte.min(text.len());
    while !text.is_char_boundary(byte) {
        byte -= 1;
    }
    let line = lines.partition_point(|start| *start <= byte);
    let start = line.checked_sub(1).and_then(|n| lines.get(n)).copied().unwrap_or(0);
    let whole = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    At { line: whole(line), column: whole(text[start..byte].chars().count() + 1) }
}

/// One table of the file. What is asked for is known; what is left when it is closed is a mistake.
pub(super) struct Section<'a, 't> {
    sheet: &'a Sheet<'t>,
    path: String,
    span: Range<usize>,
    table: &'a DeTable<'t>,
    known: RefCell<Vec<&'static str>>,
}

type Cell<'a, 't> = &'a Spanned<DeValue<'t>>;

impl<'a, 't> Section<'a, 't> {
    fn new(
        sheet: &'a Sheet<'t>,
        path: String,
        span: Range<usize>,
        table: &'a DeTable<'t>,
    ) -> Section<'a, 't> {
        Section { sheet, path, span, table, known: RefCell::new(Vec::new()) }
    }

    /// Where it begins.
    pub(super) fn at(&self) -> At {
        self.sheet.place(self.span.start)
    }
    /// Where the value of a key stands, or else where the section begins.
    pub(super) fn at_key(&self, key: &str) -> At {
        let found = self.table.iter().find(|(k, _)| k.get_ref().as_ref() == key);
        found.map_or_else(|| self.at(), |(_, value)| self.sheet.place(value.span().start))
    }
    /// Whether a key is there.
    pub(super) fn has(&self, key: &str) -> bool {
        self.table.iter().any(|(k, _)| k.get_ref().as_ref() == key)
    }

    fn cell(&self, key: &'static str) -> Option<Cell<'a, 't>> {
        self.known.borrow_mut().push(key);
        self.table.iter().find(|(k, _)| k.get_ref().as_ref() == key).map(|(_, value)| value)
    }
    fn name(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }
    fn wrong(&self, key: &str, cell: Cell<'a, 't>, wanted: &str) {
        let says = format!("{} is {}; wanted is {wanted}", self.name(key), shown(cell.get_ref()));
        self.sheet.note("ORG003", Some(cell.span().start), says, format!("write {wanted}"));
    }
    /// Notes something about a key's value.
    pub(super) fn note(&self, code: &'static str, key: &str, says: String, fix: impl Into<String>) {
        let found = self.table.iter().find(|(k, _)| k.get_ref().as_ref() == key);
        let at = found.map_or(self.span.start, |(_, value)| value.span().start);
        self.sheet.note(code, Some(at), says, fix);
    }
    /// Notes something at a place of the file.
    pub(super) fn note_at(&self, code: &'static str, at: At, says: String, fix: impl Into<String>) {
        self.sheet.findings.borrow_mut().push(lints::finding(code, Some(at), says, fix));
    }
    fn missing(&self, key: &str, wanted: &str) {
        self.sheet.note(
            "ORG004",
            Some(self.span.start),
            format!("{} is missing", self.name(key)),
            format!("add {key} = {wanted}"),
        );
    }

    fn plain(&self, key: &str, cell: Cell<'a, 't>) -> Option<String> {
        let Some(text) = cell.get_ref().as_str() else {
            self.wrong(key, cell, "a text in quotes");
            return None;
        };
        let hidden = text.chars().find(|c| (c.is_control() && *c != '\n' && *c != '\t') || is_hidden(*c));
        if let Some(hidden) = hidden {
            self.sheet.note(
                "ORG009",
                Some(cell.span().start),
                format!(
                    "{} holds the character U+{:04X}, which nobody sees",
                    self.name(key),
                    u32::from(hidden)
                ),
                "take it out: it would rearrange every page that shows this text",
            );
            return None;
        }
        if text.chars().count() > LONGEST_TEXT {
            self.sheet.note(
                "ORG006",
                Some(cell.span().start),
                format!("{} has {} characters", self.name(key), text.chars().count()),
                format!("at most {LONGEST_TEXT} are read"),
            );
            return None;
        }
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        if text.is_empty() {
            self.sheet.note(
                "ORG004",
                Some(cell.span().start),
                format!("{} is empty", self.name(key)),
                "write something, or leave the key out",
            );
            return None;
        }
        Some(text)
    }

    /// A text, when it is there.
    pub(super) fn text(&self, key: &'static str) -> Option<String> {
        self.cell(key).and_then(|cell| self.plain(key, cell))
    }
    /// A text that has to be there.
    pub(super) fn needed(&self, key: &'static str, example: &str) -> Option<String> {
        if !self.has(key) {
            self.known.borrow_mut().push(key);
            self.missing(key, example);
            return None;
        }
        self.text(key)
    }
    fn as_name(&self, key: &str, cell: Cell<'a, 't>) -> Option<Slug> {
        let text = self.plain(key, cell)?;
        Slug::new(&text).map_or_else(
            |bad| {
                let slug = crate::definition::slugged(&text);
                let fix = match Slug::new(&slug) {
                    Ok(good) => format!("for example \"{good}\""),
                    Err(_) => "wanted are 1 to 64 of a-z, 0-9 and '-', beginning with a letter".to_owned(),
                };
                let says = format!("{}: {}", self.name(key), bad.to_string().replace("; wanted are", ";"));
                let says = says.split(';').next().unwrap_or_default().to_owned();
                self.sheet.note("ORG005", Some(cell.span().start), says, fix);
                None
            },
            Some,
        )
    }
    /// A name, when it is there.
    pub(super) fn slug(&self, key: &'static str) -> Option<Slug> {
        self.cell(key).and_then(|cell| self.as_name(key, cell))
    }
    /// A name that has to be there.
    pub(super) fn needed_slug(&self, key: &'static str, example: &str) -> Option<Slug> {
        if !self.has(key) {
            self.known.borrow_mut().push(key);
            self.missing(key, example);
            return None;
        }
        self.slug(key)
    }
    /// One name or a list of them.
    pub(super) fn slugs(&self, key: &'static str) -> Vec<(Slug, At)> {
        let Some(cell) = self.cell(key) else { return Vec::new() };
        let place = |cell: Cell<'_, '_>| self.sheet.place(cell.span().start);
        match cell.get_ref() {
            DeValue::String(_) => self.as_name(key, cell).map(|s| (s, place(cell))).into_iter().collect(),
            DeValue::Array(all) => {
                all.iter().filter_map(|one| Some((self.as_name(key, one)?, place(one)))).collect()
            }
            _ => {
                self.wrong(key, cell, "a name or a list of names");
                Vec::new()
            }
        }
    }
    /// A list of texts.
    pub(super) fn texts(&self, key: &'static str) -> Vec<String> {
        let Some(cell) = self.cell(key) else { return Vec::new() };
        match cell.get_ref() {
            DeValue::Array(all) => all.iter().filter_map(|one| self.plain(key, one)).collect(),
            _ => {
                self.wrong(key, cell, "a list of texts, like [\"one\", \"two\"]");
                Vec::new()
            }
        }
    }
    fn as_number(&self, key: &str, cell: Cell<'a, 't>, from: f64, to: f64) -> Option<f64> {
        let found = match cell.get_ref() {
            DeValue::Integer(n) if n.radix() == 10 => n.as_str().parse::<f64>().ok(),
            DeValue::Float(n) => n.as_str().parse::<f64>().ok(),
            _ => None,
        };
        let Some(found) = found else {
            self.wrong(key, cell, "a number");
            return None;
        };
        if !(from..=to).contains(&found) {
            let says = format!("{} is {found}; wanted is {from} to {to}", self.name(key));
            self.sheet.note("ORG006", Some(cell.span().start), says, format!("a number from {from} to {to}"));
            return None;
        }
        Some(found)
    }
    /// A number within bounds, when it is there.
    pub(super) fn number(&self, key: &'static str, from: f64, to: f64) -> Option<f64> {
        self.cell(key).and_then(|cell| self.as_number(key, cell, from, to))
    }
    /// Whole days, when they are there.
    pub(super) fn days(&self, key: &'static str) -> Option<u32> {
        let found = self.number(key, 1.0, 3_650.0)?;
        if found.fract() != 0.0 {
            self.note(
                "ORG003",
                key,
                format!("{} is {found}; wanted are whole days", self.name(key)),
                "round it",
            );
            return None;
        }
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // 1 to 3,650
        Some(found as u32)
    }
    /// Yes or no.
    pub(super) fn flag(&self, key: &'static str) -> bool {
        match self.cell(key) {
            None => false,
            Some(cell) => cell.get_ref().as_bool().unwrap_or_else(|| {
                self.wrong(key, cell, "true or false");
                false
            }),
        }
    }
    /// A day (its midnight in UTC), written as a date or as a text.
    pub(super) fn day(&self, key: &'static str) -> Option<Time> {
        let cell = self.cell(key)?;
        let text = match cell.get_ref() {
            DeValue::Datetime(at) => at.to_string(),
            DeValue::String(text) => text.to_string(),
            _ => {
                self.wrong(key, cell, "a date like 2026-09-28");
                return None;
            }
        };
        Time::parse(&text).map_or_else(
            |_| {
                let says = format!("{} is {}, which is no date", self.name(key), cut(&text));
                self.sheet.note("ORG007", Some(cell.span().start), says, "write a date like 2026-09-28");
                None
            },
            Some,
        )
    }
    /// Names with shares of 0 to 1.
    pub(super) fn shares(&self, key: &'static str) -> BTreeMap<Slug, f64> {
        let Some(cell) = self.cell(key) else { return BTreeMap::new() };
        let Some(table) = cell.get_ref().as_table() else {
            self.wrong(key, cell, "a table of shares, like { product = 0.5, marketing = 0.5 }");
            return BTreeMap::new();
        };
        if table.len() > MOST_SHARES {
            let says = format!("{} has {} parts", self.name(key), table.len());
            self.sheet.note(
                "ORG006",
                Some(cell.span().start),
                says,
                format!("at most {MOST_SHARES} are read"),
            );
            return BTreeMap::new();
        }
        let mut found = BTreeMap::new();
        for (name, value) in table.iter() {
            let path = format!("{key}.{}", cut(name.get_ref()));
            match Slug::new(name.get_ref()) {
                Ok(slug) => {
                    if let Some(share) = self.as_number(&path, value, 0.0, 1.0) {
                        found.insert(slug, share);
                    }
                }
                Err(_) => self.sheet.note(
                    "ORG005",
                    Some(name.span().start),
                    format!("{} is no name", self.name(&path)),
                    "wanted are 1 to 64 of a-z, 0-9 and '-', beginning with a letter",
                ),
            }
        }
        found
    }
    /// One table.
    pub(super) fn section(&self, key: &'static str) -> Option<Section<'a, 't>> {
        let cell = self.cell(key)?;
        match cell.get_ref() {
            DeValue::Table(table) => Some(Section::new(self.sheet, self.name(key), cell.span(), table)),
            _ => {
                self.wrong(key, cell, &format!("a table: [{key}]"));
                None
            }
        }
    }
    /// A list of tables.
    pub(super) fn sections(&self, key: &'static str) -> Vec<Section<'a, 't>> {
        let Some(cell) = self.cell(key) else { return Vec::new() };
        let wanted = format!("a list of tables: [[{key}]]");
        let DeValue::Array(all) = cell.get_ref() else {
            self.wrong(key, cell, &wanted);
            return Vec::new();
        };
        if all.len() > MOST {
            let says = format!("{} stands there {} times", self.name(key), all.len());
            self.sheet.note("ORG006", Some(cell.span().start), says, format!("at most {MOST} are read"));
        }
        let mut found = Vec::new();
        for one in all.iter().take(MOST) {
            match one.get_ref() {
                DeValue::Table(table) => {
                    found.push(Section::new(self.sheet, self.name(key), one.span(), table));
                }
                _ => self.wrong(key, one, &wanted),
            }
        }
        found
    }

    /// Notes every key that was not asked for, with the nearest one that there is.
    pub(super) fn close(self) {
        let known = self.known.into_inner();
        for (key, _) in self.table.iter() {
            let said = key.get_ref().as_ref();
            if known.contains(&said) {
                continue;
            }
            let near = known.iter().map(|k| (distance(said, k), *k)).min();
            let fix = match near {
                Some((far, key)) if far <= 2.max(said.len() / 4) => format!("did you mean {key}?"),
                _ => format!("take it out; keys here: {}", known.join(", ")),
            };
            let path = if self.path.is_empty() { cut(said) } else { format!("{}.{}", self.path, cut(said)) };
            self.sheet.note("ORG002", Some(key.span().start), format!("there is no key {path}"), fix);
        }
    }
}

/// A value, short, as it is spoken of.
fn shown(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) => format!("the text \"{}\"", cut(text)),
        DeValue::Integer(n) => format!("the number {}", cut(n.as_str())),
        DeValue::Float(n) => format!("the number {}", cut(n.as_str())),
        DeValue::Boolean(b) => b.to_string(),
        DeValue::Datetime(at) => format!("the date {at}"),
        DeValue::Array(_) => "a list".to_owned(),
        DeValue::Table(_) => "a table".to_owned(),
    }
}

/// The beginning of somebody else's text, on one line, without what cannot be seen.
pub(super) fn cut(text: &str) -> String {
    let plain: String =
        text.chars().map(|c| if c.is_control() || is_hidden(c) { ' ' } else { c }).take(41).collect();
    if plain.chars().count() <= 40 { plain } else { plain.chars().take(39).collect::<String>() + "\u{2026}" }
}

/// Marks that turn the direction of writing or cannot be seen.
fn is_hidden(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// How many letters differ (Levenshtein), for keys, which are short; anything long is far.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().take(64).collect(), b.chars().collect());
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut before = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let here = row[j + 1];
            row[j + 1] = (before + usize::from(x != y)).min(here + 1).min(row[j] + 1);
            before = here;
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_count_characters_and_lines() {
        for (text, byte, line, column) in [
            ("abc", 0, 1, 1),
            ("a\nb", 2, 2, 1),
            ("\u{e4}\u{e4}x", 4, 1, 3),
            ("a\u{e4}", 2, 1, 2),
            ("", 9, 1, 1),
        ] {
            assert_eq!(place(text, &lines(text), byte), At { line, column }, "{text:?} {byte}");
        }
    }

    #[test]
    fn letters_differ() {
        for (a, b, n) in
            [("reports-too", "reports-to", 1), ("naem", "name", 2), ("", "abc", 3), ("x", "x", 0)]
        {
            assert_eq!(distance(a, b), n);
        }
    }
}
