//! A page for people, built once and written as Markdown or HTML. All text in it may come from strangers: the writers
//! escape everything, and only links to the web are made links.

use rapport_model::Time;

use crate::page::moment;

/// A whole page.
pub(crate) struct Document {
    pub(crate) title: String,
    /// What it is about and as of when, under the title.
    pub(crate) under: String,
    pub(crate) blocks: Vec<Block>,
}

/// One part of a page.
pub(crate) enum Block {
    Heading(String),
    /// A smaller heading; with an anchor when something links to it.
    Smaller(String, Option<String>),
    Text(Words),
    /// A definition or a note, in a quieter colour.
    Soft(Words),
    List(Vec<Words>),
    /// Things to do, with a box each.
    Tasks(Vec<Words>),
    Table(Table),
    /// Beside each other, each under its heading.
    Columns(Vec<(String, Vec<Words>)>),
    Chart(Chart),
}

/// A table.
pub(crate) struct Table {
    pub(crate) heads: Vec<String>,
    /// All but the first column are numbers.
    pub(crate) numbers: bool,
    pub(crate) rows: Vec<Vec<Words>>,
}

/// A labelled chart.
pub(crate) enum Chart {
    /// Two counts a week: what is drawn, the two names, and the weeks in order.
    Weeks { title: String, names: [&'static str; 2], weeks: Vec<(String, [u64; 2])> },
    /// People a week, a row of bars for each topic, all on one scale: the name, and a count for each week.
    Topics { title: String, weeks: Vec<String>, rows: Vec<(String, Vec<u64>)> },
    /// One bar a row.
    Bars { title: String, rows: Vec<Bar> },
}

/// One bar.
pub(crate) struct Bar {
    pub(crate) label: String,
    pub(crate) n: u64,
    /// What the number counts.
    pub(crate) word: String,
    /// The place of this page that the number opens.
    pub(crate) opens: String,
}

/// Words with links in them.
pub(crate) type Words = Vec<Span>;

/// A piece of a sentence.
pub(crate) enum Span {
    Plain(String),
    Strong(String),
    /// Opens a page of the web, when it is one.
    Link(String, String),
    /// Opens a place of this page.
    Here(String, String),
}

/// Plain words.
pub(crate) fn plain(text: impl Into<String>) -> Words {
    vec![Span::Plain(text.into())]
}

/// Words that open `url`, if there is one.
pub(crate) fn link(text: impl Into<String>, url: Option<&str>) -> Span {
    match url {
        Some(url) => Span::Link(text.into(), url.to_owned()),
        None => Span::Plain(text.into()),
    }
}

/// Words that open a place of this page.
pub(crate) fn here(text: impl Into<String>, anchor: &str) -> Span {
    Span::Here(text.into(), anchor.to_owned())
}

impl Document {
    /// An empty page.
    pub(crate) fn new(title: impl Into<String>, under: impl Into<String>) -> Document {
        Document { title: title.into(), under: under.into(), blocks: Vec::new() }
    }
    pub(crate) fn heading(&mut self, text: impl Into<String>) {
        self.blocks.push(Block::Heading(text.into()));
    }
    pub(crate) fn smaller(&mut self, text: impl Into<String>) {
        self.blocks.push(Block::Smaller(text.into(), None));
    }
    pub(crate) fn text(&mut self, words: Words) {
        self.blocks.push(Block::Text(words));
    }
    pub(crate) fn soft(&mut self, text: impl Into<String>) {
        self.blocks.push(Block::Soft(plain(text)));
    }
    /// A list; nothing when it is empty.
    pub(crate) fn list(&mut self, items: Vec<Words>) {
        if !items.is_empty() {
            self.blocks.push(Block::List(items));
        }
    }
    pub(crate) fn table(&mut self, heads: &[&str], numbers: bool, rows: Vec<Vec<Words>>) {
        let heads = heads.iter().map(|h| (*h).to_owned()).collect();
        self.blocks.push(Block::Table(Table { heads, numbers, rows }));
    }
}

/// `2026-07-01 to 2026-09-30, as of Mon 2026-09-28 08:00 UTC`
pub(crate) fn under(period: &str, as_of: Time) -> String {
    format!("{period}, as of {}", moment(as_of))
}

/// Whether a link leads to the web: nothing else is made a link.
pub(super) fn opens(url: &str) -> bool {
    url.starts_with("https://") || url.starts_with("http://")
}
