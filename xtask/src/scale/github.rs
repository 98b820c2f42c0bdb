//! A repository's `archive.json`: issues first, then change requests.

use std::io::Write;
use std::path::Path;

use serde_json::json;

use super::{Quota, create};
use crate::Fault;
use crate::mill::{Made, Mill};
use crate::random::Random;
use crate::when::iso;
use crate::world::NOW;

/// Writes one repository.
pub(crate) fn write(
    mill: &Mill<'_>,
    random: &mut Random,
    path: &Path,
    repo: &str,
    most: u64,
) -> Result<u64, Fault> {
    let mut out = create(path)?;
    write!(
        out,
        "{{\"magic\":\"E!vIA5L86J2I\",\"timestamp\":\"{NOW}\",\"repo\":\"tidewater-relay/{repo}\",\"labels\":[],\"issues\":["
    )?;
    let pulls = most / 5;
    let issues = list(mill, random, &mut out, repo, false, most - pulls)?;
    out.write_all(b"],\"pulls\":[")?;
    let pulls = list(mill, random, &mut out, repo, true, pulls)?;
    out.write_all(b"]}\n")?;
    out.flush()?;
    Ok(issues + pulls)
}

fn list(
    mill: &Mill<'_>,
    random: &mut Random,
    out: &mut impl Write,
    repo: &str,
    pull: bool,
    most: u64,
) -> Result<u64, Fault> {
    let mut quota = Quota::new(most);
    let mut nth = 0_u64;
    while quota.left() > 0 {
        // Issues and change requests share one count, as in a real repository: every fifth is a change request.
        let number = if pull { nth * 5 + 5 } else { nth + nth / 4 + 1 };
        let begins = mill.begins(random, quota.share());
        let made = mill.thread(random, begins, quota.left());
        let said = made.messages.len() as u64;
        let ends = made.answered && random.percent(75) && quota.left() > said;
        quota.written += said + u64::from(ends);
        if nth > 0 {
            out.write_all(b",\n")?;
        }
        serde_json::to_writer(&mut *out, &thread(&made, repo, number, pull, ends))?;
        nth += 1;
    }
    Ok(quota.written)
}

fn thread(made: &Made, repo: &str, number: u64, pull: bool, ends: bool) -> serde_json::Value {
    let (first, rest) = (&made.messages[0], &made.messages[1..]);
    let last = made.messages.last().map_or(first.at, |m| m.at);
    let comments: Vec<_> = rest
        .iter()
        .map(|m| {
            json!({ "author": m.who.handle, "authorAssociation": if m.who.staff { "MEMBER" } else { "NONE" },
                "body": m.text, "createdAt": iso(m.at), "updatedAt": iso(m.at) })
        })
        .collect();
    let place = if pull { "pull" } else { "issues" };
    let state = match (ends, pull) {
        (false, _) => "OPEN",
        (true, false) => "CLOSED",
        (true, true) => "MERGED",
    };
    let ended = ends.then(|| iso(last + 60));
    let mut thread = json!({
        "number": number, "id": format!("{place}_{number}"), "title": made.title,
        "url": format!("https://github.com/tidewater-relay/{repo}/{place}/{number}"),
        "state": state, "author": first.who.handle, "authorAssociation": "NONE", "assignees": [],
        "labels": made.labels, "body": first.text, "createdAt": iso(first.at), "updatedAt": iso(last),
        "closedAt": ended, "comments": comments,
    });
    if pull {
        thread["mergedAt"] = json!(ended);
        thread["reviews"] = json!([]);
    }
    thread
}
