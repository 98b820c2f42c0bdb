//! Takes a calendar apart into its events, each with the lines that are kept of it: the smallest pieces that can be read by
//! themselves, so that one that is broken takes nothing else along.

/// An event of more bytes than this is none.
const LARGEST: usize = 1 << 20;

/// What is kept of an event: no people, no alarms, no attachments, nothing that another export of the same would change.
const KEPT: [&str; 16] = [
    "CATEGORIES",
    "CLASS",
    "DESCRIPTION",
    "DTEND",
    "DTSTART",
    "DURATION",
    "EXDATE",
    "LAST-MODIFIED",
    "LOCATION",
    "RDATE",
    "RECURRENCE-ID",
    "RRULE",
    "SEQUENCE",
    "STATUS",
    "SUMMARY",
    "UID",
];
/// Links are kept apart: one that names a person's mail is none.
const LINK: &str = "URL";

/// One event.
pub(super) struct Block {
    /// Where it begins.
    pub(super) at: usize,
    /// What is kept of it, unfolded.
    pub(super) text: String,
    /// The lines that say how it repeats.
    pub(super) rule: Vec<String>,
    /// It is not for everybody.
    pub(super) hidden: bool,
}

impl Block {
    fn new(at: usize) -> Block {
        Block { at, text: "BEGIN:VEVENT\r\n".to_owned(), rule: Vec::new(), hidden: false }
    }

    /// Whether it is at more than one time.
    pub(super) fn repeats(&self) -> bool {
        self.rule.iter().any(|line| ["RRULE", "RDATE"].contains(&name(line).as_str()))
    }

    fn take(&mut self, line: &str) {
        let name = name(line);
        let keep =
            KEPT.contains(&name.as_str()) || (name == LINK && !line.to_lowercase().contains("mailto:"));
        if !keep || self.text.len() + line.len() > LARGEST {
            return;
        }
        if name == "CLASS" {
            let value = line.rsplit(':').next().unwrap_or("").trim().to_ascii_uppercase();
            self.hidden |= ["PRIVATE", "CONFIDENTIAL"].contains(&value.as_str());
        }
        if ["DTSTART", "RRULE", "RDATE", "EXDATE"].contains(&name.as_str()) {
            self.rule.push(line.to_owned());
        }
        self.text.push_str(line);
        self.text.push_str("\r\n");
    }
}

/// All of it.
#[derive(Default)]
pub(super) struct Calendar {
    /// Its zones, as they stand there.
    pub(super) zones: String,
    pub(super) blocks: Vec<Block>,
    /// It calls off what it names.
    pub(super) cancels: bool,
    /// Where and why it cannot be read to its end.
    pub(super) broken: Option<(usize, &'static str)>,
}

impl Calendar {
    pub(super) fn of(bytes: &[u8]) -> Calendar {
        let mut calendar = Calendar::default();
        let mut event: Option<Block> = None;
        // Which parts are open inside of the calendar, or of an event in it.
        let mut open: Vec<String> = Vec::new();
        let (mut begun, mut ended) = (false, false);
        for (at, line) in (Lines { bytes, at: 0 }) {
            let upper = name(&line);
            let part = line.split_once(':').map_or("", |(_, part)| part).trim().to_ascii_uppercase();
            match upper.as_str() {
                "BEGIN" if part == "VCALENDAR" => (begun, ended, open) = (true, false, Vec::new()),
                "END" if part == "VCALENDAR" => ended = event.is_none(),
                "BEGIN" if part == "VEVENT" => {
                    if let Some(cut) = event.replace(Block::new(at)) {
                        calendar.broken.get_or_insert((cut.at, "an event does not end"));
                    }
                    open.clear();
                }
                "END" if part == "VEVENT" => {
                    if let Some(mut block) = event.take() {
                        block.text.push_str("END:VEVENT\r\n");
                        calendar.blocks.push(block);
                    }
                    open.clear();
                }
                "BEGIN" => {
                    calendar.zone(&line, &part, &open);
                    open.push(part);
                }
                "END" => {
                    calendar.zone(&line, &part, &open);
                    open.pop();
                }
                _ => match &mut event {
                    Some(block) if open.is_empty() => block.take(&line),
                    Some(_) => {}
                    None if upper == "METHOD" => calendar.cancels |= part == "CANCEL",
                    None => calendar.zone(&line, "", &open),
                },
            }
        }
        if !begun {
            calendar.broken = Some((0, "it is no calendar: wanted is BEGIN:VCALENDAR"));
        } else if !ended {
            calendar.broken.get_or_insert((bytes.len(), "the calendar ends too early"));
        }
        calendar
    }

    /// A line that belongs to a zone.
    fn zone(&mut self, line: &str, part: &str, open: &[String]) {
        let here = part == "VTIMEZONE" || open.first().is_some_and(|first| first == "VTIMEZONE");
        if here && self.zones.len() + line.len() < LARGEST && open.len() < 8 {
            self.zones.push_str(line);
            self.zones.push_str("\r\n");
        }
    }
}

/// The name that a line begins with.
fn name(line: &str) -> String {
    let end = line.find([':', ';']).unwrap_or(line.len());
    line.get(..end.min(64)).unwrap_or("").trim().to_ascii_uppercase()
}

/// Lines with what was folded put together again, and where each begins. A fold may stand within a character.
struct Lines<'b> {
    bytes: &'b [u8],
    at: usize,
}

impl Iterator for Lines<'_> {
    type Item = (usize, String);

    fn next(&mut self) -> Option<(usize, String)> {
        let from = self.at;
        let mut whole: Vec<u8> = Vec::new();
        loop {
            let rest = self.bytes.get(self.at..).filter(|rest| !rest.is_empty());
            let first = self.at == from;
            let Some(rest) = rest.filter(|rest| first || matches!(rest[0], b' ' | b'\t')) else { break };
            let end = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
            let line = rest[..end].strip_suffix(b"\r").unwrap_or(&rest[..end]);
            whole.extend_from_slice(if first { line } else { line.get(1..).unwrap_or(b"") });
            self.at += (end + 1).min(rest.len());
        }
        if self.at == from {
            return None;
        }
        let whole = whole.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&whole);
        Some((from, String::from_utf8_lossy(whole).replace('\0', "")))
    }
}
