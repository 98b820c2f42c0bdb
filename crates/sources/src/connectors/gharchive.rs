//! GH Archive: hourly files of GitHub's public events, one JSON event per line.
//!
//! An event about an issue brings along how the whole issue stood at that moment, its opening words included; so
//! threads have a beginning even where it lies before the archive. Since October 2025 the payloads are trimmed: where a
//! part is missing, the event's own actor and time stand for it, and nothing that was known is overwritten by nothing.

use std::collections::HashSet;
use std::io::BufRead;

use rapport_model::{Act, Activity, Key, Mark, Place, ThreadFacts, ThreadKind, ThreadRef, Time, Who};

use self::shape::{Author, Commit, Event, Said, Thread, User};
use super::github::{account, labels, mark};
use crate::contract::{
    About, Connector, Detected, Item, Out, Peek, Plan, Reader, Record, Reject, Unreadable, go_on,
};
use crate::lines::Lines;

mod shape;
#[cfg(test)]
mod tests;

/// The connector.
pub(crate) struct GhArchive;

impl Connector for GhArchive {
    fn about(&self) -> &'static About {
        &About {
            name: "gharchive",
            reads: "GH Archive: hourly files of GitHub's public events (JSON lines, .json or .json.gz)",
            how_to_get: "https://data.gharchive.org/2026-05-01-15.json.gz is one hour; keep the lines of your repositories.",
            terms: "each author's own; the archive adds no licence to what it collects",
            limits: "the public event feed has been incomplete since May 2025 and brings fewer fields since October 2025: numbers from it are a lower bound",
        }
    }

    fn detect(&self, peek: &dyn Peek) -> Option<Detected> {
        let mut lines = peek.items().iter().filter(|n| is_lines(n)).take(20);
        lines.find_map(|name| {
            let head = peek.head(name, 256 * 1024);
            let first = head.split(|b| *b == b'\n').find(|line| !line.trim_ascii().is_empty())?;
            let first = String::from_utf8_lossy(first);
            let event = first.trim_start().starts_with('{')
                && first.contains("Event\"")
                && ["\"actor\"", "\"repo\"", "\"payload\"", "\"created_at\""]
                    .iter()
                    .all(|key| first.contains(key));
            // One public feed: every hour and every selection of it belongs to the same source.
            let why = format!("{name} holds GitHub's public events");
            event.then(|| Detected { sure: 95, what: "github.com".to_owned(), why })
        })
    }

    fn reader(&self, _what: &str) -> Box<dyn Reader> {
        Box::new(Feed { place: Place::new("github.com"), mail: Place::new(Place::MAIL) })
    }
}

fn is_lines(name: &str) -> bool {
    let name = name.strip_suffix(".gz").unwrap_or(name);
    [".json", ".jsonl", ".ndjson"].iter().any(|end| name.ends_with(end))
}

struct Feed {
    place: Place,
    mail: Place,
}

impl Reader for Feed {
    fn plan(&self, name: &str) -> Plan {
        if is_lines(name) { Plan::Read(0) } else { Plan::Skip }
    }

    fn read(&mut self, _item: &Item, body: &mut dyn BufRead, out: &mut dyn Out) -> Result<(), Unreadable> {
        let mut lines = Lines::new(body);
        while let Some(line) = lines.next()? {
            match self.event(line) {
                Ok(record) => go_on(out.record(record))?,
                Err(why) => {
                    let raw = line.to_vec();
                    go_on(out.reject(Reject::new(lines.at(), why, &raw)))?;
                }
            }
        }
        Ok(())
    }
}

/// What an event stands in: enough to name its activities.
struct Seen<'e> {
    event: &'e Event<'e>,
    repo: String,
    at: Time,
}

fn moment(text: Option<&String>) -> Option<Time> {
    Time::parse(text?).ok()
}

impl Feed {
    fn who(&self, user: Option<&User>) -> Option<Who> {
        user.filter(|u| !u.login.trim().is_empty())
            .map(|u| account(&self.place, &u.login, u.kind.as_deref() == Some("Bot")))
    }

    fn event(&self, line: &[u8]) -> Result<Record, String> {
        let event: Event<'_> = serde_json::from_slice(line).map_err(|e| {
            if memchr::memmem::find(line, b"\"actor_attributes\"").is_some() {
                "an event of the timeline before 2015, which has another shape".to_owned()
            } else {
                e.to_string()
            }
        })?;
        let at = Time::parse(&event.created_at).map_err(|e| e.to_string())?;
        let e = Seen { event: &event, repo: event.repo.name.to_lowercase(), at };
        let p = &event.payload;
        let activities = match &*event.kind {
            "IssuesEvent" => self.thread(&e, ThreadKind::Issue, p.issue.as_ref())?,
            "PullRequestEvent" => self.thread(&e, ThreadKind::ChangeRequest, p.pull_request.as_ref())?,
            "DiscussionEvent" => self.thread(&e, ThreadKind::Topic, p.discussion.as_ref())?,
            "IssueCommentEvent" | "DiscussionCommentEvent" | "PullRequestReviewCommentEvent" => {
                self.said(&e, p.comment.as_ref(), Act::Replied)?
            }
            "PullRequestReviewEvent" => self.said(&e, p.review.as_ref(), Act::Reviewed)?,
            "PushEvent" => self.push(&e),
            "ReleaseEvent" => self.release(&e)?,
            "WatchEvent" => vec![self.bare(&e, "star", Act::Starred)],
            "ForkEvent" => {
                let mut fork = self.bare(&e, "fork", Act::Forked);
                if let Some(forkee) = &p.forkee {
                    fork.detail.clone_from(&forkee.full_name);
                    fork.url.clone_from(&forkee.html_url);
                }
                vec![fork]
            }
            "MemberEvent" => {
                let mut joined = self.bare(&e, "member", Act::Joined);
                joined.who = self.who(p.member.as_ref());
                vec![joined]
            }
            "CommitCommentEvent" => {
                let mut said = self.bare(&e, "commit-comment", Act::Other);
                said.detail = Some("commit comment".to_owned());
                if let Some(comment) = &p.comment {
                    said.text = comment.body.as_deref().unwrap_or("").to_owned();
                    said.url.clone_from(&comment.html_url);
                }
                vec![said]
            }
            "CreateEvent" if p.ref_type.as_deref() == Some("tag") => {
                let mut tag = self.bare(&e, "tag", Act::Other);
                tag.detail = Some(format!("tag {}", p.reference.as_deref().unwrap_or("")));
                vec![tag]
            }
            _ => Vec::new(), // branches, wikis, visibility: counted as records, nothing that anybody asks about
        };
        let fixed = event.kind == "PushEvent";
        Ok(Record { raw: line.to_vec(), activities, rejects: Vec::new(), whole: None, fixed })
    }

    /// An activity outside of every thread, named by its event.
    fn bare(&self, e: &Seen<'_>, prefix: &str, act: Act) -> Activity {
        let key = Key::new(format!("{}/{prefix}/{}", e.repo, e.event.id));
        Activity::new(key, act, e.at, self.who(e.event.actor.as_ref()), ThreadRef::None)
    }

    /// The opening as the event's snapshot shows it; `None` where the snapshot was trimmed away.
    fn opening(&self, key: &Key, kind: ThreadKind, t: &Thread<'_>) -> Option<Activity> {
        let body = t.body.as_ref()?;
        let title = t.title.as_deref()?;
        let at = moment(t.created_at.as_ref())?;
        let who = self.who(t.user.as_ref());
        let mut opening = Activity::new(key.clone(), Act::Opened, at, who, ThreadRef::Key(key.clone()));
        opening.text = body.as_deref().unwrap_or("").to_owned();
        opening.url.clone_from(&t.html_url);
        opening.updated = moment(t.updated_at.as_ref());
        opening.facts = Some(Box::new(ThreadFacts {
            kind: Some(kind),
            title: Some(title.to_owned()),
            url: t.html_url.clone(),
            container: t.category.as_ref().and_then(|c| c.name.clone()),
            mark: stands(t, kind),
            closed_at: ended(t),
            labels: t.labels.as_deref().map(labels).unwrap_or_default(),
            ..ThreadFacts::default()
        }));
        Some(opening)
    }

    fn thread(
        &self,
        e: &Seen<'_>,
        kind: ThreadKind,
        t: Option<&Thread<'_>>,
    ) -> Result<Vec<Activity>, String> {
        let t = t.ok_or("the event does not say what it is about")?;
        let key = thread_key(&e.repo, kind, t.number.or(e.event.payload.number))?;
        let action = e.event.payload.action.as_deref().unwrap_or("");
        let mut found: Vec<Activity> = self.opening(&key, kind, t).into_iter().collect();
        let actor = self.who(e.event.actor.as_ref());
        let event = |act: Act, at: Time, mark: Option<Mark>, detail: Option<String>| {
            let name = Key::new(format!("{key}/{}/{at}", act.as_str()));
            let mut event = Activity::new(name, act, at, actor.clone(), ThreadRef::Key(key.clone()));
            event.detail = detail;
            event.facts = mark.map(|mark| {
                Box::new(ThreadFacts { mark: Some(mark), closed_at: Some(at), ..ThreadFacts::default() })
            });
            event
        };
        let merged = t.merged == Some(true) || t.merged_at.is_some() || action == "merged";
        let more = match action {
            "opened" | "created" if found.is_empty() => {
                let mut opening = Activity::new(
                    key.clone(),
                    Act::Opened,
                    moment(t.created_at.as_ref()).unwrap_or(e.at),
                    actor.clone(),
                    ThreadRef::Key(key.clone()),
                );
                opening.url.clone_from(&t.html_url);
                opening.updated = Some(e.at);
                opening.facts = Some(Box::new(ThreadFacts {
                    kind: Some(kind),
                    title: t.title.as_deref().map(str::to_owned),
                    url: t.html_url.clone(),
                    ..ThreadFacts::default()
                }));
                Some(opening)
            }
            "closed" | "merged" if merged => {
                Some(event(Act::Merged, ended(t).unwrap_or(e.at), Some(Mark::Merged), None))
            }
            "closed" => {
                let mark = mark(Some("closed"), t.state_reason.as_deref(), false);
                Some(event(Act::Closed, ended(t).unwrap_or(e.at), Some(mark), t.state_reason.clone()))
            }
            "reopened" => Some(event(Act::Reopened, e.at, None, None)),
            "answered" => Some(event(Act::Accepted, e.at, None, None)),
            "labeled" | "unlabeled" => {
                let label = e.event.payload.label.as_ref();
                let name = label.and_then(|l| labels(std::slice::from_ref(l)).pop()).unwrap_or_default();
                let detail = format!("{action} {name}").trim_end().to_owned();
                let mut event = event(Act::Labelled, e.at, None, Some(detail.clone()));
                event.key = Key::new(format!("{}/{detail}", event.key)); // several are set in one second
                Some(event)
            }
            "assigned" | "unassigned" => Some(event(Act::Labelled, e.at, None, Some(action.to_owned()))),
            _ => None, // edited, synchronized, locked: the snapshot tells what came of it
        };
        found.extend(more);
        Ok(found)
    }

    /// A comment or a review, with the opening of what it stands under where the event brings it.
    fn said(&self, e: &Seen<'_>, said: Option<&Said<'_>>, act: Act) -> Result<Vec<Activity>, String> {
        let p = &e.event.payload;
        let said = said.ok_or("the event does not say what was written")?;
        let url = said.html_url.as_deref().unwrap_or("");
        let (kind, t) = match (&p.pull_request, &p.discussion, &p.issue) {
            (Some(t), ..) => (ThreadKind::ChangeRequest, Some(t)),
            (None, Some(t), _) => (ThreadKind::Topic, Some(t)),
            (None, None, t) => {
                let issue_url = t.as_ref().and_then(|t| t.html_url.as_deref()).unwrap_or("");
                let pull = t.as_ref().is_some_and(|t| t.pull_request.is_some())
                    || [url, issue_url].iter().any(|url| url.contains("/pull/"));
                (if pull { ThreadKind::ChangeRequest } else { ThreadKind::Issue }, t.as_ref())
            }
        };
        let number = t.and_then(|t| t.number).or(p.number).or_else(|| number_in(url));
        let thread = thread_key(&e.repo, kind, number)?;
        let id = said.id.as_ref().unwrap_or(&e.event.id);
        let review = matches!(act, Act::Reviewed);
        let inline = e.event.kind == "PullRequestReviewCommentEvent";
        let prefix = if review {
            "review"
        } else if inline {
            "rc"
        } else {
            "c"
        };
        let written = [&said.submitted_at, &said.created_at];
        let at = written.into_iter().find_map(|text| moment(text.as_ref())).unwrap_or(e.at);
        let who = self.who(said.user.as_ref()).or_else(|| self.who(e.event.actor.as_ref()));
        let key = Key::new(format!("{thread}/{prefix}/{id}"));
        let mut activity = Activity::new(key, act, at, who, ThreadRef::Key(thread.clone()));
        activity.text = said.body.as_deref().unwrap_or("").to_owned();
        activity.url.clone_from(&said.html_url);
        activity.updated = moment(said.updated_at.as_ref());
        activity.detail = said.state.as_ref().filter(|_| review).map(|s| s.to_ascii_uppercase());
        activity.deleted = p.action.as_deref() == Some("deleted");
        activity.reply_to = match (said.in_reply_to_id, said.pull_request_review_id) {
            (Some(id), _) => Some(Key::new(format!("{thread}/{prefix}/{id}"))),
            (None, Some(id)) => Some(Key::new(format!("{thread}/review/{id}"))),
            _ => None,
        };
        let opening = t.and_then(|t| self.opening(&thread, kind, t));
        Ok(opening.into_iter().chain([activity]).collect())
    }

    fn push(&self, e: &Seen<'_>) -> Vec<Activity> {
        let Some(commits) = &e.event.payload.commits else {
            // Trimmed: that something was pushed is known, how many commits by whom is not.
            let mut push = self.bare(e, "push", Act::Other);
            push.detail = Some("push".to_owned());
            return vec![push];
        };
        let commit = |commit: &Commit<'_>| {
            let key = Key::new(format!("{}/commit/{}", e.repo, commit.sha));
            let who = commit.author.as_ref().and_then(|author| self.author(author));
            let mut done = Activity::new(key, Act::Committed, e.at, who, ThreadRef::None);
            done.text = commit.message.as_deref().unwrap_or("").trim_end().to_owned();
            done.url = Some(format!("https://github.com/{}/commit/{}", e.event.repo.name, commit.sha));
            done
        };
        // Not distinct: it was in the repository before, on another branch.
        let mut met = HashSet::new();
        commits
            .iter()
            .filter(|c| c.distinct != Some(false) && met.insert(c.sha.as_str()))
            .map(commit)
            .collect()
    }

    fn author(&self, author: &Author) -> Option<Who> {
        let name = author.name.as_deref().unwrap_or("").trim();
        let mail = author.email.as_deref().unwrap_or("").trim().to_lowercase();
        let key = if mail.is_empty() { name.to_lowercase() } else { mail.clone() };
        if key.is_empty() {
            return None;
        }
        let mut who = Who::new(&self.mail, key);
        who.name = Some(name.to_owned()).filter(|n| !n.is_empty());
        who.bot = name.ends_with("[bot]");
        // The archive puts a digest in place of what stands before the '@': the same person, but no address.
        let masked = |local: &str| local.len() == 40 && local.bytes().all(|b| b.is_ascii_hexdigit());
        who.email = Some(mail).filter(|m| m.split_once('@').is_some_and(|(local, _)| !masked(local)));
        Some(who)
    }

    fn release(&self, e: &Seen<'_>) -> Result<Vec<Activity>, String> {
        let release = e.event.payload.release.as_ref().ok_or("the event does not say what was released")?;
        let tag = release.tag_name.as_deref().unwrap_or("");
        let mut done = self.bare(e, "release", Act::Released);
        if !tag.is_empty() {
            done.key = Key::new(format!("{}/release/{tag}", e.repo));
        }
        done.at = moment(release.published_at.as_ref()).unwrap_or(e.at);
        done.text = release.body.as_deref().unwrap_or("").to_owned();
        done.url.clone_from(&release.html_url);
        done.detail = Some(tag.to_owned());
        Ok(vec![done])
    }
}

fn thread_key(repo: &str, kind: ThreadKind, number: Option<u64>) -> Result<Key, String> {
    let number = number.ok_or("the event names no issue or pull request")?;
    let word = match kind {
        ThreadKind::ChangeRequest => "pull",
        ThreadKind::Topic => "discussion",
        _ => "issue",
    };
    Ok(Key::new(format!("{repo}/{word}/{number}")))
}

/// `https://github.com/a/b/pull/12#issuecomment-1` -> 12
fn number_in(url: &str) -> Option<u64> {
    let (_, path) = url.split_once("://")?;
    let digits = path.split('/').nth(4)?;
    digits.split(['#', '?']).next()?.parse().ok()
}

fn ended(t: &Thread<'_>) -> Option<Time> {
    let inner = t.pull_request.as_ref().and_then(|p| p.merged_at.as_ref());
    moment(t.merged_at.as_ref().or(inner).or(t.closed_at.as_ref()))
}

/// How the thread stands by its snapshot. A closed pull request shown as an issue does not say whether it was merged;
/// then its closing tells.
fn stands(t: &Thread<'_>, kind: ThreadKind) -> Option<Mark> {
    let state = t.state.as_deref()?;
    let inner = t.pull_request.as_ref().is_some_and(|p| p.merged_at.is_some());
    let merged = t.merged == Some(true) || t.merged_at.is_some() || inner;
    let told = merged || kind != ThreadKind::ChangeRequest || t.merged.is_some() || state == "open";
    told.then(|| mark(Some(state), t.state_reason.as_deref(), merged))
}
