//! What people wrote, as HTML that can do nothing: Markdown is rendered, HTML inside it is shown as text, pictures become
//! links, and the rest goes through an allow-list.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::LazyLock;

use ammonia::Builder;
use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd, html};

/// Longer texts are cut: a page has to stay readable, and the source has the rest.
const LONGEST: usize = 20_000;

static ALLOWED: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut builder = Builder::new();
    let tags = [
        "p",
        "br",
        "em",
        "strong",
        "del",
        "code",
        "pre",
        "blockquote",
        "ul",
        "ol",
        "li",
        "a",
        "h4",
        "hr",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
    ];
    builder
        .tags(HashSet::from(tags))
        .generic_attributes(HashSet::new())
        .url_schemes(HashSet::from(["http", "https", "mailto"]))
        .url_relative(ammonia::UrlRelative::Deny)
        .link_rel(Some("noopener noreferrer nofollow"));
    builder
});

/// The text as safe HTML, and whether it was cut.
pub(super) fn safe(text: &str) -> (String, bool) {
    let cut = text.char_indices().nth(LONGEST).map(|(at, _)| at);
    (rendered(&text[..cut.unwrap_or(text.len())], None), cut.is_some())
}

/// A page of our own making, with quotes of others in it: the same, and its headings are headings.
pub(super) fn page(text: &str) -> String {
    rendered(text, Some(HeadingLevel::H4))
}

fn rendered(text: &str, heading: Option<HeadingLevel>) -> String {
    let shown = plain(text);
    let mut options = Options::empty();
    options.insert(Options::ENABLE_STRIKETHROUGH);
    options.insert(Options::ENABLE_TABLES);
    let events = Parser::new_ext(&shown, options).map(|event| match event {
        Event::Html(raw) | Event::InlineHtml(raw) => Event::Text(raw),
        Event::SoftBreak => Event::HardBreak,
        // Headings of a message are none of the page.
        Event::Start(Tag::Heading { .. }) => Event::Start(match heading {
            Some(level) => Tag::Heading { level, id: None, classes: Vec::new(), attrs: Vec::new() },
            None => Tag::Paragraph,
        }),
        Event::End(TagEnd::Heading(_)) => Event::End(heading.map_or(TagEnd::Paragraph, TagEnd::Heading)),
        Event::Start(Tag::Image { link_type, dest_url, title, id }) => {
            Event::Start(Tag::Link { link_type, dest_url, title, id })
        }
        Event::End(TagEnd::Image) => Event::End(TagEnd::Link),
        other => other,
    });
    let mut out = String::with_capacity(shown.len() * 2);
    html::push_html(&mut out, events);
    ALLOWED.clean(&out).to_string()
}

/// Without the characters that turn a line around or hide in it.
fn plain(text: &str) -> Cow<'_, str> {
    let turns = |c: char| {
        matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
            || c.is_control() && !matches!(c, '\n' | '\t')
    };
    if text.contains(turns) { Cow::Owned(text.replace(turns, "")) } else { Cow::Borrowed(text) }
}

/// A link that may be opened, else nothing: only the web's own schemes.
pub(super) fn link(url: Option<&str>) -> Option<&str> {
    url.filter(|url| url.starts_with("https://") || url.starts_with("http://"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_text_can_do_nothing() {
        for text in [
            "<script>alert(1)</script>",
            "<img src=x onerror=alert(1)>",
            "[a](javascript:alert(1))",
            "![a](https://tracker.example/x.png)",
            "<a href=\"data:text/html,x\">a</a>",
            "<svg/onload=alert(1)>",
            "`</code><script>`",
            "|a|\n|-|\n|<iframe src=//x>|",
            "[a]: javascript:x\n\n[a]",
        ] {
            let (html, _) = safe(text);
            let tags: String = html
                .split('<')
                .skip(1)
                .filter_map(|part| part.split_once('>'))
                .fold(String::new(), |all, (tag, _)| all + "<" + tag + ">");
            for bad in ["<script", "<img", "<svg", "<iframe", "javascript:", "data:", "onerror", "onload"] {
                assert!(!tags.contains(bad), "{text} -> {html}");
            }
        }
        assert!(safe("![a](https://x.example/x.png)").0.contains("<a href=\"https://x.example/x.png\""));
        assert_eq!(safe("a\u{202e}b").0.trim(), "<p>ab</p>");
        assert!(safe(&"x".repeat(50_000)).1);
        assert_eq!(link(Some("javascript:x")), None);
    }
}
