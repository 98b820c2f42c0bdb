//! The week as an Atom feed (RFC 4287): one entry, with the whole digest as HTML in it.

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};

use super::digest;
use super::html;
use crate::desk::digest::Week;
use crate::page::line;

/// Writes it.
pub(crate) fn write(week: &Week) -> String {
    let mut out = Writer::new_with_indent(Vec::new(), b' ', 2);
    let _ = feed(&mut out, week); // writing into memory cannot fail
    let mut text = String::from_utf8(out.into_inner()).unwrap_or_default();
    text.push('\n');
    text
}

fn feed(out: &mut Writer<Vec<u8>>, week: &Week) -> std::io::Result<()> {
    let name = line(&week.community, 80);
    // Names of the feed and its entry that stay the same whenever it is made again.
    let slug: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' }).collect();
    let id = format!("urn:rapport:digest:{slug}");
    let updated = week.as_of.to_string();
    out.write_event(Event::Decl(BytesDecl::new("1.0", Some("utf-8"), None)))?;
    out.write_event(Event::Start(
        BytesStart::new("feed").with_attributes([("xmlns", "http://www.w3.org/2005/Atom")]),
    ))?;
    text(out, "id", &id)?;
    text(out, "title", &format!("{name}: the community's week"))?;
    text(out, "updated", &updated)?;
    author(out, &name)?;
    text(out, "generator", "Rapport")?;
    out.write_event(Event::Start(BytesStart::new("entry")))?;
    text(out, "id", &format!("{id}:{}", week.week))?;
    text(out, "title", &format!("{name}: week {}", week.week))?;
    text(out, "updated", &updated)?;
    text(out, "summary", &digest::summary(week))?;
    out.write_event(Event::Start(BytesStart::new("content").with_attributes([("type", "html")])))?;
    out.write_event(Event::Text(BytesText::new(&html::body(&digest::page(week)))))?;
    out.write_event(Event::End(BytesEnd::new("content")))?;
    out.write_event(Event::End(BytesEnd::new("entry")))?;
    out.write_event(Event::End(BytesEnd::new("feed")))
}

fn author(out: &mut Writer<Vec<u8>>, name: &str) -> std::io::Result<()> {
    out.write_event(Event::Start(BytesStart::new("author")))?;
    text(out, "name", name)?;
    out.write_event(Event::End(BytesEnd::new("author")))
}

fn text(out: &mut Writer<Vec<u8>>, tag: &str, words: &str) -> std::io::Result<()> {
    // What XML cannot hold at all goes, even when it is escaped.
    let words: String = words.chars().filter(|c| !c.is_control() || *c == '\n' || *c == '\t').collect();
    out.write_event(Event::Start(BytesStart::new(tag)))?;
    out.write_event(Event::Text(BytesText::new(&words)))?;
    out.write_event(Event::End(BytesEnd::new(tag)))
}
