//! From the markups of the channels to one: Markdown-like plain text.
//!
//! The log keeps text that a person can read and a machine can search: paragraphs as lines, quotes behind `> `, code
//! fenced. It is never trusted: whoever shows it escapes it.

use std::cell::RefCell;

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{
    BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};

/// Readable text from HTML. Unknown tags vanish, their text stays; scripts and styles go. Works on any input.
#[must_use]
pub fn from_html(html: &str) -> String {
    if !html.contains(['<', '&']) {
        return html.trim().to_owned();
    }
    let mut rest = &html[..html.floor_char_boundary(LARGEST)];
    let mut state = State::default();
    while !rest.is_empty() {
        (state, rest) = tokens(state, rest);
    }
    state.finish()
}

/// More HTML than this is not read: it is no message, and the text of it would be cut.
const LARGEST: usize = 4 << 20;
/// A tag or comment longer than this is passed over: the tokenizer compares each attribute of a tag with all others.
const STUCK: usize = 16 * 1024;
const PIECE: usize = 4 * 1024;

/// Feeds the tokenizer until the end, or until it has been stuck in one tag for too long: then what follows the next
/// `>` is left.
fn tokens(state: State, html: &str) -> (State, &str) {
    let tokenizer = Tokenizer::new(Text(RefCell::new(state)), TokenizerOpts::default());
    let queue = BufferQueue::default();
    let (mut rest, mut since) = (html, 0);
    while !rest.is_empty() {
        let (piece, more) = rest.split_at(rest.floor_char_boundary(PIECE));
        tokenizer.sink.0.borrow_mut().told = false;
        queue.push_back(StrTendril::from_slice(piece));
        let _ = tokenizer.feed(&queue); // it stops early only for scripts, which nobody runs
        rest = more;
        since = if tokenizer.sink.0.borrow().told { 0 } else { since + piece.len() };
        if since > STUCK {
            let behind = rest.split_once('>').map_or("", |(_, behind)| behind);
            return (tokenizer.sink.0.into_inner(), behind);
        }
    }
    tokenizer.end();
    (tokenizer.sink.0.into_inner(), "")
}

#[derive(Default)]
struct State {
    out: String,
    quotes: usize,
    pre: usize,
    hidden: usize,
    line_open: bool,
    space: bool,
    blank: bool,
    /// A token came since this was last unset.
    told: bool,
}

struct Text(RefCell<State>);

impl State {
    fn line(&mut self) {
        if self.line_open {
            self.out.push('\n');
        }
        self.line_open = false;
        self.space = false;
    }
    fn paragraph(&mut self) {
        self.line();
        self.blank = !self.out.is_empty();
    }
    fn begin(&mut self) {
        if self.line_open {
            return;
        }
        if std::mem::take(&mut self.blank) && !self.out.ends_with("\n\n") {
            self.out.push('\n');
        }
        for _ in 0..self.quotes.min(5) {
            self.out.push_str("> ");
        }
        self.line_open = true;
    }
    fn words(&mut self, text: &str) {
        if self.hidden > 0 {
            return;
        }
        if self.pre > 0 {
            for (n, line) in text.split('\n').enumerate() {
                if n > 0 {
                    self.begin();
                    self.line();
                }
                if !line.is_empty() {
                    self.begin();
                    self.out.push_str(line);
                }
            }
            return;
        }
        for c in text.chars() {
            if c.is_whitespace() {
                self.space = self.line_open;
            } else {
                self.begin();
                if std::mem::take(&mut self.space) {
                    self.out.push(' ');
                }
                self.out.push(c);
            }
        }
    }
    fn fence(&mut self) {
        self.line();
        self.begin();
        self.out.push_str("```");
        self.line();
    }
    fn finish(mut self) -> String {
        let end = self.out.trim_end().len();
        self.out.truncate(end);
        self.out
    }
}

impl TokenSink for Text {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let mut state = self.0.borrow_mut();
        state.told = true;
        match token {
            Token::CharacterTokens(text) => state.words(&text),
            Token::TagToken(tag) => open_or_close(&mut state, &tag),
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

fn open_or_close(state: &mut State, tag: &Tag) {
    let open = tag.kind == TagKind::StartTag;
    let count = |n: usize| if open { n + 1 } else { n.saturating_sub(1) };
    match &*tag.name {
        "script" | "style" | "template" if !tag.self_closing => {
            state.hidden = count(state.hidden);
        }
        "br" => {
            state.begin();
            state.line();
        }
        "p" | "div" | "ul" | "ol" | "table" | "section" | "details" | "hr" | "h1" | "h2" | "h3" | "h4"
        | "h5" | "h6" => {
            state.paragraph();
        }
        "tr" | "dt" | "dd" | "summary" => state.line(),
        "td" | "th" if open => state.space = state.line_open,
        "li" => {
            state.line();
            if open {
                state.begin();
                state.out.push_str("- ");
            }
        }
        "blockquote" => {
            state.paragraph();
            state.quotes = count(state.quotes);
        }
        "pre" => {
            if open {
                state.paragraph();
                state.fence();
                state.pre += 1;
            } else if state.pre > 0 {
                state.pre -= 1;
                if state.pre == 0 {
                    state.fence();
                    state.paragraph();
                }
            }
        }
        "code" | "tt" if state.pre == 0 => {
            state.begin();
            if open && std::mem::take(&mut state.space) {
                state.out.push(' ');
            }
            state.out.push('`');
        }
        "img" if open => {
            let alt = tag.attrs.iter().find(|a| &*a.name.local == "alt" || &*a.name.local == "title");
            if let Some(alt) = alt {
                state.words(&alt.value);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_like_text() {
        for (html, wanted) in [
            ("plain", "plain"),
            ("<p>a &amp; b</p>\n<p>c<br>d</p>", "a & b\n\nc\nd"),
            ("<p>Use <code>x()</code> now</p>", "Use `x()` now"),
            ("<blockquote><p>asked</p></blockquote><p>said</p>", "> asked\n\nsaid"),
            ("<pre><code>a\n  b</code></pre>", "```\na\n  b\n```"),
            ("<ul><li>one</li><li>two</li></ul>", "- one\n- two"),
            ("x<script>alert(1)</script>y", "xy"),
            ("a <img alt=\":wave:\"> b", "a :wave: b"),
            ("2 < 3 & 4", "2 < 3 & 4"),
        ] {
            assert_eq!(from_html(html), wanted, "{html}");
        }
    }

    #[test]
    fn survives_what_is_meant_to_break_it() {
        let deep = "<div><blockquote>".repeat(50_000);
        assert_eq!(from_html(&deep), "");
        assert_eq!(from_html(&format!("{}x", "<b>".repeat(100_000))), "x");
        let many: String = (0..200_000).map(|n| format!(" a{n}")).collect();
        assert_eq!(from_html(&format!("x <img{many}> y <b>z</b>")), "x y z");
        let picture = format!("see <img src=\"data:image/png;base64,{}\"> there", "A".repeat(900_000));
        assert_eq!(from_html(&picture), "see there");
    }
}
