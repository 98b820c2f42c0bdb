//! Discourse: one JSON file per post, topics with their post stream, or lists of posts, as the API gives them.

use std::borrow::Cow;
use std::io::{BufRead, Read};

use rapport_model::{Act, Activity, Key, Mark, Place, ThreadFacts, ThreadKind, ThreadRef, Time, Who};
use serde::Deserialize;

use crate::contract::{
    About, Connector, Detected, Item, Out, Peek, Plan, Reader, Record, Reject, Unreadable, go_on,
};
use crate::markup;
use crate::scan::Elements;

/// The connector.
pub(crate) struct Discourse;

impl Connector for Discourse {
    fn about(&self) -> &'static About {
        &About {
            name: "discourse",
            reads: "Discourse forums: topic JSON, lists of posts, or a file per post",
            how_to_get: "Add .json to any topic's address, or use an archiver that writes one file per post.",
            terms: "as the forum states",
            limits: "",
        }
    }

    fn detect(&self, peek: &dyn Peek) -> Option<Detected> {
        let heads: Vec<(&String, String)> = peek
            .items()
            .iter()
            .filter(|name| name.ends_with(".json"))
            .take(40)
            .map(|name| (name, String::from_utf8_lossy(&peek.head(name, 128 * 1024)).into_owned()))
            .collect();
        let fits = |head: &String| {
            ["\"cooked\"", "\"topic_id\"", "\"post_number\""].iter().all(|key| head.contains(key))
        };
        let (name, _) = heads.iter().find(|(_, head)| fits(head))?;
        // Not every post names the forum: whose author has no picture does not.
        let what = heads.iter().find_map(|(_, head)| host(head)).unwrap_or_else(|| peek.name().to_owned());
        Some(Detected { sure: 90, why: format!("{name} is a Discourse post or topic"), what })
    }

    fn reader(&self, what: &str) -> Box<dyn Reader> {
        Box::new(Forum {
            place: Place::new(&format!("discourse:{what}")),
            host: what.to_owned(),
            living: false,
        })
    }
}

/// The forum's host: avatars are served under its name.
fn host(head: &str) -> Option<String> {
    let named = |after: &str| {
        let host = head.split_once(after)?.1.split('/').next()?;
        (host.contains('.') && host.len() < 100 && !host.contains(['"', ' ', '{']))
            .then(|| host.to_lowercase())
    };
    named("/user_avatar/")
        .or_else(|| named("\"topic_url\": \"https://"))
        .or_else(|| named("\"url\":\"https://"))
}

struct Forum {
    place: Place,
    host: String,
    /// What is read comes from a living forum, which shows a post in several lists: it has to mean the same in each.
    living: bool,
}

#[derive(Deserialize)]
struct Post<'a> {
    id: i64,
    #[serde(borrow)]
    username: Option<Cow<'a, str>>,
    #[serde(borrow)]
    name: Option<Cow<'a, str>>,
    #[serde(borrow)]
    created_at: Cow<'a, str>,
    #[serde(borrow)]
    cooked: Option<Cow<'a, str>>,
    #[serde(borrow)]
    raw: Option<Cow<'a, str>>,
    post_number: i64,
    #[serde(default)]
    updated_at: Option<String>,
    #[serde(default)]
    post_type: i64,
    topic_id: i64,
    #[serde(borrow)]
    topic_slug: Option<Cow<'a, str>>,
    #[serde(borrow)]
    topic_title: Option<Cow<'a, str>>,
    category_id: Option<i64>,
    #[serde(default)]
    accepted_answer: Option<bool>,
    #[serde(default)]
    action_code: Option<String>,
    #[serde(default)]
    deleted_at: Option<String>,
    #[serde(default)]
    hidden: Option<bool>,
    #[serde(default)]
    user_deleted: Option<bool>,
    #[serde(default)]
    user_title: Option<String>,
}

/// What a topic document says about itself, outside its posts.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Topic {
    id: Option<i64>,
    created_at: Option<String>,
    bumped_at: Option<String>,
    title: Option<String>,
    slug: Option<String>,
    category_id: Option<i64>,
    closed: bool,
    archived: bool,
    tags: Vec<serde_json::Value>,
}

impl Topic {
    /// Tags are names, and objects with a name since 2026.
    fn labels(&self) -> Vec<String> {
        let name = |t: &serde_json::Value| t.as_str().or_else(|| t["name"].as_str()).map(str::to_owned);
        self.tags.iter().filter_map(name).collect()
    }
}

impl Reader for Forum {
    fn plan(&self, name: &str) -> Plan {
        if name.ends_with(".json") { Plan::Read(0) } else { Plan::Skip }
    }

    fn read(&mut self, item: &Item, body: &mut dyn BufRead, out: &mut dyn Out) -> Result<(), Unreadable> {
        self.living = item.name.starts_with("live/");
        let first = body.fill_buf()?.iter().copied().find(|b| !b.is_ascii_whitespace());
        if first == Some(b'[') {
            return self.posts(&mut Elements::new(body, &["[]"]), &Topic::default(), out);
        }
        // A post or a topic: small enough to hold. What names the topic may stand behind its posts.
        let mut all = Vec::new();
        let ended = (&mut *body).take(crate::scan::LARGEST as u64).read_to_end(&mut all);
        if memchr::memmem::find(&all, b"\"topic_list\"").is_some() {
            let mut slice = all.as_slice();
            let walked = self.listed(&mut Elements::new(&mut slice, &["topic_list.topics[]"]), out);
            ended?;
            return walked;
        }
        if memchr::memmem::find(&all, b"\"post_stream\"").is_none()
            && memchr::memmem::find(&all, b"\"latest_posts\"").is_none()
        {
            match self.post(&all, &Topic::default()) {
                Ok(activity) => go_on(out.record(Record::one(&all, activity)))?,
                Err(why) => go_on(out.reject(Reject::new("byte 0", why, &all)))?,
            }
            return Ok(ended.map(|_| ())?);
        }
        let lists: &[&str] = &["post_stream.posts[]", "latest_posts[]"];
        let mut slice = all.as_slice();
        let mut shell = Elements::new(&mut slice, lists);
        // Where it is broken is told by the second walk, behind the posts that stand before.
        while let Ok(Some(_)) = shell.next() {}
        let mut topic: Topic = serde_json::from_slice(shell.shell()).unwrap_or_default(); // its posts speak for themselves
        if self.living {
            // Said apart, for a topic closes without its posts' being touched.
            (topic.closed, topic.archived, topic.tags) = (false, false, Vec::new());
        }
        let mut slice = all.as_slice();
        let walked = self.posts(&mut Elements::new(&mut slice, lists), &topic, out);
        ended?; // what could not be fetched explains best why the walk came to no end
        walked
    }
}

impl Forum {
    fn posts(&self, elements: &mut Elements<'_>, topic: &Topic, out: &mut dyn Out) -> Result<(), Unreadable> {
        while let Some(element) = elements.next()? {
            match self.post(element.bytes, topic) {
                Ok(activity) => go_on(out.record(self.solved(element.bytes, activity)))?,
                Err(why) => go_on(out.reject(Reject::new(element.at(), why, element.bytes)))?,
            }
        }
        Ok(())
    }

    /// A post's record. That it is the solution is said apart where the forum lives: a topic's own page alone tells it, and
    /// a list of posts that does not would take it back.
    fn solved(&self, bytes: &[u8], mut post: Activity) -> Record {
        let accepted = post.facts.as_mut().filter(|_| self.living).and_then(|facts| facts.accepted.take());
        if post.act != Act::Opened && accepted.is_some() {
            post.facts = None;
        }
        let told =
            accepted.zip(if let ThreadRef::Key(thread) = &post.thread { Some(thread.clone()) } else { None });
        let at = post.at;
        let mut record = Record::one(bytes, post);
        record.activities.extend(told.map(|(accepted, thread)| {
            let name = Key::new(format!("{thread}/solution"));
            let mut solution = Activity::new(name, Act::Labelled, at, None, ThreadRef::Key(thread));
            solution.facts =
                Some(Box::new(ThreadFacts { accepted: Some(accepted), ..ThreadFacts::default() }));
            solution
        }));
        record
    }

    fn listed(&self, elements: &mut Elements<'_>, out: &mut dyn Out) -> Result<(), Unreadable> {
        while let Some(element) = elements.next()? {
            match self.topic(element.bytes) {
                Ok(activity) => go_on(out.record(Record::one(element.bytes, activity)))?,
                Err(why) => go_on(out.reject(Reject::new(element.at(), why, element.bytes)))?,
            }
        }
        Ok(())
    }

    /// What a list of topics says about one: nothing of what was written, but whether it is closed and how it is tagged.
    fn topic(&self, bytes: &[u8]) -> Result<Activity, String> {
        let t: Topic = serde_json::from_slice(bytes).map_err(|e| e.to_string())?;
        let id = t.id.ok_or("the id is missing")?;
        let at = Time::parse(t.created_at.as_deref().ok_or("the creation time is missing")?)
            .map_err(|e| e.to_string())?;
        let thread = Key::new(format!("topic/{id}"));
        let name = Key::new(format!("{thread}/state"));
        let mut state = Activity::new(name, Act::Labelled, at, None, ThreadRef::Key(thread));
        state.updated = t.bumped_at.as_deref().and_then(|t| Time::parse(t).ok());
        state.facts = Some(Box::new(ThreadFacts {
            kind: Some(ThreadKind::Topic),
            url: Some(format!("https://{}/t/{}/{id}", self.host, t.slug.as_deref().unwrap_or("-"))),
            container: t.category_id.map(|c| format!("category {c}")),
            mark: Some(if t.closed || t.archived { Mark::Closed } else { Mark::Open }),
            labels: t.labels(),
            ..ThreadFacts::default()
        }));
        Ok(state)
    }

    fn post(&self, bytes: &[u8], topic: &Topic) -> Result<Activity, String> {
        let p: Post<'_> = serde_json::from_slice(bytes).map_err(|e| e.to_string())?;
        let at = Time::parse(&p.created_at).map_err(|e| e.to_string())?;
        let who = p.username.as_deref().filter(|u| !u.trim().is_empty()).map(|username| {
            let mut who = Who::new(&self.place, username.to_lowercase());
            who.handle = Some(username.to_owned());
            who.name = p.name.as_deref().filter(|n| !n.trim().is_empty()).map(str::to_owned);
            who.title = p.user_title.clone().filter(|t| !t.is_empty());
            who.bot = matches!(username, "system" | "discobot");
            who
        });
        let thread = Key::new(format!("topic/{}", p.topic_id));
        let key = Key::new(format!("post/{}", p.id));
        let (act, detail) = match (p.post_type, p.action_code.as_deref()) {
            (3, Some("closed.enabled")) => (Act::Closed, None),
            (3, Some("closed.disabled")) => (Act::Reopened, None),
            (3, code) => (Act::Other, Some(code.unwrap_or("small action").to_owned())),
            (4, _) => (Act::Other, Some("whisper".to_owned())),
            _ if p.post_number == 1 => (Act::Opened, None),
            _ => (Act::Replied, None),
        };
        let slug = p.topic_slug.as_deref().or(topic.slug.as_deref()).unwrap_or("-");
        let url = format!("https://{}/t/{slug}/{}", self.host, p.topic_id);
        let mut activity = Activity::new(key.clone(), act, at, who, ThreadRef::Key(thread));
        activity.text = match (&p.raw, &p.cooked) {
            (Some(raw), cooked) if !self.living || cooked.is_none() => raw.to_string(),
            (_, cooked) => markup::from_html(cooked.as_deref().unwrap_or("")),
        };
        activity.url =
            Some(if p.post_number == 1 { url.clone() } else { format!("{url}/{}", p.post_number) });
        activity.detail = detail;
        activity.updated = p.updated_at.as_deref().and_then(|t| Time::parse(t).ok());
        activity.deleted = p.deleted_at.is_some() || p.user_deleted == Some(true) || p.hidden == Some(true);
        let accepted = (p.accepted_answer == Some(true)).then_some(key);
        if p.post_number == 1 || accepted.is_some() {
            let first = p.post_number == 1;
            let title = p.topic_title.as_deref().or(topic.title.as_deref());
            activity.facts = Some(Box::new(ThreadFacts {
                kind: first.then_some(ThreadKind::Topic),
                title: first.then(|| title.map(str::to_owned)).flatten(),
                url: first.then_some(url),
                container: p
                    .category_id
                    .or(topic.category_id)
                    .filter(|_| first)
                    .map(|c| format!("category {c}")),
                mark: (first && (topic.closed || topic.archived)).then_some(Mark::Closed),
                labels: if first { topic.labels() } else { Vec::new() },
                accepted,
                ..ThreadFacts::default()
            }));
        }
        Ok(activity)
    }
}
