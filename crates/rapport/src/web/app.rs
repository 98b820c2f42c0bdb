//! What every request shares: the folder, the moment, the token that forms carry, and answers kept for a moment.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use axum::body::Bytes;
use axum::http::HeaderMap;
use rapport_model::Time;
use rapport_store::{Login, Store};
use serde::de::DeserializeOwned;

use super::oidc::Provider;
use super::visitor::{Sessions, Visitor};
use crate::cli;
use crate::desk::{self, Answer, Desk};
use crate::fault::Fault;

/// One served folder.
pub(crate) struct App {
    pub(super) folder: PathBuf,
    /// The moment given with `--as-of`.
    pub(super) fixed: Option<Time>,
    /// The person at this machine.
    pub(super) local: Visitor,
    /// Who has logged in, where others may come.
    pub(super) sessions: Sessions,
    /// Others may come: everybody has to log in.
    pub(super) shared: bool,
    /// Who else says who somebody is, where others may come.
    pub(super) provider: Option<Provider>,
    /// Where people reach the desk, when that is not the address it listens on.
    public: Option<String>,
    setup: String,
    kept: Mutex<HashMap<Vec<String>, Kept>>,
    pages: Mutex<Pages>,
    /// Verbs that work at the same time: each takes a core and its own memory.
    pub(super) turns: tokio::sync::Semaphore,
    /// Where webhooks come in.
    pub(super) door: super::hooks::Door,
    /// Pages that are told of changes.
    pub(super) listeners: super::live::Listeners,
    /// The desk is closing.
    pub(super) stopping: super::schedule::Stopping,
}

/// Pages as they were sent last.
#[derive(Default)]
struct Pages {
    all: HashMap<String, Page>,
    bytes: usize,
}

struct Page {
    state: State,
    at: Instant,
    headers: HeaderMap,
    body: Bytes,
}

/// Sizes and times of the files that answers are made from.
type State = Vec<Option<(u64, SystemTime)>>;

/// An answer, and of which state of the folder it is.
struct Kept {
    state: State,
    at: Instant,
    answer: Arc<Answer>,
}

thread_local! {
    /// The visitor for whom this thread works.
    static CURRENT: std::cell::RefCell<Option<Visitor>> = const { std::cell::RefCell::new(None) };
}

/// Works for a visitor on this thread.
pub(super) fn working_for<T>(visitor: Option<Visitor>, act: impl FnOnce() -> T) -> T {
    CURRENT.set(visitor);
    let done = act();
    CURRENT.set(None);
    done
}

fn random() -> Result<String, Fault> {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes).map_err(|e| Fault::usage(format!("no random bytes: {e}")))?;
    Ok(bytes.iter().map(|b| format!("{b:02x}")).collect())
}

/// Ages in answers move on with the clock: an answer is kept no longer than this.
const LONGEST: Duration = Duration::from_secs(60);
/// So many answers are kept.
const MOST: usize = 32;
/// So many bytes of pages are kept.
const BYTES: usize = 64 << 20;
/// Verbs at the same time.
const TURNS: usize = 2;

impl App {
    /// `shared` when other machines can reach it, `public` where they do.
    ///
    /// # Errors
    /// When the machine gives no random bytes, or `[login]` cannot work.
    pub(crate) fn new(desk: &Desk, shared: bool, public: Option<String>) -> Result<App, Fault> {
        Ok(App {
            folder: desk.folder.clone(),
            fixed: desk.fixed.then_some(desk.now),
            local: Visitor { name: desk::me(), role: None, token: random()? },
            sessions: Sessions::default(),
            shared,
            provider: if shared { Provider::of(&desk.folder, public.as_deref())? } else { None },
            public,
            setup: random()?,
            kept: Mutex::default(),
            pages: Mutex::default(),
            turns: tokio::sync::Semaphore::new(TURNS),
            door: super::hooks::Door::default(),
            listeners: super::live::Listeners::default(),
            stopping: super::schedule::Stopping::default(),
        })
    }

    /// Every account.
    pub(super) fn accounts(&self) -> Result<Vec<Login>, Fault> {
        Ok(Store::read(&self.folder)?.logins()?)
    }

    /// The key that makes the first account; none once there is one.
    pub(super) fn setup_key(&self) -> Option<&str> {
        let none = self.shared && self.accounts().is_ok_and(|all| all.is_empty());
        none.then_some(self.setup.as_str())
    }

    /// People come through TLS: cookies must, too.
    pub(super) fn secure(&self) -> bool {
        self.public.as_deref().is_some_and(|url| url.starts_with("https://"))
    }

    /// The host name that people use, with its port if it has one.
    pub(super) fn public_host(&self) -> Option<&str> {
        self.public
            .as_deref()
            .map(|url| url.trim_start_matches("https://").trim_start_matches("http://").trim_end_matches('/'))
    }

    /// Where people reach the desk, when that was told.
    pub(super) fn address(&self) -> Option<&str> {
        self.public.as_deref().map(|url| url.trim_end_matches('/'))
    }

    /// The desk as it works by itself, at this very moment.
    pub(super) fn background(&self) -> Desk {
        let (now, role) = (cli::clock(), desk::wall::Role::default());
        Desk { folder: self.folder.clone(), json: true, now, fixed: false, role }
    }

    /// Who is behind the request that is being answered.
    pub(super) fn visitor(&self) -> Visitor {
        CURRENT.with_borrow(Clone::clone).unwrap_or_else(|| self.local.clone())
    }

    /// Whether a form carries what our own pages give it.
    pub(super) fn ours(&self, token: &str) -> bool {
        super::guard::same(token.as_bytes(), self.visitor().token.as_bytes())
    }

    /// The present moment, or the given one.
    pub(super) fn now(&self) -> Time {
        self.fixed.unwrap_or_else(cli::clock)
    }

    fn words(&self, json: bool, words: &[String]) -> Vec<String> {
        let mut all = vec!["--data".to_owned(), self.folder.display().to_string()];
        if let Some(time) = self.fixed {
            all.push(format!("--as-of={time}"));
        }
        if let Some(role) = self.visitor().role {
            all.push(format!("--role={role}"));
        }
        if json {
            all.push("--json".to_owned());
        }
        all.extend(words.iter().cloned());
        all
    }

    /// Calls a verb that may change something.
    pub(super) fn act(&self, json: bool, words: &[String]) -> Result<Answer, Fault> {
        desk::acting(&self.visitor().name, || cli::answer(&self.words(json, words)))
    }

    /// Calls a verb that only looks; the same question is answered once per state of the folder.
    pub(super) fn look(&self, json: bool, words: &[String]) -> Result<Arc<Answer>, Fault> {
        let key = self.words(json, words);
        let state = self.state();
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = kept.get(&key)
            && known.state == state
            && (self.fixed.is_some() || known.at.elapsed() < LONGEST)
        {
            return Ok(Arc::clone(&known.answer));
        }
        drop(kept);
        let answer = Arc::new(cli::answer(&key)?);
        kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MOST {
            kept.clear();
        }
        kept.insert(key, Kept { state, at: Instant::now(), answer: Arc::clone(&answer) });
        Ok(answer)
    }

    /// The page as it was sent last, when nothing has changed since.
    pub(super) fn page(&self, key: &str) -> Option<(HeaderMap, Bytes)> {
        let state = self.state();
        let pages = self.pages.lock().unwrap_or_else(PoisonError::into_inner);
        let page = pages.all.get(key).filter(|page| page.state == state)?;
        let fresh = self.fixed.is_some() || page.at.elapsed() < LONGEST;
        fresh.then(|| (page.headers.clone(), page.body.clone()))
    }

    /// Keeps a page; `state` is from before it was made.
    pub(super) fn keep_page(&self, key: String, state: State, headers: HeaderMap, body: Bytes) {
        let mut pages = self.pages.lock().unwrap_or_else(PoisonError::into_inner);
        if pages.bytes + body.len() > BYTES {
            *pages = Pages::default();
        }
        pages.bytes += body.len();
        let page = Page { state, at: Instant::now(), headers, body };
        if let Some(before) = pages.all.insert(key, page) {
            pages.bytes -= before.body.len();
        }
    }

    /// What a verb answers, as the rows that a page shows.
    pub(super) fn ask<T: DeserializeOwned>(&self, words: &[&str]) -> Result<T, Fault> {
        let words: Vec<String> = words.iter().map(|&word| word.to_owned()).collect();
        let answer = self.look(true, &words)?;
        serde_json::from_str(&answer.json)
            .map_err(|e| Fault::usage(format!("'{}' answered in an unknown shape: {e}", words.join(" "))))
    }

    /// Sizes and times of the files that answers are made from: any change is another state.
    pub(super) fn state(&self) -> State {
        ["rapport.sqlite", "rapport.sqlite-wal", crate::config::FILE, "org.toml"]
            .iter()
            .map(|name| {
                let about = std::fs::metadata(self.folder.join(name)).ok()?;
                // The write-ahead log comes and goes, empty, with every reader.
                (about.len() > 0).then_some((about.len(), about.modified().ok()?))
            })
            .collect()
    }
}
