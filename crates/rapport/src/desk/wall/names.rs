//! The book of everybody's names, by which an answer is cleared of them.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rapport_insight::naming::namings;
use rapport_model::naming::words;
use rapport_model::{Book, Meant, Who};
use rapport_store::{NamesMark, Store};

use crate::desk::person::weaken;
use crate::fault::Fault;

/// Names, and the pseudonyms that stand for them.
#[derive(Default)]
struct Names {
    by_words: HashMap<String, Meant>,
    begins: HashSet<String>,
    longest: usize,
    /// Every word of anybody's name.
    borne: HashSet<String>,
}

/// Everybody's names: those of the book that was made, and of who has come since or is called otherwise.
pub(super) struct All {
    made: Arc<Names>,
    late: Arc<Names>,
}

/// How long a book is good: which words are on everybody's lips changes slowly.
const GOOD: Duration = Duration::from_secs(3_600);
/// When so many have come since, it is made anew.
const LATE: usize = 2_000;

/// The book made last: a served desk asks for it with every answer to a role that sees no names.
static KEPT: Mutex<Option<Kept>> = Mutex::new(None);

struct Kept {
    at: Instant,
    made: (NamesMark, Arc<Names>),
    late: (NamesMark, Arc<Names>),
}

impl All {
    /// The names of this folder as they are now. Making the book takes seconds where there are many; what was learned since is
    /// small. It errs to the side of hiding: what somebody was called before stays hidden until the book is made anew.
    pub(super) fn of(store: &Store) -> Result<All, Fault> {
        let mark = store.names_mark()?;
        // Whoever comes while a book is being made waits for it instead of making another.
        let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
        let good = |kept: &&mut Kept| mark.continues(&kept.made.0) && kept.at.elapsed() < GOOD;
        if let Some(book) = kept.as_mut().filter(good) {
            if book.late.0 != mark {
                let since = store.pseudonyms_since(&book.made.0)?;
                if since.len() <= LATE {
                    book.late = (mark.clone(), Arc::new(Names::late(store, &since, &book.made.1)?));
                }
            }
            if book.late.0 == mark {
                return Ok(All { made: Arc::clone(&book.made.1), late: Arc::clone(&book.late.1) });
            }
        }
        let (made, late) = (Arc::new(Names::all(store)?), Arc::new(Names::default()));
        let all = All { made: Arc::clone(&made), late: Arc::clone(&late) };
        *kept = Some(Kept { at: Instant::now(), made: (mark.clone(), made), late: (mark, late) });
        Ok(all)
    }
}

impl Book for All {
    fn begins(&self, word: &str) -> bool {
        self.late.begins.contains(word) || self.made.begins.contains(word)
    }
    fn longest(&self) -> usize {
        self.late.longest.max(self.made.longest)
    }
    fn find(&self, words: &str) -> Option<Meant> {
        let late = self.late.by_words.get(words);
        match (late, self.made.by_words.get(words)) {
            // Two people of one name, or one who is called by another pseudonym now.
            (Some(late), Some(made)) if late.instead != made.instead => {
                Some(Meant { instead: SOMEBODY.to_owned(), weak: late.weak && made.weak })
            }
            (late, made) => late.or(made).cloned(),
        }
    }
}

/// What a name reads that more than one person bears.
const SOMEBODY: &str = "somebody";

/// The words of everything that an account is called.
fn called(who: &Who) -> impl Iterator<Item = String> {
    let texts = [Some(who.key.as_str()), who.handle.as_deref(), who.name.as_deref()];
    let all: Vec<String> = texts.into_iter().flatten().map(words).collect();
    let each = all.iter().flat_map(|text| text.split(' ')).filter(|word| !word.is_empty());
    each.map(str::to_owned).collect::<Vec<_>>().into_iter()
}

impl Names {
    fn all(store: &Store) -> Result<Names, Fault> {
        let all = store.pseudonyms()?;
        // A word that two people's names share names neither by itself.
        let mut bearers: HashMap<String, (usize, bool)> = HashMap::new();
        for (n, (_, who, pseudonym)) in all.iter().enumerate() {
            for word in called(who) {
                let shared = |(first, shared): &mut (usize, bool)| *shared |= all[*first].2 != *pseudonym;
                bearers.entry(word).and_modify(shared).or_insert((n, false));
            }
        }
        let taken = bearers.iter().filter(|(_, (_, shared))| *shared).map(|(word, _)| word.clone()).collect();
        let active = store.active_months()?;
        let messages = |id| active.get(&id).map_or(0, |(_, _, n)| u64::try_from(*n).unwrap_or(0));
        let mut names = Names::default();
        for (id, who, pseudonym) in all.iter().filter(|(_, who, _)| !who.bot) {
            names.add(store, who, pseudonym, &taken, messages(*id))?;
        }
        names.borne = bearers.into_keys().collect();
        Ok(names)
    }

    /// The names of those who came later: a word that anybody bore before names none of them by itself.
    fn late(store: &Store, since: &[(i64, Who, String)], before: &Names) -> Result<Names, Fault> {
        let mut names = Names::default();
        for (id, who, pseudonym) in since.iter().filter(|(_, who, _)| !who.bot) {
            let taken = called(who).filter(|word| before.borne.contains(word)).collect();
            let messages = store.active_span(*id)?.map_or(0, |(_, _, n)| n);
            names.add(store, who, pseudonym, &taken, messages)?;
        }
        Ok(names)
    }

    fn add(
        &mut self,
        store: &Store,
        who: &Who,
        pseudonym: &str,
        taken: &HashSet<String>,
        messages: u64,
    ) -> Result<(), Fault> {
        let mut own = namings(std::slice::from_ref(who), taken);
        weaken(store, &mut own, messages)?;
        for naming in own {
            let key = words(&naming.text);
            self.begins.extend(key.split(' ').next().map(str::to_owned));
            self.longest = self.longest.max(key.split(' ').count());
            let mine = Meant { instead: pseudonym.to_owned(), weak: naming.weak };
            let both = |meant: &mut Meant| {
                if meant.instead != mine.instead {
                    SOMEBODY.clone_into(&mut meant.instead);
                }
                meant.weak &= mine.weak;
            };
            self.by_words.entry(key).and_modify(both).or_insert_with(|| mine.clone());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli;

    /// Takes messages of these people in: key and name.
    fn add(folder: &std::path::Path, n: usize, people: &[(&str, &str)]) -> Store {
        let file = folder.join(format!("{n}.jsonl"));
        let line = |(k, (key, name)): (usize, &(&str, &str))| {
            format!(
                r#"{{"id":"{n}-{k}","at":"2026-09-01T10:00:00Z","thread":"t","person_id":"{key}","person_name":"{name}","act":"replied","text":"x"}}"#
            )
        };
        std::fs::write(&file, people.iter().enumerate().map(line).collect::<Vec<_>>().join("\n")).unwrap();
        let data = folder.join("data");
        let words = ["--data", data.to_str().unwrap(), "add", file.to_str().unwrap()].map(str::to_owned);
        cli::answer(&words).unwrap();
        Store::read(&data).unwrap()
    }

    #[test]
    fn whoever_comes_or_is_called_otherwise_is_in_the_book_at_once() {
        let place = tempfile::tempdir().unwrap();
        let store = add(place.path(), 1, &[("u1", "Zinovia Abramsen"), ("u2", "Teodor Quist")]);
        let first = All::of(&store).unwrap();
        let meant = |all: &All, name: &str| all.find(name).map(|meant| meant.instead);
        assert!(meant(&first, "zinovia abramsen").is_some() && meant(&first, "oluchi brandvold").is_none());
        let store = add(
            place.path(),
            2,
            &[("u3", "Oluchi Brandvold"), ("u2", "Teodor Ravndal"), ("u4", "Zinovia Ek")],
        );
        let then = All::of(&store).unwrap();
        assert!(Arc::ptr_eq(&first.made, &then.made), "the book was not made anew");
        let whole = Names::all(&store).unwrap();
        for name in ["oluchi brandvold", "brandvold", "teodor ravndal", "zinovia abramsen", "zinovia ek"] {
            let now = whole.by_words.get(name).map(|meant| meant.instead.clone());
            assert_eq!(meant(&then, name), now, "{name}");
        }
        assert!(meant(&then, "teodor quist").is_some(), "what somebody was called before stays hidden");
        assert!(!then.late.by_words.contains_key("zinovia"), "a first name that two bear names neither");
    }
}
