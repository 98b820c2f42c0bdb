//! The CSV form. Its quotes are broken (a quote inside a message is not always doubled), its delimiter changes midway
//! when exports of two versions were joined, and messages have line breaks; so a row is found by how it begins, an
//! account's number, a name and a date, and its last fields are found from its end.

use std::collections::HashMap;
use std::io::BufRead;

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use rapport_model::{Act, Activity, Key, Place, ThreadFacts, ThreadKind, ThreadRef, Time, Who};

use crate::contract::{Out, Record, Reject, Unreadable, go_on};
use crate::lines::Lines;

/// A row longer than this is no row.
const LARGEST: usize = 4 << 20;
/// How many ends of a broken row are tried.
const RETRIED: usize = 20;

/// Whether a file begins with the header of such a table.
pub(super) fn is_header(head: &[u8]) -> bool {
    let line = head.split(|b| *b == b'\n').next().unwrap_or_default();
    columns(line).is_some()
}

/// How many columns the header names; `None` when it is another's.
fn columns(line: &[u8]) -> Option<usize> {
    let line = String::from_utf8_lossy(line);
    let names: Vec<String> = line
        .trim_start_matches('\u{feff}')
        .split([',', ';'])
        .map(|name| name.trim().trim_matches('"').to_ascii_lowercase())
        .collect();
    let wanted = ["authorid", "author", "date", "content"];
    (names.len() >= 4 && names.iter().zip(wanted).all(|(name, wanted)| name == wanted)).then_some(names.len())
}

/// Reads the table of one channel.
pub(super) fn read(
    place: &Place,
    name: &str,
    body: &mut dyn BufRead,
    out: &mut dyn Out,
) -> Result<(), Unreadable> {
    let file = name.rsplit('/').next().unwrap_or(name);
    let stem = file.strip_suffix(".csv").unwrap_or(file);
    let mut table = Table { place, channel: channel_of(stem), minutes: HashMap::new(), columns: 6 };
    let mut lines = Lines::new(body);
    let mut row: Vec<u8> = Vec::new();
    let mut at = String::new();
    let mut first = true;
    while let Some(line) = lines.next_or_blank()? {
        if std::mem::take(&mut first)
            && let Some(columns) = columns(line)
        {
            table.columns = columns;
            continue;
        }
        let head = String::from_utf8_lossy(&line[..line.len().min(1_000)]);
        let begins = start(&head).is_some() || is_account(&head);
        // A header may stand in the middle, where two exports were joined.
        let header = columns(line);
        if !begins && header.is_none() && row.len() < LARGEST && !at.is_empty() {
            row.push(b'\n');
            row.extend_from_slice(line);
            continue;
        }
        let next = if header.is_none() { line.to_vec() } else { Vec::new() };
        let done = std::mem::replace(&mut row, next);
        let done_at = std::mem::replace(&mut at, lines.at());
        table.row(&done, &done_at, out)?;
        table.columns = header.unwrap_or(table.columns);
    }
    table.row(&row, &at, out)
}

/// `Server - Group - general [123456789]` -> the number, which names the channel whatever it is called; else the stem.
fn channel_of(stem: &str) -> (String, String) {
    let bracket = stem.rfind('[').map(|at| (&stem[..at], &stem[at + 1..]));
    let named = bracket.and_then(|(name, rest)| Some((name.trim_end(), rest.split_once(']')?.0)));
    let (name, id) = match named {
        Some((name, id)) if id.len() > 9 && id.bytes().all(|b| b.is_ascii_digit()) => (name, id),
        _ => (stem, stem),
    };
    (id.to_owned(), name.rsplit(" - ").next().unwrap_or(name).to_owned())
}

struct Table<'a> {
    place: &'a Place,
    /// Its id and its name.
    channel: (String, String),
    /// How many messages of one author carry one time: they have no ids, and times are often to the minute.
    minutes: HashMap<Key, u32>,
    columns: usize,
}

struct Start<'a> {
    author: &'a str,
    name: &'a str,
    at: Time,
    delimiter: char,
    /// What follows the date, its delimiter included.
    rest: &'a str,
}

/// Reads how a row begins: `"123456789012345678","name#1234","17-May-20 02:21 AM"`, quoted or not.
fn start(line: &str) -> Option<Start<'_>> {
    let (author, rest) = match line.strip_prefix('"') {
        Some(rest) => rest.split_once('"')?,
        None => line.split_at(line.find([',', ';'])?),
    };
    let digits = (15..=20).contains(&author.len()) && author.bytes().all(|b| b.is_ascii_digit());
    let delimiter = rest.chars().next().filter(|c| digits && matches!(c, ',' | ';'))?;
    let (name, rest) = field(&rest[1..], delimiter)?;
    let (date, rest) = field(&rest[1..], delimiter)?;
    Some(Start { author, name, at: when(date)?, delimiter, rest })
}

/// Whether a line begins with an account's number in quotes: a row, even where the rest of it is broken.
fn is_account(line: &str) -> bool {
    let account = line.strip_prefix('"').and_then(|rest| rest.split_once('"'));
    account.is_some_and(|(author, rest)| {
        (15..=20).contains(&author.len())
            && author.bytes().all(|b| b.is_ascii_digit())
            && rest.starts_with([',', ';'])
    })
}

/// One field up to the delimiter, which stays.
fn field(text: &str, delimiter: char) -> Option<(&str, &str)> {
    match text.strip_prefix('"') {
        Some(inside) => {
            let end = inside.find(&format!("\"{delimiter}"))?;
            Some((&inside[..end], &inside[end + 1..]))
        }
        None => Some(text.split_at(text.find(delimiter)?)),
    }
}

/// What follows the date, as so many fields: by their quotes from the end, where a message's own quotes do no harm; else
/// as well-formed CSV, which other programs make of it when they save it again.
fn fields(rest: &str, delimiter: char, wanted: usize) -> Option<Vec<String>> {
    let rest = rest.trim_end();
    let inside = rest.strip_prefix('"').and_then(|r| r.strip_suffix('"'));
    if let Some(inside) = inside {
        let mut found: Vec<&str> = inside.rsplitn(wanted, &format!("\"{delimiter}\"")).collect();
        if found.len() == wanted {
            found.reverse();
            return Some(found.into_iter().map(|f| f.replace("\"\"", "\"")).collect());
        }
    }
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .delimiter(u8::try_from(delimiter).ok()?)
        .from_reader(rest.as_bytes());
    let found = reader.records().next()?.ok()?;
    (found.len() == wanted).then(|| found.iter().map(str::to_owned).collect())
}

/// Times as the exporter writes them in its many versions and languages. Without a zone they are taken as UTC; of
/// `3/4/2021` the month comes first when the clock has AM and PM.
fn when(text: &str) -> Option<Time> {
    const FORMATS: [&str; 10] = [
        "%d-%b-%y %I:%M %p",
        "%d-%b-%Y %I:%M %p",
        "%m/%d/%Y %I:%M %p",
        "%m/%d/%y %I:%M %p",
        "%m/%d/%Y %I:%M:%S %p",
        "%d-%b-%y %H:%M",
        "%d/%m/%Y %H:%M",
        "%d.%m.%Y %H:%M",
        "%Y-%m-%d %H:%M",
        "%Y/%m/%d %H:%M",
    ];
    let text = text.trim().replace(['\u{202f}', '\u{a0}'], " ");
    if text.len() > 40 || !text.contains(|c: char| c.is_ascii_digit()) {
        return None;
    }
    if let Ok(time) = Time::parse(&text) {
        return Some(time);
    }
    let found = FORMATS.iter().find_map(|format| DateTime::strptime(format, &text).ok())?;
    let stamp = found.to_zoned(TimeZone::UTC).ok()?.timestamp();
    Time::from_millis(stamp.as_millisecond())
}

impl Table<'_> {
    fn row(&mut self, row: &[u8], at: &str, out: &mut dyn Out) -> Result<(), Unreadable> {
        if row.is_empty() {
            return Ok(());
        }
        let why = match self.message(row) {
            Ok(record) => return go_on(out.record(record)),
            Err(why) => why,
        };
        // The beginning of a next row, cut off or broken, may hang on a good one.
        let breaks = memchr::memrchr_iter(b'\n', row).filter(|n| row[..*n].ends_with(b"\""));
        for end in breaks.take(RETRIED) {
            if let Ok(record) = self.message(&row[..end]) {
                go_on(out.record(record))?;
                return go_on(out.reject(Reject::new(at, "no row follows this one", &row[end + 1..])));
            }
        }
        go_on(out.reject(Reject::new(at, why, row)))
    }

    fn message(&mut self, raw: &[u8]) -> Result<Record, String> {
        let row = &*String::from_utf8_lossy(raw);
        let start = start(row).ok_or("no row: an account, a name and a date were expected")?;
        let rest = start.rest.strip_prefix(start.delimiter).ok_or("the row ends after its date")?;
        let fields = fields(rest, start.delimiter, self.columns.saturating_sub(3))
            .ok_or_else(|| format!("the row is cut off or broken: {} columns were expected", self.columns))?;
        let content = fields.first().map_or("", String::as_str);
        let files = fields.get(1).map_or("", String::as_str);
        let mut name =
            Key::of_content("row/", &[&self.channel.0, start.author, &start.at.millis().to_string()]);
        let times = self.minutes.entry(name.clone()).or_default();
        *times += 1;
        if *times > 1 {
            name = Key::new(format!("{name}.{times}"));
        }
        let mut who = Who::new(self.place, start.author);
        who.handle = Some(start.name.strip_suffix("#0000").unwrap_or(start.name).to_owned());
        let who = (start.author != super::DELETED_USER).then_some(who);
        let mut said = Activity::new(name.clone(), Act::Opened, start.at, who, ThreadRef::Key(name));
        content.clone_into(&mut said.text);
        for file in files.split(',').filter_map(|url| url.split('?').next()?.rsplit('/').next()) {
            if !file.is_empty() {
                said.text.push_str(&format!("\n[file: {file}]"));
            }
        }
        said.text = said.text.trim().to_owned();
        said.facts = Some(Box::new(ThreadFacts {
            kind: Some(ThreadKind::Chat),
            container: Some(format!("#{}", self.channel.1)),
            ..ThreadFacts::default()
        }));
        Ok(Record::one(raw, said))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::{Connector, Reader};
    use std::ops::ControlFlow;

    #[derive(Default)]
    struct Kept(Vec<Activity>, Vec<Reject>);

    impl Out for Kept {
        fn record(&mut self, record: Record) -> ControlFlow<()> {
            self.0.extend(record.activities);
            ControlFlow::Continue(())
        }
        fn reject(&mut self, reject: Reject) -> ControlFlow<()> {
            self.1.push(reject);
            ControlFlow::Continue(())
        }
        fn whole_thread(&mut self, _: Key) {}
    }

    fn all(text: &str) -> Kept {
        let mut kept = Kept::default();
        let mut reader: Box<dyn Reader> = super::super::Discord.reader("x");
        let item =
            crate::contract::Item { name: "Relay - help - general [900000000000000001].csv".to_owned() };
        reader.read(&item, &mut text.as_bytes(), &mut kept).unwrap();
        kept
    }

    #[test]
    fn delimiters_quotes_and_line_breaks() {
        let kept = all(concat!(
            "\u{feff}AuthorID;Author;Date;Content;Attachments;Reactions\r\n",
            "\"100000000000000001\";\"ida#0001\";\"17-May-20 02:21 AM\";\"He said \"no\"; then\n\nleft\n\";\"\";\"\"\r\n",
            "\"100000000000000001\";\"ida#0001\";\"17-May-20 02:21 AM\";\"\";\"https://cdn/a/log.txt?ex=1\";\"\"\r\n",
            "AuthorID,Author,Date,Content,Attachments,Reactions\n",
            "\"100000000000000002\",\"ben\",\"2023-09-28T10:00:01.1230000+02:00\",\"a, \"\"b\"\"\",\"\",\"x (2)\"\n",
            "100000000000000002,ben,2023-09-28 10:00,\"re, saved\",,\n",
            "\"100000000000000002\",\"ben\",\"9/28/2023 1:05\u{202f}PM\",\"cut o",
        ));
        let texts: Vec<&str> = kept.0.iter().map(|a| a.text.as_str()).collect();
        assert_eq!(texts, ["He said \"no\"; then\n\nleft", "[file: log.txt]", "a, \"b\"", "re, saved"]);
        assert_eq!(kept.0[0].at.to_string(), "2020-05-17T02:21:00Z");
        assert_eq!(kept.0[2].at.to_string(), "2023-09-28T08:00:01.123Z");
        assert!(
            kept.0[1].key.as_str().ends_with(".2")
                && kept.0[1].key.as_str().starts_with(kept.0[0].key.as_str())
        );
        assert_eq!(kept.1.len(), 1);
        assert_eq!(kept.0[0].facts.as_ref().unwrap().container.as_deref(), Some("#general"));
    }

    #[test]
    fn times_of_many_versions() {
        for (text, wanted) in [
            ("9/28/2023 1:05\u{202f}PM", "2023-09-28T13:05:00Z"),
            ("28/09/2023 13:05", "2023-09-28T13:05:00Z"),
            ("28.09.2023 13:05", "2023-09-28T13:05:00Z"),
            ("2021-01-02T03:04:05.6780000+00:00", "2021-01-02T03:04:05.678Z"),
        ] {
            assert_eq!(when(text).map(|t| t.to_string()).as_deref(), Some(wanted), "{text}");
        }
        assert!(when("yesterday").is_none() && when("12").is_none());
    }
}
