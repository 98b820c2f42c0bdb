//! Just enough of HTML and XML to read what people wrote.

/// Entities as the characters they stand for.
pub(crate) fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        out.push_str(before);
        let name = after.split(';').next().filter(|name| name.len() <= 8 && name.len() < after.len());
        let number = |digits: &str, base| u32::from_str_radix(digits, base).ok().and_then(char::from_u32);
        let found = name.and_then(|name| match name {
            "lt" => Some('<'),
            "gt" => Some('>'),
            "amp" => Some('&'),
            "quot" => Some('"'),
            "apos" => Some('\''),
            "nbsp" => Some(' '),
            _ => match name.strip_prefix("#x") {
                Some(hex) => number(hex, 16),
                None => name.strip_prefix('#').and_then(|digits| number(digits, 10)),
            },
        });
        match (found, name) {
            (Some(found), Some(name)) => {
                out.push(found);
                rest = &after[name.len() + 1..];
            }
            _ => {
                out.push('&');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

/// HTML without its elements; quotes begin with `>`, as in Markdown.
pub(crate) fn plain(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut quoted = 0_u32;
    let mut rest = html;
    while let Some((text, after)) = rest.split_once('<') {
        out.push_str(text);
        let Some((tag, more)) = after.split_once('>') else { break };
        rest = more;
        match tag.split_whitespace().next().unwrap_or_default() {
            "blockquote" => quoted += 1,
            "/blockquote" => quoted = quoted.saturating_sub(1),
            "p" | "br" | "br/" | "pre" | "div" | "li" => out.push_str(if quoted > 0 { "\n> " } else { "\n" }),
            "/p" | "/pre" | "/div" => out.push('\n'),
            _ => {}
        }
    }
    out.push_str(rest);
    unescaped(out.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_write_text() {
        assert_eq!(unescaped("a &lt;b&gt; &#xA;&amp;c &odd; &"), "a <b> \n&c &odd; &");
        assert_eq!(plain("<blockquote><p>no?</p></blockquote><p>yes &amp; no</p>"), "> no?\n\nyes & no");
    }
}
