//! RSS and Atom: what a blog, a release list or a forum announces, entry by entry.

use std::io::{BufRead, Read};

use quick_xml::events::Event;
use rapport_model::{Act, Activity, Key, Place, ThreadRef, Time, Who};

use crate::contract::{
    About, Connector, Detected, Item, Out, Peek, Plan, Reader, Record, Reject, Unreadable, go_on,
};
use crate::markup;

/// The connector.
pub(crate) struct Feed;

const LARGEST: u64 = 32 << 20;

/// How the replies of a living feed are called.
pub(crate) const ITEM: &str = "live/feed.xml";

impl Connector for Feed {
    fn about(&self) -> &'static About {
        &About {
            name: "feed",
            reads: "RSS and Atom feeds: one announcement an entry",
            how_to_get: "rapport add https://blog.example.org/feed.xml; or save the feed as a file.",
            terms: "as the site states; usually all rights reserved: quote and link",
            limits: "a feed holds only its newest entries; nobody asks or answers in it",
        }
    }

    fn detect(&self, peek: &dyn Peek) -> Option<Detected> {
        peek.items().iter().take(20).find_map(|name| {
            let head = String::from_utf8_lossy(&peek.head(name, 64 * 1024)).into_owned();
            if !is_feed(&head) {
                return None;
            }
            let what = own_address(&head).unwrap_or_else(|| peek.name().to_owned());
            Some(Detected { sure: 90, why: format!("{name} is an RSS or Atom feed"), what })
        })
    }

    fn reader(&self, what: &str) -> Box<dyn Reader> {
        Box::new(Entries { place: Place::new(&format!("feed:{what}")) })
    }
}

/// Whether a document is a feed.
pub(crate) fn is_feed(head: &str) -> bool {
    let start = head.trim_start_matches(['\u{feff}', ' ', '\n', '\r', '\t']);
    start.starts_with('<')
        && (head.contains("<rss") || head.contains("<feed") || head.contains("<rdf:RDF"))
        && !head.contains("<html")
}

/// Where the feed says that it stands, without the scheme.
fn own_address(head: &str) -> Option<String> {
    let quoted = |after: &str| {
        let rest = head.split_once(after)?.1;
        let tag = rest.split('>').next()?;
        let url = tag.split_once("href=\"")?.1.split('"').next()?;
        Some(url.split_once("://")?.1.trim_end_matches('/').to_lowercase())
    };
    let channel = || {
        let url = head.split_once("<link>")?.1.split('<').next()?.trim();
        Some(url.split_once("://")?.1.trim_end_matches('/').to_lowercase())
    };
    let own = head.split("<atom:link").chain(head.split("<link")).find_map(|tag| {
        let tag = tag.split('>').next()?;
        (tag.contains("rel=\"self\"")).then(|| tag.split_once("href=\"")?.1.split('"').next())?
    });
    own.and_then(|url| Some(url.split_once("://")?.1.trim_end_matches('/').to_lowercase()))
        .or_else(channel)
        .or_else(|| quoted("<link"))
        .filter(|what| !what.is_empty() && what.len() < 150)
}

struct Entries {
    place: Place,
}

/// What is gathered of one entry.
#[derive(Default)]
struct Entry {
    id: String,
    link: String,
    title: String,
    body: String,
    author: String,
    published: String,
    updated: String,
}

impl Reader for Entries {
    fn plan(&self, _name: &str) -> Plan {
        Plan::Read(0)
    }

    fn read(&mut self, item: &Item, body: &mut dyn BufRead, out: &mut dyn Out) -> Result<(), Unreadable> {
        let mut bytes = Vec::new();
        body.take(LARGEST).read_to_end(&mut bytes)?;
        let text = String::from_utf8_lossy(&bytes);
        let mut reader = quick_xml::Reader::from_str(&text);
        reader.config_mut().check_end_names = false;
        let mut entry: Option<(usize, Entry)> = None;
        let mut path: Vec<String> = Vec::new();
        let mut closed = false;
        loop {
            let before = usize::try_from(reader.buffer_position()).unwrap_or(0);
            let event = reader
                .read_event()
                .map_err(|e| Unreadable::Shape { at: format!("byte {before}"), why: e.to_string() })?;
            match event {
                Event::Start(tag) => {
                    let name = local(tag.name().as_ref());
                    if matches!(name.as_str(), "item" | "entry") && entry.is_none() {
                        entry = Some((before, Entry::default()));
                        path.clear();
                    } else if let Some((_, entry)) = &mut entry {
                        link(entry, &name, &tag);
                    }
                    if path.len() > 200 {
                        let (at, why) = (format!("byte {before}"), "nested too deeply".to_owned());
                        return Err(Unreadable::Shape { at, why });
                    }
                    path.push(name);
                }
                Event::Empty(tag) => {
                    if let Some((_, entry)) = &mut entry {
                        link(entry, &local(tag.name().as_ref()), &tag);
                    }
                }
                Event::Text(said) => {
                    if let Some((_, entry)) = &mut entry {
                        let said: &str = &said;
                        add(entry, &path, said);
                    }
                }
                Event::CData(said) => {
                    if let Some((_, entry)) = &mut entry {
                        let said: &str = &said;
                        add(entry, &path, said);
                    }
                }
                Event::GeneralRef(name) => {
                    if let Some((_, entry)) = &mut entry {
                        let name: &str = &name;
                        let whole = format!("&{name};");
                        let plain = quick_xml::escape::unescape(&whole)
                            .map_or_else(|_| whole.clone(), std::borrow::Cow::into_owned);
                        add(entry, &path, &plain);
                    }
                }
                Event::End(tag) => {
                    path.pop();
                    let name = local(tag.name().as_ref());
                    closed |= matches!(name.as_str(), "rss" | "feed" | "RDF");
                    if matches!(name.as_str(), "item" | "entry")
                        && let Some((start, done)) = entry.take()
                    {
                        let end = usize::try_from(reader.buffer_position()).unwrap_or(start);
                        let raw = text.get(start..end).unwrap_or("").as_bytes();
                        match self.announced(&done) {
                            Ok(mut activity) => {
                                // An older file that is read later is no change; a living feed is as it is, also where
                                // a correction was undone and its date is what it was.
                                activity.updated = activity.updated.filter(|_| item.name != ITEM);
                                go_on(out.record(Record::one(raw, activity)))?;
                            }
                            Err(why) => go_on(out.reject(Reject::new(format!("byte {start}"), why, raw)))?,
                        }
                    }
                }
                Event::Eof if !closed => {
                    let (at, why) = (format!("byte {before}"), "the document ends too early".to_owned());
                    return Err(Unreadable::Shape { at, why });
                }
                Event::Eof => return Ok(()),
                _ => {}
            }
        }
    }
}

/// A tag's name without its prefix; `content:encoded` and `dc:creator` are known by what stands behind it.
fn local(name: &str) -> String {
    name.rsplit(':').next().unwrap_or(name).to_owned()
}

fn link(entry: &mut Entry, name: &str, tag: &quick_xml::events::BytesStart<'_>) {
    if name != "link" {
        return;
    }
    let value = |wanted: &str| {
        let found =
            tag.attributes().with_checks(false).flatten().take(16).find(|a| a.key.as_ref() == wanted)?;
        Some(quick_xml::escape::unescape(&found.value).ok()?.into_owned())
    };
    let rel = value("rel");
    if let Some(href) = value("href").filter(|_| rel.as_deref().is_none_or(|r| r == "alternate")) {
        entry.link = href;
    }
}

fn add(entry: &mut Entry, path: &[String], said: &str) {
    // What stands in an entry begins behind the entry's own name.
    let (Some(name), deep) = (path.last(), path.len()) else { return };
    let field = match name.as_str() {
        "guid" | "id" if deep == 2 => &mut entry.id,
        "link" if deep == 2 => &mut entry.link,
        "title" if deep == 2 => &mut entry.title,
        "encoded" | "content" | "description" | "summary" if deep == 2 => &mut entry.body,
        "creator" if deep == 2 => &mut entry.author,
        "author" if deep == 2 => &mut entry.author,
        "name" if path.iter().any(|p| p == "author") => &mut entry.author,
        "pubDate" | "published" | "date" if deep == 2 => &mut entry.published,
        "updated" if deep == 2 => &mut entry.updated,
        _ => return,
    };
    if field.len() < 4 << 20 {
        field.push_str(said);
    }
}

fn moment(text: &str) -> Option<Time> {
    let text = text.trim();
    Time::parse(text).ok().filter(|_| !text.is_empty()).or_else(|| {
        let stamp = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text).ok()?;
        Time::from_millis(stamp.as_millisecond())
    })
}

impl Entries {
    fn announced(&self, entry: &Entry) -> Result<Activity, String> {
        let link = entry.link.trim();
        let id = Some(entry.id.trim()).filter(|id| !id.is_empty()).or(Some(link).filter(|l| !l.is_empty()));
        let id = id.ok_or("neither an id nor a link")?;
        let at = moment(&entry.published)
            .or_else(|| moment(&entry.updated))
            .ok_or("it cannot be placed in time")?;
        let author = entry.author.trim();
        let who = (!author.is_empty()).then(|| {
            let mut who = Who::new(&self.place, author.to_lowercase());
            who.name = Some(author.to_owned());
            who
        });
        let mut said = Activity::new(Key::new(format!("entry/{id}")), Act::Other, at, who, ThreadRef::None);
        let body = markup::from_html(&entry.body);
        let title = markup::from_html(&entry.title);
        said.text = format!("{}\n\n{body}", title.trim()).trim().to_owned();
        said.url = Some(link.to_owned()).filter(|l| !l.is_empty());
        said.detail = Some("entry".to_owned());
        said.updated = moment(&entry.updated);
        Ok(said)
    }
}
