//! A page as one HTML file: no script, no request, readable in print, charts as inline SVG.

use std::fmt::Write;

use super::document::{Bar, Block, Chart, Document, Span, Table, Words, opens};
use crate::page::line;

const STYLE: &str = "
:root{color-scheme:light dark;--ink:#1c2430;--soft:#5c6878;--line:#d8dee6;--first:#3b6ea5;--second:#3f8f5f;--paper:#fff}
@media(prefers-color-scheme:dark){:root{--ink:#e6eaf0;--soft:#9aa7b8;--line:#333d4a;--first:#7fb0e6;--second:#7fcf9f;--paper:#14181e}}
*{box-sizing:border-box}body{font:16px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper);max-width:62rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.7rem;line-height:1.25;margin:0}h2{font-size:1.2rem;margin:2rem 0 .5rem}h3{font-size:1rem;margin:1.4rem 0 .2rem}
p{margin:.5rem 0}.soft{color:var(--soft);margin:.2rem 0 1rem}.columns{display:grid;grid-template-columns:repeat(auto-fit,minmax(16rem,1fr));gap:1.5rem;margin:1rem 0}
.columns>div{border:1px solid var(--line);border-radius:.5rem;padding:1rem}.columns h2{margin-top:0}
table{border-collapse:collapse;width:100%;font-size:.9rem}th,td{text-align:left;padding:.3rem .8rem .3rem 0;border-bottom:1px solid var(--line);vertical-align:top}td{overflow-wrap:break-word}th,.n{white-space:nowrap}
.numbers td,.numbers th:not(:first-child){white-space:nowrap;text-align:right}.numbers td:first-child{text-align:left}
th{color:var(--soft);font-weight:600}.wide{overflow-x:auto}svg{width:100%;height:auto;max-width:56rem}svg .first{fill:var(--first)}svg .second{fill:var(--paper);stroke:var(--second);stroke-width:1.5}svg text{fill:var(--soft);font:12px system-ui,sans-serif}
ul{padding-left:1.3rem}li{margin:.2rem 0}ul.tasks{list-style:none;padding-left:.2rem}ul.tasks li::before{content:'\\2610\\00a0'}
a{color:var(--first)}svg a{fill:var(--first);text-decoration:underline;font-weight:600}@media(max-width:40rem){.columns{grid-template-columns:1fr}}
@media print{:root{--ink:#000;--soft:#444;--line:#bbb;--paper:#fff;--first:#222;--second:#222}body{margin:0;max-width:none;font-size:10.5pt}h2,h3{break-after:avoid}tr,.columns>div,svg,li{break-inside:avoid}a{color:inherit}.columns{grid-template-columns:1fr 1fr}}
";

/// Writes it.
pub(crate) fn write(page: &Document) -> String {
    let mut out = String::new();
    let _ = pages(&mut out, page); // writing into a String cannot fail
    out
}

/// Text inside HTML.
pub(crate) fn esc(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

/// Text on one line; the space on its sides stays.
fn flat(text: &str) -> String {
    let side = |side: bool| if side && !text.trim().is_empty() { " " } else { "" };
    let inner = line(text, 2_000);
    format!(
        "{}{}{}",
        side(text.starts_with(char::is_whitespace)),
        esc(&inner),
        side(text.ends_with(char::is_whitespace))
    )
}

/// Sentences with their links, for pages and feeds.
pub(crate) fn words(spans: &[Span]) -> String {
    let mut out = String::new();
    for span in spans {
        match span {
            Span::Plain(text) if text == " " => out.push(' '),
            Span::Plain(text) => out.push_str(&flat(text)),
            Span::Strong(text) => out.push_str(&format!("<strong>{}</strong>", flat(text))),
            Span::Link(text, url) if opens(url) => {
                out.push_str(&format!("<a rel=\"noreferrer\" href=\"{}\">{}</a>", esc(url), flat(text)));
            }
            Span::Link(text, _) => out.push_str(&flat(text)),
            Span::Here(text, anchor) => {
                out.push_str(&format!("<a href=\"#{}\">{}</a>", esc(anchor), flat(text)));
            }
        }
    }
    out
}

/// The page's blocks alone, for a feed.
pub(crate) fn body(page: &Document) -> String {
    let mut out = String::new();
    let _ = blocks(&mut out, page); // writing into a String cannot fail
    out
}

fn pages(out: &mut String, page: &Document) -> std::fmt::Result {
    let name = esc(&line(&page.title, 200));
    write!(
        out,
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\
         <title>{name}</title><style>{STYLE}</style></head><body><main><h1>{name}</h1>"
    )?;
    if !page.under.is_empty() {
        write!(out, "<p class=\"soft\">{}</p>", esc(&line(&page.under, 300)))?;
    }
    blocks(out, page)?;
    out.push_str("</main></body></html>\n");
    Ok(())
}

fn blocks(out: &mut String, page: &Document) -> std::fmt::Result {
    for block in &page.blocks {
        match block {
            Block::Heading(text) => head(out, "h2", text, None)?,
            Block::Smaller(text, anchor) => head(out, "h3", text, anchor.as_deref())?,
            Block::Text(spans) => write!(out, "<p>{}</p>", words(spans))?,
            Block::Soft(spans) => write!(out, "<p class=\"soft\">{}</p>", words(spans))?,
            Block::List(items) => list(out, "<ul>", items)?,
            Block::Tasks(items) => list(out, "<ul class=\"tasks\">", items)?,
            Block::Table(one) => table(out, one)?,
            Block::Columns(columns) => {
                out.push_str("<div class=\"columns\">");
                for (head, lines) in columns {
                    write!(out, "<div><h2>{}</h2>", esc(&line(head, 100)))?;
                    for line in lines {
                        write!(out, "<p>{}</p>", words(line))?;
                    }
                    out.push_str("</div>");
                }
                out.push_str("</div>");
            }
            Block::Chart(one) => chart(out, one)?,
        }
        out.push('\n');
    }
    Ok(())
}

fn head(out: &mut String, tag: &str, text: &str, anchor: Option<&str>) -> std::fmt::Result {
    let id = anchor.map_or_else(String::new, |a| format!(" id=\"{}\"", esc(a)));
    write!(out, "<{tag}{id}>{}</{tag}>", esc(&line(text, 200)))
}

fn list(out: &mut String, open: &str, items: &[Words]) -> std::fmt::Result {
    out.push_str(open);
    for item in items {
        write!(out, "<li>{}</li>", words(item))?;
    }
    out.push_str("</ul>");
    Ok(())
}

fn table(out: &mut String, one: &Table) -> std::fmt::Result {
    if one.rows.is_empty() {
        out.push_str("<p>Nothing in this period.</p>");
        return Ok(());
    }
    let class = if one.numbers { "wide numbers" } else { "wide" };
    write!(out, "<div class=\"{class}\"><table><thead><tr>")?;
    for head in &one.heads {
        write!(out, "<th scope=\"col\">{}</th>", esc(&line(head, 100)))?;
    }
    out.push_str("</tr></thead><tbody>");
    for row in &one.rows {
        out.push_str("<tr>");
        for cell in row {
            write!(out, "<td>{}</td>", words(cell))?;
        }
        out.push_str("</tr>");
    }
    out.push_str("</tbody></table></div>");
    Ok(())
}

fn chart(out: &mut String, one: &Chart) -> std::fmt::Result {
    match one {
        Chart::Weeks { title, names, weeks } => weekly(out, title, names, weeks),
        Chart::Topics { title, weeks, rows } => topics(out, title, weeks, rows),
        Chart::Bars { title, rows } => bars(out, title, rows),
    }
}

/// Two counts a week as paired bars.
fn weekly(
    out: &mut String,
    title: &str,
    names: &[&'static str; 2],
    weeks: &[(String, [u64; 2])],
) -> std::fmt::Result {
    let most = weeks.iter().flat_map(|(_, two)| *two).max().unwrap_or(0);
    let (Some((first, _)), Some((last, _))) = (weeks.first(), weeks.last()) else { return Ok(()) };
    let (width, height) = (900_u64, 150_u64);
    let step = ((width - 40) / weeks.len() as u64).clamp(6, 60);
    let end = 32 + step * weeks.len() as u64;
    write!(
        out,
        "<h2>{}</h2><svg viewBox=\"0 0 {width} {}\" role=\"img\" aria-label=\"{} and {} per week\"><desc>{}</desc>\
         <text x=\"24\" y=\"20\" text-anchor=\"end\">{most}</text><text x=\"24\" y=\"{height}\" text-anchor=\"end\">0</text>\
         <line x1=\"30\" x2=\"{end}\" y1=\"{height}\" y2=\"{height}\" stroke=\"var(--line)\"/>\
         <line x1=\"30\" x2=\"{end}\" y1=\"10\" y2=\"10\" stroke=\"var(--line)\" stroke-dasharray=\"2 4\"/>",
        esc(title),
        height + 40,
        names[0],
        names[1],
        said(names, weeks)
    )?;
    for (n, (week, two)) in weeks.iter().enumerate() {
        let x = 32 + n as u64 * step;
        let bar = (step - 2) / 2;
        for (offset, value, (name, colour)) in
            [(0, two[0], (names[0], "first")), (bar, two[1], (names[1], "second"))]
        {
            let tall = value * (height - 10) / most.max(1);
            write!(
                out,
                "<rect x=\"{}\" y=\"{}\" width=\"{bar}\" height=\"{tall}\" class=\"{colour}\"><title>{week}: {value} {name}</title></rect>",
                x + offset,
                height - tall
            )?;
        }
    }
    write!(
        out,
        "<text x=\"32\" y=\"{y}\">{first}</text><text x=\"{end}\" y=\"{y}\" text-anchor=\"end\">{last}</text>\
         <rect x=\"32\" y=\"{k}\" width=\"10\" height=\"10\" class=\"first\"/><text x=\"48\" y=\"{t}\">{}</text>\
         <rect x=\"200\" y=\"{k}\" width=\"10\" height=\"10\" class=\"second\"/><text x=\"216\" y=\"{t}\">{}</text></svg>",
        names[0],
        names[1],
        y = height + 16,
        k = height + 24,
        t = height + 34
    )
}

/// Two counts a week in words: how many in all, and when most.
fn said(names: &[&'static str; 2], weeks: &[(String, [u64; 2])]) -> String {
    let one = |n: usize| {
        let all: u64 = weeks.iter().map(|(_, two)| two[n]).sum();
        // Of equally high weeks the first.
        let most = weeks.iter().rev().max_by_key(|(_, two)| two[n]);
        most.map_or_else(String::new, |(week, two)| {
            format!("{}: {all} in all, most in {week}, {}", names[n], two[n])
        })
    };
    esc(&format!("{}; {}", one(0), one(1)))
}

/// A row of bars for each topic, all on one scale.
fn topics(out: &mut String, title: &str, weeks: &[String], rows: &[(String, Vec<u64>)]) -> std::fmt::Result {
    let (Some(first), Some(last)) = (weeks.first(), weeks.last()) else { return Ok(()) };
    let most = rows.iter().flat_map(|(_, counts)| counts).copied().max().unwrap_or(0).max(1);
    let (left, wide, tall) = (330_u64, 500_u64, 34_u64);
    let step = (wide / weeks.len() as u64).clamp(4, 40);
    let end = left + step * weeks.len() as u64;
    let foot = tall * rows.len() as u64 + 16;
    let sums =
        rows.iter().map(|(name, counts)| format!("{}: {}", line(name, 60), counts.iter().sum::<u64>()));
    write!(
        out,
        "<h3>{0}</h3><svg viewBox=\"0 0 900 {1}\" role=\"img\" aria-label=\"{0}, {first} to {last}\"><desc>{2}</desc>",
        esc(title),
        foot + 6,
        esc(&sums.collect::<Vec<_>>().join("; "))
    )?;
    for (n, (name, counts)) in rows.iter().enumerate() {
        let base = tall * (n as u64 + 1);
        write!(
            out,
            "<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text><line x1=\"{left}\" x2=\"{end}\" y1=\"{base}\" y2=\"{base}\" stroke=\"var(--line)\"/>",
            left - 8,
            base - 6,
            esc(&line(name, 44))
        )?;
        for (k, count) in counts.iter().enumerate().filter(|(_, count)| **count > 0) {
            let high = (count * (tall - 6)).div_ceil(most);
            write!(
                out,
                "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{high}\" class=\"first\"><title>{}: {count}</title></rect>",
                left + k as u64 * step,
                base - high,
                step - 1,
                weeks[k]
            )?;
        }
        let highest = counts.iter().max().copied().unwrap_or(0);
        write!(out, "<text x=\"{}\" y=\"{}\">at most {highest}</text>", end + 8, base - 6)?;
    }
    write!(
        out,
        "<text x=\"{left}\" y=\"{foot}\">{first}</text><text x=\"{end}\" y=\"{foot}\" text-anchor=\"end\">{last}</text></svg>"
    )
}

/// One bar a row.
fn bars(out: &mut String, title: &str, rows: &[Bar]) -> std::fmt::Result {
    let most = rows.iter().map(|b| b.n).max().unwrap_or(0).max(1);
    let (left, long, tall) = (90_u64, 420_u64, 26_u64);
    write!(
        out,
        "<h2>{}</h2><svg viewBox=\"0 0 900 {}\" role=\"img\" aria-label=\"{}\">",
        esc(title),
        tall * rows.len() as u64 + 4,
        esc(title)
    )?;
    for (n, Bar { label, n: value, word, opens }) in rows.iter().enumerate() {
        let y = n as u64 * tall;
        let width = (value * long).div_ceil(most).max(1);
        write!(
            out,
            "<text x=\"{}\" y=\"{t}\" text-anchor=\"end\">{}</text><rect x=\"{left}\" y=\"{}\" width=\"{width}\" height=\"16\" fill=\"var(--first)\"/>\
             <text x=\"{}\" y=\"{t}\"><a href=\"#{}\">{value}</a> {}</text>",
            left - 8,
            esc(&line(label, 40)),
            y + 4,
            left + width + 8,
            esc(opens),
            esc(&line(word, 60)),
            t = y + 16
        )?;
    }
    out.push_str("</svg>");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::document::{Document, link, plain};
    use super::*;

    #[test]
    fn what_strangers_wrote_stays_text() {
        let mut page = Document::new("<script>alert(1)</script>", "");
        page.text(vec![
            link("a & b", Some("javascript:alert(1)")),
            link(" c", Some("https://example.com/?a=\"><b>")),
        ]);
        page.table(&["x"], false, vec![vec![plain("<img src=x onerror=y>")]]);
        let made = write(&page);
        assert!(
            !made.contains("<script>") && !made.contains("<img") && !made.contains("javascript:"),
            "{made}"
        );
        assert!(made.contains(
            "a &amp; b<a rel=\"noreferrer\" href=\"https://example.com/?a=&quot;&gt;&lt;b&gt;\"> c</a>"
        ));
    }
}
