//! A newsgroup by NNTP (RFC 3977). Articles are asked for by number, twenty on the way at once; a password is sent on an
//! encrypted line only.

use super::session::{Session, Way};
use super::{FULL, Fault, LARGEST, MOST, Wanted, broken, frame, ranges, refused};
use crate::live::Reply;

/// An open group.
pub(super) struct Group {
    session: Session,
    name: String,
    low: u64,
    high: u64,
    numbers: Option<Vec<u64>>,
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
        Ok(Group { session, name: wanted.name.clone(), low, high, numbers: None })
    }

    pub(super) fn answer(&mut self, wanted: &Wanted<'_>) -> Result<Reply, Fault> {
        let after: u64 = wanted.after.parse().unwrap_or(0);
        if wanted.standing {
            self.numbers = None; // what was listed for news alone does not tell what stands
        }
        if self.numbers.is_none() && self.high > 0 && (wanted.standing || after < self.high) {
            // From the low mark for the standing, else only what is new.
            let from = if wanted.standing { self.low } else { after + 1 };
            self.session.say(&format!("LISTGROUP {} {from}-{}", self.name, self.high))?;
            let mut all = Vec::new();
            match code(&self.session.line()?) {
                211 => {
                    let (text, _) = self.block(64 << 20)?;
                    all.extend(String::from_utf8_lossy(&text).lines().filter_map(|n| n.trim().parse::<u64>().ok()));
                }
                423 => {}
                _ => return Err(broken("it does not list its articles")),
            }
            all.retain(|n| (from..=self.high).contains(n)); // some know no range and tell all
            all.sort_unstable();
            all.dedup();
            self.numbers = Some(all);
        }
        let all = if wanted.standing { self.numbers.take() } else { self.numbers.clone() }.unwrap_or_default();
        let new: Vec<u64> = all.iter().copied().filter(|n| *n > after).collect();
        let mut body = Vec::new();
        let mut last = after;
        if wanted.standing {
            if let (Some(first), Some(end)) = (new.first(), new.last()) {
                self.names(*first, *end, &mut body)?;
            }
        } else {
            last = self.articles(&new, after, &mut body)?;
        }
        let left = new.iter().filter(|n| **n > last).count();
        let mut told = vec![("left", left.to_string()), ("last", last.max(after).to_string())];
        told.extend([("low", self.low.to_string()), ("next", (self.high + 1).to_string())]);
        if wanted.standing {
            told.push(("standing", ranges(&all)));
        } else if left == 0 {
            self.numbers = None;
        }
        let headers = told.into_iter().map(|(n, v)| (n.to_owned(), v)).collect();
        Ok(Reply { status: 200, headers, body })
    }

    fn articles(&mut self, new: &[u64], after: u64, body: &mut Vec<u8>) -> Result<u64, Fault> {
        let mut last = after;
        for batch in new.get(..new.len().min(MOST)).unwrap_or(&[]).chunks(20) {
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
        Ok(last)
    }

    fn names(&mut self, first: u64, end: u64, body: &mut Vec<u8>) -> Result<(), Fault> {
        let mut found = false;
        for word in ["HDR", "XHDR"] {
            self.session.say(&format!("{word} Message-ID {first}-{end}"))?;
            match code(&self.session.line()?) {
                221 | 225 => found = true,
                420 | 423 => return Ok(()),
                _ => continue,
            }
            break;
        }
        if !found {
            return Ok(()); // without it, cancelled articles stay
        }
        let (text, _) = self.block(64 << 20)?;
        for line in String::from_utf8_lossy(&text).lines() {
            if let Some((n, id)) = line.split_once(' ') {
                body.extend_from_slice(format!("{n} {}\n", id.trim().trim_matches(['<', '>'])).as_bytes());
            }
        }
        Ok(())
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
    line.get(..3).and_then(|digits| std::str::from_utf8(digits).ok()).and_then(|d| d.parse().ok()).unwrap_or(0)
}
