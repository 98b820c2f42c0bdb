//! GitLab: lists of issues, merge requests and notes as the API gives them.

use std::borrow::Cow;
use std::io::BufRead;

use rapport_model::{Act, Activity, Key, Mark, Place, ThreadFacts, ThreadKind, ThreadRef, Time, Who};
use serde::Deserialize;

use crate::contract::{
    About, Connector, Detected, Item, Out, Peek, Plan, Reader, Record, Reject, Unreadable, go_on,
};
use crate::scan::Elements;

/// The connector.
pub(crate) struct GitLab;

impl Connector for GitLab {
    fn about(&self) -> &'static About {
        &About {
            name: "gitlab",
            reads: "GitLab projects: lists of issues, merge requests and their notes from the API",
            how_to_get: "rapport add https://gitlab.com/GROUP/PROJECT; or save /api/v4/projects/ID/issues and .../issues/IID/notes as JSON files.",
            terms: "each author's own; the project's licence does not cover its discussions",
            limits: "confidential issues and internal notes are left out",
        }
    }

    fn detect(&self, peek: &dyn Peek) -> Option<Detected> {
        let mut json = peek.items().iter().filter(|n| n.ends_with(".json")).take(20);
        json.find_map(|name| {
            let head = String::from_utf8_lossy(&peek.head(name, 64 * 1024)).into_owned();
            let fits = head.trim_start().starts_with('[') && head.contains("\"iid\"");
            let url = head.split("\"web_url\"").skip(1).find_map(|rest| {
                let url = rest.split('"').nth(1)?;
                // Before GitLab 12 nothing stood between a project and its pages.
                ["/-/", "/issues/", "/merge_requests/"].iter().find_map(|pages| url.split_once(pages))
            });
            let (project, _) = url.filter(|_| fits)?;
            let what = project.split_once("://")?.1.to_lowercase();
            Some(Detected { sure: 95, why: format!("{name} holds issues of {what}"), what })
        })
    }

    fn reader(&self, what: &str) -> Box<dyn Reader> {
        Box::new(Project {
            place: Place::new(what.split('/').next().unwrap_or(what)),
            web: format!("https://{what}/-"),
        })
    }
}

struct Project {
    place: Place,
    /// Where its pages begin.
    web: String,
}

/// One element of any list; what it is shows in what it has.
#[derive(Deserialize)]
struct Element<'a> {
    id: u64,
    iid: Option<u64>,
    #[serde(borrow)]
    title: Option<Cow<'a, str>>,
    #[serde(borrow)]
    description: Option<Cow<'a, str>>,
    state: Option<String>,
    author: Option<Author>,
    created_at: Option<String>,
    updated_at: Option<String>,
    closed_at: Option<String>,
    merged_at: Option<String>,
    web_url: Option<String>,
    #[serde(default)]
    labels: Vec<String>,
    source_branch: Option<String>,
    #[serde(default)]
    confidential: Option<bool>,
    #[serde(borrow)]
    body: Option<Cow<'a, str>>,
    noteable_iid: Option<u64>,
    noteable_type: Option<String>,
    #[serde(default)]
    system: bool,
    #[serde(default)]
    internal: Option<bool>,
}

#[derive(Deserialize)]
struct Author {
    username: Option<String>,
    name: Option<String>,
    #[serde(default)]
    bot: Option<bool>,
}

impl Reader for Project {
    fn plan(&self, name: &str) -> Plan {
        if name.ends_with(".json") { Plan::Read(0) } else { Plan::Skip }
    }

    fn read(&mut self, _item: &Item, body: &mut dyn BufRead, out: &mut dyn Out) -> Result<(), Unreadable> {
        let mut elements = Elements::new(body, &["[]"]);
        while let Some(element) = elements.next()? {
            match self.element(element.bytes) {
                Ok(Some(activity)) => go_on(out.record(Record::one(element.bytes, activity)))?,
                Ok(None) => {}
                Err(why) => go_on(out.reject(Reject::new(element.at(), why, element.bytes)))?,
            }
        }
        Ok(())
    }
}

fn parsed(text: Option<&String>) -> Option<Time> {
    text.and_then(|t| Time::parse(t).ok())
}

impl Project {
    fn who(&self, author: Option<&Author>) -> Option<Who> {
        let author = author?;
        let username = author.username.as_deref().filter(|u| !u.trim().is_empty())?;
        let mut who = Who::new(&self.place, username.to_lowercase());
        who.handle = Some(username.to_owned());
        who.name = author.name.clone().filter(|n| !n.trim().is_empty());
        who.bot = author.bot == Some(true) || username.starts_with("project_") && username.contains("_bot");
        // A deleted account is shown as this one.
        (username != "ghost").then_some(who)
    }

    /// One element; none for what is not for everybody.
    fn element(&self, bytes: &[u8]) -> Result<Option<Activity>, String> {
        let e: Element<'_> = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
        if e.confidential == Some(true) || e.internal == Some(true) {
            return Ok(None);
        }
        let at = Time::parse(e.created_at.as_deref().ok_or("the creation time is missing")?)
            .map_err(|error| error.to_string())?;
        let who = self.who(e.author.as_ref());
        if let Some(iid) = e.noteable_iid {
            let kind = match e.noteable_type.as_deref() {
                Some("MergeRequest") => "merge",
                Some("Issue") => "issue",
                other => return Err(format!("a note on '{}'", other.unwrap_or("nothing"))),
            };
            let thread = Key::new(format!("{kind}/{iid}"));
            let key = Key::new(format!("{thread}/note/{}", e.id));
            let body = e.body.as_deref().unwrap_or("");
            let (act, detail) = match (e.system, body) {
                (false, _) => (Act::Replied, None),
                (true, "closed") => (Act::Closed, None),
                (true, "reopened") => (Act::Reopened, None),
                (true, "merged") => (Act::Merged, None),
                (true, other) => (Act::Other, Some(other.to_owned())),
            };
            let mut said = Activity::new(key, act, at, who, ThreadRef::Key(thread));
            said.text = if e.system { String::new() } else { body.to_owned() };
            said.detail = detail;
            let list = if kind == "issue" { "issues" } else { "merge_requests" };
            said.url = Some(format!("{}/{list}/{iid}#note_{}", self.web, e.id));
            said.updated = parsed(e.updated_at.as_ref());
            return Ok(Some(said));
        }
        let merge = e.source_branch.is_some();
        let iid = e.iid.ok_or("the iid is missing")?;
        let key = Key::new(format!("{}/{iid}", if merge { "merge" } else { "issue" }));
        let mut opening = Activity::new(key.clone(), Act::Opened, at, who, ThreadRef::Key(key));
        opening.text = e.description.as_deref().unwrap_or("").to_owned();
        opening.url.clone_from(&e.web_url);
        opening.updated = parsed(e.updated_at.as_ref());
        opening.facts = Some(Box::new(ThreadFacts {
            kind: Some(if merge { ThreadKind::ChangeRequest } else { ThreadKind::Issue }),
            title: e.title.as_deref().map(str::to_owned),
            url: e.web_url,
            mark: Some(match e.state.as_deref() {
                Some("merged") => Mark::Merged,
                Some("closed") if merge => Mark::NotPlanned,
                Some("closed") => Mark::Closed,
                _ => Mark::Open,
            }),
            closed_at: parsed(e.merged_at.as_ref().or(e.closed_at.as_ref())),
            labels: e.labels,
            ..ThreadFacts::default()
        }));
        Ok(Some(opening))
    }
}
