//! A page as Markdown: diffable, quotable.

use std::fmt::Write;

use super::document::{Block, Chart, Document, Span, Table, opens};
use crate::page::line;

/// Characters of a sentence that are kept at most.
const MOST: usize = 2_000;

/// Writes it.
pub(crate) fn write(page: &Document) -> String {
    let mut out = String::new();
    let _ = pages(&mut out, page); // writing into a String cannot fail
    out
}

/// Community text inside Markdown: what would change the page is escaped.
pub(crate) fn plain(text: &str, most: usize) -> String {
    let mut out = String::new();
    let flat = line(text, most);
    let begins = flat.chars().next();
    for (n, c) in flat.chars().enumerate() {
        // These mean something at the beginning of a line only, or, for a dot, after a number there.
        let first = n == 0 && "#+->".contains(c);
        let numbered = c == '.' && begins.is_some_and(|c| c.is_ascii_digit()) && n < 4;
        if "\\`*_[]<>|".contains(c) || first || numbered {
            out.push('\\');
        }
        out.push(c);
    }
    // What follows an exclamation mark is escaped already: no picture can begin.
    out
}

fn words(spans: &[Span]) -> String {
    let mut out = String::new();
    for (n, span) in spans.iter().enumerate() {
        let inner = |text: &str| {
            // A piece of a sentence begins no line, and keeps the space on its sides.
            let mark = |side: bool| if side && !text.trim().is_empty() { " " } else { "" };
            let marked = plain(text, MOST);
            let marked = if n > 0 {
                marked.strip_prefix('\\').filter(|m| m.starts_with(['#', '+', '-'])).unwrap_or(&marked)
            } else {
                &marked
            };
            format!(
                "{}{marked}{}",
                mark(text.starts_with(char::is_whitespace)),
                mark(text.ends_with(char::is_whitespace))
            )
        };
        match span {
            Span::Plain(text) if text == " " => out.push(' '),
            Span::Plain(text) => out.push_str(&inner(text)),
            Span::Strong(text) => out.push_str(&format!("**{}**", inner(text))),
            Span::Link(text, url) if opens(url) => {
                out.push_str(&format!("[{}](<{}>)", inner(text), url.replace(['<', '>', '\n', '\\'], "")));
            }
            Span::Link(text, _) => out.push_str(&inner(text)),
            Span::Here(text, anchor) => out.push_str(&format!("[{}](#{anchor})", inner(text))),
        }
    }
    out
}

fn pages(out: &mut String, page: &Document) -> std::fmt::Result {
    writeln!(out, "# {}\n", plain(&page.title, 200))?;
    if !page.under.is_empty() {
        writeln!(out, "{}\n", plain(&page.under, 300))?;
    }
    for block in &page.blocks {
        match block {
            Block::Heading(text) => head(out, "##", text, None)?,
            Block::Smaller(text, anchor) => head(out, "###", text, anchor.as_deref())?,
            Block::Text(spans) | Block::Soft(spans) => writeln!(out, "{}\n", words(spans))?,
            Block::List(items) => {
                for item in items {
                    writeln!(out, "- {}", words(item))?;
                }
                writeln!(out)?;
            }
            Block::Tasks(items) => {
                for item in items {
                    writeln!(out, "- [ ] {}", words(item))?;
                }
                writeln!(out)?;
            }
            Block::Table(one) => table(out, one)?,
            Block::Columns(columns) => {
                let heads: Vec<String> = columns.iter().map(|(head, _)| plain(head, 100)).collect();
                let cells: Vec<String> = columns
                    .iter()
                    .map(|(_, lines)| lines.iter().map(|l| words(l)).collect::<Vec<_>>().join("<br>"))
                    .collect();
                writeln!(out, "| {} |\n|{}", heads.join(" | "), "---|".repeat(heads.len()))?;
                writeln!(out, "| {} |\n", cells.join(" | "))?;
            }
            Block::Chart(one) => chart(out, one)?,
        }
    }
    Ok(())
}

fn head(out: &mut String, level: &str, text: &str, anchor: Option<&str>) -> std::fmt::Result {
    if let Some(anchor) = anchor {
        writeln!(out, "<a id=\"{anchor}\"></a>\n")?;
    }
    writeln!(out, "{level} {}\n", plain(text, 200))
}

fn table(out: &mut String, one: &Table) -> std::fmt::Result {
    if one.rows.is_empty() {
        return writeln!(out, "Nothing in this period.\n");
    }
    let heads: Vec<String> = one.heads.iter().map(|h| plain(h, 100)).collect();
    let rule = |n: usize| if one.numbers && n > 0 { "--:|" } else { "---|" };
    writeln!(out, "| {} |\n|{}", heads.join(" | "), (0..heads.len()).map(rule).collect::<String>())?;
    for row in &one.rows {
        writeln!(out, "| {} |", row.iter().map(|cell| words(cell)).collect::<Vec<_>>().join(" | "))?;
    }
    writeln!(out)
}

/// A chart in letters: a row of small bars for weeks, a table for bars.
fn chart(out: &mut String, one: &Chart) -> std::fmt::Result {
    let (title, names, weeks) = match one {
        Chart::Weeks { title, names, weeks } => (title, names, weeks),
        Chart::Topics { title, weeks, rows } => return topics(out, title, weeks, rows),
        Chart::Bars { title, rows } => {
            writeln!(out, "## {}\n\n| | n | |\n|---|--:|---|", plain(title, 100))?;
            for bar in rows {
                writeln!(
                    out,
                    "| {} | [{}](#{}) | {} |",
                    plain(&bar.label, 60),
                    bar.n,
                    bar.opens,
                    plain(&bar.word, 200)
                )?;
            }
            return writeln!(out);
        }
    };
    let (Some((first, _)), Some((last, _))) = (weeks.first(), weeks.last()) else { return Ok(()) };
    let most = weeks.iter().flat_map(|(_, two)| *two).max().unwrap_or(0).max(1);
    writeln!(out, "## {}\n\n{first} to {last}, the highest bar is {most}:\n", plain(title, 100))?;
    for (n, name) in names.iter().enumerate() {
        let line: String = weeks.iter().map(|(_, two)| bar(two[n], most)).collect();
        writeln!(out, "    {line}  {name}")?;
    }
    writeln!(out)
}

/// A count as a small bar.
fn bar(value: u64, most: u64) -> char {
    const BARS: [char; 9] = ['\u{b7}', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    BARS[usize::try_from((value * 8).div_ceil(most)).unwrap_or(8).min(8)]
}

/// A row of small bars for each topic.
fn topics(out: &mut String, title: &str, weeks: &[String], rows: &[(String, Vec<u64>)]) -> std::fmt::Result {
    let (Some(first), Some(last)) = (weeks.first(), weeks.last()) else { return Ok(()) };
    let most = rows.iter().flat_map(|(_, counts)| counts).copied().max().unwrap_or(0).max(1);
    writeln!(out, "## {}\n\n{first} to {last}, the highest bar is {most}:\n", plain(title, 100))?;
    for (name, counts) in rows {
        let line: String = counts.iter().map(|n| bar(*n, most)).collect();
        writeln!(out, "    {line}  {}", crate::page::line(name, 60))?;
    }
    writeln!(out)
}

#[cfg(test)]
mod tests {
    use super::super::document::{Document, Span, link, plain as said};
    use super::*;

    #[test]
    fn what_strangers_wrote_changes_no_page() {
        for (text, wanted) in [
            ("# not a heading", "\\# not a heading"),
            ("1. not a list", "1\\. not a list"),
            ("a <script>|b", "a \\<script\\>\\|b"),
            ("![x](http://y)", "!\\[x\\](http://y)"),
            ("Agent 3.0.0, that's #12!", "Agent 3.0.0, that's #12!"),
        ] {
            assert_eq!(plain(text, 100), wanted);
        }
        let mut page = Document::new("T", "");
        page.text(vec![
            Span::Plain("see ".to_owned()),
            link("it", Some("javascript:alert(1)")),
            Span::Plain(" or ".to_owned()),
            link("#2", Some("https://example.com/a>b")),
        ]);
        page.list(vec![said("one\n- two")]);
        assert_eq!(write(&page), "# T\n\nsee it or [#2](<https://example.com/ab>)\n\n- one - two\n\n");
    }
}
