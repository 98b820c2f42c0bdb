//! The members of one object inside a JSON document, each with its own bytes: registries keep versions in objects, not
//! in lists. What stands before a damage is handed out, and the damage is told.

use crate::contract::Unreadable;

/// A walk over bytes that are in memory.
struct Walk<'b> {
    bytes: &'b [u8],
    at: usize,
}

impl<'b> Walk<'b> {
    fn peek(&mut self) -> Option<u8> {
        while self.bytes.get(self.at).is_some_and(u8::is_ascii_whitespace) {
            self.at += 1;
        }
        self.bytes.get(self.at).copied()
    }

    fn take(&mut self, wanted: u8) -> Option<()> {
        (self.peek()? == wanted).then(|| self.at += 1)
    }

    fn string(&mut self) -> Option<&'b [u8]> {
        let from = self.at;
        self.take(b'"')?;
        loop {
            match self.bytes.get(self.at)? {
                b'\\' => self.at += 2,
                b'"' => break,
                _ => self.at += 1,
            }
        }
        self.at += 1;
        self.bytes.get(from..self.at)
    }

    fn value(&mut self) -> Option<&'b [u8]> {
        let first = self.peek()?;
        let from = self.at;
        let mut deep = 0_usize;
        if first == b'"' {
            return self.string();
        }
        loop {
            match self.bytes.get(self.at)? {
                b'"' => {
                    self.string()?;
                    continue;
                }
                b'{' | b'[' => deep += 1,
                b'}' | b']' if deep == 0 => break,
                b'}' | b']' => {
                    deep -= 1;
                    if deep == 0 {
                        self.at += 1;
                        break;
                    }
                }
                b',' if deep == 0 => break,
                _ => {}
            }
            self.at += 1;
        }
        self.bytes.get(from..self.at).filter(|value| !value.is_empty())
    }

    /// A member's key, and where it began; `None` within at the object's end.
    fn key(&mut self, first: bool) -> Option<Option<(String, usize)>> {
        if self.peek()? == b'}' {
            self.at += 1;
            return Some(None);
        }
        if !first {
            self.take(b',')?;
            self.peek()?;
        }
        let from = self.at;
        let key = serde_json::from_slice(self.string()?).ok()?;
        self.take(b':')?;
        self.peek()?;
        Some(Some((key, from)))
    }
}

/// The keys of the outermost object, up to where it breaks off.
pub(super) fn keys(bytes: &[u8]) -> impl Iterator<Item = String> {
    let mut walk = Walk { bytes, at: 0 };
    let mut first = true;
    let opened = walk.take(b'{').is_some();
    std::iter::from_fn(move || {
        if !opened || (!first && walk.value().is_none()) {
            return None;
        }
        let key = walk.key(first)??.0;
        first = false;
        Some(key)
    })
}

/// What is done with a member: its key, its bytes with the key, its value, where it begins.
type Each<'e> = dyn FnMut(&str, &[u8], &[u8], usize) -> Result<(), Unreadable> + 'e;

/// Hands out the members of the outermost object's object of this name, and walks on to the document's end where it has
/// to be seen that it came whole.
///
/// # Errors
/// When the document breaks off; what was handed out before stands.
pub(super) fn members(
    bytes: &[u8],
    name: &str,
    to_the_end: bool,
    each: &mut Each<'_>,
) -> Result<(), Unreadable> {
    let mut walk = Walk { bytes, at: 0 };
    let outer = |walk: &Walk<'_>| Unreadable::Shape {
        at: format!("byte {}", walk.at.min(bytes.len())),
        why: "it is cut off or no JSON from here on".to_owned(),
    };
    walk.take(b'{').ok_or_else(|| outer(&walk))?;
    let mut first = true;
    while let Some((key, _)) = walk.key(first).ok_or_else(|| outer(&walk))? {
        first = false;
        if key != name || walk.peek() != Some(b'{') {
            walk.value().ok_or_else(|| outer(&walk))?;
            continue;
        }
        walk.at += 1;
        let mut begins = true;
        while let Some((key, from)) = walk.key(begins).ok_or_else(|| outer(&walk))? {
            begins = false;
            let value = walk.value().ok_or_else(|| outer(&walk))?;
            each(&key, &bytes[from..walk.at], value, from)?;
        }
        if !to_the_end {
            return Ok(());
        }
    }
    Ok(())
}
