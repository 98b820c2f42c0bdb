//! The report as one HTML file: no script, no request, readable in print, charts as inline SVG.

use std::fmt::Write;

use rapport_model::Week;

use super::gather::{Asks, Report};
use super::markdown::{cells, met_words, waiting_words};
use crate::page::{line, moment, span};

const STYLE: &str = "
:root{color-scheme:light dark;--ink:#1c2430;--soft:#5c6878;--line:#d8dee6;--asked:#3b6ea5;--answered:#3f8f5f;--paper:#fff}
@media(prefers-color-scheme:dark){:root{--ink:#e6eaf0;--soft:#9aa7b8;--line:#333d4a;--asked:#7fb0e6;--answered:#7fcf9f;--paper:#14181e}}
*{box-sizing:border-box}body{font:16px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper);max-width:62rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.7rem;margin:0}h2{font-size:1.2rem;margin:2rem 0 .5rem}h3{font-size:1rem;margin:1.4rem 0 .2rem}
.soft{color:var(--soft);margin:.2rem 0 1rem}.two{display:grid;grid-template-columns:1fr 1fr;gap:1.5rem}
.two>div{border:1px solid var(--line);border-radius:.5rem;padding:1rem}.two h2{margin-top:0}
table{border-collapse:collapse;width:100%;font-size:.9rem}th,td{text-align:left;padding:.3rem .6rem .3rem 0;border-bottom:1px solid var(--line);vertical-align:top}td{overflow-wrap:break-word}th,.n{white-space:nowrap}.numbers td{white-space:nowrap;text-align:right}.numbers th:not(:first-child){text-align:right}
th{color:var(--soft);font-weight:600}.wide{overflow-x:auto}svg{width:100%;height:auto}svg text{fill:var(--soft);font:12px system-ui,sans-serif}
a{color:var(--asked)}@media(max-width:40rem){.two{grid-template-columns:1fr}}
@media print{:root{--ink:#000;--soft:#444;--line:#bbb;--paper:#fff;--asked:#3b6ea5;--answered:#3f8f5f}body{margin:0;max-width:none;font-size:11pt}h2,h3{break-after:avoid}tr,.two>div,svg{break-inside:avoid}a{color:inherit}}
";

/// Writes it.
pub(crate) fn write(report: &Report) -> String {
    let mut out = String::new();
    let _ = page(&mut out, report); // writing into a String cannot fail
    out
}

fn esc(text: &str) -> String {
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

fn page(out: &mut String, r: &Report) -> std::fmt::Result {
    let name = esc(&line(&r.community, 80));
    write!(
        out,
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\
         <title>{name}: what developers needed</title><style>{STYLE}</style></head><body><main>\
         <h1>{name}: what developers needed</h1><p class=\"soft\">{}, as of {}</p>\
         <div class=\"two\"><div><h2>Needs met</h2><p>{}</p></div><div><h2>What waits</h2><p>{}</p></div></div>",
        r.period,
        moment(r.as_of),
        met_words(&r.asked),
        waiting_words(&r.asked)
    )?;
    chart(out, r)?;
    if !r.waiting.is_empty() {
        out.push_str("<h2>Who waits</h2><div class=\"wide\"><table><tr><th>since<th>kind<th>source<th>what<th>why</tr>");
        for n in &r.waiting {
            let title = esc(&line(&n.title, 120));
            let title = match &n.url {
                Some(url) if url.starts_with("https://") || url.starts_with("http://") => {
                    format!("<a rel=\"noreferrer\" href=\"{}\">{title}</a>", esc(url))
                }
                _ => title,
            };
            let since = n.waiting_since.map_or_else(String::new, |s| span(r.as_of.seconds_since(s)));
            write!(
                out,
                "<tr><td class=\"n\">{since}<td>{}<td>{}<td>{title}<td>{}</tr>",
                esc(&n.kind),
                esc(&n.source),
                esc(&line(&n.why, 160))
            )?;
        }
        out.push_str("</table></div>");
    }
    for (heading, rows) in [("By kind", &r.kinds), ("By source", &r.sources)] {
        write!(
            out,
            "<h2>{heading}</h2><div class=\"wide numbers\"><table><tr><th><th>needs<th>people<th>answered<th>settled<th>wait<th>stale<th>declined<th>median<th>90 %</tr>"
        )?;
        for (name, a) in rows {
            row(out, name, a)?;
        }
        out.push_str("</table></div>");
    }
    out.push_str("<h2>The numbers, with their definitions</h2>");
    for (name, definition, value) in &r.metrics {
        write!(out, "<h3>{}</h3><p class=\"soft\">{}</p>", esc(name), esc(definition))?;
        let (heads, rows) = cells(value);
        if heads.is_empty() {
            out.push_str("<p>Nothing in this period.</p>");
            continue;
        }
        out.push_str("<div class=\"wide\"><table><tr>");
        for head in heads {
            write!(out, "<th>{}", esc(&head))?;
        }
        out.push_str("</tr>");
        for row in rows {
            out.push_str("<tr>");
            for cell in row {
                write!(out, "<td>{}", esc(&line(&cell, 80)))?;
            }
            out.push_str("</tr>");
        }
        out.push_str("</table></div>");
    }
    out.push_str("<h2>What is not known</h2><ul>");
    for sentence in &r.not_known {
        write!(out, "<li>{}</li>", esc(&line(sentence, 400)))?;
    }
    out.push_str("</ul></main></body></html>\n");
    Ok(())
}

fn row(out: &mut String, name: &str, a: &Asks) -> std::fmt::Result {
    let time = |s: Option<f64>| s.map_or_else(|| "-".to_owned(), span);
    write!(
        out,
        "<tr><th scope=\"row\">{}<td>{}<td>{}<td>{}<td>{}<td>{}<td>{}<td>{}<td>{}<td>{}</tr>",
        esc(name),
        a.needs,
        a.people,
        a.answered,
        a.met,
        a.waiting,
        a.stale,
        a.declined,
        time(a.median_s),
        time(a.p90_s)
    )
}

/// Needs asked and first answers per week, the last 52 weeks of the period, as paired bars.
fn chart(out: &mut String, r: &Report) -> std::fmt::Result {
    let weeks: Vec<(Week, (u64, u64))> = {
        let (Some(first), Some(last)) = (r.weeks.keys().next(), r.weeks.keys().next_back()) else {
            return Ok(());
        };
        let mut all: Vec<_> = first
            .through(*last)
            .map(|week| (week, r.weeks.get(&week).copied().unwrap_or_default()))
            .collect();
        all.split_off(all.len().saturating_sub(52))
    };
    let most = weeks.iter().map(|(_, (a, b))| *a.max(b)).max().unwrap_or(0);
    let (Some(first), Some(last)) = (weeks.first(), weeks.last()) else { return Ok(()) };
    let (width, height) = (900_u64, 150_u64);
    let step = (width - 40) / weeks.len() as u64;
    let step = step.clamp(6, 120);
    write!(
        out,
        "<h2>Week by week</h2><svg viewBox=\"0 0 {width} {}\" role=\"img\" aria-label=\"Needs asked and first answers per week\">\
         <text x=\"0\" y=\"12\">{most}</text><line x1=\"30\" x2=\"{width}\" y1=\"{height}\" y2=\"{height}\" stroke=\"var(--line)\"/>",
        height + 40
    )?;
    for (n, (week, (asked, answered))) in weeks.iter().enumerate() {
        let x = 32 + n as u64 * step;
        let bar = (step - 2) / 2;
        for (offset, value, colour) in [(0, asked, "asked"), (bar, answered, "answered")] {
            let tall = value * (height - 10) / most.max(1);
            write!(
                out,
                "<rect x=\"{}\" y=\"{}\" width=\"{bar}\" height=\"{tall}\" fill=\"var(--{colour})\"><title>{week}: {value} {colour}</title></rect>",
                x + offset,
                height - tall
            )?;
        }
    }
    write!(
        out,
        "<text x=\"32\" y=\"{y}\">{}</text><text x=\"{width}\" y=\"{y}\" text-anchor=\"end\">{}</text>\
         <rect x=\"32\" y=\"{k}\" width=\"10\" height=\"10\" fill=\"var(--asked)\"/><text x=\"48\" y=\"{t}\">needs asked</text>\
         <rect x=\"150\" y=\"{k}\" width=\"10\" height=\"10\" fill=\"var(--answered)\"/><text x=\"166\" y=\"{t}\">first answers</text></svg>",
        first.0,
        last.0,
        y = height + 16,
        k = height + 24,
        t = height + 34
    )
}
