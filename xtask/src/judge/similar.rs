//! Similar threads against links that people set: a thread that links to older threads of its own place.
//!
//! The query is the thread's title and opening without its links; what has to be found are the older threads it or its
//! replies link to. Beside it BM25 alone, from the same index.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use rapport_insight::similar::{Hit, Index};
use rapport_insight::text::clean;
use serde_json::Value;

use crate::Fault;

/// Threads in order of time, and for each the numbers that its messages link to.
#[derive(Default)]
struct Place {
    numbers: Vec<u64>,
    texts: Vec<String>,
    links: Vec<BTreeSet<u64>>,
}

impl Place {
    fn push(&mut self, number: u64, title: &str, opening: &str, links: BTreeSet<u64>) {
        self.numbers.push(number);
        self.texts.push(clean::joined(title, opening));
        self.links.push(links);
    }
}

pub(super) fn similar(data: &Path) -> Result<(), Fault> {
    for (name, place) in [("forum", forum(data)?), ("issues", issues(data)?), ("questions", questions(data)?)]
    {
        report(name, &place);
    }
    Ok(())
}

fn report(name: &str, place: &Place) {
    let index = Index::new(&place.texts);
    let mut ours = Figures::default();
    let mut words = Figures::default();
    for (n, links) in place.links.iter().enumerate() {
        let wanted: BTreeSet<usize> = (0..n).filter(|older| links.contains(&place.numbers[*older])).collect();
        if wanted.is_empty() {
            continue;
        }
        let later = |other: usize| other >= n;
        ours.count(&index.find(&place.texts[n], 50, later), &wanted);
        words.count(&index.by_words(&place.texts[n], 50, later), &wanted);
    }
    println!("{name}: {} threads, {} of them link to older ones", place.texts.len(), ours.asked);
    for (who, figures) in [("BM25 alone", &words), ("similar", &ours)] {
        let [rank, ten, fifty] = figures.means();
        println!("  {who:<10}  reciprocal rank {rank:.3}  recall at 10 {ten:.3}  at 50 {fifty:.3}");
    }
    let gains: Vec<String> = ours
        .means()
        .iter()
        .zip(words.means())
        .map(|(a, b)| format!("{:+.0} %", (a / b - 1.0) * 100.0))
        .collect();
    println!("  above it    {}", gains.join("  "));
}

#[derive(Default)]
struct Figures {
    asked: u32,
    sums: [f64; 3],
}

impl Figures {
    fn count(&mut self, hits: &[Hit], wanted: &BTreeSet<usize>) {
        self.asked += 1;
        let found = |most: usize| hits.iter().take(most).filter(|h| wanted.contains(&h.text)).count() as f64;
        let first =
            hits.iter().position(|h| wanted.contains(&h.text)).map_or(0.0, |at| 1.0 / (at + 1) as f64);
        let all = wanted.len() as f64;
        for (sum, more) in self.sums.iter_mut().zip([first, found(10) / all, found(50) / all]) {
            *sum += more;
        }
    }

    fn means(&self) -> [f64; 3] {
        self.sums.map(|s| s / f64::from(self.asked.max(1)))
    }
}

/// Numbers that follow a mark in a text, after at most one word and a slash.
fn numbers(text: &str, mark: &str, slug: bool) -> BTreeSet<u64> {
    text.split(mark)
        .skip(1)
        .filter_map(|rest| {
            let rest = if slug && !rest.starts_with(|c: char| c.is_ascii_digit()) {
                rest.split_once('/')?.1
            } else {
                rest
            };
            let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
            rest[..end].parse().ok()
        })
        .collect()
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or("")
}

fn forum(data: &Path) -> Result<Place, Fault> {
    let mut topics: BTreeMap<u64, Vec<Value>> = BTreeMap::new();
    let mut folders: Vec<_> = Vec::new();
    for archive in
        std::fs::read_dir(data.join("discourse"))?.filter_map(Result::ok).filter(|e| e.path().is_dir())
    {
        folders.extend(std::fs::read_dir(archive.path())?.filter_map(Result::ok).map(|e| e.path()));
    }
    for folder in folders {
        if folder.is_dir() {
            for file in std::fs::read_dir(folder)? {
                let post: Value = serde_json::from_slice(&std::fs::read(file?.path())?)?;
                if let Some(topic) = post["topic_id"].as_u64() {
                    topics.entry(topic).or_default().push(post);
                }
            }
        }
    }
    let mut place = Place::default();
    for (number, mut posts) in topics {
        posts.sort_by_key(|p| p["post_number"].as_u64());
        let links = posts.iter().flat_map(|p| numbers(text(p, "raw"), "/t/", true)).collect();
        place.push(number, text(&posts[0], "topic_title"), text(&posts[0], "raw"), links);
    }
    Ok(place)
}

fn issues(data: &Path) -> Result<Place, Fault> {
    // One archive of one repository: the first by name.
    let files = std::fs::read_dir(data.join("ietf-archive"))?.filter_map(Result::ok).map(|e| e.path());
    let wanted = files.filter(|f| f.to_string_lossy().ends_with("__archive.json")).min();
    let file = wanted.ok_or("there is no archive.json of a repository")?;
    let archive: Value = serde_json::from_slice(&std::fs::read(file)?)?;
    let mut all: BTreeMap<u64, &Value> = BTreeMap::new();
    for issue in ["issues", "pulls"].iter().filter_map(|kind| archive[*kind].as_array()).flatten() {
        all.insert(issue["number"].as_u64().unwrap_or(0), issue);
    }
    let mut place = Place::default();
    for (number, issue) in all {
        let mut links = numbers(text(issue, "body"), "#", false);
        for comment in issue["comments"].as_array().into_iter().flatten() {
            links.extend(numbers(text(comment, "body"), "#", false));
        }
        place.push(number, text(issue, "title"), &without_numbers(text(issue, "body")), links);
    }
    Ok(place)
}

/// The link itself must not give the answer away.
fn without_numbers(text: &str) -> String {
    text.split_whitespace().filter(|w| !w.contains('#')).collect::<Vec<_>>().join(" ")
}

/// The dump has one row a line, its attributes escaped.
fn questions(data: &Path) -> Result<Place, Fault> {
    let folder = data.join("stackexchange/quantumcomputing");
    let attribute = |row: &str, name: &str| -> Option<String> {
        let rest = row.split_once(&format!(" {name}=\""))?.1;
        let plain = &rest[..rest.find('"')?];
        Some(plain.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&"))
    };
    let number = |row: &str, name: &str| attribute(row, name).and_then(|n| n.parse::<u64>().ok());
    let mut links: BTreeMap<u64, BTreeSet<u64>> = BTreeMap::new();
    for row in std::fs::read_to_string(folder.join("PostLinks.xml"))?.lines() {
        if let (Some(from), Some(to)) = (number(row, "PostId"), number(row, "RelatedPostId")) {
            links.entry(from).or_default().insert(to);
        }
    }
    let mut place = Place::default();
    for row in std::fs::read_to_string(folder.join("Posts.xml"))?.lines() {
        if let (Some(id), Some(1)) = (number(row, "Id"), number(row, "PostTypeId")) {
            let (title, body) =
                (attribute(row, "Title").unwrap_or_default(), attribute(row, "Body").unwrap_or_default());
            place.push(id, &title, &body, links.remove(&id).unwrap_or_default());
        }
    }
    Ok(place)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_and_figures() {
        let wanted = |list: &[u64]| list.iter().copied().collect::<BTreeSet<u64>>();
        assert_eq!(numbers("see x/t/a-slug/12/3 and x/t/7", "x/t/", true), wanted(&[7, 12]));
        assert_eq!(numbers("#5, #x, org/repo#61.", "#", false), wanted(&[5, 61]));
        let mut figures = Figures::default();
        let hits = [4, 9, 2].map(|text| Hit { text, score: 1.0 });
        figures.count(&hits, &BTreeSet::from([9, 7]));
        assert_eq!(figures.means(), [0.5, 0.5, 0.5]);
    }
}
