//! `export-person`: everything that is held about a person, for that person to read.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::PathBuf;

use clap::Args;
use rapport_model::Time;
use rapport_model::naming::words;
use rapport_store::{Account, Consent, Held, HeldActivity, Wanted};
use serde::Serialize;
use serde_json::Value;

use super::add::parsed;
use super::person::person;
use super::{Answer, Desk, Verb, me};
use crate::fault::{Fault, FaultKind};
use crate::page::{count, dim, line, moment};

pub(crate) const VERB: Verb = Verb {
    name: "export-person",
    about: "Write everything that is held about a person, as JSON and to read",
    example: "rapport export-person ines.quandt@example.org --to ./letter",
    args: ExportPerson::augment_args,
    call: |desk, matches| export(desk, &parsed(matches)?),
};

/// Arguments of `export-person`.
#[derive(Args)]
struct ExportPerson {
    /// Who: a name in full, a login, an address or the numbers of all their accounts
    #[arg(required = true)]
    person: Vec<String>,
    /// A folder; made if it is not there
    #[arg(long, default_value = "person-export")]
    to: PathBuf,
}

/// Where others mention the person: the place, not other people's words.
#[derive(Serialize)]
struct Mention {
    source: String,
    at: Time,
    url: Option<String>,
    thread: Option<i64>,
}

#[derive(Serialize)]
struct Written {
    files: Vec<PathBuf>,
    accounts: usize,
    activities: u64,
    mentions: usize,
    elsewhere: usize,
}

fn export(desk: &Desk, args: &ExportPerson) -> Result<Answer, Fault> {
    let store = desk.reading()?;
    let found = person(&store, &args.person, &desk.program(), "export-person")?;
    let ids = found.ids();
    let first = ids.first().copied().unwrap_or_default();
    let names = found.names(&store)?;
    let strong: Vec<String> = names.iter().filter(|n| !n.weak).map(|n| words(&n.text)).collect();
    let (consent, answers) = (store.consent(first)?, store.answers(first)?);
    let elsewhere = store.held_elsewhere(&ids, &strong)?;
    let mut mentions: Vec<Mention> = Vec::new();
    for name in names.iter().filter(|n| !n.weak) {
        let wanted = Wanted {
            words: format!("\"{}\"", name.text.replace('"', " ")),
            most: 1_000,
            ..Wanted::default()
        };
        for hit in store.search(&wanted)? {
            if !mentions.iter().any(|m| m.url == hit.url && m.at == hit.at) {
                mentions.push(Mention { source: hit.source, at: hit.at, url: hit.url, thread: hit.thread });
            }
        }
    }
    mentions.sort_by(|a, b| (a.at, &a.url).cmp(&(b.at, &b.url)));

    let failed = |e: std::io::Error| Fault::new(FaultKind::Store, format!("{}: {e}", args.to.display()));
    std::fs::create_dir_all(&args.to).map_err(failed)?;
    let (json, page) = (args.to.join("person.json"), args.to.join("person.md"));
    let mut data = BufWriter::new(File::create(&json).map_err(failed)?);
    let mut read = BufWriter::new(File::create(&page).map_err(failed)?);
    read.write_all(head(desk, &found.shown(), &found.accounts, &consent, &answers).as_bytes())
        .map_err(failed)?;
    // Activities may be very many: they are written one after the other, never held.
    let part = |value: &dyn erased::Json| value.pretty();
    let begin = format!(
        "{{\n\"as_of\": {},\n\"accounts\": {},\n\"consent\": {},\n\"consent_answers\": {},\n\"mentioned_by_others\": {},\n\"elsewhere\": {},\n\"activities\": [",
        part(&desk.now)?,
        part(&found.accounts)?,
        part(&consent)?,
        part(&answers)?,
        part(&mentions)?,
        part(&elsewhere)?,
    );
    data.write_all(begin.as_bytes()).map_err(failed)?;
    writeln!(read, "\n## What you wrote and did\n").map_err(failed)?;
    let (mut n, mut wrong): (u64, Option<std::io::Error>) = (0, None);
    store.held_activities(&ids, &mut |activity| {
        let comma = if n == 0 { "\n" } else { ",\n" };
        n += 1;
        let wrote = data
            .write_all(comma.as_bytes())
            .and_then(|()| serde_json::to_writer(&mut data, &activity).map_err(std::io::Error::from))
            .and_then(|()| read.write_all(entry(&activity).as_bytes()));
        wrong = wrote.err();
        wrong.is_none()
    })?;
    if let Some(error) = wrong {
        return Err(failed(error));
    }
    data.write_all(b"\n]\n}\n").map_err(failed)?;
    read.write_all(tail(&mentions, &elsewhere).as_bytes()).map_err(failed)?;
    data.flush().and_then(|()| read.flush()).map_err(failed)?;
    drop(store);
    desk.writing()?.note("export-person", &format!("accounts {ids:?}: {n} activities"), &me(), desk.now)?;
    let written = Written {
        files: vec![json, page],
        accounts: ids.len(),
        activities: n,
        mentions: mentions.len(),
        elsewhere: elsewhere.iter().map(|held| held.rows.len()).sum(),
    };
    desk.answer(&written, || {
        let files: Vec<String> = written.files.iter().map(|f| format!("  {}\n", f.display())).collect();
        format!(
            "{}, {}, {} by others\n{}{}",
            count(written.accounts, "account", "accounts"),
            count(usize::try_from(n).unwrap_or(usize::MAX), "activity", "activities"),
            count(written.mentions, "mention", "mentions"),
            files.concat(),
            dim(&format!(
                "\nRead it before you send it. next: {} forget {}\n",
                desk.program(),
                args.person.join(" ")
            ))
        )
    })
}

/// Pretty JSON of anything, as one of the parts of the file.
mod erased {
    use super::Fault;

    pub(super) trait Json {
        fn pretty(&self) -> Result<String, Fault>;
    }
    impl<T: serde::Serialize> Json for T {
        fn pretty(&self) -> Result<String, Fault> {
            serde_json::to_string_pretty(self).map_err(|e| Fault::usage(e.to_string()))
        }
    }
}

fn yes(said: Option<bool>) -> &'static str {
    match said {
        Some(true) => "yes",
        Some(false) => "no",
        None => "never asked",
    }
}

fn head(desk: &Desk, name: &str, accounts: &[Account], consent: &Consent, answers: &[Consent]) -> String {
    let mut out = format!("# What is held about {}\n\nAs of {}. ", line(name, 120), moment(desk.now));
    out.push_str("The same, for programs, stands in `person.json`.\n\n## Accounts and addresses\n\n");
    out.push_str(
        "| no. | place | login | name | address | profile | kind, and why |\n|---|---|---|---|---|---|---|\n",
    );
    let cell = |text: Option<&str>| line(text.unwrap_or(""), 200).replace('|', "\\|");
    for a in accounts {
        out.push_str(&format!(
            "| {} | {} | {} | {} | {} | {} | {}: {} |\n",
            a.id,
            cell(Some(&a.place)),
            cell(a.handle.as_deref().or(Some(&a.key))),
            cell(a.name.as_deref()),
            cell(a.email.as_deref()),
            cell(a.title.as_deref()),
            a.member,
            cell(Some(&a.because))
        ));
    }
    out.push_str(&format!(
        "\n## What you agreed to\n\n- to be quoted by name: {}\n- to be written to: {}\n- to be introduced: {}\n",
        yes(consent.quote),
        yes(consent.contact),
        yes(consent.introduce)
    ));
    for a in answers {
        let at = a.at.map(moment).unwrap_or_default();
        let note = a.note.as_deref().map(|n| format!(": {}", line(n, 300))).unwrap_or_default();
        out.push_str(&format!(
            "- {at}, recorded by {}: quote {}, contact {}, introduce {}{note}\n",
            line(a.by.as_deref().unwrap_or("?"), 60),
            yes(a.quote),
            yes(a.contact),
            yes(a.introduce)
        ));
    }
    out
}

fn entry(a: &HeldActivity) -> String {
    let title =
        a.title.as_deref().filter(|t| !t.is_empty()).map(|t| format!(" in \u{201c}{}\u{201d}", line(t, 120)));
    let detail = a.detail.as_deref().map(|d| format!(" ({})", line(d, 60))).unwrap_or_default();
    let link = a.url.as_deref().map(|u| format!(", <{}>", line(u, 400))).unwrap_or_default();
    let gone = if a.deleted { ", deleted at the source" } else { "" };
    let mut out = format!(
        "### {} {}{detail}{}\n\n{}{link}{gone}\n\n",
        moment(a.at),
        a.act.as_str(),
        title.unwrap_or_default(),
        line(&a.source, 120)
    );
    for text in a.earlier.iter().chain([&a.text]).filter(|text| !text.is_empty()) {
        for row in text.lines() {
            out.push_str(&format!("> {}\n", row.replace('\r', "")));
        }
        out.push('\n');
    }
    out
}

fn tail(mentions: &[Mention], elsewhere: &[Held]) -> String {
    let mut out = String::from("\n## Where others mention you\n\n");
    if mentions.is_empty() {
        out.push_str("Nowhere, as far as the search tells.\n");
    }
    for m in mentions {
        let place = m.url.as_deref().map_or_else(|| format!("{} (no link)", m.source), |url| line(url, 400));
        out.push_str(&format!("- {} {place}\n", moment(m.at)));
    }
    for held in elsewhere {
        out.push_str(&format!("\n## {}\n\n", told(&held.table)));
        for row in &held.rows {
            let parts: Vec<String> = row
                .iter()
                .filter(|(_, value)| !value.is_null())
                .map(|(name, value)| format!("{name} {}", line(&plain(value), 300)))
                .collect();
            out.push_str(&format!("- {}\n", parts.join("; ")));
        }
    }
    out
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// What a table holds, in words.
fn told(table: &str) -> String {
    match table {
        "ledger" => "Which accounts were said to be one person, by whom and why",
        "suggestion" => "Accounts that might be yours, never confirmed",
        "consent" => "Answers about consent, as recorded",
        "choice" => "What was decided about your threads",
        "thread" => "What the program concluded about your threads, and why",
        "topic_place" => "Which topics your threads belong to",
        "audit" => "Lines of the audit log that are about you",
        "introduction" => "Who asked to be introduced to you",
        other => return format!("Also in {other}"),
    }
    .to_owned()
}
