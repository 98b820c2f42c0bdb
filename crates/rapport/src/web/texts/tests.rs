//! That every text is there, is used, gets what it names, and can do nothing to a page.

use std::collections::{BTreeMap, BTreeSet};

use fluent_bundle::FluentResource;

use super::*;

static SOURCES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/src/web");
static TEMPLATES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/templates");

fn files(folder: &'static Dir<'static>) -> Vec<(String, &'static str)> {
    let mut all: Vec<(String, &str)> = folder
        .files()
        .map(|file| (file.path().display().to_string(), file.contents_utf8().unwrap()))
        .collect();
    all.extend(folder.dirs().flat_map(files));
    all.sort();
    all
}

/// Where texts are asked for: templates, and what runs of the code behind them.
fn asking() -> Vec<(String, &'static str)> {
    let mut all = files(&TEMPLATES);
    for (name, text) in files(&SOURCES).into_iter() {
        let runs = text.split("#[cfg(test)]").next().unwrap();
        if !name.ends_with("tests.rs") {
            all.push((name, runs));
        }
    }
    all
}

/// Name and pattern of every message of a language, by file; attributes are part of their message.
fn messages(language: &str) -> BTreeMap<String, (String, String)> {
    let mut all = BTreeMap::new();
    for file in FILES.get_dir(language).unwrap().files() {
        let (name, text) = (file.path().file_stem().unwrap(), file.contents_utf8().unwrap());
        if let Err((_, errors)) = FluentResource::try_new(text.to_owned()) {
            panic!("{}: {errors:?}", file.path().display());
        }
        let mut key = String::new();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            if let Some((begins, _)) = line.split_once(" =").filter(|_| line.starts_with(char::is_alphabetic))
            {
                begins.clone_into(&mut key);
                let before = all.insert(key.clone(), (name.to_string_lossy().into_owned(), String::new()));
                assert!(before.is_none(), "{language}: {key} is there twice");
            }
            if let Some((_, pattern)) = all.get_mut(&key) {
                pattern.push_str(line);
                pattern.push('\n');
            }
        }
    }
    all
}

/// `$name` of a pattern.
fn variables(pattern: &str) -> BTreeSet<&str> {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    pattern.split('$').skip(1).map(|rest| &rest[..rest.find(|c| !word(c)).unwrap_or(rest.len())]).collect()
}

/// The names of messages that stand in another: `{ today-head }`.
fn quoted<'a>(pattern: &'a str, all: &BTreeMap<String, (String, String)>) -> Vec<&'a str> {
    let inside = pattern.split("{ ").skip(1).filter_map(|rest| rest.split(" }").next());
    inside.filter(|name| all.contains_key(*name)).collect()
}

#[test]
fn every_text_is_used_and_every_text_that_is_asked_for_is_there() {
    let all = messages(ENGLISH);
    let asking = asking();
    let mut asked = BTreeSet::new();
    for (file, text) in &asking {
        for begin in ["t(\"", "key(\""] {
            for (at, _) in text.match_indices(begin) {
                if text[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_') {
                    continue;
                }
                let rest = &text[at + begin.len()..];
                let (key, rest) = rest.split_once('"').unwrap();
                let (_, pattern) = all.get(key).unwrap_or_else(|| panic!("{file} asks for '{key}'"));
                asked.insert(key);
                // What the message names is given to it before the expression ends, or before another text begins.
                let ends = if file.ends_with(".html") { ["}}", "}}"] } else { ["\n}\n", "t(\""] };
                let end = ends.iter().filter_map(|end| rest.find(end)).min().unwrap_or(rest.len());
                let given: String = rest[..end].split_whitespace().collect();
                let mut named = variables(pattern);
                named.extend(quoted(pattern, &all).iter().flat_map(|other| variables(&all[*other].1)));
                for name in named.iter().filter(|_| begin == "t(\"") {
                    let gets = [",", ")"].iter().any(|after| given.contains(&format!("(\"{name}\"{after}")));
                    assert!(gets, "{file}: '{key}' gets no '{name}'");
                }
            }
        }
    }
    let in_others: BTreeSet<&str> = all.values().flat_map(|(_, pattern)| quoted(pattern, &all)).collect();
    let unused: Vec<&String> =
        all.keys().filter(|key| !asked.contains(key.as_str()) && !in_others.contains(key.as_str())).collect();
    assert!(unused.is_empty(), "nobody says {unused:?}");
    assert!(asked.len() > 50, "only {} are asked for: the search is broken", asked.len());
    for (key, (file, _)) in &all {
        assert!(key.starts_with(&format!("{file}-")), "{key} does not belong into {file}.ftl");
    }
}

#[test]
fn no_text_is_markup_and_translations_name_what_english_names() {
    let english = messages(ENGLISH);
    for texts in ALL.iter() {
        for (key, (file, pattern)) in messages(&texts.language) {
            let place = format!("texts/{}/{file}.ftl: {key}", texts.language);
            let plain = pattern.replace("->", "");
            assert!(!plain.contains(['<', '>']) && !plain.contains("&amp;"), "{place} has markup");
            assert!(!plain.contains('\''), "{place}: an apostrophe is ’");
            let (_, original) = english.get(&key).unwrap_or_else(|| panic!("{place} is not in English"));
            let others =
                quoted(original, &english).into_iter().flat_map(|other| variables(&english[other].1));
            let known: BTreeSet<&str> = variables(original).into_iter().chain(others).collect();
            let strange: Vec<&str> = variables(&pattern).difference(&known).copied().collect();
            assert!(strange.is_empty(), "{place} names {strange:?}, which nobody gives it");
        }
    }
}

/// Texts as a language has them, without files.
fn made(text: &str) -> Texts {
    let mut messages = Bundle::new_concurrent(vec!["en".parse().unwrap()]);
    messages.set_use_isolating(false);
    messages.add_resource(FluentResource::try_new(text.to_owned()).unwrap()).unwrap();
    Texts { language: "xx".to_owned(), messages }
}

#[test]
fn what_is_given_to_a_text_stays_text() {
    let texts = made(
        "a = Look at { $all }, { $who }.\n    .all = all of { $who }\nn = { $n ->\n    [one] one\n   *[other] { $n }\n}\n",
    );
    let who = "<b>\u{e000}\" onload=x";
    assert_eq!(
        texts.t("a").link("all", "/x?a=\"&b").with("who", who).to_string(),
        "Look at <a href=\"/x?a=&#34;&#38;b\">all of &#60;b&#62;&#34; onload=x</a>, &#60;b&#62;&#34; onload=x."
    );
    assert_eq!(
        texts.t("a").tag("all", "em", "<i>\u{e000}").with("who", "").to_string(),
        "Look at <em>&#60;i&#62;\u{e000}</em>, ."
    );
    assert_eq!(texts.t("n").n("n", 1).to_string(), "one");
    assert_eq!(texts.t("n").n("n", 12_345).to_string(), "12345");
    // A number that is a text stays as it was written.
    assert_eq!(texts.t("n").with("n", "007").to_string(), "007");
}

#[test]
fn what_a_language_lacks_is_said_in_english_and_none_is_made_up() {
    let texts = made("page-show = Zeigen\npage-messages = { $who }\n");
    assert_eq!(texts.t("page-messages").n("n", 1).to_string(), "1 message");
    assert_eq!(texts.t("page-show").to_string(), "Zeigen");
    assert_eq!(texts.t("page-people").n("n", 2).to_string(), "2 people");
    let fault = Texts::of("xx").err().unwrap();
    assert!(
        fault.hints[0].starts_with("it is one of: ") && fault.hints[0].contains("en"),
        "{:?}",
        fault.hints
    );
    let said = ACCENTED.t("page-people").n("n", 2).to_string();
    assert_eq!(said, "2 ƥḗḗǿǿƥŀḗḗ");
}

/// What a template may say by itself: names of the program, of keys and of formats, and what is typed or read by machines.
const NAMES: [&str; 26] = [
    "e",
    "z",
    "Rapport",
    "rapport.toml",
    "j",
    "k",
    "c",
    "s",
    "m",
    "R",
    "E",
    "D",
    "F",
    "HTML",
    "Markdown",
    "JSON",
    "CSV",
    "P0",
    "P1",
    "P2",
    "P3",
    "q",
    "api",
    "openapi.json",
    "2026-Q3",
    "2026-W39",
];

/// What stands in an element or an attribute of a template, without its expressions and statements.
fn literal(template: &str) -> Vec<String> {
    let mut plain = String::new();
    let mut rest = template;
    while let Some(at) = rest.find('{') {
        let (before, after) = rest.split_at(at);
        plain.push_str(before);
        let end =
            [("{{", "}}"), ("{%", "%}"), ("{#", "#}")].into_iter().find(|(open, _)| after.starts_with(open));
        rest = match end {
            Some((_, close)) => {
                plain.push('\u{1}');
                after.split_once(close).unwrap().1
            }
            None => {
                plain.push('{');
                &after[1..]
            }
        };
    }
    plain.push_str(rest);
    let mut said = Vec::new();
    for (n, part) in plain.split('<').enumerate() {
        let (tag, text) = if n == 0 { ("", part) } else { part.split_once('>').unwrap_or((part, "")) };
        said.extend(text.split('\u{1}').map(str::to_owned));
        for name in ["aria-label", "title", "placeholder", "alt", "aria-description"] {
            let value = tag.split_once(&format!(" {name}=\"")).and_then(|(_, rest)| rest.split('"').next());
            said.extend(value.into_iter().flat_map(|value| value.split('\u{1}')).map(str::to_owned));
        }
    }
    said.retain(|text| !text.is_empty());
    said
}

/// Templates whose words are not in `texts/` yet.
const NOT_YET: [&str; 0] = [];

#[test]
fn templates_say_nothing_by_themselves() {
    assert_eq!(literal("a<p title=\"b{{ x }}c\">d{% if y %}e{# f #}</p>g"), ["a", "d", "e", "b", "c", "g"]);
    let mut broken = Vec::new();
    for (file, text) in files(&TEMPLATES) {
        if NOT_YET.contains(&file.as_str()) {
            continue;
        }
        for said in literal(text) {
            let words = said.replace("&amp;", "").replace("&#10;", "");
            let words = words.split(|c: char| c.is_whitespace() || ",;:()·/".contains(c));
            let strange: Vec<&str> =
                words.filter(|w| w.contains(char::is_alphabetic) && !NAMES.contains(w)).collect();
            if !strange.is_empty() {
                broken.push(format!("{file}: {}", said.trim()));
            }
        }
    }
    assert!(broken.is_empty(), "these words belong into texts/en:\n  {}", broken.join("\n  "));
}

#[test]
fn nor_does_the_code_behind_them() {
    let mut broken = Vec::new();
    for (file, text) in asking().into_iter().filter(|(file, _)| file.starts_with("pages")) {
        for line in text.lines().filter(|line| !line.trim_start().starts_with("//")) {
            let said = ["Frame::new(app, \"", "Fault::usage(\"", "Fault::usage(format!(", ".hint(\""];
            // Markup that is made here has words between its tags.
            let between = line.split("</").filter_map(|before| before.rsplit_once('>').map(|(_, text)| text));
            let words = |text: &str| text.starts_with(|c: char| c.is_ascii_alphabetic());
            if said.iter().any(|begin| line.contains(begin))
                || line.contains("</") && between.into_iter().any(words)
            {
                broken.push(format!("{file}: {}", line.trim()));
            }
        }
    }
    assert!(broken.is_empty(), "these words belong into texts/en:\n  {}", broken.join("\n  "));
}

#[test]
fn scripts_say_what_the_page_gives_them() {
    let scripts = [
        include_str!("../../../assets/app.js"),
        include_str!("../../../assets/chart.js"),
        include_str!("../../../assets/thread.js"),
    ];
    let says = |line: &str| {
        let said = ["textContent = ", "\"aria-label\", ", "placeholder = ", "title = ", "alert(", "confirm("];
        let literal = |rest: &str| rest.starts_with(['"', '`', '\'']);
        said.iter().any(|begin| line.split(begin).skip(1).any(literal))
    };
    assert!(says("  button.textContent = \"Copied\";") && !says("said.textContent = filled(text);"));
    let broken: Vec<&str> =
        scripts.iter().flat_map(|script| script.lines()).filter(|line| says(line)).collect();
    assert!(broken.is_empty(), "these words belong into texts/en: {broken:#?}");
}
