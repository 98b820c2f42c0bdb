//! What each fixture means, written beside it for people to read: `<version>.expected.json`.
//! `RAPPORT_BLESS=1 cargo test -p rapport-sources` writes them anew; the difference is what is to be judged.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use rapport_model::{Activity, Record, ThreadRef};
use rapport_sources::{Archive, CONNECTORS, detect};
use serde_json::{Map, Value, json};

use crate::fixtures::{Fixture, Read, of, root};

/// What is filled of an activity, in one line.
fn line(a: &Activity) -> Value {
    let Value::Object(all) = serde_json::to_value(a).unwrap() else { unreachable!() };
    let empty = |v: &Value| matches!(v, Value::Null | Value::Bool(false)) || *v == json!("");
    let mut kept: Map<String, Value> = all.into_iter().filter(|(_, v)| !empty(v)).collect();
    let thread = match &a.thread {
        ThreadRef::None => None,
        ThreadRef::Key(key) if *key == a.key => Some("its own".to_owned()),
        ThreadRef::Key(key) => Some(key.to_string()),
        ThreadRef::Of(key) => Some(format!("that of {key}")),
    };
    kept.remove("thread");
    kept.extend(thread.map(|t| ("thread".to_owned(), json!(t))));
    Value::Object(kept)
}

/// The newest state of each activity, in the order read.
fn states(read: &Read) -> BTreeMap<String, [u8; 16]> {
    let all = read.iter().flat_map(|(_, heard)| &heard.records).flat_map(|r| &r.activities);
    all.map(|a| (a.key.to_string(), a.digest())).collect()
}

fn keys<'r>(read: &'r Read, which: impl Fn(&Record, &Activity) -> bool + 'r) -> BTreeSet<String> {
    let records = read.iter().flat_map(|(_, heard)| &heard.records);
    records
        .flat_map(|r| r.activities.iter().map(move |a| (r, a)))
        .filter(|(r, a)| which(r, a))
        .map(|(_, a)| a.key.to_string())
        .collect()
}

/// What a newer archive tells that an older one did not.
pub(crate) struct Since {
    /// Not met before.
    pub(crate) new: Vec<String>,
    /// The same key with another digest.
    pub(crate) edited: Vec<String>,
    /// Marked as deleted, or missing in a thread that is told as a whole.
    pub(crate) gone: Vec<String>,
}

/// Compares two states of one place.
pub(crate) fn since(older: &Read, newer: &Read) -> Since {
    let (before, after) = (states(older), states(newer));
    let new = after.keys().filter(|key| !before.contains_key(*key)).cloned().collect();
    let deleted = keys(newer, |_, a| a.deleted);
    let edited = after.iter().filter(|(key, digest)| {
        !deleted.contains(*key) && before.get(*key).is_some_and(|old| old != *digest)
    });
    let whole: BTreeSet<String> = newer
        .iter()
        .flat_map(|(_, heard)| &heard.records)
        .filter_map(|r| r.whole.as_ref())
        .map(ToString::to_string)
        .collect();
    let mut gone: Vec<String> = deleted.iter().filter(|key| before.contains_key(*key)).cloned().collect();
    let of_whole = keys(older, |r, _| r.whole.as_ref().is_some_and(|w| whole.contains(w.as_str())));
    gone.extend(of_whole.into_iter().filter(|key| !after.contains_key(key)));
    Since { new, edited: edited.map(|(key, _)| key.clone()).collect(), gone }
}

fn list(out: &mut String, indent: &str, name: &str, values: &[Value], comma: &str) {
    if values.is_empty() {
        writeln!(out, "{indent}\"{name}\": []{comma}").unwrap();
        return;
    }
    let lines: Vec<String> = values.iter().map(|v| format!("{indent}  {v}")).collect();
    writeln!(out, "{indent}\"{name}\": [\n{}\n{indent}]{comma}", lines.join(",\n")).unwrap();
}

fn meaning(fixture: &Fixture, older: Option<&Fixture>) -> String {
    let archive = Archive::open(&fixture.path).unwrap();
    let (connector, detected) = detect(&archive).into_iter().next().unwrap();
    let read = fixture.read(&|_| None);
    let source = format!("{}:{}", connector.about().name, detected.what);
    let mut out = format!("{{\n  \"source\": {},\n  \"why\": {},\n", json!(source), json!(detected.why));
    if let Some(older) = older {
        let since = since(&older.read(&|_| None), &read);
        out.push_str("  \"since_older\": {\n");
        for (name, keys, comma) in
            [("new", since.new, ","), ("edited", since.edited, ","), ("gone", since.gone, "")]
        {
            writeln!(out, "    \"{name}\": {}{comma}", json!(keys)).unwrap();
        }
        out.push_str("  },\n");
    }
    out.push_str("  \"items\": [\n");
    for (n, (name, heard)) in read.iter().enumerate() {
        let inside = heard.records.iter().flat_map(|r| &r.rejects);
        let rejects: Vec<Value> =
            heard.rejects.iter().chain(inside).map(|r| json!(format!("{}: {}", r.at, r.why))).collect();
        let activities: Vec<Value> = heard.records.iter().flat_map(|r| &r.activities).map(line).collect();
        writeln!(
            out,
            "    {{\n      \"item\": {},\n      \"records\": {},",
            json!(name),
            heard.records.len()
        )
        .unwrap();
        list(&mut out, "      ", "activities", &activities, ",");
        list(&mut out, "      ", "rejects", &rejects, "");
        out.push_str(if n + 1 < read.len() { "    },\n" } else { "    }\n" });
    }
    out.push_str("  ]\n}\n");
    out
}

#[test]
fn each_fixture_means_what_is_written_beside_it() {
    let bless = std::env::var_os("RAPPORT_BLESS").is_some();
    let mut wrong = Vec::new();
    for connector in CONNECTORS {
        let all = of(*connector);
        for fixture in &all {
            let older = all.iter().find(|o| o.version == "older" && fixture.version == "newer");
            let found = meaning(fixture, older);
            let _: Value = serde_json::from_str(&found).expect("the summary is JSON");
            let path = root().join(connector.about().name).join(format!("{}.expected.json", fixture.version));
            if bless {
                std::fs::write(&path, &found).unwrap();
            } else if std::fs::read_to_string(&path).unwrap_or_default() != found {
                let differs = path.with_extension("json.found");
                wrong.push(format!("{}\n{found}", differs.display()));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "another meaning than is written; RAPPORT_BLESS=1 writes it anew:\n{}",
        wrong.join("\n")
    );
}
