//! Similar threads against links that people set: a thread that links to older threads of its own place.
//!
//! The query is the thread's title and opening without its links; what has to be found are the older threads it or its
//! replies link to. Beside it BM25 alone (k1 1.2, b 0.75) over the same texts, letters and digits in lower case: with
//! each word of the query once, and with a word that the query repeats as often as it does. What counts is the
//! better. The settings were chosen on threads with an even place; those with an odd place were not looked at for it.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;

use rapport_insight::similar::{Hit, Index};
use serde_json::Value;

use crate::Fault;

/// Threads in order of time, and for each the numbers that its messages link to.
#[derive(Default)]
struct Place {
    numbers: Vec<u64>,
    texts: Vec<String>,
    links: Vec<BTreeSet<u64>>,
    /// When, in days since 1970.
    days: Vec<f32>,
}

impl Place {
    fn push(&mut self, number: u64, at: &str, title: &str, opening: &str, links: BTreeSet<u64>) {
        self.days.push(day(at));
        self.numbers.push(number);
        self.texts.push(format!("{title}\n{}", without_links(opening)));
        self.links.push(links);
    }
}

pub(super) fn similar(data: &Path) -> Result<(), Fault> {
    let mut places = vec![("forum".to_owned(), forum(data)?)];
    places.extend(issues(data)?);
    places.push(("questions".to_owned(), questions(data)?));
    let mut sums = [[[0.0; 3]; 2]; 2];
    for (name, place) in &places {
        for (sum, figures) in sums.iter_mut().zip(report(name, place)) {
            for (sum, more) in sum.iter_mut().zip(figures) {
                for (sum, more) in sum.iter_mut().zip(more) {
                    *sum += more / places.len() as f64;
                }
            }
        }
    }
    println!("means over {} places", places.len());
    for (half, [ours, words]) in HALVES.into_iter().zip(sums) {
        println!("  {half}  similar {}  BM25 {}  above it {}", three(ours), three(words), above(ours, words));
    }
    Ok(())
}

const HALVES: [&str; 2] = ["chosen on  ", "not seen   "];

fn three(figures: [f64; 3]) -> String {
    figures.map(|f| format!("{f:.3}")).join(" ")
}

fn above(ours: [f64; 3], words: [f64; 3]) -> String {
    let gains: Vec<String> =
        ours.iter().zip(words).map(|(a, b)| format!("{:+.0} %", (a / b - 1.0) * 100.0)).collect();
    gains.join("  ")
}

/// Both halves: ours, and the better of the two ways of asking BM25.
fn report(name: &str, place: &Place) -> [[[f64; 3]; 2]; 2] {
    let index = Index::new(&place.texts);
    let plain = Plain::new(&place.texts);
    let mut figures: [[Figures; 3]; 2] = Default::default();
    for (n, links) in place.links.iter().enumerate() {
        let wanted: BTreeSet<usize> = (0..n).filter(|older| links.contains(&place.numbers[*older])).collect();
        if wanted.is_empty() {
            continue;
        }
        let text = &place.texts[n];
        let [ours, once, often] = &mut figures[n % 2];
        ours.count(
            &index.find_lately(text, 50, |other| other >= n, |other| Some(place.days[n] - place.days[other])),
            &wanted,
        );
        once.count(&plain.find(text, 50, n, false), &wanted);
        often.count(&plain.find(text, 50, n, true), &wanted);
    }
    println!("{name}: {} threads; reciprocal rank, recall at 10, at 50", place.texts.len());
    let mut out = [[[0.0; 3]; 2]; 2];
    for ((half, [ours, once, often]), out) in HALVES.into_iter().zip(&figures).zip(&mut out) {
        let sum = |f: &Figures| f.means().iter().sum::<f64>();
        let best = if sum(once) > sum(often) { once } else { often };
        println!(
            "  {half}{:4} queries  similar {}  BM25 {} (words once {})  above the better {}",
            ours.asked,
            three(ours.means()),
            three(often.means()),
            three(once.means()),
            above(ours.means(), best.means())
        );
        *out = [ours.means(), best.means()];
    }
    out
}

/// BM25 as anybody would write it.
struct Plain {
    postings: HashMap<String, Vec<(usize, f32)>>,
    lengths: Vec<f32>,
}

impl Plain {
    fn words(text: &str) -> Vec<String> {
        let words = text.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty());
        words.map(str::to_lowercase).collect()
    }

    fn counted(text: &str) -> BTreeMap<String, f32> {
        let mut counts = BTreeMap::new();
        for word in Plain::words(text) {
            *counts.entry(word).or_insert(0.0) += 1.0;
        }
        counts
    }

    fn new(texts: &[String]) -> Plain {
        let mut postings: HashMap<String, Vec<(usize, f32)>> = HashMap::new();
        let mut lengths = Vec::new();
        for (n, text) in texts.iter().enumerate() {
            let counts = Plain::counted(text);
            lengths.push(counts.values().sum());
            for (word, times) in counts {
                postings.entry(word).or_default().push((n, times));
            }
        }
        Plain { postings, lengths }
    }

    fn find(&self, text: &str, most: usize, before: usize, repeated: bool) -> Vec<Hit> {
        let all = self.lengths.len() as f32;
        let usual = self.lengths.iter().sum::<f32>() / all;
        let mut scores = vec![0.0_f32; self.lengths.len()];
        for (word, times) in Plain::counted(text) {
            let Some(postings) = self.postings.get(&word) else { continue };
            let within = postings.len() as f32;
            let idf = (1.0 + (all - within + 0.5) / (within + 0.5)).ln();
            let weight = if repeated { times * idf } else { idf };
            for (text, n) in postings {
                let length = self.lengths[*text] / usual;
                scores[*text] += weight * n * 2.2 / (n + 1.2 * (0.25 + 0.75 * length));
            }
        }
        let mut hits: Vec<Hit> =
            (0..before).filter(|n| scores[*n] > 0.0).map(|text| Hit { text, score: scores[text] }).collect();
        hits.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.text.cmp(&b.text)));
        hits.truncate(most);
        hits
    }
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

/// A moment, as days since 1970.
fn day(at: &str) -> f32 {
    let at = if at.ends_with('Z') || at.is_empty() { at.to_owned() } else { format!("{at}Z") };
    rapport_model::Time::parse(&at).map_or(0.0, |t| (t.millis() / 3_600_000) as f32 / 24.0)
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
        place.push(
            number,
            text(&posts[0], "created_at"),
            text(&posts[0], "topic_title"),
            text(&posts[0], "raw"),
            links,
        );
    }
    Ok(place)
}

/// Each repository's archive; of several copies of one, the newest by name.
fn issues(data: &Path) -> Result<Vec<(String, Place)>, Fault> {
    let files = std::fs::read_dir(data.join("ietf-archive"))?.filter_map(Result::ok).map(|e| e.path());
    let mut files: Vec<_> = files.filter(|f| !f.to_string_lossy().contains(".20")).collect();
    files.sort();
    let mut places = Vec::new();
    for file in files {
        let archive: Value = serde_json::from_slice(&std::fs::read(&file)?)?;
        let lists = [&archive, &archive["issues"], &archive["pulls"]];
        let mut all: BTreeMap<u64, &Value> = BTreeMap::new();
        for issue in lists.into_iter().filter_map(Value::as_array).flatten() {
            all.insert(issue["number"].as_u64().unwrap_or(0), issue);
        }
        let mut place = Place::default();
        for (number, issue) in all {
            let mut links = numbers(text(issue, "body"), "#", false);
            for comment in issue["comments"].as_array().into_iter().flatten() {
                links.extend(numbers(text(comment, "body"), "#", false));
            }
            place.push(number, text(issue, "createdAt"), text(issue, "title"), text(issue, "body"), links);
        }
        let name = file.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
        places.push((name.split("__archive").next().unwrap_or(&name).to_owned(), place));
    }
    Ok(places)
}

/// The link itself must not give the answer away.
fn without_links(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    for word in text.split_inclusive(char::is_whitespace) {
        if word.contains("://") || word.contains("/t/") {
            // What stands before the link in one word stays: a tag, a bracket with its words.
            kept.push_str(word.split("http").next().unwrap_or(""));
            kept.push(' ');
        } else if !word.split('#').skip(1).any(|rest| rest.starts_with(|c: char| c.is_ascii_digit())) {
            kept.push_str(word);
        }
    }
    kept
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
            place.push(
                id,
                &attribute(row, "CreationDate").unwrap_or_default(),
                &title,
                &body,
                links.remove(&id).unwrap_or_default(),
            );
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
