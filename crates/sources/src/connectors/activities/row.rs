//! One row, whichever form it came in: columns by name, and what they mean.

use std::collections::HashMap;

use rapport_model::{Act, Activity, Key, Mark, Place, ThreadFacts, ThreadKind, ThreadRef, Time, Who};
use serde_json::Value;

/// The names a column goes by; the first that is filled counts.
type Names = &'static [&'static str];

const ID: Names = &["id", "activity_id", "key"];
const AT: Names = &["at", "occurred_at", "time", "timestamp", "date", "created_at"];
pub(super) const PERSON_ID: Names =
    &["person_id", "member_id", "actor_id", "user_id", "author_id", "member_slug"];
pub(super) const MEMBER_ID: Names = &["person_id", "member_id", "id", "slug"];
const NAME: Names = &[
    "person_name",
    "member_name",
    "actor_name",
    "user_name",
    "author_name",
    "member",
    "person",
    "author",
    "name",
];
const EMAIL: Names = &["person_email", "member_email", "actor_email", "user_email", "author_email", "email"];
const HANDLE: Names = &[
    "person_handle",
    "member_github",
    "github",
    "github_username",
    "username",
    "member_username",
    "person_username",
    "login",
    "member_twitter",
    "twitter",
    "member_discord",
    "discord",
];
const ACT: Names = &["act", "activity_type", "activity_type_key", "custom_type", "type", "action"];
const THREAD: Names = &["thread", "thread_id"];
const REPLY_TO: Names = &["reply_to", "in_reply_to", "parent_id"];
const TITLE: Names = &["title", "activity_title", "custom_title", "subject"];
const TEXT: Names = &["text", "description", "body", "content", "custom_description"];
const URL: Names = &["url", "link", "activity_link", "activity_url", "custom_link"];
const KIND: Names = &["kind"];
const LABELS: Names = &["labels", "tags"];
const DELETED: Names = &["deleted", "deleted_at"];
const UPDATED: Names = &["updated_at", "updated"];
const CONTAINER: Names = &["container", "channel"];
const MARK: Names = &["state"];

const ALL: [Names; 17] = [
    ID, AT, PERSON_ID, NAME, EMAIL, HANDLE, ACT, THREAD, REPLY_TO, TITLE, TEXT, URL, KIND, LABELS, DELETED,
    UPDATED, CONTAINER,
];

/// No row has so many columns.
pub(super) const MOST: usize = 1_000;

/// Stands between the elements of a list that became one text.
const BETWEEN: char = '\u{1f}';

/// How sure these columns are activities; `None` when they are not.
pub(super) fn fits(columns: &[String]) -> Option<u8> {
    let has = |names: Names| names.iter().any(|name| columns.iter().any(|c| c == name));
    let exact = |name: &str| columns.iter().any(|c| c == name);
    let said = has(ACT) || has(TEXT) || has(TITLE);
    let who = has(PERSON_ID) || has(NAME) || has(EMAIL);
    if !(has(AT) && said && who) {
        return None;
    }
    let documented = exact("at") && (exact("act") || exact("person_id"));
    let orbit =
        exact("occurred_at") && (exact("activity_type") || exact("member_id") || exact("member_name"));
    Some(if documented || orbit { 85 } else { 55 })
}

/// A column's name in the one way they are compared: lower-case, words joined by `_`.
pub(super) fn normal(name: &str) -> String {
    let words = name.trim().trim_matches('"').to_lowercase();
    words.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).collect::<Vec<_>>().join("_")
}

/// One row: columns with what stands in them, in order.
pub(super) struct Row(Vec<(String, String)>);

impl Row {
    /// A row of a table, its columns named in the one way.
    pub(super) fn from_cells(columns: &[String], cells: impl Iterator<Item = String>) -> Row {
        Row(columns.iter().cloned().zip(cells).collect())
    }

    /// An object; what is nested is named by its path, wrappers of the JSON:API left out.
    pub(super) fn from_json(bytes: &[u8]) -> Result<Row, String> {
        let value: Value = serde_json::from_slice(bytes).map_err(|e| e.to_string())?;
        if !value.is_object() {
            return Err("an object was expected".to_owned());
        }
        let mut row = Row(Vec::new());
        row.flatten("", &value);
        if row.0.len() > MOST {
            return Err(format!("more than {MOST} columns"));
        }
        Ok(row)
    }

    fn flatten(&mut self, path: &str, value: &Value) {
        if self.0.len() > MOST {
            return; // no row: the caller says so
        }
        let text = match value {
            Value::Null => return,
            Value::Object(map) => {
                for (key, value) in map {
                    let key = normal(key);
                    let wrapper = matches!(key.as_str(), "attributes" | "relationships" | "data")
                        || path.is_empty() && key == "activity" && value.is_object();
                    let path = match (path.is_empty(), wrapper) {
                        (_, true) => path.to_owned(),
                        (true, false) => key,
                        (false, false) => format!("{path}_{key}"),
                    };
                    self.flatten(&path, value);
                }
                return;
            }
            Value::Array(list) => {
                let texts = list.iter().filter_map(Value::as_str);
                texts.flat_map(|t| [t.to_owned(), BETWEEN.to_string()]).collect()
            }
            Value::String(text) => text.clone(),
            Value::Bool(_) | Value::Number(_) => value.to_string(),
        };
        if self.0.iter().all(|(name, _)| name != path) {
            self.0.push((path.to_owned(), text));
        }
    }

    /// The names of its columns.
    pub(super) fn columns(&self) -> Vec<String> {
        self.0.iter().map(|(name, _)| name.clone()).collect()
    }

    /// Columns that have no meaning here.
    pub(super) fn unknown(&self) -> impl Iterator<Item = String> {
        let known = |name: &str| MARK.contains(&name) || ALL.iter().any(|names| names.contains(&name));
        self.0.iter().filter(move |(name, _)| !known(name)).map(|(name, _)| name.clone())
    }

    /// What stands in the first filled column of these names.
    pub(super) fn get(&self, names: &Names) -> Option<&str> {
        names.iter().find_map(|wanted| {
            let (_, text) = self.0.iter().find(|(name, text)| name == wanted && !text.trim().is_empty())?;
            Some(text.trim())
        })
    }

    /// The activity it tells of. `member` is what a table of members says about its person.
    pub(super) fn activity(
        &self,
        place: &Place,
        member: Option<&Row>,
        same: &mut HashMap<Key, u32>,
    ) -> Result<Activity, String> {
        let written = self.get(&AT).ok_or("no time: a column 'at' or 'occurred_at' was expected")?;
        let at = when(written)?;
        let who = self.who(place, member);
        let reply_to = self.get(&REPLY_TO).map(Key::new);
        let (title, url) = (self.get(&TITLE), self.get(&URL));
        let key = match self.get(&ID) {
            Some(id) => Key::new(id),
            None => {
                let person = who.as_ref().map_or("", |w| w.key.as_str());
                let act = self.get(&ACT).unwrap_or("");
                let parts = [written, person, act, url.unwrap_or(""), title.unwrap_or("")];
                let key = Key::of_content("row/", &parts);
                let times = same.entry(key.clone()).or_default();
                *times += 1;
                if *times > 1 { Key::new(format!("{key}.{times}")) } else { key }
            }
        };
        let named = self.get(&THREAD).map(Key::new);
        let begins = reply_to.is_none() && named.as_ref().is_none_or(|thread| *thread == key);
        let (act, detail) = act(self.get(&ACT), begins);
        let thread = match (named, &reply_to) {
            (Some(thread), _) => ThreadRef::Key(thread),
            (None, Some(parent)) => ThreadRef::Of(parent.clone()),
            (None, None) if act.is_message() => ThreadRef::Key(key.clone()),
            (None, None) => ThreadRef::None,
        };
        let mut activity = Activity::new(key, act, at, who, thread);
        activity.reply_to = reply_to;
        activity.url = url.map(str::to_owned);
        activity.detail = detail;
        activity.updated = self.get(&UPDATED).and_then(|text| when(text).ok());
        activity.deleted = self.get(&DELETED).is_some_and(|text| !is_no(text));
        // What is not the thread's title is the only word of acts like a talk or a download.
        let said = self.get(&TEXT).or(title.filter(|_| act != Act::Opened));
        said.unwrap_or("").clone_into(&mut activity.text);
        activity.facts = self.facts(act, title, url).map(Box::new);
        Ok(activity)
    }

    fn facts(&self, act: Act, title: Option<&str>, url: Option<&str>) -> Option<ThreadFacts> {
        let opened = act == Act::Opened;
        let kind = self.get(&KIND).and_then(|word| ThreadKind::from_word(&normal(word).replace('_', "-")));
        let labels = self.get(&LABELS).map(labels).unwrap_or_default();
        let mark = self.get(&MARK).and_then(|word| {
            let all = [Mark::Open, Mark::Closed, Mark::NotPlanned, Mark::Merged];
            all.into_iter().find(|mark| mark.as_str() == normal(word).replace('_', "-"))
        });
        (opened || kind.is_some() || !labels.is_empty()).then(|| ThreadFacts {
            kind: kind.or_else(|| opened.then(|| guess(self.get(&ACT).unwrap_or("")))),
            title: title.filter(|_| opened).map(str::to_owned),
            url: url.filter(|_| opened).map(str::to_owned),
            container: self.get(&CONTAINER).map(str::to_owned),
            mark,
            labels,
            ..ThreadFacts::default()
        })
    }

    fn who(&self, place: &Place, member: Option<&Row>) -> Option<Who> {
        let find = |names: &Names| self.get(names).or_else(|| member.and_then(|m| m.get(names)));
        let name = find(&NAME);
        let email = find(&EMAIL).map(str::to_lowercase).filter(|mail| mail.contains('@'));
        let mut who = match (self.get(&PERSON_ID), &email, name) {
            (Some(id), ..) => Who::new(place, id),
            // An address is the same account wherever it turns up.
            (None, Some(mail), _) => Who::new(&Place::new(Place::MAIL), mail.as_str()),
            (None, None, name) => Who::new(place, find(&HANDLE).or(name)?.to_lowercase()),
        };
        who.name = name.map(str::to_owned);
        who.email = email;
        who.handle = find(&HANDLE).map(str::to_owned);
        who.bot = who.shown().ends_with("[bot]");
        Some(who)
    }
}

fn is_no(text: &str) -> bool {
    matches!(text.to_lowercase().as_str(), "false" | "no" | "0" | "n" | "f")
}

fn labels(text: &str) -> Vec<String> {
    let parts: Vec<&str> =
        if text.contains(BETWEEN) { text.split(BETWEEN).collect() } else { text.split([',', ';']).collect() };
    parts.into_iter().map(str::trim).filter(|l| !l.is_empty()).map(str::to_owned).collect()
}

/// RFC 3339, the same with a space and `UTC`, a lone date, or seconds or milliseconds since 1970.
fn when(text: &str) -> Result<Time, String> {
    let text = text.trim();
    if text.len() >= 9
        && text.bytes().all(|b| b.is_ascii_digit())
        && let Ok(number) = text.parse::<i64>()
    {
        let found =
            if number < 100_000_000_000 { Time::from_seconds(number) } else { Time::from_millis(number) };
        return found.ok_or_else(|| format!("'{text}' is out of range"));
    }
    let text = text.strip_suffix("UTC").map_or_else(|| text.to_owned(), |t| format!("{}Z", t.trim_end()));
    Time::parse(&text).map_err(|e| e.to_string())
}

/// What was done: the documented word, or what the usual names of activity types say; else it is told as it is written.
fn act(written: Option<&str>, begins: bool) -> (Act, Option<String>) {
    let message = if begins { Act::Opened } else { Act::Replied };
    let Some(written) = written else { return (message, None) };
    if let Some(act) = Act::from_word(&written.to_lowercase()) {
        return (act, None);
    }
    let words = words(written);
    let has = |any: &[&str]| words.iter().any(|w| any.contains(&w.as_str()));
    let act = if has(&["star", "starred", "stars"]) {
        Act::Starred
    } else if has(&["fork", "forked"]) {
        Act::Forked
    } else if has(&["attended", "attend", "attendance", "rsvp", "checkin"]) {
        Act::Attended
    } else if has(&["joined", "join", "signup", "subscribed"]) {
        Act::Joined
    } else if has(&["reaction", "reacted", "like", "liked", "vote", "upvote", "upvoted"]) {
        Act::Reacted
    } else if has(&["merged"]) {
        Act::Merged
    } else if has(&["reopened"]) {
        Act::Reopened
    } else if has(&["closed"]) {
        Act::Closed
    } else if has(&["review", "reviewed", "reviews"]) {
        Act::Reviewed
    } else if has(&["release", "released"]) {
        Act::Released
    } else if has(&["commit", "committed", "commits"]) {
        Act::Committed
    } else if has(&["accepted", "solution", "solved"]) {
        Act::Accepted
    } else if has(&["comment", "comments", "commented", "reply", "replied", "answer", "answered", "answers"])
    {
        Act::Replied
    } else if has(&["opened", "issue", "issues", "question", "asked", "topic", "discussion"]) {
        Act::Opened
    } else if has(&["message", "messages", "post", "posted", "thread", "mail", "email"]) {
        message
    } else {
        Act::Other
    };
    (act, Some(written.to_owned()))
}

fn guess(written: &str) -> ThreadKind {
    let words = words(written);
    let has = |any: &[&str]| words.iter().any(|w| any.contains(&w.as_str()));
    if has(&["pull", "merge", "pr"]) {
        ThreadKind::ChangeRequest
    } else if has(&["issue", "issues"]) {
        ThreadKind::Issue
    } else if has(&["question", "asked"]) {
        ThreadKind::Question
    } else if has(&["message", "messages", "slack", "discord"]) {
        ThreadKind::Chat
    } else if has(&["mail", "email"]) {
        ThreadKind::Mail
    } else {
        ThreadKind::Topic
    }
}

/// `GithubIssueOpened`, `issue_comment:created` -> their words, lower-case.
fn words(text: &str) -> Vec<String> {
    let mut spaced = String::with_capacity(text.len() + 8);
    let mut small = false;
    for c in text.chars() {
        if c.is_uppercase() && small {
            spaced.push(' ');
        }
        small = c.is_lowercase();
        spaced.push(if c.is_alphanumeric() { c } else { ' ' });
    }
    spaced.split_whitespace().map(str::to_lowercase).collect()
}
