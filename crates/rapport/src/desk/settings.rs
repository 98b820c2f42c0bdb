//! `settings`: what holds in this folder, where each thing comes from, and how it is changed. What is a file stays a file.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use rapport_model::{NeedKind, Time};
use rapport_store::{Agreed, AuditLine, AuditWanted, Store};
use serde::Serialize;

use super::org::force::in_force;
use super::{Answer, Desk, Verb};
use crate::config::{Config, FILE};
use crate::fault::Fault;
use crate::page::{bold, dim, line, moment};
use crate::reference::config::keys;

pub(crate) const VERB: Verb = Verb {
    name: "settings",
    about: "What holds in this folder, where each setting comes from, and how it is changed",
    example: "rapport settings",
    args: |command| command,
    call: |desk, _| settings(desk),
};

/// All that holds.
#[derive(Serialize)]
struct Settings {
    version: &'static str,
    folder: String,
    bytes: u64,
    files: Vec<OneFile>,
    /// The last backup that was made from here, as the audit log has it.
    backup: Option<AuditLine>,
    backup_command: String,
    /// `rapport.toml`, and whether it is there.
    config: String,
    config_exists: bool,
    values: Vec<Value>,
    areas: Vec<Area>,
    needs: Needs,
    privacy: Agreed,
    as_of: Time,
}

/// A file of the data folder, or a folder in it with all that it holds.
#[derive(Serialize)]
struct OneFile {
    name: String,
    bytes: u64,
    what: &'static str,
}

/// One value of `rapport.toml`.
#[derive(Serialize)]
struct Value {
    section: String,
    key: String,
    value: String,
    about: String,
    /// The file says so; else it is the default.
    declared: bool,
    /// The line of the file.
    line: Option<usize>,
}

/// An area of needs that topics are told by.
#[derive(Serialize)]
struct Area {
    name: String,
    words: Vec<String>,
    examples: usize,
    from: String,
    change: String,
}

/// How a thread is judged to ask for something.
#[derive(Serialize)]
struct Needs {
    kinds: Vec<&'static str>,
    /// Sources whose labels and corrections the judgement learned from, and from how many texts.
    learned: Vec<(String, u32)>,
    within_working_days: f64,
    stale_after_days: u32,
}

fn settings(desk: &Desk) -> Result<Answer, Fault> {
    let store = desk.reading()?;
    let config = desk.config()?;
    let file = desk.folder.join(FILE);
    let text = std::fs::read_to_string(&file).ok();
    let files = files(&desk.folder)?;
    let last = AuditWanted { verb: Some("backup".to_owned()), most: 1, ..AuditWanted::default() };
    let p = desk.program();
    let said = Settings {
        version: env!("CARGO_PKG_VERSION"),
        folder: std::path::absolute(&desk.folder)
            .unwrap_or_else(|_| desk.folder.clone())
            .display()
            .to_string(),
        bytes: files.iter().map(|f| f.bytes).sum(),
        files,
        backup: store.audited(&last)?.1.into_iter().next(),
        backup_command: format!("{p} backup ./rapport-{}.sqlite", super::field::date(desk.now)),
        config: file.display().to_string(),
        config_exists: text.is_some(),
        values: values(&config, text.as_deref().unwrap_or_default()),
        areas: areas(desk, &config)?,
        needs: needs(&store, &config)?,
        privacy: store.agreed()?,
        as_of: desk.now,
    };
    desk.answer(&said, || told(&said, &p))
}

/// What lies in the folder, the largest first.
fn files(folder: &Path) -> Result<Vec<OneFile>, Fault> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)?.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        found.push(OneFile { bytes: size(&entry.path()), what: what(&name), name });
    }
    found.sort_by(|a, b| b.bytes.cmp(&a.bytes).then_with(|| a.name.cmp(&b.name)));
    Ok(found)
}

/// Bytes of a file, or of all that a folder holds; links are not followed.
fn size(path: &Path) -> u64 {
    let Ok(about) = std::fs::symlink_metadata(path) else { return 0 };
    if !about.is_dir() {
        return about.len();
    }
    let entries = std::fs::read_dir(path).map(Iterator::flatten);
    entries.map(|all| all.map(|entry| size(&entry.path())).sum()).unwrap_or(0)
}

fn what(name: &str) -> &'static str {
    match name {
        "rapport.sqlite" => "everything that was read, and everything the team said",
        "rapport.sqlite-wal" | "rapport.sqlite-shm" => {
            "what was written last, until the database takes it in"
        }
        "rapport.toml" => "settings",
        "org.toml" => "the organisation",
        "champions.toml" => "the criteria for champions",
        "secrets.toml" => "secrets: part of no backup and no export",
        "lock" => "who writes",
        "presets" => "what is usual at a kind of employer, in your words",
        "uploads" => "what is being dropped on a page",
        _ if name.contains(".sqlite") => "a copy of the database",
        _ => "",
    }
}

/// Every value that holds, in the order of the reference.
fn values(config: &Config, text: &str) -> Vec<Value> {
    let holds = toml::Table::try_from(config).unwrap_or_default();
    let file: toml::Table = text.parse().unwrap_or_default();
    let lines = lines(text);
    let mut all = Vec::new();
    let mut done: BTreeSet<String> = BTreeSet::new();
    let known = keys();
    let at = |table: &toml::Table, path: &[&str]| -> Option<toml::Value> {
        let (last, way) = path.split_last()?;
        let inner = way.iter().try_fold(table, |at, step| at.get(*step)?.as_table())?;
        inner.get(*last).cloned()
    };
    // Sections that everybody has.
    for (section, key, about) in known.iter().filter(|(s, _, _)| !s.contains('.')) {
        let path = [section.as_str(), key.as_str()];
        done.insert(path.join("."));
        all.push(Value {
            value: at(&holds, &path).map(|v| without_password(&v.to_string())).unwrap_or_default(),
            declared: at(&file, &path).is_some(),
            line: lines.get(&path.join(".")).copied(),
            about: about.clone(),
            section: section.clone(),
            key: key.clone(),
        });
    }
    // And what the owner named: departments, roles, single sources.
    for path in leaves(&file, &mut Vec::new()) {
        let joined = path.join(".");
        let words: Vec<&str> = path.iter().map(String::as_str).collect();
        // Areas are told of by themselves.
        if done.contains(&joined) || words[0] == "topics" {
            continue;
        }
        let (key, section) = words.split_last().map_or(("", String::new()), |(k, s)| (*k, s.join(".")));
        let alike = known.iter().find(|(s, k, _)| {
            let (a, b) = (s.split('.').collect::<Vec<_>>(), &words[..words.len() - 1]);
            a.len() == b.len()
                && a.first() == b.first()
                && a.get(2..) == b.get(2..)
                && (k == key
                    || s.starts_with("login.")
                    || s.starts_with("network.")
                    || s.starts_with("schedule."))
        });
        all.push(Value {
            value: at(&file, &words).map(|v| without_password(&v.to_string())).unwrap_or_default(),
            declared: true,
            line: lines.get(&joined).copied(),
            about: alike.map(|(_, _, about)| about.clone()).unwrap_or_default(),
            key: key.to_owned(),
            section,
        });
    }
    all
}

/// The paths of all keys that hold a value.
fn leaves(table: &toml::Table, before: &mut Vec<String>) -> Vec<Vec<String>> {
    let mut all = Vec::new();
    for (key, value) in table {
        before.push(key.clone());
        match value {
            toml::Value::Table(inner) => all.extend(leaves(inner, before)),
            _ => all.push(before.clone()),
        }
        before.pop();
    }
    all
}

/// On which line a key stands, by its path. What is written in an unusual way has none.
fn lines(text: &str) -> BTreeMap<String, usize> {
    let (mut section, mut found) = (String::new(), BTreeMap::new());
    for (n, row) in text.lines().enumerate() {
        let row = row.trim();
        if let Some(name) = row.strip_prefix('[').and_then(|l| l.split(']').next()) {
            section = name.replace('"', "");
        } else if let Some((key, _)) = row.split_once('=').filter(|_| !row.starts_with('#')) {
            found.entry(format!("{section}.{}", key.trim().trim_matches('"'))).or_insert(n + 1);
        }
    }
    found
}

/// An address may carry a login: it is not shown.
fn without_password(value: &str) -> String {
    let Some((before, rest)) = value.split_once("://") else { return value.to_owned() };
    match rest.split_once('@') {
        Some((login, after)) if !login.contains(['/', ' ', '"']) => format!("{before}://\u{2026}@{after}"),
        _ => value.to_owned(),
    }
}

fn areas(desk: &Desk, config: &Config) -> Result<Vec<Area>, Fault> {
    let declared = config.topics.iter().map(|(name, area)| Area {
        name: name.clone(),
        words: area.words.clone(),
        examples: area.examples.len(),
        from: FILE.to_owned(),
        change: format!("[topics.{}] in {FILE}", toml::Value::from(name.as_str())),
    });
    let mut all: Vec<Area> = declared.collect();
    let preset = in_force(desk)?.preset;
    let kind = preset.kind.as_str();
    let own = desk.folder.join("presets").join(format!("{kind}.toml"));
    let from = match own.is_file() {
        true => format!("presets/{kind}.toml"),
        false => format!("usual at an employer of the kind {kind}"),
    };
    all.extend(preset.areas.iter().map(|area| Area {
        name: area.id.as_str().to_owned(),
        words: area.words.clone(),
        examples: 0,
        from: from.clone(),
        change: format!("presets/{kind}.toml in the data folder"),
    }));
    Ok(all)
}

fn needs(store: &Store, config: &Config) -> Result<Needs, Fault> {
    let names: BTreeMap<i64, String> =
        store.sources()?.into_iter().map(|s| (s.id, s.name.as_str().to_owned())).collect();
    let learned = store.learned()?.into_iter();
    Ok(Needs {
        kinds: NeedKind::KNOWN.to_vec(),
        learned: learned.map(|l| (names.get(&l.source).cloned().unwrap_or_default(), l.examples)).collect(),
        within_working_days: config.answers.within_working_days,
        stale_after_days: config.answers.stale_after_days,
    })
}

fn told(s: &Settings, p: &str) -> String {
    let mut out = format!("{}   {}\n", bold(&format!("Rapport {}", s.version)), dim(&s.folder));
    #[allow(clippy::cast_precision_loss)] // a size to read
    let mib = s.bytes as f64 / 1_048_576.0;
    out.push_str(&format!("  {mib:.1} MiB in {} files\n", s.files.len()));
    match &s.backup {
        Some(b) => out.push_str(&format!(
            "  last backup {} by {}: {}\n",
            moment(b.at),
            line(&b.who, 40),
            line(&b.what, 120)
        )),
        None => out.push_str(&format!("  no backup was made from here: {}\n", s.backup_command)),
    }
    out.push_str(&format!(
        "\n{}{}\n",
        s.config,
        if s.config_exists { "" } else { " (not there: the defaults hold)" }
    ));
    for v in &s.values {
        let from = match (v.declared, v.line) {
            (true, Some(n)) => format!("line {n}"),
            (true, None) => "the file".to_owned(),
            _ => "default".to_owned(),
        };
        let name = format!("{}.{}", v.section, v.key);
        out.push_str(&format!("  {name:<34} {:<40} {}\n", line(&v.value, 60), dim(&from)));
    }
    out.push_str("\nareas of needs\n");
    for a in &s.areas {
        out.push_str(&format!(
            "  {:<24} {:<60} {}\n",
            line(&a.name, 24),
            line(&a.words.join(", "), 60),
            dim(&a.from)
        ));
    }
    let g = &s.privacy;
    out.push_str(&format!(
        "\nforgotten: {}; by name: {} yes, {} no; written to: {} yes, {} no; introduced: {} yes, {} no\n",
        g.forgotten, g.quote_yes, g.quote_no, g.contact_yes, g.contact_no, g.introduce_yes, g.introduce_no
    ));
    out.push_str(&dim(&format!(
        "\nnext: {p} audit \u{b7} {p} account list \u{b7} {p} hooks \u{b7} {p} backup FILE\n"
    )));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_value_says_where_it_comes_from() {
        let text = "[community]\nname = \"tidewater\"\n\n[network]\nproxy = \"http://mara:word@proxy.example:1\"\n[deliver.product]\nowner = \"Ida\"\n[login.roles]\nhead = [\"leads\"]\n";
        let config: Config = toml::from_str(text).unwrap();
        let all = values(&config, text);
        let of = |s: &str, k: &str| all.iter().find(|v| v.section == s && v.key == k).unwrap();
        let name = of("community", "name");
        assert_eq!((name.value.as_str(), name.declared, name.line), ("\"tidewater\"", true, Some(2)));
        assert!(
            !of("answers", "stale-after-days").declared && of("answers", "stale-after-days").value == "180"
        );
        assert!(!of("network", "proxy").value.contains("word"), "a password is not shown");
        assert_eq!(of("deliver.product", "owner").line, Some(7));
        assert!(of("login.roles", "head").about.contains("the values that give it"));
        assert!(all.iter().all(|v| !v.about.is_empty()), "each with what it means");
    }
}
