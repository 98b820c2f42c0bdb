//! What the pages say stands in `texts/`: served in a made-up language in which each of our letters has an accent, whatever
//! has none is from the community's data or from a verb. And longer words do not push a telephone's page sideways.

use std::collections::BTreeSet;
use std::ffi::OsStr;

use serde_json::{Value, json};

use crate::web::{Served, browser, every_page, node};
use crate::world::{Desk, MONDAY};

/// Serves in the made-up language, which a release does not know.
fn made_up(desk: &Desk) -> Served {
    let mut command = desk.command();
    command.env("RAPPORT_MADE_UP_LANGUAGE", "1");
    Served::by(command, &[]).0
}

/// What a page says and shows to a person: texts between tags, and the attributes that are read out or shown. Left out are
/// commands and names of the program (`code`), what a verb says as a terminal does (`pre`), a verb's own pages
/// (`article class="brief"`), and what people wrote (`class="text"`).
fn visible(page: &str) -> Vec<String> {
    const LEFT_OUT: [(&str, &str); 7] = [
        ("<script", "</script>"),
        ("<code", "</code>"),
        ("<pre", "</pre>"),
        ("<article class=\"brief\"", "</article>"),
        ("<div class=\"text\"", "</div>"),
        ("<blockquote", "</blockquote>"),
        ("<textarea", "</textarea>"),
    ];
    let mut page = page.to_owned();
    for (open, close) in LEFT_OUT {
        while let Some(at) = page.find(open) {
            let inner = page[at..].find('>').map_or(at, |end| at + end + 1);
            let end = page[inner..].find(close).map_or(page.len(), |end| inner + end);
            // The tag itself stays: it may have a label.
            let tag = page[at..inner].replacen(open, "<left-out", 1);
            page.replace_range(at..end, &tag);
        }
    }
    let mut said = Vec::new();
    for part in page.split('<').skip(1) {
        let (tag, text) = part.split_once('>').unwrap_or((part, ""));
        said.push(text);
        for name in [" aria-label=\"", " title=\"", " placeholder=\"", " alt=\""] {
            said.extend(tag.split(name).skip(1).filter_map(|rest| rest.split('"').next()));
        }
    }
    let marks = [("&quot;", "\""), ("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")];
    let coded = [("&#34;", "\""), ("&#39;", "'"), ("&#60;", "<"), ("&#62;", ">"), ("&#38;", "&")];
    let plain = |text: &str| {
        let text = coded.iter().chain(&marks).fold(text.to_owned(), |text, (code, c)| text.replace(code, c));
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    said.into_iter().map(plain).filter(|text| !text.is_empty()).collect()
}

/// The pieces of a text that are none of ours: between our letters and between marks of punctuation.
fn foreign(text: &str) -> Vec<String> {
    const OURS: &str = "ȧƀƈḓḗƒɠħīĵķŀḿƞǿƥɋřşŧŭṽẇẋẏẑȦƁƇḒḖƑƓĦĪĴĶĿḾȠǾƤɊŘŞŦŬṼẆẊẎẐ";
    let ends = |c: char| OURS.contains(c) || "()·,;:“”‘’…".contains(c);
    let pieces = text.split(ends).map(|piece| {
        // Numbers that stand beside a word say nothing.
        piece.trim_matches(|c: char| c.is_ascii_digit() || c.is_whitespace() || c == '.').to_lowercase()
    });
    // One letter is a key, or the unit that a number has in a drawing of the server.
    pieces.filter(|piece| piece.chars().filter(|c| c.is_alphabetic()).count() > 1).collect()
}

/// All texts of an answer, and its names as a table heads its columns.
fn texts_of(value: &Value, all: &mut Vec<String>) {
    match value {
        Value::String(text) => all.push(text.clone()),
        Value::Array(parts) => parts.iter().for_each(|part| texts_of(part, all)),
        Value::Object(parts) => {
            // A page says what somebody did in one go.
            if let (Some(act), Some(detail)) = (parts.get("act"), parts.get("detail")) {
                all.push(format!(
                    "{} {}",
                    act.as_str().unwrap_or_default(),
                    detail.as_str().unwrap_or_default()
                ));
            }
            for (key, part) in parts {
                all.push(key.trim_start_matches("/api/").replace(['_', '/'], " "));
                texts_of(part, all);
            }
        }
        _ => {}
    }
}

/// What the verbs say of this world, in lower case and on one line.
fn told(desk: &Desk, served: &Served, paths: &[String]) -> String {
    let mut asked: Vec<String> = [
        "needs?all=true",
        "topics",
        "topics/show?topic=1",
        "trends",
        "trends?by=source",
        "gaps",
        "metrics",
        "metrics?months=true",
        "metrics?name=late&rows=true",
        "metrics?name=contributors&behind=contributors",
        "metrics?name=time-to-first-response&behind=n",
        "sources",
        "search?words=webhook",
        "feedback/list",
        "feedback/show?feedback=1",
        "feedback/show?feedback=2",
        "evidence",
        "people",
        "people/show?who=1",
        "people/suggest?top=1000",
        "people/recognise",
        "people/recognise?period=2026-Q3&ours=true",
        "champions/review",
        "champions/criteria",
        "focus",
        "org/show",
        "org/kinds",
        "org/check",
        "docs/gaps",
        "settings",
        "audit",
        "hooks",
        "account/list",
        "feeds/list",
        "roster/list",
        "roster/show?name=1",
        "roster/definitions",
        "friction/list",
        "events",
        "events?past=true&days=400",
        "events?calls=true&days=365",
        "notes/list",
        "talks/list",
        "talks/deadlines",
        "notes/report?event=Harbour+Dev+Days+2026",
        "relations",
        "openapi.json",
    ]
    .map(|path| format!("/api/{path}"))
    .to_vec();
    asked.extend(
        paths
            .iter()
            .filter_map(|path| Some(format!("/api/thread?thread={}", path.strip_prefix("/thread/")?))),
    );
    let mut all = Vec::new();
    for path in asked {
        let (status, body) = served.ask("GET", &path, &[], "");
        assert_eq!(status, 200, "{path}: {body}");
        texts_of(&serde_json::from_str(&body).unwrap(), &mut all);
    }
    all.push(desk.text(&["reference", "metrics"]));
    let refused = desk.run(&["org", "what-if", "line", "of", "nobody", "to", "nowhere"]);
    all.push(String::from_utf8(refused.stderr).unwrap());
    // A page leaves out what would turn its line around.
    let turns =
        |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    all.iter_mut().for_each(|text| text.retain(|c| !turns(c)));
    let words: Vec<&str> = all.iter().flat_map(|text| text.split_whitespace()).collect();
    words.join(" ").to_lowercase()
}

#[test]
fn every_word_of_ours_has_its_text() {
    let page = "<p title=\"Ƥee\">ŧŧ by Ann Lee · <code>rapport x</code></p><pre aria-label=\"said\">no</pre>";
    assert_eq!(visible(page), ["ŧŧ by Ann Lee ·", "Ƥee", "said"]);
    assert_eq!(foreign("ŧŧ by Ann Lee · Ɠo"), ["by ann lee"]);
    let (desk, paths) = every_page();
    let served = made_up(&desk);
    let told = told(&desk, &served, &paths);
    // Names that are the same in every language.
    let names = [
        "rapport",
        "html",
        "markdown",
        "json",
        "csv",
        "2026-q3",
        "2026-w39",
        "rapport.toml",
        "/api/openapi.json",
        "viewer",
        "steward",
    ];
    let mut pages: Vec<(String, String)> =
        paths.iter().map(|path| (path.clone(), served.ask("GET", path, &[], "").1)).collect();
    // The way in, where others may come.
    let mut shared = desk.command();
    shared.env("RAPPORT_MADE_UP_LANGUAGE", "1");
    let (shared, said) = Served::by(shared, &["--public-url", "https://desk.example.org"]);
    let setup = format!("/setup?key={}", said.trim().split("/setup?key=").nth(1).unwrap());
    for path in ["/login", &setup] {
        let (status, page) = shared.ask("GET", path, &[("Host", "desk.example.org")], "");
        assert_eq!(status, 200, "{path}");
        pages.push((path.to_owned(), page));
    }
    let mut strange = BTreeSet::new();
    let mut ours = 0;
    for (path, page) in &pages {
        for said in visible(page) {
            ours += usize::from(foreign(&said).join("") != said.to_lowercase());
            for piece in foreign(&said) {
                if !names.contains(&piece.as_str()) && !told.contains(&piece) {
                    strange.insert(format!("{path}: '{piece}' in '{said}'"));
                }
            }
        }
    }
    assert!(ours > 2_000, "only {ours}: the pages speak English");
    let strange: Vec<String> = strange.into_iter().collect();
    assert!(strange.is_empty(), "neither from a verb nor from texts/en:\n  {}", strange.join("\n  "));
}

#[test]
fn longer_words_have_room_on_a_telephone() {
    let Some((chromium, modules)) = browser() else { return };
    let (desk, mut paths) = every_page();
    // Threads all look alike.
    paths.retain(|path| !path.starts_with("/thread/") || path == "/thread/1");
    let served = made_up(&desk);
    let base = format!("http://{}", served.at);
    let mut args: Vec<&OsStr> = vec![chromium.as_os_str(), modules.as_os_str(), base.as_ref(), "-".as_ref()];
    args.extend(paths.iter().map(|path| -> &OsStr { path.as_ref() }));
    let said = node("pages.mjs", &args);
    for line in said.lines() {
        let found: Value = serde_json::from_str(line).unwrap();
        assert_eq!(found["narrow"], json!([]), "{} at 390 px", found["path"]);
        assert_eq!(found["axe"], json!([]), "{}", found["path"]);
    }
    assert_eq!(said.lines().count(), paths.len() * 2);
}

#[test]
fn the_language_is_chosen_in_the_owners_file() {
    let desk = Desk::new();
    let file = desk.0.path().join("rapport.toml");
    desk.json(&["add", crate::world::company().join("list").to_str().unwrap()]);
    std::fs::write(&file, "[web]\nlanguage = \"en\"\n").unwrap();
    let (_, page) = Served::new(&desk).ask("GET", "/", &[], "");
    assert!(page.contains("<html lang=\"en\">"), "{page}");
    std::fs::write(&file, "[web]\nlanguage = \"tlh\"\n").unwrap();
    let refused = desk.run(&["--as-of", MONDAY, "serve", "--listen", "127.0.0.1:0"]);
    let said = String::from_utf8_lossy(&refused.stderr);
    assert!(
        !refused.status.success() && said.contains("no texts for 'tlh'") && said.contains("it is one of: "),
        "{said}"
    );
}
