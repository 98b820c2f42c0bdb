//! Text as the HTML that forums and chats keep.

/// `&`, `<` and `>` as entities.
pub(crate) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Paragraphs, fenced code, quotes, inline code, bold, italics and bare links of Markdown as HTML.
pub(crate) fn cooked(text: &str) -> String {
    let mut out = String::new();
    let mut paragraph: Vec<String> = Vec::new();
    let mut lines = text.lines();
    let close = |paragraph: &mut Vec<String>, out: &mut String| {
        if !paragraph.is_empty() {
            out.push_str(&format!("<p>{}</p>\n", paragraph.join("<br>\n")));
            paragraph.clear();
        }
    };
    while let Some(line) = lines.next() {
        if let Some(language) = line.trim_start().strip_prefix("```") {
            close(&mut paragraph, &mut out);
            let code: Vec<String> =
                lines.by_ref().take_while(|l| !l.trim_start().starts_with("```")).map(escape).collect();
            let class = if language.is_empty() {
                String::new()
            } else {
                format!(" class=\"lang-{}\"", language.trim())
            };
            out.push_str(&format!("<pre><code{class}>{}\n</code></pre>\n", code.join("\n")));
        } else if let Some(quoted) = line.strip_prefix("> ") {
            close(&mut paragraph, &mut out);
            out.push_str(&format!("<blockquote>\n<p>{}</p>\n</blockquote>\n", inline(quoted)));
        } else if line.trim().is_empty() {
            close(&mut paragraph, &mut out);
        } else {
            paragraph.push(inline(line));
        }
    }
    close(&mut paragraph, &mut out);
    out
}

fn inline(line: &str) -> String {
    let mut out = String::new();
    // Behind every second back tick is code.
    for (n, part) in line.split('`').enumerate() {
        if n % 2 == 1 {
            out.push_str(&format!("<code>{}</code>", escape(part)));
            continue;
        }
        let linked: Vec<String> = part.split(' ').map(link).collect();
        out.push_str(&pairs(&pairs(&linked.join(" "), "**", "strong"), "*", "em"));
    }
    out
}

fn link(word: &str) -> String {
    let bare = word.trim_end_matches(['.', ',', ')']);
    if bare.starts_with("https://") {
        let (url, rest) = (escape(bare), &word[bare.len()..]);
        return format!("<a href=\"{url}\" rel=\"noopener nofollow ugc\">{url}</a>{rest}");
    }
    escape(word)
}

/// What stands between two marks goes into an element; a mark without its partner stays.
fn pairs(text: &str, mark: &str, element: &str) -> String {
    let parts: Vec<&str> = text.split(mark).collect();
    if parts.len().is_multiple_of(2) {
        return text.to_owned();
    }
    let wrap = |(n, part): (usize, &&str)| match n % 2 {
        1 => format!("<{element}>{part}</{element}>"),
        _ => (*part).to_owned(),
    };
    parts.iter().enumerate().map(wrap).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markdown_becomes_inert_html() {
        let text =
            "Use `a<b>` and **this**:\nsee https://x.example/y.\n\n> said\n\n```sh\nls *\n```\n<script>";
        let wanted = "<p>Use <code>a&lt;b&gt;</code> and <strong>this</strong>:<br>\nsee \
            <a href=\"https://x.example/y\" rel=\"noopener nofollow ugc\">https://x.example/y</a>.</p>\n\
            <blockquote>\n<p>said</p>\n</blockquote>\n<pre><code class=\"lang-sh\">ls *\n</code></pre>\n<p>&lt;script&gt;</p>\n";
        assert_eq!(cooked(text), wanted);
    }
}
