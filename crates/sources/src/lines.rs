//! Takes documents apart that hold one record per line.

use std::io::BufRead;

use crate::contract::Unreadable;

/// The longest line that is read; what is longer is no record, and is handed out cut.
pub const LONGEST: usize = 64 << 20;

/// Walks a document line by line, keeping one line in memory.
pub struct Lines<'r> {
    body: &'r mut dyn BufRead,
    line: Vec<u8>,
    number: u64,
    /// What the line last handed out is, for a reject.
    cut: bool,
}

impl<'r> Lines<'r> {
    /// A walk over `body`.
    pub fn new(body: &'r mut dyn BufRead) -> Lines<'r> {
        Lines { body, line: Vec::new(), number: 0, cut: false }
    }

    /// The next line that is not blank, without its end and without a byte order mark; `None` at the end.
    ///
    /// # Errors
    /// [`Unreadable::Io`] when the bytes cannot be fetched; what was read of the line before is lost with it.
    #[allow(clippy::should_implement_trait)] // lends its buffer, which Iterator cannot
    pub fn next(&mut self) -> Result<Option<&[u8]>, Unreadable> {
        loop {
            if !self.step()? {
                return Ok(None);
            }
            if !self.line.trim_ascii().is_empty() {
                return Ok(Some(&self.line));
            }
        }
    }

    /// The next line, blank or not: where records may hold line breaks.
    ///
    /// # Errors
    /// As [`Lines::next`].
    pub fn next_or_blank(&mut self) -> Result<Option<&[u8]>, Unreadable> {
        Ok(if self.step()? { Some(&self.line) } else { None })
    }

    fn step(&mut self) -> Result<bool, Unreadable> {
        self.line.clear();
        self.cut = false;
        if !self.fill()? {
            return Ok(false);
        }
        self.number += 1;
        self.line.pop_if(|b| *b == b'\n');
        self.line.pop_if(|b| *b == b'\r');
        if self.number == 1 && self.line.starts_with(b"\xEF\xBB\xBF") {
            self.line.drain(..3);
        }
        Ok(true)
    }

    /// The place of the line last handed out, in words.
    #[must_use]
    pub fn at(&self) -> String {
        format!("line {}", self.number)
    }

    /// Whether the line last handed out was too long and its rest was passed over.
    #[must_use]
    pub fn is_cut(&self) -> bool {
        self.cut
    }

    /// Reads to the end of a line; `false` when there was nothing left.
    fn fill(&mut self) -> Result<bool, Unreadable> {
        let mut any = false;
        loop {
            let buffer = self.body.fill_buf()?;
            if buffer.is_empty() {
                return Ok(any);
            }
            any = true;
            let end = memchr::memchr(b'\n', buffer).map(|n| n + 1);
            let used = end.unwrap_or(buffer.len());
            let room = LONGEST.saturating_sub(self.line.len()).min(used);
            self.line.extend_from_slice(&buffer[..room]);
            self.cut |= room < used;
            self.body.consume(used);
            if end.is_some() {
                return Ok(true);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blank_lines_are_passed_over_and_counted() {
        let mut body = std::io::BufReader::with_capacity(3, "\u{feff}one\r\n\n  \ntwo".as_bytes());
        let mut lines = Lines::new(&mut body);
        assert_eq!(lines.next().unwrap(), Some(b"one".as_slice()));
        assert_eq!(lines.at(), "line 1");
        assert_eq!(lines.next().unwrap(), Some(b"two".as_slice()));
        assert_eq!((lines.at(), lines.is_cut()), ("line 4".to_owned(), false));
        assert_eq!(lines.next().unwrap(), None);
    }
}
