//! Mail: mbox files and the text archives of pipermail. Threads go by Message-ID, In-Reply-To and References.
//!
//! "From " at the beginning of a line also occurs in bodies: it begins a message only behind an empty line, where it
//! ends in a date, and where a header follows. Addresses that an archive obfuscates stay as they are: they name the
//! sender, but are no address.

use std::io::{BufRead, Read};

use mail_parser::{Address, HeaderValue, Message, MessageParser};
use rapport_model::{Act, Activity, Key, Place, ThreadFacts, ThreadKind, ThreadRef, Time, Who};

use crate::contract::{
    About, Connector, Detected, Item, Out, Peek, Plan, Reader, Record, Reject, Unreadable, go_on,
};
use crate::markup;

/// The connector.
pub(crate) struct Mbox;

const LARGEST: usize = 64 << 20;

impl Connector for Mbox {
    fn about(&self) -> &'static About {
        &About {
            name: "mbox",
            reads: "Mailing lists: mbox files, pipermail text archives, folders of them, gzip or not",
            how_to_get: "Download the monthly archives of the list (\"Gzip'd Text\") into one folder.",
            terms: "each author's own; public archives only",
            limits: "obfuscated addresses name their senders but cannot be written to",
        }
    }

    fn detect(&self, peek: &dyn Peek) -> Option<Detected> {
        let first = peek.items().iter().take(20).find(|name| {
            let head = peek.head(name, 4_096);
            let line = head.split(|b| *b == b'\n').next().unwrap_or_default();
            is_envelope(line) && head.split(|b| *b == b'\n').nth(1).is_some_and(is_header)
        })?;
        let head = String::from_utf8_lossy(&peek.head(first, 64 * 1024)).into_owned();
        let list =
            head.lines().find_map(|l| l.strip_prefix("List-Id:").or_else(|| l.strip_prefix("List-ID:")));
        let list = list
            .and_then(|l| l.rsplit_once('<'))
            .map(|(_, id)| id.trim_end_matches(['>', ' ']).to_lowercase());
        let name = peek.name();
        let name = name.strip_suffix(".mbox").or_else(|| name.strip_suffix(".txt")).unwrap_or(name);
        Some(Detected {
            sure: 85,
            what: list.unwrap_or_else(|| name.to_owned()),
            why: format!("{first} begins like an mbox"),
        })
    }

    fn reader(&self, what: &str) -> Box<dyn Reader> {
        Box::new(List { place: Place::new(Place::MAIL), list: what.to_owned() })
    }
}

/// `From somebody  Tue Jan  2 13:59:13 2024`
fn is_envelope(line: &[u8]) -> bool {
    let Some(rest) = line.strip_prefix(b"From ") else { return false };
    let text = String::from_utf8_lossy(rest);
    let words: Vec<&str> = text.split_whitespace().collect();
    let clock = words
        .iter()
        .any(|w| w.len() >= 4 && w.contains(':') && w.bytes().all(|b| b.is_ascii_digit() || b == b':'));
    let year = words.iter().rev().take(3).any(|w| w.len() == 4 && w.bytes().all(|b| b.is_ascii_digit()));
    clock && year
}

fn is_header(line: &[u8]) -> bool {
    let name = line.split(|b| *b == b':').next().unwrap_or_default();
    name.len() < line.len()
        && !name.is_empty()
        && name.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'-')
        || line.starts_with(b">From ")
}

struct List {
    place: Place,
    list: String,
}

impl Reader for List {
    fn plan(&self, name: &str) -> Plan {
        let hidden = name.rsplit('/').next().is_some_and(|n| n.starts_with('.'));
        let other =
            [".json", ".xml", ".html", ".zip", ".csv", ".png", ".md"].iter().any(|e| name.ends_with(e));
        if hidden || other { Plan::Skip } else { Plan::Read(0) }
    }

    fn read(&mut self, item: &Item, body: &mut dyn BufRead, out: &mut dyn Out) -> Result<(), Unreadable> {
        if item.name == ROW {
            return self.row(body, out);
        }
        let mut message: Vec<u8> = Vec::new();
        let mut line: Vec<u8> = Vec::new();
        let (mut offset, mut began, mut blank) = (0_u64, 0_u64, true);
        // A "From " line whose fate hangs on the line behind it.
        let mut pending: Option<Vec<u8>> = None;
        let mut over = false;
        loop {
            line.clear();
            let n = (&mut *body).take(LARGEST as u64).read_until(b'\n', &mut line)?;
            if let Some(envelope) = pending.take() {
                if is_header(&line) {
                    self.mail(&message, began, std::mem::take(&mut over), out)?;
                    message.clear();
                    began = offset - envelope.len() as u64;
                }
                message.extend_from_slice(&envelope);
            }
            if n == 0 {
                return self.mail(&message, began, over, out);
            }
            offset += n as u64;
            if blank && is_envelope(line.trim_ascii_end()) {
                pending = Some(line.clone());
            } else if message.len() < LARGEST {
                message.extend_from_slice(&line);
            } else {
                over = true;
            }
            blank = line.trim_ascii_end().is_empty();
        }
    }
}

/// The name under which a row of mails is read that came one by one: `<number> <mail|gone|large> <bytes>\n<mail>\n`.
pub(crate) const ROW: &str = "live/mails";

impl List {
    fn row(&self, body: &mut dyn BufRead, out: &mut dyn Out) -> Result<(), Unreadable> {
        let mut head = String::new();
        loop {
            head.clear();
            if (&mut *body).take(200).read_line(&mut head)? == 0 {
                return Ok(());
            }
            let shape =
                || Unreadable::Shape { at: "a row of mails".to_owned(), why: "a mail is cut off".to_owned() };
            let words: Vec<&str> = head.split_whitespace().collect();
            let [number, kind, len] = words[..] else { return Err(shape()) };
            let len: u64 = len.parse().map_err(|_| shape())?;
            let mut raw = Vec::new();
            (&mut *body).take((len + 1).min(LARGEST as u64)).read_to_end(&mut raw)?;
            if raw.pop() != Some(b'\n') || raw.len() as u64 != len {
                return Err(shape());
            }
            let told = match kind {
                "large" => Err("a mail larger than 16 MiB".to_owned()),
                _ => self.activity(&raw),
            };
            let record = match told {
                // Withdrawn: the same mail, and that it is gone.
                Ok(activity) if kind == "gone" => {
                    let gone = Activity { deleted: true, ..activity };
                    Record::one(&[b"gone\n", raw.as_slice()].concat(), gone)
                }
                Ok(activity) => Record { fixed: true, ..Record::one(&raw, activity) },
                Err(why) => {
                    go_on(out.reject(Reject::new(format!("mail {number}"), why, &raw)))?;
                    continue;
                }
            };
            go_on(out.record(record))?;
        }
    }

    fn mail(&self, raw: &[u8], at: u64, over: bool, out: &mut dyn Out) -> Result<(), Unreadable> {
        if raw.trim_ascii().is_empty() {
            return Ok(());
        }
        if over {
            let why = "a mail larger than 64 MiB";
            return go_on(out.reject(Reject::new(format!("byte {at}"), why, raw)));
        }
        match self.activity(raw) {
            Ok(activity) => go_on(out.record(Record { fixed: true, ..Record::one(raw, activity) })),
            Err(why) => go_on(out.reject(Reject::new(format!("byte {at}"), why, raw))),
        }
    }

    fn activity(&self, raw: &[u8]) -> Result<Activity, String> {
        let (envelope, headers) = match raw.strip_prefix(b"From ") {
            Some(_) => raw.split_at(raw.iter().position(|b| *b == b'\n').map_or(raw.len(), |n| n + 1)),
            None => (&raw[..0], raw),
        };
        if !headers.split(|b| *b == b'\n').any(|line| line.trim_ascii().is_empty()) {
            return Err("cut off in its headers".to_owned());
        }
        let mail = MessageParser::default().parse(headers).ok_or("no mail headers could be read")?;
        let at = mail
            .date()
            .filter(|d| d.is_valid() && d.year > 1970)
            .and_then(|d| Time::from_seconds(d.to_timestamp()))
            .or_else(|| envelope_time(envelope))
            .ok_or("neither the Date header nor the envelope holds a date")?;
        let from = header(headers, b"from:");
        let who = self.sender(&mail, &from);
        let subject = mail.subject().unwrap_or("").to_owned();
        let key = match mail.message_id() {
            Some(id) => Key::new(format!("msg/{id}")),
            None => Key::of_content("msg/", &[&at.to_string(), &from, &subject]),
        };
        let parent = ids(mail.in_reply_to())
            .into_iter()
            .next()
            .or_else(|| ids(mail.references()).into_iter().next_back());
        let parent = parent.map(|id| Key::new(format!("msg/{id}"))).filter(|p| *p != key);
        let (act, thread) = match &parent {
            Some(parent) => (Act::Replied, ThreadRef::Of(parent.clone())),
            None => (Act::Opened, ThreadRef::Key(key.clone())),
        };
        let mut activity = Activity::new(key, act, at, who, thread);
        activity.reply_to = parent;
        activity.text = match mail.text_bodies().next().filter(|p| !p.is_text_html()) {
            Some(part) => part.text_contents().unwrap_or("").trim().to_owned(),
            None => mail
                .html_bodies()
                .next()
                .and_then(|p| p.text_contents())
                .map(markup::from_html)
                .unwrap_or_default(),
        };
        if !envelope.is_empty() {
            activity.text = unescaped(activity.text);
        }
        activity.facts = Some(Box::new(ThreadFacts {
            kind: Some(ThreadKind::Mail),
            title: Some(bare(&subject)).filter(|t| !t.is_empty()),
            container: Some(self.list.clone()),
            ..ThreadFacts::default()
        }));
        Ok(activity)
    }

    fn sender(&self, mail: &Message<'_>, from: &str) -> Option<Who> {
        let parsed = match mail.from() {
            Some(Address::List(list)) => list.first(),
            Some(Address::Group(groups)) => groups.first().and_then(|g| g.addresses.first()),
            None => None,
        };
        let address = parsed.and_then(|a| a.address.as_deref()).unwrap_or("").trim().to_lowercase();
        let real = address.split_once('@').is_some_and(|(local, host)| {
            !local.is_empty()
                && host.contains('.')
                && !address.contains(|c: char| c.is_whitespace() || "|\"<>".contains(c))
        });
        // pipermail: `ada @end|ng |rom example@org (Ada)` or `ada at example.org (Ada)`
        let (masked, name) = match from.rsplit_once('(') {
            Some((before, name)) => {
                (before.trim(), Some(name.trim_end_matches([')', ' ']).trim().to_owned()))
            }
            None => (from.trim(), None),
        };
        let name = parsed
            .and_then(|a| a.name.as_deref())
            .map(|n| n.trim().to_owned())
            // A lenient parser takes the masked address for a part of the name.
            .filter(|n| !n.is_empty() && (name.is_none() || masked.is_empty() || !n.contains(masked)))
            .or_else(|| name.clone());
        let unmasked = masked
            .split_once(" at ")
            .filter(|(l, h)| !l.contains(' ') && !h.contains(' ') && h.contains('.'));
        let (key, email) = match (real, unmasked) {
            (true, _) => (address.clone(), Some(address)),
            (false, Some((local, host))) => {
                let address = format!("{local}@{host}").to_lowercase();
                (address.clone(), Some(address))
            }
            (false, None) => (masked.to_lowercase(), None),
        };
        let name = name.filter(|n| !n.is_empty());
        let key = if key.is_empty() { name.clone()?.to_lowercase() } else { key };
        let mut who = Who::new(&self.place, key);
        who.name = name;
        who.email = email;
        Some(who)
    }
}

/// A header's raw value, decoded if it holds encoded words, unfolded; for what a strict address parser cannot read.
fn header(headers: &[u8], name: &[u8]) -> String {
    let mut value: Vec<u8> = Vec::new();
    let mut inside = false;
    for line in headers.split(|b| *b == b'\n') {
        if line.trim_ascii().is_empty() {
            break;
        }
        if inside && (line.starts_with(b" ") || line.starts_with(b"\t")) {
            value.push(b' ');
            value.extend_from_slice(line.trim_ascii());
        } else {
            inside = line.len() >= name.len() && line[..name.len()].eq_ignore_ascii_case(name);
            if inside {
                value = line[name.len()..].trim_ascii().to_vec();
            }
        }
    }
    let text = String::from_utf8_lossy(&value).into_owned();
    if text.contains("=?") {
        let fake = [b"Subject: ".as_slice(), &value, b"\n\n"].concat();
        return MessageParser::default()
            .parse(&fake)
            .and_then(|m| m.subject().map(str::to_owned))
            .unwrap_or(text);
    }
    text
}

fn ids(value: &HeaderValue<'_>) -> Vec<String> {
    match value {
        HeaderValue::Text(id) => vec![id.to_string()],
        HeaderValue::TextList(list) => list.iter().map(ToString::to_string).collect(),
        _ => Vec::new(),
    }
}

/// The subject without Re:, Fwd:, AW: and list tags.
fn bare(subject: &str) -> String {
    let mut rest = subject.trim();
    loop {
        let before = rest;
        for prefix in ["re:", "fwd:", "fw:", "aw:", "sv:", "antw:", "re :"] {
            if rest.get(..prefix.len()).is_some_and(|p| p.eq_ignore_ascii_case(prefix)) {
                rest = rest[prefix.len()..].trim_start();
            }
        }
        if let Some((tag, more)) = rest.strip_prefix('[').and_then(|r| r.split_once(']'))
            && tag.len() <= 40
            && !more.trim().is_empty()
        {
            rest = more.trim_start();
        }
        if rest.len() == before.len() {
            return rest.split_whitespace().collect::<Vec<_>>().join(" ");
        }
    }
}

/// In an mbox a line that would begin a mail is written as `>From `: nobody wrote that.
fn unescaped(text: String) -> String {
    if memchr::memmem::find(text.as_bytes(), b">From ").is_none() {
        return text;
    }
    let line = |line: &str| match line.trim_start_matches('>').starts_with("From ") {
        true => line.strip_prefix('>').unwrap_or(line).to_owned(),
        false => line.to_owned(),
    };
    text.split('\n').map(line).collect::<Vec<_>>().join("\n")
}

/// The date of `From x  Tue Jan  2 13:59:13 2024`, taken as UTC.
fn envelope_time(envelope: &[u8]) -> Option<Time> {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let text = String::from_utf8_lossy(envelope).into_owned();
    let words: Vec<&str> = text.split_whitespace().collect();
    let clock = words.iter().rposition(|w| w.contains(':'))?;
    let day: u8 = words.get(clock.checked_sub(1)?)?.parse().ok()?;
    let month = MONTHS.iter().position(|m| words.get(clock.wrapping_sub(2)) == Some(m))? + 1;
    let year: u16 =
        words.iter().skip(clock + 1).find_map(|w| w.parse().ok().filter(|y| (1970..=9999).contains(y)))?;
    Time::parse(&format!("{year:04}-{month:02}-{day:02}T{}", words[clock])).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ops::ControlFlow;

    #[derive(Default)]
    struct Kept(Vec<Record>, Vec<Reject>);
    impl Out for Kept {
        fn record(&mut self, record: Record) -> ControlFlow<()> {
            self.0.push(record);
            ControlFlow::Continue(())
        }
        fn reject(&mut self, reject: Reject) -> ControlFlow<()> {
            self.1.push(reject);
            ControlFlow::Continue(())
        }
        fn whole_thread(&mut self, _: Key) {}
    }

    fn read(text: &[u8]) -> Kept {
        let mut kept = Kept::default();
        let mut list = List { place: Place::new("mail"), list: "acme-users".into() };
        list.read(&Item { name: "x".into() }, &mut &text[..], &mut kept).unwrap();
        kept
    }

    const TWO: &[u8] = b"From ada at example.org  Tue Jan  2 13:59:13 2024\nFrom: ada at example.org (Ada)\nDate: Tue, 2 Jan 2024 13:59:13 +0100\n\
Subject: [acme-users] Retries\nMessage-ID: <1@x>\n\nFirst line.\n\nFrom here it gets worse.\n\nFrom now on at 12:00 2024\nno header follows\n\n\
From l|n @end|ng |rom ex@mp|e@org  Tue Jan  2 15:00:00 2024\nFrom: l|n @end|ng |rom ex@mp|e@org (Lin)\nDate: Tue, 2 Jan 2024 15:00:00 +0000\n\
Subject: Re: [acme-users] Retries\nIn-Reply-To: <1@x>\nMessage-ID: <2@x>\n\n> First line.\nYes.\n";

    #[test]
    fn from_inside_a_body_begins_nothing() {
        let kept = read(TWO);
        assert_eq!((kept.0.len(), kept.1.len()), (2, 0));
        let (one, two) = (&kept.0[0].activities[0], &kept.0[1].activities[0]);
        assert!(one.text.contains("no header follows"));
        assert_eq!(one.at.to_string(), "2024-01-02T12:59:13Z");
        assert_eq!(one.who.as_ref().and_then(|w| w.email.as_deref()), Some("ada@example.org"));
        assert_eq!(two.who.as_ref().map(|w| (w.shown(), w.email.is_none())), Some(("Lin", true)));
        assert_eq!(two.thread, ThreadRef::Of(Key::new("msg/1@x")));
        assert_eq!(two.facts.as_ref().and_then(|f| f.title.as_deref()), Some("Retries"));
    }

    #[test]
    fn what_an_mbox_escapes_is_read_as_it_was_written() {
        let escaped = b"From x  Tue Jan  2 13:59:13 2024\nFrom: a@b.example\nMessage-ID: <3@x>\n\n>From there on.\n>>From the one before.\n> From afar.\n";
        let text = |kept: &Kept| kept.0[0].activities[0].text.clone();
        assert_eq!(text(&read(escaped)), "From there on.\n>From the one before.\n> From afar.");
        // Without an envelope it is no mbox, and nobody escaped anything.
        let bare = String::from_utf8_lossy(&escaped[33..])
            .replace("From: ", "Date: Tue, 2 Jan 2024 13:59:13 +0100\nFrom: ");
        assert!(text(&read(bare.as_bytes())).starts_with(">From there on."));
    }

    #[test]
    fn a_mail_without_any_date_is_set_aside() {
        let kept = read(b"From x at 99:99 2024\nSubject: no date\n\nbody\n");
        assert_eq!((kept.0.len(), kept.1.len()), (0, 1));
    }
}
