//! `demo`: an invented company's community, from its archives to a report.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use clap::Args;
use include_dir::{Dir, include_dir};
use rapport_model::Time;
use serde::Deserialize;
use serde_json::Value;

use super::add::add_path;
use super::needs;
use super::people::link::link;
use super::{Answer, Desk, Verb};
use crate::cli;
use crate::config::FILE;
use crate::fault::Fault;
use crate::page::bold;
use crate::period::Period;
use crate::report::{gather, html, markdown, overview};

pub(crate) const VERB: Verb = Verb {
    name: "demo",
    about: "The community of an invented company, from its archives to a report",
    example: "rapport demo",
    args: Demo::augment_args,
    call: |desk, _| demo(desk),
};

/// Arguments of `demo`.
#[derive(Args)]
struct Demo {}

/// The invented community's archives.
pub(crate) static WORLD: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../company/sources");
const DECLARED: &str = include_str!("../../../../company/rapport.toml");
const ORGANISATION: &str = include_str!("../../../../company/org.toml");
/// The Monday on which the invented team looks at its weekend.
const MONDAY: &str = "2026-09-28T08:00:00Z";

const ARCHIVES: &str = include_str!("../../../../company/archives.toml");

#[derive(Deserialize)]
struct Archives {
    archive: Vec<Listed>,
}

/// One archive of the invented community.
#[derive(Deserialize)]
struct Listed {
    path: String,
    name: Option<String>,
}

fn demo(desk: &Desk) -> Result<Answer, Fault> {
    let now = Time::parse(MONDAY).map_err(|e| Fault::usage(e.to_string()))?;
    let folder = desk.folder.with_file_name("rapport-demo");
    let demo = Desk { folder: folder.clone(), json: desk.json, now, fixed: true, role: desk.role };
    let sources = folder.join("sources");
    std::fs::create_dir_all(&sources)?;
    WORLD.extract(&sources)?;
    std::fs::write(folder.join(FILE), DECLARED)?;
    std::fs::write(folder.join("org.toml"), ORGANISATION)?;
    let mut said = String::new();
    {
        let mut store = demo.writing()?;
        let listed: Archives = toml::from_str(ARCHIVES).map_err(|e| Fault::usage(e.to_string()))?;
        for Listed { path, name } in listed.archive {
            let archive = sources.join(path);
            let archive = match archive.extension().is_some_and(|e| e == "fast-import") {
                true => match clone(&archive) {
                    Ok(clone) => clone,
                    Err(why) => {
                        said.push_str(&format!("  {:<46} left out: {why}\n", "git"));
                        continue;
                    }
                },
                false => archive,
            };
            said.push_str(&add_path(&demo, &mut store, &archive, name.as_deref())?);
        }
    }
    {
        let config = demo.config()?;
        link(&demo, &mut demo.writing()?, &config, false)?;
    }
    let loops = play(&folder)?;
    let (config, store) = (demo.config()?, demo.reading()?);
    let report = gather::gather(&demo, &store, &config, Period::parse(Some("2026-Q3"), now)?)?;
    let page = folder.join("report.html");
    let document = overview::page(&report);
    std::fs::write(&page, html::write(&document))?;
    std::fs::write(folder.join("report.md"), markdown::write(&document))?;
    let cards = needs::cards(&demo)?;
    demo.answer(&report, || {
        format!(
            "{}\n{said}\n{cards}\n{loops}{}\n  {}\n\nlook around:\n  rapport --data {f} --as-of {MONDAY} serve     all of it in a browser\n  rapport --data {f} --as-of {MONDAY} needs --all\n  rapport --data {f} \
             --as-of {MONDAY} search webhook signature\n  rapport --data {f} --as-of {MONDAY} metrics\n  rapport --data {f} --as-of {MONDAY} org show\n  rapport --data {f} --as-of {MONDAY} focus\n  rapport --data {f} sources\n\nthen your own:\n  rapport add <an export, archive or clone>\n",
            bold("The community of Tidewater Relay, an invented company"),
            bold("The third quarter as a report, for reading and print"),
            page.display(),
            f = folder.display()
        )
    })
}

/// The loop, played once: what comes back most becomes feedback, reaches Product, and is accepted for a release.
fn play(folder: &Path) -> Result<String, Fault> {
    let ask = |words: &[&str]| -> Result<Value, Fault> {
        let place = [
            "--data".to_owned(),
            folder.display().to_string(),
            format!("--as-of={MONDAY}"),
            "--json".to_owned(),
        ];
        let call: Vec<String> = place.into_iter().chain(words.iter().map(|&word| word.to_owned())).collect();
        serde_json::from_str(&cli::answer(&call)?.json).map_err(|e| Fault::usage(e.to_string()))
    };
    if ask(&["feedback"])?.as_array().is_some_and(Vec::is_empty) {
        let topics = ask(&["topics"])?;
        let Some(topic) = topics[0]["id"].as_u64() else { return Ok(String::new()) };
        let topic = format!("--topic={topic}");
        ask(&["feedback", "new", &topic, "--title=Say which bytes a webhook signature covers on a retry"])?;
        ask(&["feedback", "deliver", "--by-hand=in the feedback round", "--yes", "1"])?;
        ask(&["feedback", "answer", "--accept", "--release=3.1", "--by=Ida Holm", "1"])?;
    }
    let row = &ask(&["feedback"])?[0];
    let text = |key: &str| row[key].as_str().unwrap_or_default().to_owned();
    Ok(format!(
        "{}\n  {}: {}; {} people asked\n  rapport --data {} --as-of {MONDAY} feedback show 1\n\n",
        bold("What they need became feedback"),
        text("title"),
        text("waiting"),
        row["asked"],
        folder.display()
    ))
}

/// Makes a repository of a recorded history, beside it.
fn clone(stream: &Path) -> std::io::Result<PathBuf> {
    let place = stream.with_extension("git");
    if place.exists() {
        return Ok(place);
    }
    let git = |args: &[&str], input: Stdio| {
        let done = Command::new("git").arg("-C").arg(&place).args(args).stdin(input).output()?;
        if done.status.success() {
            return Ok(());
        }
        Err(std::io::Error::other(String::from_utf8_lossy(&done.stderr).trim().to_owned()))
    };
    std::fs::create_dir_all(&place)?;
    let made = git(&["init", "-q", "--bare"], Stdio::null())
        .and_then(|()| git(&["fast-import", "--quiet"], std::fs::File::open(stream)?.into()));
    if made.is_err() {
        let _ = std::fs::remove_dir_all(&place); // half a clone would be taken for a whole one
    }
    made.map(|()| place)
}
