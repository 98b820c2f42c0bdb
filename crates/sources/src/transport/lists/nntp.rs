//! A newsgroup by NNTP (RFC 3977). Articles are asked for by number, twenty on the way at once; a password is sent on an
//! encrypted line only.

use super::session::{Session, Way};
use super::{FULL, Fault, LARGEST, MOST, Wanted, broken, frame, ranges, refused};
use crate::live::Reply;

/// So many numbers are listed at once.
const WINDOW: u64 = 5_000;

/// An open group.
pub(super) struct Group {
    session: Session,
    name: String,
    low: u64,
    high: u64,
    /// Listed and not handed out yet.
    new: Vec<u64>,
    /// Listed up to here.
    seen: u64,
}

impl Group {
    pub(super) fn open(way: &Way<'_>, wanted: &Wanted<'_>, login: Option<&str>) -> Result<Group, Fault> {
        let sealed = wanted.scheme == "nntps";
        let mut session = Session::open(way, wanted.port.unwrap_or(if sealed { 563 } else { 119 }), sealed)?;
        if !matches!(code(&session.line()?), 200 | 201) {
            return Err(broken("it turns the connection away"));
        }
        if let Some((user, password)) = login.and_then(|login| login.split_once(':')) {
            if !sealed {
                session.say("STARTTLS")?;
                if code(&session.line()?) != 382 {
                    return Err(refused("it cannot encrypt the line, so no password is sent (STARTTLS)"));
                }
                session = session.seal(way)?;
            }
            session.say(&format!("AUTHINFO USER {user}"))?;
            if code(&session.line()?) == 381 {
                session.say(&format!("AUTHINFO PASS {password}"))?;
                if code(&session.line()?) != 281 {
                    return Err(Fault::Status(401));
                }
            }
        }
        session.say("MODE READER")?;
        session.line()?; // a server that has no other mode says so, and is one for readers
        if wanted.name.contains(char::is_whitespace) {
            return Err(refused("the address makes no sense"));
        }
        session.say(&format!("GROUP {}", wanted.name))?;
        let told = session.line()?;
        match code(&told) {
            211 => {}
            411 => return Err(Fault::Status(404)),
            480 | 483 => return Err(Fault::Status(401)),
            _ => return Err(broken("it does not open the group")),
        }
        let told = String::from_utf8_lossy(&told).into_owned();
        let mut words = told.split_whitespace().skip(2).map(|word| word.parse().unwrap_or(0));
        let (low, high) = (words.next().unwrap_or(0), words.next().unwrap_or(0));
        Ok(Group { session, name: wanted.name.clone(), low, high, new: Vec::new(), seen: 0 })
    }

    pub(super) fn answer(&mut self, wanted: &Wanted<'_>) -> Result<Reply, Fault> {
        let after: u64 = wanted.after.parse().unwrap_or(0);
        let mut body = Vec::new();
        let mut told = vec![("low", self.low), ("next", self.high + 1)];
        let mut standing = None;
        if wanted.standing {
            standing = Some(ranges(&self.list(wanted.from.max(self.low))?));
            for (n, id) in self.names(after.max(self.low.saturating_sub(1)) + 1, self.high)? {
                body.extend_from_slice(format!("{n} {id}\n").as_bytes());
            }
        } else {
            // What is listed is kept, so that a window is asked for once.
            while self.new.is_empty() && self.seen.max(after) < self.high {
                let first = self.seen.max(after).max(self.low.saturating_sub(1)) + 1;
                let end = (first + WINDOW - 1).min(self.high);
                self.new = self.names(first, end)?.into_iter().map(|(n, _)| n).collect();
                self.seen = end;
            }
            self.new.retain(|n| *n > after);
            let last = self.articles(after, &mut body)?;
            let left = self.new.len() as u64 + self.high.saturating_sub(self.seen.max(last));
            let last = if left == 0 { self.high.max(last) } else { last };
            told.extend([("last", last), ("left", left)]);
        }
        let mut headers: Vec<(String, String)> =
            told.into_iter().map(|(n, v)| (n.to_owned(), v.to_string())).collect();
        headers.extend(standing.map(|text| ("standing".to_owned(), text)));
        Ok(Reply { status: 200, headers, body })
    }

    /// The numbers that stand.
    fn list(&mut self, from: u64) -> Result<Vec<u64>, Fault> {
        if from > self.high {
            return Ok(Vec::new());
        }
        // Some servers know no range, and one (public-inbox 1.9) answers one with nonsense: those list everything.
        for span in [format!(" {from}-{}", self.high), String::new()] {
            self.session.say(&format!("LISTGROUP {}{span}", self.name))?;
            match code(&self.session.line()?) {
                211 => {}
                423 => return Ok(Vec::new()),
                _ => continue,
            }
            let (text, cut) = self.block(64 << 20)?;
            let text = String::from_utf8_lossy(&text).into_owned();
            let numbers: Option<Vec<u64>> = text.lines().map(|n| n.trim().parse().ok()).collect();
            if let (Some(mut numbers), false) = (numbers, cut) {
                numbers.retain(|n| (from..=self.high).contains(n));
                numbers.sort_unstable();
                return Ok(numbers);
            }
        }
        Err(broken("it does not list its articles"))
    }

    fn articles(&mut self, after: u64, body: &mut Vec<u8>) -> Result<u64, Fault> {
        let mut last = after;
        let batch: Vec<u64> = self.new.iter().copied().take(MOST).collect();
        for batch in batch.chunks(20) {
            let asked: Vec<String> = batch.iter().map(|n| format!("ARTICLE {n}")).collect();
            self.session.say(&asked.join("\r\n"))?;
            for n in batch {
                match code(&self.session.line()?) {
                    220 => {
                        let (article, cut) = self.block(LARGEST)?;
                        let kind = if cut { "large" } else { "mail" };
                        frame(body, &n.to_string(), kind, if cut { b"" } else { &article });
                    }
                    // Cancelled since it was listed.
                    423 | 430 => {}
                    480 => return Err(Fault::Status(401)),
                    _ => return Err(broken("it does not hand out an article")),
                }
                last = *n;
            }
            if body.len() > FULL {
                break;
            }
        }
        self.new.retain(|n| *n > last);
        Ok(last)
    }

    /// The numbers of a window that hold something, each with its Message-ID.
    fn names(&mut self, first: u64, end: u64) -> Result<Vec<(u64, String)>, Fault> {
        if first > end {
            return Ok(Vec::new());
        }
        for word in ["HDR", "XHDR"] {
            self.session.say(&format!("{word} Message-ID {first}-{end}"))?;
            match code(&self.session.line()?) {
                221 | 225 => {}
                420 | 423 => return Ok(Vec::new()),
                480 => return Err(Fault::Status(401)),
                _ => continue,
            }
            let (text, _) = self.block(64 << 20)?;
            let mut found: Vec<(u64, String)> = String::from_utf8_lossy(&text)
                .lines()
                .filter_map(|line| line.split_once(' '))
                .filter_map(|(n, id)| Some((n.parse().ok()?, id.trim().trim_matches(['<', '>']).to_owned())))
                .filter(|(n, id)| (first..=end).contains(n) && id != "(none)")
                .collect();
            found.sort_unstable();
            return Ok(found);
        }
        Err(refused("it tells no article's Message-ID (HDR, XHDR)"))
    }

    /// Lines up to the dot, at most so many bytes of them; whether that was too little.
    fn block(&mut self, most: u64) -> Result<(Vec<u8>, bool), Fault> {
        let (mut out, mut cut) = (Vec::new(), false);
        loop {
            let line = self.session.line()?;
            if line == b"." {
                return Ok((out, cut));
            }
            let line = line.strip_prefix(b".").unwrap_or(&line);
            if out.len() as u64 + line.len() as u64 + 1 > most {
                cut = true;
            } else {
                out.extend_from_slice(line);
                out.push(b'\n');
            }
        }
    }
}

fn code(line: &[u8]) -> u16 {
    line.get(..3)
        .and_then(|digits| std::str::from_utf8(digits).ok())
        .and_then(|d| d.parse().ok())
        .unwrap_or(0)
}
