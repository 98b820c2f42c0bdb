//! `demo`: an invented company's community, from its archives to a report.

use clap::Args;
use include_dir::{Dir, include_dir};
use rapport_model::Time;

use super::add::add_path;
use super::needs;
use super::{Answer, Desk, Verb};
use crate::config::FILE;
use crate::fault::Fault;
use crate::page::bold;
use crate::period::Period;
use crate::report::{gather, html, markdown};

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
/// The Monday on which the invented team looks at its weekend.
const MONDAY: &str = "2026-09-28T08:00:00Z";

/// The archives in the order a team would add them, older exports before newer ones, and the source's name where its
/// files do not tell it.
const ARCHIVES: [(&str, Option<&str>); 9] = [
    ("github/archive.2026-05.json", None),
    ("github/archive.json", None),
    ("forum", None),
    ("chat.2026-08", None),
    ("chat", None),
    ("list", None),
    ("relay-dev", None),
    ("qa", None),
    ("zulip", Some("tidewater")),
];

fn demo(desk: &Desk) -> Result<Answer, Fault> {
    let now = Time::parse(MONDAY).map_err(|e| Fault::usage(e.to_string()))?;
    let folder = desk.folder.with_file_name("rapport-demo");
    let demo = Desk { folder: folder.clone(), json: desk.json, now, fixed: true };
    let sources = folder.join("sources");
    std::fs::create_dir_all(&sources)?;
    WORLD.extract(&sources)?;
    std::fs::write(folder.join(FILE), DECLARED)?;
    let mut said = String::new();
    {
        let mut store = demo.writing()?;
        for (archive, name) in ARCHIVES {
            said.push_str(&add_path(&demo, &mut store, &sources.join(archive), name)?);
        }
    }
    let (config, store) = (demo.config()?, demo.reading()?);
    let report = gather::gather(&demo, &store, &config, Period::parse(Some("2026-Q3"), now)?)?;
    let page = folder.join("report.html");
    std::fs::write(&page, html::write(&report))?;
    std::fs::write(folder.join("report.md"), markdown::write(&report))?;
    let cards = needs::cards(&demo)?;
    demo.answer(&report, || {
        format!(
            "{}\n{said}\n{cards}\n{}\n  {}\n\nlook around:\n  rapport --data {f} --as-of {MONDAY} needs --all\n  rapport --data {f} \
             search webhook signature\n  rapport --data {f} metrics\n  rapport --data {f} sources\n\nthen your own:\n  rapport add <an export, archive or clone>\n",
            bold("The community of Tidewater Relay, an invented company"),
            bold("The third quarter as a report, for reading and print"),
            page.display(),
            f = folder.display()
        )
    })
}
