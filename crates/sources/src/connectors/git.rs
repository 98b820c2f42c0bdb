//! Git clones: commits with their co-authors, and tags as releases. The driver runs the `git` program; see `archive`.

use std::collections::HashSet;
use std::io::{BufRead, Read};

use rapport_model::{Act, Activity, Key, Place, ThreadRef, Time, Who};

use crate::archive::GIT_ITEMS;
use crate::contract::{
    About, Connector, Detected, Item, Out, Peek, Plan, Reader, Record, Reject, Unreadable, go_on,
};

/// The connector.
pub(crate) struct Git;

/// A commit message longer than this is no message.
const LARGEST: u64 = 16 << 20;

impl Connector for Git {
    fn about(&self) -> &'static About {
        &About {
            name: "git",
            reads: "Git clones: commits, co-authors and tags, with .mailmap applied",
            how_to_get: "git clone --bare, or any working copy",
            terms: "the repository's own licence",
            limits: "",
        }
    }
    fn detect(&self, peek: &dyn Peek) -> Option<Detected> {
        peek.is_git().then(|| {
            let name = peek.name();
            let what = name.strip_suffix(".git").unwrap_or(name).to_owned();
            Detected { sure: 99, what, why: "a git repository".to_owned() }
        })
    }
    fn reader(&self, _what: &str) -> Box<dyn Reader> {
        Box::new(History { place: Place::new(Place::MAIL) })
    }
}

struct History {
    place: Place,
}

impl Reader for History {
    fn plan(&self, name: &str) -> Plan {
        if GIT_ITEMS.contains(&name) { Plan::Read(0) } else { Plan::Skip }
    }

    fn read(&mut self, item: &Item, body: &mut dyn BufRead, out: &mut dyn Out) -> Result<(), Unreadable> {
        let mut raw = Vec::new();
        let mut n = 0_u64;
        loop {
            raw.clear();
            if (&mut *body).take(LARGEST).read_until(0, &mut raw)? == 0 {
                return Ok(());
            }
            n += 1;
            if raw.pop_if(|b| *b == 0).is_none() {
                let larger = raw.len() as u64 == LARGEST;
                if larger && body.skip_until(0)? > 0 {
                    let why = "larger than 16 MiB: no message of a commit or tag";
                    go_on(out.reject(Reject::new(format!("entry {n}"), why, &raw)))?;
                    continue;
                }
                if raw.trim_ascii().is_empty() {
                    return Ok(()); // each tag's NUL is followed by a line break
                }
                return go_on(out.reject(Reject::new(format!("entry {n}"), "cut off before its end", &raw)));
            }
            let text = String::from_utf8_lossy(&raw);
            let text = text.trim_start_matches('\n');
            if text.is_empty() {
                continue;
            }
            let fields: Vec<&str> = text.splitn(9, '\x1f').collect();
            let read = if item.name == GIT_ITEMS[0] { self.commit(&fields) } else { self.tag(&fields) };
            match read {
                Ok(activities) => {
                    go_on(out.record(Record {
                        raw: raw.clone(),
                        activities,
                        rejects: Vec::new(),
                        whole: None,
                        fixed: true,
                    }))?;
                }
                Err(why) => go_on(out.reject(Reject::new(format!("entry {n}"), why, &raw)))?,
            }
        }
    }
}

/// Seconds since 1970, or RFC 3339.
fn moment(text: &str) -> Result<Time, String> {
    match text.parse() {
        Ok(seconds) => {
            Time::from_seconds(seconds).ok_or_else(|| format!("the time {seconds} is out of range"))
        }
        Err(_) => Time::parse(text).map_err(|e| e.to_string()),
    }
}

impl History {
    fn author(&self, name: &str, mail: &str) -> Option<Who> {
        let mail = mail.trim().trim_matches(['<', '>']).trim().to_lowercase();
        let key = if mail.is_empty() { name.trim().to_lowercase() } else { mail.clone() };
        if key.is_empty() {
            return None;
        }
        let mut who = Who::new(&self.place, key);
        who.name = Some(name.trim().to_owned()).filter(|n| !n.is_empty());
        who.email = Some(mail).filter(|m| m.contains('@'));
        who.bot = name.ends_with("[bot]");
        Some(who)
    }

    fn commit(&self, fields: &[&str]) -> Result<Vec<Activity>, String> {
        let [hash, _parents, _, _, name, mail, authored, committed, message] = fields else {
            return Err(format!("{} fields where 9 were expected", fields.len()));
        };
        let at = moment(authored).or_else(|_| moment(committed))?;
        let key = Key::new(format!("commit/{hash}"));
        let mut commit =
            Activity::new(key.clone(), Act::Committed, at, self.author(name, mail), ThreadRef::None);
        message.trim_end().clone_into(&mut commit.text);
        let mut all = vec![commit];
        let mut named = HashSet::new();
        for line in message.lines() {
            let Some((trailer, value)) = line.split_once(':') else { continue };
            if !trailer.trim().eq_ignore_ascii_case("co-authored-by") {
                continue;
            }
            let (name, mail) = value.rsplit_once('<').unwrap_or((value, ""));
            let Some(who) = self.author(name, mail) else { continue };
            let name = Key::new(format!("{key}/co/{}", who.key));
            if named.insert(name.clone()) {
                let mut co = Activity::new(name, Act::Coauthored, at, Some(who), ThreadRef::None);
                co.reply_to = Some(key.clone());
                all.push(co);
            }
        }
        Ok(all)
    }

    fn tag(&self, fields: &[&str]) -> Result<Vec<Activity>, String> {
        let [name, _object, _target, at, tagger, mail, subject] = fields else {
            return Err(format!("{} fields where 7 were expected", fields.len()));
        };
        let at = moment(at)?;
        let who = self.author(tagger, mail);
        let mut release =
            Activity::new(Key::new(format!("tag/{name}")), Act::Released, at, who, ThreadRef::None);
        release.detail = Some((*name).to_owned());
        subject.trim().clone_into(&mut release.text);
        Ok(vec![release])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn co_authors_are_people_of_their_own() {
        let history = History { place: Place::new("mail") };
        let message =
            "Fix retries\n\nCo-authored-by: Lin <LIN@example.org>\nco-authored-by: Lin <lin@example.org>\n";
        let fields = [
            "abc",
            "",
            "ada",
            "a@x",
            "Ada",
            "ada@example.org",
            "2026-05-01T10:00:00+02:00",
            "2026-05-01T10:00:00Z",
            message,
        ];
        let found = history.commit(&fields).unwrap();
        assert_eq!(found.len(), 2);
        assert_eq!(found[1].who.as_ref().map(|w| w.key.as_str()), Some("lin@example.org"));
        assert_eq!(found[0].at.to_string(), "2026-05-01T08:00:00Z");
        assert!(history.commit(&["abc"]).is_err());
    }
}
