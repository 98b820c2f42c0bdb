//! A folder of a mailbox by IMAP (RFC 3501), read only: nothing is marked as seen. Nothing is sent before the line is
//! encrypted; a server that cannot encrypt is not logged into.

use super::session::{Session, Way};
use super::{FULL, Fault, LARGEST, MOST, Wanted, broken, frame, ranges, refused};
use crate::live::Reply;

/// An open folder.
pub(super) struct Folder {
    session: Session,
    count: u32,
    validity: u64,
    next: u64,
    exists: u64,
    /// Every number in it, in order, once it was asked for.
    numbers: Option<Vec<u64>>,
}

/// One answer: its text without the literals, and these.
struct Line {
    text: String,
    literals: Vec<Vec<u8>>,
    /// How long each literal was, also where it was cut.
    lengths: Vec<u64>,
}

impl Folder {
    pub(super) fn open(way: &Way<'_>, wanted: &Wanted<'_>, login: Option<&str>) -> Result<Folder, Fault> {
        let sealed = wanted.scheme == "imaps";
        let session = Session::open(way, wanted.port.unwrap_or(if sealed { 993 } else { 143 }), sealed)?;
        let mut folder = Folder { session, count: 0, validity: 0, next: 0, exists: 0, numbers: None };
        let greeting = folder.read()?.text;
        if !greeting.starts_with("* OK") && !greeting.starts_with("* PREAUTH") {
            return Err(broken("it turns the connection away"));
        }
        if !sealed {
            if folder.ask("STARTTLS")?.is_err() {
                return Err(refused("it cannot encrypt the line, so no password is sent (STARTTLS)"));
            }
            folder.session = folder.session.seal(way)?;
        }
        let Some((user, password)) = login.and_then(|login| login.split_once(':')) else {
            return Err(Fault::Status(401));
        };
        let packed = crate::live::base64(format!("\0{user}\0{password}").as_bytes());
        folder.count += 1;
        let tag = format!("a{}", folder.count);
        folder.session.say(&format!("{tag} AUTHENTICATE PLAIN"))?;
        if !folder.read()?.text.starts_with('+') {
            return Err(Fault::Status(401));
        }
        folder.session.say(&packed)?;
        if folder.until(&tag)?.is_err() {
            return Err(Fault::Status(401));
        }
        if !wanted.name.is_ascii() || wanted.name.contains(['"', '\\']) {
            return Err(refused("write the folder's name as the server does (modified UTF-7)"));
        }
        let Ok(told) = folder.ask(&format!("EXAMINE \"{}\"", wanted.name))? else {
            return Err(Fault::Status(404));
        };
        for line in &told {
            let after = |word: &str| line.text.split_once(word).map_or("", |(_, rest)| rest);
            let number = |text: &str| text.split(|c: char| !c.is_ascii_digit()).next()?.parse::<u64>().ok();
            folder.validity = number(after("[UIDVALIDITY ")).unwrap_or(folder.validity);
            folder.next = number(after("[UIDNEXT ")).unwrap_or(folder.next);
            if line.text.ends_with(" EXISTS") {
                folder.exists = number(after("* ")).unwrap_or(0);
            }
        }
        Ok(folder)
    }

    pub(super) fn answer(&mut self, wanted: &Wanted<'_>) -> Result<Reply, Fault> {
        let after: u64 = wanted.after.parse().unwrap_or(0);
        if self.numbers.is_none() && (wanted.standing || self.next == 0 || after + 1 < self.next) {
            let told = self.ask("UID SEARCH ALL")?.map_err(|()| broken("it does not list its mails"))?;
            let words = told.iter().filter_map(|line| line.text.strip_prefix("* SEARCH"));
            let mut all: Vec<u64> =
                words.flat_map(str::split_whitespace).filter_map(|n| n.parse().ok()).collect();
            all.sort_unstable();
            all.dedup();
            self.numbers = Some(all);
        }
        let all = self.numbers.clone().unwrap_or_default();
        let new: Vec<u64> = all.iter().copied().filter(|n| *n > after).collect();
        let mut body = Vec::new();
        let mut last = after;
        if wanted.standing {
            self.names(&new, &mut body)?;
        } else {
            last = self.mails(&new, after, &mut body)?;
        }
        let left = new.iter().filter(|n| **n > last).count();
        let mut told = vec![("left", left.to_string()), ("last", last.to_string())];
        told.extend([("validity", self.validity.to_string()), ("next", self.next.to_string())]);
        told.push(("exists", self.exists.to_string()));
        if wanted.standing {
            told.push(("standing", ranges(&all)));
        }
        let headers = told.into_iter().map(|(n, v)| (n.to_owned(), v)).collect();
        Ok(Reply { status: 200, headers, body })
    }

    /// Mails behind a number, as many as fit; the last number that is in.
    fn mails(&mut self, new: &[u64], after: u64, body: &mut Vec<u8>) -> Result<u64, Fault> {
        let Some(batch) = new.get(..new.len().min(MOST)).filter(|batch| !batch.is_empty()) else {
            return Ok(after);
        };
        let sizes = self.fetch(batch, "RFC822.SIZE")?;
        let size = |line: &Line| {
            let text = line.text.split_once("RFC822.SIZE ")?.1;
            Some((uid(line)?, text.split(|c: char| !c.is_ascii_digit()).next()?.parse::<u64>().ok()?))
        };
        let sizes: std::collections::BTreeMap<u64, u64> = sizes.iter().filter_map(size).collect();
        let mut wanted = Vec::new();
        let (mut sum, mut last) = (0, after);
        for n in batch {
            let size = sizes.get(n).copied().unwrap_or(0);
            if sum > 0 && sum + size > FULL as u64 {
                break;
            }
            last = *n;
            if size > LARGEST {
                frame(body, &n.to_string(), "large", b"");
            } else {
                sum += size;
                wanted.push(*n);
            }
        }
        if !wanted.is_empty() {
            for mut line in self.fetch(&wanted, "BODY.PEEK[]")? {
                let (Some(n), Some(mail)) = (uid(&line), line.literals.pop()) else { continue };
                let cut = line.lengths.last().is_some_and(|len| *len > LARGEST);
                frame(
                    body,
                    &n.to_string(),
                    if cut { "large" } else { "mail" },
                    if cut { b"" } else { &mail },
                );
            }
        }
        Ok(last)
    }

    /// The Message-IDs of these.
    fn names(&mut self, numbers: &[u64], body: &mut Vec<u8>) -> Result<(), Fault> {
        for batch in numbers.chunks(2_000) {
            for mut line in self.fetch(batch, "BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)]")? {
                let (Some(n), Some(header)) = (uid(&line), line.literals.pop()) else { continue };
                let id = crate::live::mbox::message_id(&String::from_utf8_lossy(&header));
                body.extend_from_slice(format!("{n} {}\n", id.unwrap_or_default()).as_bytes());
            }
        }
        Ok(())
    }

    fn fetch(&mut self, numbers: &[u64], what: &str) -> Result<Vec<Line>, Fault> {
        let told = self.ask(&format!("UID FETCH {} (UID {what})", ranges(numbers)))?;
        let told = told.map_err(|()| broken("it does not hand out its mails"))?;
        Ok(told
            .into_iter()
            .filter(|line| uid(line).is_some_and(|n| numbers.binary_search(&n).is_ok()))
            .collect())
    }

    fn ask(&mut self, command: &str) -> Result<Result<Vec<Line>, ()>, Fault> {
        self.count += 1;
        let tag = format!("a{}", self.count);
        self.session.say(&format!("{tag} {command}"))?;
        self.until(&tag)
    }

    /// Everything up to the answer to a command, which is yes or no.
    fn until(&mut self, tag: &str) -> Result<Result<Vec<Line>, ()>, Fault> {
        let (mut lines, mut held) = (Vec::new(), 0);
        loop {
            let line = self.read()?;
            if let Some(rest) = line.text.strip_prefix(tag).and_then(|rest| rest.strip_prefix(' ')) {
                return Ok(if rest.starts_with("OK") { Ok(lines) } else { Err(()) });
            }
            if line.text.starts_with("* BYE") {
                return Err(broken("it hung up"));
            }
            held += line.text.len() + line.literals.iter().map(Vec::len).sum::<usize>();
            if held > FULL + 4 * usize::try_from(LARGEST).unwrap_or(0) {
                return Err(refused("a reply is larger than it may be"));
            }
            lines.push(line);
        }
    }

    fn read(&mut self) -> Result<Line, Fault> {
        let mut line = Line { text: String::new(), literals: Vec::new(), lengths: Vec::new() };
        loop {
            let part = self.session.line()?;
            let part = String::from_utf8_lossy(&part).into_owned();
            let literal = part.strip_suffix('}').and_then(|p| p.rsplit_once('{')?.1.parse::<u64>().ok());
            line.text.push_str(&part);
            let Some(len) = literal else { return Ok(line) };
            if line.literals.len() > 16 || line.text.len() > 1 << 20 {
                return Err(refused("its answer has no shape that is known"));
            }
            line.literals.push(self.session.exactly(len, LARGEST)?);
            line.lengths.push(len);
        }
    }
}

fn uid(line: &Line) -> Option<u64> {
    let rest = line.text.split_once("UID ")?.1;
    rest.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}
