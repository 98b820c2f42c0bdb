//! The book of everybody's names, by which an answer is cleared of them.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rapport_insight::naming::namings;
use rapport_model::naming::words;
use rapport_model::{Book, Meant};
use rapport_store::Store;

use crate::desk::person::weaken;
use crate::fault::Fault;

/// Everybody's names, and the pseudonyms that stand for them.
pub(super) struct Names {
    by_words: HashMap<String, Meant>,
    begins: HashSet<String>,
    longest: usize,
}

/// How long a book is good while nobody came or is called otherwise: which words are on everybody's lips changes slowly.
const GOOD: Duration = Duration::from_secs(600);

/// The book made last, of the folder that its mark tells: a served desk asks for it with every answer.
static KEPT: Mutex<Option<Kept>> = Mutex::new(None);

struct Kept {
    mark: (Vec<u8>, i64, i64),
    made: Instant,
    names: Arc<Names>,
}

impl Names {
    /// The names of this folder; made anew when somebody came, is called otherwise or was linked.
    pub(super) fn kept(store: &Store) -> Result<Arc<Names>, Fault> {
        let mark = store.names_mark()?;
        // Whoever comes while a book is being made waits for it instead of making another.
        let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(book) = kept.as_ref().filter(|book| book.mark == mark && book.made.elapsed() < GOOD) {
            return Ok(Arc::clone(&book.names));
        }
        let names = Arc::new(Names::of(store)?);
        *kept = Some(Kept { mark, made: Instant::now(), names: Arc::clone(&names) });
        Ok(names)
    }

    fn of(store: &Store) -> Result<Names, Fault> {
        let all = store.pseudonyms()?;
        // A word that two people's names share names neither by itself.
        let mut bearers: HashMap<String, (String, bool)> = HashMap::new();
        for (_, who, pseudonym) in &all {
            let texts = [Some(who.key.as_str()), who.handle.as_deref(), who.name.as_deref()];
            for word in texts
                .into_iter()
                .flatten()
                .flat_map(|t| words(t).split(' ').map(str::to_owned).collect::<Vec<_>>())
            {
                bearers
                    .entry(word)
                    .and_modify(|(first, shared)| *shared |= first != pseudonym)
                    .or_insert_with(|| (pseudonym.clone(), false));
            }
        }
        let taken: HashSet<String> =
            bearers.into_iter().filter(|(_, (_, shared))| *shared).map(|(word, _)| word).collect();
        let mut names = Names { by_words: HashMap::new(), begins: HashSet::new(), longest: 0 };
        let active = store.active_months()?;
        for (id, who, pseudonym) in all.iter().filter(|(_, who, _)| !who.bot) {
            let mut own = namings(std::slice::from_ref(who), &taken);
            let messages = active.get(id).map_or(0, |(_, _, messages)| u64::try_from(*messages).unwrap_or(0));
            weaken(store, &mut own, messages)?;
            for naming in own {
                let key = words(&naming.text);
                names.begins.extend(key.split(' ').next().map(str::to_owned));
                names.longest = names.longest.max(key.split(' ').count());
                let mine = Meant { instead: pseudonym.clone(), weak: naming.weak };
                names
                    .by_words
                    .entry(key)
                    .and_modify(|meant| {
                        if meant.instead != mine.instead {
                            "somebody".clone_into(&mut meant.instead);
                        }
                        meant.weak &= mine.weak;
                    })
                    .or_insert(mine);
            }
        }
        Ok(names)
    }
}

impl Book for Names {
    fn begins(&self, word: &str) -> bool {
        self.begins.contains(word)
    }
    fn longest(&self) -> usize {
        self.longest
    }
    fn find(&self, words: &str) -> Option<Meant> {
        self.by_words.get(words).cloned()
    }
}
