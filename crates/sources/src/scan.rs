//! Finds the elements of large JSON documents without reading the whole.
//!
//! A document of a gigabyte is a list of small things. [`Elements`] walks the bytes once, keeps one element in memory
//! at a time and hands it out as a slice for `serde_json` to read. So memory stays flat, each element's raw bytes are
//! at hand for the log, and one garbled element is set aside while the next is read.

use std::io::BufRead;

use crate::contract::Unreadable;

/// The largest element that is read; a larger one is no record but a fault.
pub const LARGEST: usize = 64 << 20;
const DEEPEST: usize = 200;

/// One element of a wanted list.
#[derive(Debug)]
pub struct Element<'a> {
    /// Which of the wanted lists it stands in: an index into the paths given to [`Elements::new`].
    pub list: usize,
    /// Its bytes, one JSON value.
    pub bytes: &'a [u8],
    /// Where it begins in the document.
    pub offset: u64,
}

impl Element<'_> {
    /// Its place in words, for a reject.
    #[must_use]
    pub fn at(&self) -> String {
        format!("byte {}", self.offset)
    }
}

/// Walks a JSON document and yields the elements of the lists at the wanted paths.
///
/// A path is written as keys joined by dots with `[]` where a list is entered: `[]` for a document that is a list,
/// `issues[]`, `post_stream.posts[]`, `[][]` for a list of pages. Everything outside the wanted lists is gathered as
/// the [`Elements::shell`]: the document with those lists left empty.
pub struct Elements<'r> {
    body: &'r mut dyn BufRead,
    wanted: Vec<String>,
    /// The containers that are open: (is a list, length of `path` before it).
    stack: Vec<(bool, usize)>,
    path: String,
    element: Vec<u8>,
    shell: Vec<u8>,
    offset: u64,
    done: bool,
    began: bool,
}

impl<'r> Elements<'r> {
    /// A walk over `body`.
    pub fn new(body: &'r mut dyn BufRead, wanted: &[&str]) -> Elements<'r> {
        Elements {
            body,
            wanted: wanted.iter().map(|&p| p.to_owned()).collect(),
            stack: Vec::new(),
            path: String::new(),
            element: Vec::new(),
            shell: Vec::new(),
            offset: 0,
            done: false,
            began: false,
        }
    }

    /// The document read so far without the wanted elements; complete after the last element. Kept to 1 MiB.
    #[must_use]
    pub fn shell(&self) -> &[u8] {
        &self.shell
    }

    fn peek(&mut self) -> Result<Option<u8>, Unreadable> {
        Ok(self.body.fill_buf()?.first().copied())
    }

    fn bump(&mut self) {
        self.body.consume(1);
        self.offset += 1;
    }

    fn fault<T>(&self, why: &str) -> Result<T, Unreadable> {
        Err(Unreadable::Shape { at: format!("byte {}", self.offset), why: why.to_owned() })
    }

    fn keep(&mut self, byte: u8) {
        if self.shell.len() < 1 << 20 {
            self.shell.push(byte);
        }
    }

    /// The next element of a wanted list; `None` at the end of the document.
    ///
    /// # Errors
    /// [`Unreadable`] where the bytes stop being JSON or end too early. What was yielded before stands.
    #[allow(clippy::should_implement_trait)] // lends its buffer, which Iterator cannot
    pub fn next(&mut self) -> Result<Option<Element<'_>>, Unreadable> {
        if self.done {
            return Ok(None);
        }
        loop {
            let Some(byte) = self.peek()? else {
                self.done = true;
                if self.stack.is_empty() && self.began {
                    return Ok(None);
                }
                return self.fault(if self.began {
                    "the document ends too early"
                } else {
                    "the document is empty"
                });
            };
            match byte {
                b' ' | b'\t' | b'\n' | b'\r' => self.bump(),
                0xEF | 0xBB | 0xBF if !self.began => self.bump(),
                b']' | b'}' => {
                    let Some((list, before)) = self.stack.pop() else {
                        return self.fault("a bracket closes nothing");
                    };
                    if list != (byte == b']') {
                        return self.fault("a bracket closes another kind of bracket");
                    }
                    self.path.truncate(before);
                    self.bump();
                    self.keep(byte);
                    if self.stack.is_empty() {
                        return self.finish();
                    }
                }
                b',' => {
                    self.bump();
                    let elements =
                        self.stack.last().is_some_and(|(list, _)| *list) && self.wanted_here().is_some();
                    if !elements {
                        self.keep(b',');
                    }
                }
                _ => {
                    if let Some((list, offset)) = self.value(byte)? {
                        return Ok(Some(Element { list, bytes: &self.element, offset }));
                    }
                    if self.stack.is_empty() {
                        return self.finish();
                    }
                }
            }
        }
    }

    fn finish<'s>(&mut self) -> Result<Option<Element<'s>>, Unreadable> {
        self.done = true;
        while let Some(byte) = self.peek()? {
            if !byte.is_ascii_whitespace() && byte != 0 {
                return self.fault("something stands behind the end of the document");
            }
            self.bump();
        }
        Ok(None)
    }

    fn wanted_here(&self) -> Option<usize> {
        self.wanted.iter().position(|w| *w == self.path)
    }

    /// At the beginning of a value or of a key. Enters containers that lead to wanted lists, reads wanted elements.
    fn value(&mut self, byte: u8) -> Result<Option<(usize, u64)>, Unreadable> {
        self.began = true;
        let in_list = self.stack.last().is_none_or(|(list, _)| *list);
        let before = self.path.len();
        if !in_list {
            // An object: a key, a colon, then the value.
            if byte != b'"' {
                return self.fault("a key was expected");
            }
            self.element.clear();
            self.take_value()?;
            let key: String = serde_json::from_slice(&self.element)
                .or_else(|_| self.fault("this key is no JSON string"))?;
            for i in 0..self.element.len() {
                self.keep(self.element[i]);
            }
            self.skip_space()?;
            if self.peek()? != Some(b':') {
                return self.fault("a colon was expected");
            }
            self.bump();
            self.keep(b':');
            self.skip_space()?;
            if !self.path.is_empty() {
                self.path.push('.');
            }
            self.path.push_str(&key);
        } else if let Some(list) = self.wanted_here().filter(|_| !self.stack.is_empty()) {
            self.element.clear();
            let offset = self.offset;
            self.take_value()?;
            return Ok(Some((list, offset)));
        }
        let Some(byte) = self.peek()? else { return self.fault("the document ends too early") };
        let open_list = byte == b'[';
        let inside = format!("{}{}", self.path, if open_list { "[]" } else { "" });
        let leads = |w: &String| {
            w.starts_with(&inside)
                && (inside.is_empty() || w.len() == inside.len() || {
                    let next = w.as_bytes()[inside.len()];
                    next == b'.' || next == b'['
                })
        };
        let enter = (open_list || byte == b'{')
            && self.wanted.iter().any(leads)
            && (open_list || !self.wanted.contains(&inside));
        if enter {
            if self.stack.len() > DEEPEST {
                return self.fault("nested too deeply");
            }
            self.stack.push((open_list, before));
            self.path = inside;
            self.bump();
            self.keep(byte);
        } else {
            self.element.clear();
            self.take_value()?;
            for i in 0..self.element.len() {
                self.keep(self.element[i]);
            }
            self.path.truncate(before);
        }
        Ok(None)
    }

    fn skip_space(&mut self) -> Result<(), Unreadable> {
        while self.peek()?.is_some_and(|b| b.is_ascii_whitespace()) {
            self.bump();
        }
        Ok(())
    }

    /// Copies one whole JSON value into `element`: to its closing bracket or quote, or to the end of a bare word.
    fn take_value(&mut self) -> Result<(), Unreadable> {
        let mut depth = 0_usize;
        let mut in_string = false;
        let mut escaped = false;
        loop {
            let buffer = self.body.fill_buf()?;
            if buffer.is_empty() {
                if depth == 0 && !in_string && !self.element.is_empty() {
                    return Ok(());
                }
                return self.fault("the document ends inside a value");
            }
            let mut i = 0;
            let mut end = None;
            while i < buffer.len() {
                if in_string {
                    if escaped {
                        escaped = false;
                        i += 1;
                        continue;
                    }
                    match memchr::memchr2(b'"', b'\\', &buffer[i..]) {
                        None => i = buffer.len(),
                        Some(n) => {
                            i += n + 1;
                            if buffer[i - 1] == b'\\' {
                                escaped = true;
                            } else {
                                in_string = false;
                                if depth == 0 {
                                    end = Some(i);
                                    break;
                                }
                            }
                        }
                    }
                    continue;
                }
                match buffer[i] {
                    b'"' => {
                        if depth == 0 && !(self.element.is_empty() && i == 0) {
                            end = Some(i);
                            break;
                        }
                        in_string = true;
                    }
                    b'{' | b'[' => depth += 1,
                    b'}' | b']' => {
                        if depth == 0 {
                            end = Some(i);
                            break;
                        }
                        depth -= 1;
                        if depth == 0 {
                            end = Some(i + 1);
                            break;
                        }
                    }
                    b',' | b':' | b' ' | b'\n' | b'\r' | b'\t' if depth == 0 => {
                        end = Some(i);
                        break;
                    }
                    _ => {}
                }
                i += 1;
            }
            let used = end.unwrap_or(buffer.len());
            self.element.extend_from_slice(&buffer[..used]);
            self.body.consume(used);
            self.offset += used as u64;
            if end.is_some() {
                if self.element.is_empty() {
                    return self.fault("a value was expected");
                }
                return Ok(());
            }
            if self.element.len() > LARGEST {
                return self.fault("one element is larger than 64 MiB");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str, wanted: &[&str]) -> (Vec<(usize, String)>, String, bool) {
        // A buffer of three bytes: every boundary is crossed somewhere.
        let mut body = std::io::BufReader::with_capacity(3, text.as_bytes());
        let mut elements = Elements::new(&mut body, wanted);
        let mut found = Vec::new();
        let clean = loop {
            match elements.next() {
                Ok(Some(e)) => found.push((e.list, String::from_utf8_lossy(e.bytes).into_owned())),
                Ok(None) => break true,
                Err(_) => break false,
            }
        };
        (found, String::from_utf8_lossy(elements.shell()).into_owned(), clean)
    }

    #[test]
    fn finds_elements_of_every_shape() {
        let (found, shell, clean) =
            all(r#"{"repo":"a/b","issues":[{"n":1,"t":"x]\"}"}, 2],"pulls":[]}"#, &["issues[]", "pulls[]"]);
        assert!(clean);
        assert_eq!(found, [(0, r#"{"n":1,"t":"x]\"}"}"#.to_owned()), (0, "2".to_owned())]);
        assert_eq!(shell, r#"{"repo":"a/b","issues":[],"pulls":[]}"#);
        let (found, _, clean) = all(r#" [ "a" , [1] ,null]  "#, &["[]"]);
        assert_eq!((found.len(), clean), (3, true));
        let (found, shell, _) =
            all(r#"{"id":7,"post_stream":{"x":[0],"posts":[{},{}]},"title":"t"}"#, &["post_stream.posts[]"]);
        assert_eq!(found.len(), 2);
        assert_eq!(shell, r#"{"id":7,"post_stream":{"x":[0],"posts":[]},"title":"t"}"#);
        let (found, _, clean) = all("[[1,2],[3]]", &["[][]"]);
        assert_eq!((found.len(), clean), (3, true));
    }

    #[test]
    fn keeps_what_came_before_a_fault() {
        for text in ["[1,2", "[1,2]]", "[1,{\"a\":", "[1,2}", "", "[1,2] x"] {
            let (_, _, clean) = all(text, &["[]"]);
            assert!(!clean, "{text}");
        }
        let (found, _, _) = all("[1,2,{\"a\":", &["[]"]);
        assert_eq!(found.len(), 2);
    }
}
