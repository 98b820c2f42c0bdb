//! A public-inbox by its own git repositories: each commit brings one mail (`m`, or a path of its own in the older
//! layout) or withdraws one (`d`, or a path that goes). A look is one fetch, whatever came; no page is scraped.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use super::super::clone;
use super::{FULL, Fault, LARGEST, MOST, Wanted, broken, frame, refused};
use crate::live::Reply;
use crate::transport::Network;

/// A commit, whether it withdraws a mail, and the mail's blob.
type Commit = (String, bool, String);

/// A mirror that was fetched, and what it brings.
pub(super) struct Epoch {
    path: PathBuf,
    /// Behind which commit, and what follows, once listed.
    listed: Option<(String, Vec<Commit>)>,
}

impl Epoch {
    pub(super) fn fetch(wanted: &Wanted<'_>, network: &Network) -> Result<Epoch, Fault> {
        let folder = network.mirrors.as_ref().ok_or_else(|| refused("there is no folder for mirrors"))?;
        let scheme = wanted.scheme.trim_start_matches("git+");
        let port = wanted.port.map(|port| format!(":{port}")).unwrap_or_default();
        let url = format!("{scheme}://{}{port}/{}", wanted.host, wanted.name);
        super::super::permitted(&url, network).map_err(|why| refused(&why))?;
        let slug = clone::slug(&format!("{}{port}/{}", wanted.host, wanted.name));
        let path = folder.join(format!("{slug}.git"));
        match clone::mirror(&url, &path, network) {
            Ok(mirror) => Ok(Epoch { path: mirror.path, listed: None }),
            Err(why) if why.contains("not found") || why.contains("does not exist") => {
                Err(Fault::Status(404))
            }
            Err(why) => Err(broken(&why)),
        }
    }

    pub(super) fn answer(&mut self, wanted: &Wanted<'_>) -> Result<Reply, Fault> {
        if self.listed.as_ref().is_none_or(|(after, _)| *after != wanted.after) {
            // A commit that is no more part of the history: it was rewritten, and is read from its beginning.
            let stands = wanted.after.is_empty()
                || (wanted.after.len() == 40
                    && wanted.after.bytes().all(|b| b.is_ascii_hexdigit())
                    && self
                        .git(&["merge-base", "--is-ancestor", &wanted.after, "HEAD"])?
                        .status()?
                        .success());
            let after = if stands { wanted.after.clone() } else { String::new() };
            self.listed = Some((after.clone(), self.list(&after)?));
        }
        let Some((after, commits)) = &mut self.listed else { return Err(broken("the mirror is empty")) };
        let count = commits.len().min(MOST);
        let blobs: Vec<(bool, String)> =
            commits.iter().take(count).map(|(_, gone, blob)| (*gone, blob.clone())).collect();
        let (body, taken) = mails(&self.path, &blobs)?;
        // A commit counts once all its mails are out.
        let whole = (0..taken).rev().find(|n| commits.get(n + 1).is_none_or(|next| next.0 != commits[*n].0));
        let last = whole.map_or_else(|| after.clone(), |n| commits[n].0.clone());
        commits.drain(..taken);
        after.clone_from(&last);
        let left = commits.len();
        let told = [("last", last), ("left", left.to_string()), ("taken", taken.to_string())];
        let headers = told.into_iter().map(|(n, v)| (n.to_owned(), v)).collect();
        Ok(Reply { status: 200, headers, body })
    }

    #[expect(clippy::disallowed_methods, reason = "the transport asks git; connectors never do")]
    fn git(&self, words: &[&str]) -> Result<Command, Fault> {
        let mut git = Command::new("git");
        git.arg("-C").arg(&self.path).args(["-c", "core.hooksPath=/dev/null", "-c", "safe.directory=*"]);
        git.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_OPTIONAL_LOCKS", "0").env("GIT_NO_LAZY_FETCH", "1");
        git.args(words).stdin(Stdio::null()).stderr(Stdio::null());
        Ok(git)
    }

    fn list(&self, after: &str) -> Result<Vec<Commit>, Fault> {
        if !self.git(&["rev-parse", "--verify", "--quiet", "HEAD"])?.stdout(Stdio::null()).status()?.success()
        {
            return Ok(Vec::new()); // begun and still empty
        }
        let span = if after.is_empty() { "HEAD".to_owned() } else { format!("{after}..HEAD") };
        let words = [
            "log",
            "--reverse",
            "--topo-order",
            "--raw",
            "--no-abbrev",
            "--no-renames",
            "--root",
            "--format=%H",
        ];
        let mut child = self.git(&words)?.arg(&span).arg("--").stdout(Stdio::piped()).spawn()?;
        let mut found: Vec<(String, bool, String)> = Vec::new();
        let mut commit = String::new();
        if let Some(stdout) = child.stdout.take() {
            for line in BufReader::new(stdout).split(b'\n') {
                let line = String::from_utf8_lossy(&line?).into_owned();
                let Some(raw) = line.strip_prefix(':') else {
                    if !line.is_empty() {
                        commit = line;
                    }
                    continue;
                };
                // :old mode, new mode, old blob, new blob, status, TAB, path
                let Some((facts, path)) = raw.split_once('\t') else { continue };
                let facts: Vec<&str> = facts.split(' ').collect();
                let [_, _, old, new, status] = facts[..] else { continue };
                let alone = path.len() == 41 && path.as_bytes()[2] == b'/';
                let (gone, blob) = match (path, status) {
                    ("m", "A" | "M") => (false, new),
                    ("d", "A" | "M") => (true, new),
                    (_, "A" | "M") if alone => (false, new),
                    (_, "D") if alone => (true, old),
                    _ => continue,
                };
                found.push((commit.clone(), gone, blob.to_owned()));
            }
        }
        if child.wait()?.success() { Ok(found) } else { Err(broken("git broke off")) }
    }
}

/// The mails of these blobs, and how many of them fit.
#[expect(clippy::disallowed_methods, reason = "the transport asks git; connectors never do")]
fn mails(path: &std::path::Path, blobs: &[(bool, String)]) -> Result<(Vec<u8>, usize), Fault> {
    let mut body = Vec::new();
    if blobs.is_empty() {
        return Ok((body, 0));
    }
    let mut git = Command::new("git");
    git.arg("-C").arg(path).args(["-c", "safe.directory=*", "cat-file", "--batch"]);
    git.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_NO_LAZY_FETCH", "1");
    let mut child = git.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
    let (Some(mut asks), Some(stdout)) = (child.stdin.take(), child.stdout.take()) else {
        return Err(broken("git gave no output"));
    };
    // Some hundred names fit into a pipe: no need to read while they are written.
    asks.write_all(blobs.iter().map(|(_, blob)| format!("{blob}\n")).collect::<String>().as_bytes())?;
    drop(asks);
    let mut out = BufReader::new(stdout);
    let mut taken = 0;
    for (gone, blob) in blobs {
        let mut head = String::new();
        out.read_line(&mut head)?;
        let Some(len) = head.split_whitespace().nth(2).and_then(|n| n.parse::<u64>().ok()) else {
            return Err(broken("the mirror lacks a mail"));
        };
        let mut mail = Vec::new();
        (&mut out).take(len.min(LARGEST)).read_to_end(&mut mail)?;
        std::io::copy(&mut (&mut out).take(len + 1 - mail.len() as u64), &mut std::io::sink())?;
        let kind = if len > LARGEST {
            "large"
        } else if *gone {
            "gone"
        } else {
            "mail"
        };
        frame(&mut body, blob, kind, if len > LARGEST { b"" } else { &mail });
        taken += 1;
        if body.len() > FULL {
            break;
        }
    }
    let _ = child.kill(); // it may have more to say than fits
    child.wait()?;
    Ok((body, taken))
}
