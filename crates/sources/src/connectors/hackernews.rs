//! Hacker News: stories and comments as the Algolia search gives them.

use std::io::BufRead;

use rapport_model::{Act, Activity, Key, Place, ThreadFacts, ThreadKind, ThreadRef, Time, Who};
use serde::Deserialize;

use crate::contract::{
    About, Connector, Detected, Item, Out, Peek, Plan, Reader, Record, Reject, Unreadable, go_on,
};
use crate::markup;
use crate::scan::Elements;

/// The connector.
pub(crate) struct HackerNews;

impl Connector for HackerNews {
    fn about(&self) -> &'static About {
        &About {
            name: "hackernews",
            reads: "Hacker News: stories and comments that hold a word, from the Algolia search",
            how_to_get: "rapport add hackernews:WORD; or save https://hn.algolia.com/api/v1/search_by_date?query=WORD&hitsPerPage=1000 as a JSON file.",
            terms: "each author's own; Hacker News shows them by permission",
            limits: "only what holds the word: answers that do not are not there, so nobody's waiting can be told from it",
        }
    }

    fn detect(&self, peek: &dyn Peek) -> Option<Detected> {
        let mut json = peek.items().iter().filter(|n| n.ends_with(".json")).take(20);
        json.find_map(|name| {
            let all = peek.head(name, 1 << 20);
            let head = String::from_utf8_lossy(&all).into_owned();
            let fits = ["\"hits\"", "\"objectID\"", "\"_tags\""].iter().all(|key| head.contains(key));
            let word = super::github::after(&head, "\"query\"").filter(|word| !word.is_empty());
            let what = word.unwrap_or_else(|| peek.name().to_owned()).to_lowercase();
            fits.then(|| Detected {
                sure: 95,
                why: format!("{name} is an answer of the Hacker News search"),
                what,
            })
        })
    }

    fn reader(&self, _what: &str) -> Box<dyn Reader> {
        Box::new(Hits { place: Place::new("news.ycombinator.com") })
    }
}

struct Hits {
    place: Place,
}

#[derive(Deserialize)]
struct Hit {
    #[serde(rename = "objectID")]
    id: String,
    created_at_i: Option<i64>,
    updated_at: Option<String>,
    author: Option<String>,
    title: Option<String>,
    url: Option<String>,
    story_text: Option<String>,
    comment_text: Option<String>,
    story_id: Option<u64>,
    parent_id: Option<u64>,
    story_title: Option<String>,
    #[serde(rename = "_tags", default)]
    tags: Vec<String>,
}

impl Reader for Hits {
    fn plan(&self, name: &str) -> Plan {
        if name.ends_with(".json") { Plan::Read(0) } else { Plan::Skip }
    }

    fn read(&mut self, _item: &Item, body: &mut dyn BufRead, out: &mut dyn Out) -> Result<(), Unreadable> {
        let mut elements = Elements::new(body, &["hits[]", "[].hits[]"]);
        while let Some(element) = elements.next()? {
            match self.hit(element.bytes) {
                Ok(activity) => go_on(out.record(Record::one(element.bytes, activity)))?,
                Err(why) => go_on(out.reject(Reject::new(element.at(), why, element.bytes)))?,
            }
        }
        Ok(())
    }
}

impl Hits {
    fn hit(&self, bytes: &[u8]) -> Result<Activity, String> {
        let hit: Hit = serde_json::from_slice(bytes).map_err(|e| e.to_string())?;
        let at = hit.created_at_i.and_then(Time::from_seconds).ok_or("the creation time is missing")?;
        let who = hit.author.as_deref().filter(|a| !a.trim().is_empty()).map(|author| {
            let mut who = Who::new(&self.place, author); // logins are told apart by case there
            who.handle = Some(author.to_owned());
            who
        });
        if hit.id.is_empty() || !hit.id.bytes().all(|b| b.is_ascii_digit()) {
            return Err("the number is missing".to_owned());
        }
        let page = |id: &str| format!("https://news.ycombinator.com/item?id={id}");
        let comment = hit.comment_text.is_some() || hit.tags.iter().any(|t| t == "comment");
        let story = hit.story_id.filter(|_| comment).map_or_else(|| hit.id.clone(), |id| id.to_string());
        let thread = Key::new(format!("item/{story}"));
        let act = if comment { Act::Replied } else { Act::Opened };
        let mut said =
            Activity::new(Key::new(format!("item/{}", hit.id)), act, at, who, ThreadRef::Key(thread));
        let html = if comment { hit.comment_text } else { hit.story_text };
        said.text = markup::from_html(html.as_deref().unwrap_or(""));
        if let (false, Some(url)) = (comment, hit.url.as_deref().filter(|u| !u.is_empty())) {
            said.text = format!("{}\n{url}", said.text).trim().to_owned();
        }
        said.url = Some(page(&hit.id));
        said.reply_to = hit.parent_id.filter(|_| comment).map(|id| Key::new(format!("item/{id}")));
        said.updated = hit.updated_at.as_deref().and_then(|t| Time::parse(t).ok());
        said.facts = Some(Box::new(ThreadFacts {
            kind: Some(ThreadKind::Topic),
            title: hit.title.or(hit.story_title),
            url: Some(page(&story)),
            ..ThreadFacts::default()
        }));
        Ok(said)
    }
}
