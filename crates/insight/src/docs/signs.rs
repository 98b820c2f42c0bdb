//! Words that say what the docs lack.

use rapport_model::spaced;

/// What the docs lack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Lack {
    /// A page says what was true once.
    Outdated,
    /// An example that does not do what it says.
    WrongExample,
    /// A page is there and is not understood.
    Unclear,
    /// There is no page.
    Missing,
    /// There is a page, and people do not find it.
    HardToFind,
}

impl Lack {
    /// The word as written in files and output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Lack::Outdated => "outdated",
            Lack::WrongExample => "wrong example",
            Lack::Unclear => "unclear",
            Lack::Missing => "missing",
            Lack::HardToFind => "hard to find",
        }
    }
}

const WORDS: [(Lack, &[&str]); 5] = [
    (
        Lack::Outdated,
        &[
            "out of date",
            "outdated",
            "out dated",
            "still says",
            "still shows",
            "still describes",
            "still mentions",
            "old docs",
            "docs are old",
            "obsolete docs",
            "describes the old",
            "shows the old",
            "for the old version",
            "was renamed",
            "not updated for",
            "no longer exists",
            "no longer matches",
        ],
    ),
    (
        Lack::WrongExample,
        &[
            "example does not work",
            "example doesn t work",
            "example in the docs does not",
            "example from the docs",
            "example fails",
            "example is wrong",
            "example throws",
            "example does not compile",
            "sample does not work",
            "sample doesn t",
            "snippet does not",
            "snippet doesn t",
            "snippet fails",
            "snippet from the docs",
            "docs are wrong",
            "typo in the docs",
            "wrong in the docs",
            "error in the docs",
        ],
    ),
    (
        Lack::Unclear,
        &[
            "unclear",
            "confusing",
            "not clear",
            "ambiguous",
            "hard to understand",
            "hard to follow",
            "badly explained",
            "led me astray",
            "misleading",
            "misled",
            "not obvious from the docs",
            "what exactly is",
            "contradict",
            "contradicts",
            "which of the two",
            "what is meant by",
        ],
    ),
    (
        Lack::Missing,
        &[
            "not documented",
            "isn t documented",
            "undocumented",
            "no documentation",
            "no docs",
            "never mentioned",
            "not mentioned",
            "never says",
            "does not say",
            "doesn t say",
            "docs do not",
            "docs don t",
            "no word on",
            "is there a guide",
            "is there any guide",
            "any documentation",
            "missing from the docs",
            "missing in the docs",
            "a line in the docs",
            "put that on the page",
            "docs only show",
            "page is not public",
            "nothing in the docs",
            "no example",
            "not what the server answers",
        ],
    ),
    (
        Lack::HardToFind,
        &[
            "where is the",
            "where are the docs",
            "where do i find",
            "where can i find",
            "where to find",
            "can t find",
            "cannot find",
            "can not find",
            "couldn t find",
            "could not find",
            "hard to find",
            "is there a page",
            "link is a 404",
            "is a 404",
            "dead link",
            "where in the docs",
        ],
    ),
];

/// What the words of a text say that the docs lack, with the words. A text that never speaks of pages may still say it:
/// whether it counts is for who knows the thread.
#[must_use]
pub fn signs(text: &str) -> Vec<(Lack, &'static str)> {
    let plain = spaced(text);
    let mut found = Vec::new();
    for (lack, words) in WORDS {
        found.extend(words.iter().filter(|w| plain.contains(&format!(" {w} "))).map(|w| (lack, *w)));
    }
    found
}

/// The first link in a text that leads to a page of the docs: one of the given sites, or, where none are given, a host that
/// begins with `docs.` or a path that goes through `/docs/`.
#[must_use]
pub fn links_docs<'a>(text: &'a str, sites: &[String]) -> Option<&'a str> {
    let starts = text.match_indices("http").map(|(at, _)| at);
    starts.filter_map(|at| link(&text[at..])).find(|url| {
        let rest = url.split_once("://").map_or("", |(_, rest)| rest);
        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
        if path.is_empty() {
            return false; // the front page answers nothing
        }
        match sites {
            [] => host.starts_with("docs.") || host.contains("readthedocs") || path.contains("docs/"),
            _ => sites.iter().any(|site| {
                let site =
                    site.trim_start_matches("https://").trim_start_matches("http://").trim_end_matches('/');
                rest.strip_prefix(site).is_some_and(|after| after.starts_with(['/', '#', '?']))
            }),
        }
    })
}

fn link(text: &str) -> Option<&str> {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"))?;
    let end = rest.find(|c: char| c.is_whitespace() || "<>\"')]`|".contains(c)).unwrap_or(rest.len());
    let whole = &text[..text.len() - rest.len() + end];
    Some(whole.trim_end_matches(['.', ',', ';', ':', '!', '?']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_links() {
        assert_eq!(signs("The migration page doesn't say."), [(Lack::Missing, "doesn t say")]);
        assert_eq!(signs("all fine"), []);
        let sites = ["docs.example.com".to_owned()];
        assert_eq!(
            links_docs("see (https://docs.example.com/limits#when), or http://x.example", &sites),
            Some("https://docs.example.com/limits#when")
        );
        assert_eq!(links_docs("https://docs.example.com and https://docs.example.com.evil/x", &sites), None);
        assert_eq!(
            links_docs("https://acme.example/docs/start.", &[]),
            Some("https://acme.example/docs/start")
        );
        assert_eq!(links_docs("https://acme.example/blog", &[]), None);
    }
}
