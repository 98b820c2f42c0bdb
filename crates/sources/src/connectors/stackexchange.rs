//! Stack Exchange: the official dump's XML, row by row, however large the file, and the answers of its API.

mod api;

use std::collections::HashMap;
use std::io::BufRead;

use quick_xml::events::Event;
use rapport_model::{Act, Activity, Key, Mark, Place, ThreadFacts, ThreadKind, ThreadRef, Time, Who};

use crate::contract::{
    About, Connector, Detected, Item, Out, Peek, Plan, Reader, Record, Reject, Unreadable, go_on,
};
use crate::markup;

/// The connector.
pub(crate) struct StackExchange;

const LARGEST: usize = 4 << 20;
/// No row has so many attributes.
const MOST: usize = 64;

impl Connector for StackExchange {
    fn about(&self) -> &'static About {
        &About {
            name: "stackexchange",
            reads: "Stack Exchange data dumps (Posts.xml, Comments.xml, Users.xml) and answers of its API",
            how_to_get: "The site's archive from the Stack Exchange data dump, unpacked into a folder named like the site.",
            terms: "CC BY-SA: name the author and link the post",
            limits: "",
        }
    }

    fn detect(&self, peek: &dyn Peek) -> Option<Detected> {
        if let Some(found) = of_api(peek) {
            return Some(found);
        }
        let posts = peek.items().iter().find(|n| n.rsplit('/').next() == Some("Posts.xml"))?;
        let head = String::from_utf8_lossy(&peek.head(posts, 4_096)).into_owned();
        let folder = posts.rsplit('/').nth(1).unwrap_or(peek.name());
        head.contains("<posts>").then(|| Detected {
            sure: 95,
            what: folder.to_lowercase(),
            why: "Posts.xml of a Stack Exchange dump".to_owned(),
        })
    }

    fn reader(&self, what: &str) -> Box<dyn Reader> {
        // Behind the site stand the tags that are followed there.
        let what = what.split('/').next().unwrap_or(what);
        let host = if what.contains('.') { what.to_owned() } else { format!("{what}.stackexchange.com") };
        Box::new(Site { place: Place::new(&format!("stackexchange:{what}")), host, users: HashMap::new() })
    }
}

/// Recorded answers of the API: questions with their answers, and links that name the site.
fn of_api(peek: &dyn Peek) -> Option<Detected> {
    peek.items().iter().filter(|name| name.ends_with(".json")).take(20).find_map(|name| {
        let head = String::from_utf8_lossy(&peek.head(name, 64 * 1024)).into_owned();
        let fits =
            ["\"items\"", "\"question_id\"", "\"quota_remaining\""].iter().filter(|k| head.contains(*k));
        (fits.count() >= 2).then_some(())?;
        let link = head.split_once("\"link\"")?.1.split_once("https://")?.1;
        let host = link.split(['/', '"']).next()?.to_lowercase();
        Some(Detected { sure: 95, what: host, why: format!("{name} is an answer of the Stack Exchange API") })
    })
}

struct Site {
    place: Place,
    host: String,
    users: HashMap<i64, String>,
}

type Row = HashMap<String, String>;

impl Reader for Site {
    fn plan(&self, name: &str) -> Plan {
        match name.rsplit('/').next() {
            Some("Users.xml") => Plan::Setup,
            Some("Posts.xml") => Plan::Read(0),
            Some("Comments.xml") => Plan::Read(1),
            Some(file) if file.ends_with(".json") => Plan::Read(2),
            _ => Plan::Skip,
        }
    }

    fn read(&mut self, item: &Item, body: &mut dyn BufRead, out: &mut dyn Out) -> Result<(), Unreadable> {
        let file = item.name.rsplit('/').next().unwrap_or("").to_owned();
        if file.ends_with(".json") {
            return api::read(&self.place, &self.host, body, out);
        }
        let mut rows = Rows { body, offset: 0, row: Vec::new(), closed: false };
        while rows.next()? {
            let at = format!("byte {}", rows.offset.saturating_sub(rows.row.len() as u64));
            let read = attributes(&rows.row).and_then(|row| match file.as_str() {
                "Users.xml" => self.user(&row).map(|()| None),
                "Posts.xml" => self.post(&row).map(Some),
                _ => self.comment(&row).map(Some),
            });
            match read {
                Ok(None) => {}
                Ok(Some(activity)) => go_on(out.record(Record::one(&rows.row, activity)))?,
                Err(why) => go_on(out.reject(Reject::new(at, why, &rows.row)))?,
            }
        }
        Ok(())
    }
}

/// Finds `<row .../>` after `<row .../>`: one broken row does not take the others along.
struct Rows<'r> {
    body: &'r mut dyn BufRead,
    offset: u64,
    row: Vec<u8>,
    /// The end of the document was met.
    closed: bool,
}

impl Rows<'_> {
    /// To the next row; `false` at the end. Inside attributes `<` and `>` are escaped.
    fn next(&mut self) -> Result<bool, Unreadable> {
        loop {
            let skipped = self.body.skip_until(b'<')?;
            self.offset += skipped as u64;
            self.row.clear();
            self.row.push(b'<');
            let whole = skipped > 0 && self.fill()?;
            if !whole {
                // Cut off inside of an element: the reader says so when it finds no row in it.
                if self.row.len() > 1 {
                    return Ok(true);
                }
                if self.closed {
                    return Ok(false);
                }
                let (at, why) = (format!("byte {}", self.offset), "the document ends too early".to_owned());
                return Err(Unreadable::Shape { at, why });
            }
            if self.row.starts_with(b"<row ") || self.row.len() > LARGEST {
                return Ok(true);
            }
            self.closed |= self.row.starts_with(b"</") || self.row.ends_with(b"/>");
        }
    }

    /// Reads to the `>`, and keeps no more than is read; `false` when there is none.
    fn fill(&mut self) -> Result<bool, Unreadable> {
        loop {
            let buffer = self.body.fill_buf()?;
            if buffer.is_empty() {
                return Ok(false);
            }
            let end = memchr::memchr(b'>', buffer).map(|n| n + 1);
            let used = end.unwrap_or(buffer.len());
            let room = (LARGEST + 1).saturating_sub(self.row.len()).min(used);
            self.row.extend_from_slice(&buffer[..room]);
            self.body.consume(used);
            self.offset += used as u64;
            if end.is_some() {
                return Ok(true);
            }
        }
    }
}

fn attributes(row: &[u8]) -> Result<Row, String> {
    if row.len() > LARGEST {
        return Err("a row larger than 4 MiB".to_owned());
    }
    let text = std::str::from_utf8(row).map_err(|e| e.to_string())?;
    let mut reader = quick_xml::Reader::from_str(text);
    let event = reader.read_event().map_err(|e| e.to_string())?;
    let Event::Empty(element) = event else { return Err("a row is not closed".to_owned()) };
    let mut found = Row::new();
    let mut attributes = element.attributes();
    attributes.with_checks(false); // they compare each with all
    for (n, attribute) in attributes.enumerate() {
        if n == MOST {
            return Err(format!("a row of more than {MOST} attributes"));
        }
        let attribute = attribute.map_err(|e| e.to_string())?;
        let value = quick_xml::escape::unescape(&attribute.value).map_err(|e| e.to_string())?;
        found.entry(attribute.key.as_ref().to_owned()).or_insert_with(|| value.into_owned());
    }
    Ok(found)
}

fn id(row: &Row, name: &str) -> Result<i64, String> {
    row.get(name).and_then(|v| v.parse().ok()).ok_or_else(|| format!("{name} is missing"))
}

fn at(row: &Row) -> Result<Time, String> {
    Time::parse(row.get("CreationDate").ok_or("CreationDate is missing")?).map_err(|e| e.to_string())
}

impl Site {
    fn user(&mut self, row: &Row) -> Result<(), String> {
        self.users.insert(id(row, "Id")?, row.get("DisplayName").cloned().unwrap_or_default());
        Ok(())
    }

    fn who(&self, row: &Row, field: &str) -> Option<Who> {
        let user = id(row, field).ok()?; // a deleted user has no id
        let mut who = Who::new(&self.place, user.to_string());
        who.name = self.users.get(&user).filter(|n| !n.is_empty()).cloned();
        who.bot = user == -1;
        Some(who)
    }

    fn post(&self, row: &Row) -> Result<Activity, String> {
        let number = id(row, "Id")?;
        let key = Key::new(format!("post/{number}"));
        let kind = id(row, "PostTypeId")?;
        let (act, thread) = match kind {
            1 => (Act::Opened, ThreadRef::Key(key.clone())),
            2 => (Act::Replied, ThreadRef::Key(Key::new(format!("post/{}", id(row, "ParentId")?)))),
            _ => (Act::Other, ThreadRef::None),
        };
        let mut activity = Activity::new(key, act, at(row)?, self.who(row, "OwnerUserId"), thread);
        activity.text = markup::from_html(row.get("Body").map_or("", String::as_str));
        let letter = if kind == 2 { "a" } else { "q" };
        let url = format!("https://{}/{letter}/{number}", self.host);
        activity.url = Some(url.clone());
        if kind == 1 {
            let closed = row.get("ClosedDate").and_then(|t| Time::parse(t).ok());
            activity.facts = Some(Box::new(ThreadFacts {
                kind: Some(ThreadKind::Question),
                title: row.get("Title").cloned(),
                url: Some(url),
                mark: closed.map(|_| Mark::NotPlanned),
                closed_at: closed,
                labels: row.get("Tags").map(|t| tags(t)).unwrap_or_default(),
                accepted: id(row, "AcceptedAnswerId").ok().map(|a| Key::new(format!("post/{a}"))),
                ..ThreadFacts::default()
            }));
        }
        Ok(activity)
    }

    fn comment(&self, row: &Row) -> Result<Activity, String> {
        let post = Key::new(format!("post/{}", id(row, "PostId")?));
        let key = Key::new(format!("comment/{}", id(row, "Id")?));
        let mut activity =
            Activity::new(key, Act::Replied, at(row)?, self.who(row, "UserId"), ThreadRef::Of(post.clone()));
        activity.text = row.get("Text").cloned().unwrap_or_default();
        activity.reply_to = Some(post);
        Ok(activity)
    }
}

/// `<a><b>` or `|a|b|`
fn tags(text: &str) -> Vec<String> {
    text.split(['<', '>', '|']).filter(|t| !t.is_empty()).map(str::to_owned).collect()
}
