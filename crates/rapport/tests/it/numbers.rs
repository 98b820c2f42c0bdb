//! Numbers open their rows: each link behind a number is followed, and as many rows are there as it says. And whoever reads
//! meets no link, no form and no number that leads to a refusal.

use std::collections::BTreeSet;
use std::io::Write;
use std::process::Stdio;

use serde_json::Value;

use crate::web::{Served, every_page};
use crate::world::{Desk, MONDAY};

/// The text without tags, on one line.
fn bare(html: &str) -> String {
    let mut out = String::new();
    for part in html.split('<') {
        out.push_str(part.split_once('>').map_or(part, |(_, text)| text));
    }
    let out = out.replace("&amp;", "&").replace("&#38;", "&");
    out.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// An attribute as it is meant.
fn attribute(tag: &str, name: &str) -> Option<String> {
    let value = tag.split(&format!(" {name}=\"")).nth(1)?.split('"').next()?;
    Some(value.replace("&#38;", "&").replace("&amp;", "&").replace("&#39;", "'").replace("&#34;", "\""))
}

/// Where each link of a page leads, and what it says. The style sheet and the scripts are none of them.
fn links(page: &str) -> Vec<(String, String)> {
    let each = page.split("<a ").skip(1).filter_map(|part| {
        let (tag, rest) = part.split_once('>')?;
        Some((attribute(&format!(" {tag}"), "href")?, bare(rest.split("</a>").next()?)))
    });
    each.collect()
}

/// The part of a page between an element with this id and the end of the list or table after it.
fn part<'a>(page: &'a str, id: &str) -> &'a str {
    let from = page.split_once(&format!("id=\"{id}\"")).map_or("", |(_, rest)| rest);
    let end = from.find("</ul>").into_iter().chain(from.find("</tbody>")).min();
    &from[..end.unwrap_or(from.len())]
}

fn rows(part: &str) -> Vec<Vec<String>> {
    let body = part.split_once("<tbody>").map_or("", |(_, body)| body);
    let row = |row: &str| row.split("<td").skip(1).map(|cell| bare(&format!("<td{cell}"))).collect();
    body.split("<tr>").skip(1).map(row).collect()
}

fn number(text: &str) -> Option<u64> {
    text.parse().ok()
}

#[test]
fn every_number_of_the_metrics_opens_as_many_rows_as_it_says() {
    let (desk, _) = every_page();
    let served = Served::new(&desk);
    let mut seen = BTreeSet::new();
    for at in ["/metrics", "/metrics?period=2026-Q3", "/metrics?name=absence-factor&rows=1"] {
        let (_, page) = served.ask("GET", at, &[], "");
        let mut followed = 0;
        for section in page.split("<section aria-labelledby=\"").skip(1) {
            let name = section.split('"').next().unwrap();
            let section = section.split("</section>").next().unwrap();
            for (to, says) in links(section).into_iter().filter(|(to, _)| to.contains("behind=")) {
                let column =
                    to.split("behind=").nth(1).unwrap().split('&').next().unwrap().replace("%5F", "_");
                assert!(to.contains(&format!("name={name}&")), "{at}: {to}");
                seen.insert(format!("{name} {column}"));
                let (status, rows_page) = served.ask("GET", &to, &[], "");
                assert_eq!(status, 200, "{at}: {to}");
                let rows = rows(part(&rows_page, "behind"));
                followed += 1;
                // A middle is no count: it opens what it is the middle of.
                let Some(n) = number(&says) else { continue };
                let counted = match column.as_str() {
                    "downloads" | "contributions" => {
                        rows.iter().filter_map(|row| number(row.last().unwrap())).sum::<u64>()
                    }
                    _ => rows.len() as u64,
                };
                assert_eq!(counted, n, "{at}: {to}");
            }
            // What has rows behind it is no bare number: only a share and a nought are.
            for table in section.split("<thead>").skip(1) {
                let heads: Vec<String> = table
                    .split("</thead>")
                    .next()
                    .unwrap()
                    .split("<th ")
                    .skip(1)
                    .map(|h| bare(&format!("<th {h}")))
                    .collect();
                for row in table.split("<tr>").skip(1) {
                    let cells = row.split("<td").skip(1).zip(&heads);
                    for (cell, head) in cells.filter(|(cell, _)| cell.starts_with(" class=\"n\"")) {
                        let said = bare(&format!("<td{cell}"));
                        let plain = matches!(head.as_str(), "ratio" | "working days")
                            || ["0", "\u{2013}"].contains(&said.as_str());
                        assert!(plain || cell.contains("<a "), "{at}, {name}: {head} {said} opens nothing");
                    }
                }
            }
        }
        assert!(followed > 2, "{at}: {followed}");
    }
    // Downloads and the contributions of nobody are not in this world; each other number is.
    for wanted in [
        "closure-ratio closed",
        "closure-ratio opened",
        "contributors new",
        "contributors returning",
        "contributors contributors",
        "retention first_timers",
        "retention again_month_1",
        "retention again_later",
        "time-to-first-response n",
        "time-to-first-response never",
        "time-to-close n",
        "time-to-close open",
        "unanswered n",
        "unanswered unanswered",
        "unanswered still_open",
        "absence-factor absence_factor",
        "absence-factor people",
        "absence-factor contributions",
    ] {
        assert!(seen.contains(wanted), "{wanted}: {seen:?}");
    }
}

#[test]
fn the_rows_behind_a_number_are_for_whoever_may_see_them() {
    let desk = Desk::world();
    let months = desk.json(&["metrics", "contributors", "--as-of", MONDAY]);
    let last = months.as_array().unwrap().last().unwrap();
    let month = last["month"].as_str().unwrap();
    let asked = ["metrics", "contributors", "--behind", "new", "--within", month, "--as-of", MONDAY];
    let said = desk.json(&asked);
    assert_eq!(
        (&said["n"], said["rows"].as_array().unwrap().len() as u64),
        (&last["new"], last["new"].as_u64().unwrap())
    );
    let sales = desk.command().args(["--role", "sales", "--json"]).args(asked).output().unwrap();
    let sales: Value = serde_json::from_slice(&sales.stdout).unwrap();
    assert_eq!((&sales["n"], sales.get("rows")), (&last["new"], None), "{sales}");
    let product = desk.command().args(["--role", "product"]).args(asked).output().unwrap();
    assert!(String::from_utf8_lossy(&product.stdout).contains("person-"), "pseudonyms alone");
    for args in [&["metrics", "late", "--behind", "n"][..], &["metrics", "unanswered", "--behind", "closed"]]
    {
        assert_eq!(desk.run(args).status.code(), Some(2), "{args:?}");
    }
    assert_eq!(desk.run(&["metrics", "--behind", "n"]).status.code(), Some(2), "of which metric?");
}

#[test]
fn numbers_of_the_other_pages_open_as_many_rows_as_they_say() {
    let (desk, _) = every_page();
    let served = Served::new(&desk);
    let page = |at: &str| {
        let (status, page) = served.ask("GET", at, &[], "");
        assert_eq!(status, 200, "{at}");
        page
    };
    let mut followed = 0;
    // Threads of topics, all of them and those that wait.
    let topics = page("/topics");
    for tag in topics.split("<a ").skip(1).filter_map(|part| part.split('>').next()) {
        let Some(says) = attribute(&format!(" {tag}"), "aria-label") else { continue };
        // People and messages are counted in the same threads; these are the threads themselves.
        if !["thread", "threads", "waits:", "wait:"].contains(&says.split(' ').nth(1).unwrap()) {
            continue;
        }
        let to = attribute(&format!(" {tag}"), "href").unwrap();
        let there = page(to.split('#').next().unwrap());
        let list = part(&there, "threads");
        let threads = list.matches("<li>").count() as u64;
        let said = number(says.split(' ').next().unwrap()).unwrap();
        if to.contains("state=waiting") {
            // People who wait, and the threads in which they do: all of them and no other.
            assert!(
                threads >= said && list.matches("state waiting").count() as u64 == threads,
                "{to}: {says}"
            );
        } else {
            assert_eq!(threads, said, "{to}: {says}");
        }
        followed += 1;
    }
    assert!(followed > 5, "{followed}");
    // What is asked of the views: the rows, or those shown and how many more.
    for at in ["/sources", "/people/1", "/people/2"] {
        let asked: Vec<_> =
            links(&page(at)).into_iter().filter(|(to, _)| to.starts_with("/desk/sql?")).collect();
        assert!(!asked.is_empty(), "{at}");
        for (to, says) in asked {
            let there = page(&to);
            let table = there.split_once("<table").map_or("", |(_, rest)| rest);
            let mut n = rows(table.split("</table>").next().unwrap()).len() as u64;
            let more = there
                .split("</table></div><p class=\"soft\">")
                .nth(1)
                .and_then(|rest| bare(rest.split("</p>").next()?).split(' ').find_map(number));
            n += more.unwrap_or(0);
            assert_eq!(Some(n), number(&says), "{at}: {to}");
        }
    }
    // Put aside, by source.
    for (to, says) in links(&page("/sources")).into_iter().filter(|(to, _)| to.contains("rejects=")) {
        let there = page(&to);
        let aside = rows(there.split("<section").last().unwrap()).len() as u64;
        assert_eq!(Some(aside), number(&says), "{to}");
    }
}

/// Threads and people all look alike: those of one digit stand for them.
fn of_many(path: &str) -> bool {
    let number = path.strip_prefix("/thread/").or_else(|| path.strip_prefix("/people/"));
    number.is_some_and(|number| number.len() > 1 && number.bytes().all(|b| b.is_ascii_digit()))
}

/// The cookie of a new account.
fn logged_in(desk: &Desk, served: &Served, role: &str) -> String {
    let mut add = desk.command();
    add.args(["account", "add", role, "--as", role]).stdin(Stdio::piped()).stdout(Stdio::null());
    let mut add = add.spawn().unwrap();
    add.stdin.take().unwrap().write_all(b"a few words in a row\n").unwrap();
    assert!(add.wait().unwrap().success());
    let form = ("Content-Type", "application/x-www-form-urlencoded");
    let body = format!("name={role}&password=a+few+words+in+a+row");
    let raw = served.raw("POST", "/login", &[form], &body);
    format!("rapport={}", raw.split("rapport=").nth(1).unwrap().split(';').next().unwrap())
}

#[test]
fn no_link_and_no_form_leads_to_a_refusal() {
    let (desk, paths) = every_page();
    let (served, _) = Served::with(&desk, &["--public-url", "http://127.0.0.1"]);
    for role in ["sales", "product", "steward"] {
        let cookie = logged_in(&desk, &served, role);
        let heads = [("Cookie", cookie.as_str())];
        let mut open: Vec<String> = vec!["/".to_owned()];
        // What they reach by links, and every page that they may open by its address.
        open.extend(
            paths
                .iter()
                .filter(|path| !path.starts_with("/answer/") && *path != "/nothing-here" && !of_many(path))
                .cloned(),
        );
        let typed = open.len();
        let mut known: BTreeSet<String> = open.iter().cloned().collect();
        let (mut next, mut opened, mut from) = (0, 0, vec![String::new(); typed]);
        while next < open.len() {
            let at = open[next].clone();
            let (status, page) = served.ask("GET", &at, &heads, "");
            let refused = status == 409 || page.contains("is not for the role");
            // Only an address that somebody typed may be refused.
            assert!(!refused || next > 0 && next < typed, "{role}: {at}, from {}", from[next]);
            assert!(refused || matches!(status, 200 | 303), "{role}: {at} {status}, from {}", from[next]);
            next += 1;
            if refused || at.starts_with("/api/") || at.contains("/save?") || at.starts_with("/report/page") {
                continue;
            }
            opened += 1;
            for form in page.split("<form").skip(1) {
                let tag = form.split('>').next().unwrap();
                let action = attribute(tag, "action").unwrap_or_default();
                let theirs = ["/logout", "/introduce", "/desk/"].iter().any(|own| action.starts_with(own))
                    || role == "steward" && action.starts_with("/roster")
                    || role != "sales"
                        && ["/accept", "/decline", "/draft"].iter().any(|end| action.ends_with(end));
                assert!(!tag.contains("method=\"post\"") || theirs, "{role}: {at} offers {action}");
            }
            for (to, _) in links(&page) {
                let to = to.split('#').next().unwrap().to_owned();
                if to.starts_with('/') && !of_many(&to) && known.insert(to.clone()) {
                    open.push(to);
                    from.push(at.clone());
                }
            }
        }
        let least = if role == "sales" { 8 } else { 80 };
        assert!(opened >= least, "{role}: {opened} of {next}");
    }
}
