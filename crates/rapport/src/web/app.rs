//! What every request shares: the folder, the moment, the token that forms carry, and answers kept for a moment.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rapport_model::Time;
use rapport_practice::roles::{Role, sees_as};
use rapport_store::{Login, Store};
use serde::de::DeserializeOwned;

use super::behind::Behind;
use super::kept::{Acts, Answers, LOG, Made, Pages, Present, State, is_light, pages};
use super::oidc::Provider;
use super::texts::{Text, Texts};
use super::visitor::{Sessions, Visitor};
use crate::cli;
use crate::config::Config;
use crate::desk::{self, Answer, Desk};
use crate::fault::Fault;

/// One served folder.
pub(crate) struct App {
    pub(super) folder: PathBuf,
    /// The moment given with `--as-of`.
    pub(super) fixed: Option<Time>,
    /// What the pages say.
    pub(super) texts: &'static Texts,
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
    kept: Mutex<Answers>,
    /// An answer has been made.
    answered: Condvar,
    pub(super) pages: Mutex<Pages>,
    /// When each visitor acted last, by name.
    acts: Mutex<HashMap<String, Acts>>,
    /// How often anything had been withdrawn, in this state of the log.
    withdrawn: Mutex<Option<(State, i64)>>,
    /// What takes less than this is never shown late.
    pub(super) quick: Duration,
    /// Pages that are made anew while nobody waits.
    pub(super) behind: Behind,
    /// Verbs that work at the same time: each takes a core and its own memory.
    turns: tokio::sync::Semaphore,
    /// What looks a few rows up does not wait behind what goes over the whole log.
    light: tokio::sync::Semaphore,
    /// Where webhooks come in.
    pub(super) door: super::hooks::Door,
    /// Pages that are told of changes.
    pub(super) listeners: super::live::Listeners,
    /// The desk is closing.
    pub(super) stopping: super::schedule::Stopping,
}

/// Which answers will do.
#[derive(Clone, Copy, Debug)]
pub(super) enum Will {
    /// Only of the present state.
    New,
    /// Any since then: nobody can tell whether a change after that was meant.
    Since(Instant),
    /// One that others have overtaken.
    Old,
    /// One that others have overtaken, if it took long and is no older than this.
    Lately(Duration),
}

/// What a thread works at.
struct Work {
    visitor: Visitor,
    will: Will,
    /// The oldest answer that went in, when any was overtaken.
    oldest: Option<Made>,
}

thread_local! {
    static CURRENT: std::cell::RefCell<Option<Work>> = const { std::cell::RefCell::new(None) };
}

/// Works for a visitor on this thread; beside what was done, the oldest overtaken answer that went in.
pub(super) fn working_for<T>(
    visitor: Option<Visitor>,
    will: Will,
    act: impl FnOnce() -> T,
) -> (T, Option<Made>) {
    CURRENT.set(visitor.map(|visitor| Work { visitor, will, oldest: None }));
    let done = act();
    (done, CURRENT.take().and_then(|work| work.oldest))
}

fn random() -> Result<String, Fault> {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes).map_err(|e| Fault::usage(format!("no random bytes: {e}")))?;
    Ok(bytes.iter().map(|b| format!("{b:02x}")).collect())
}

/// What takes less than this is not worth showing late.
const QUICK: Duration = Duration::from_millis(25);
/// Verbs at the same time.
const TURNS: usize = 2;
/// Pages that look a few rows up, and acts, at the same time.
const LIGHT: usize = 4;

impl App {
    /// `shared` when other machines can reach it, `public` where they do.
    ///
    /// # Errors
    /// When the machine gives no random bytes, or `[login]` cannot work.
    pub(crate) fn new(desk: &Desk, shared: bool, public: Option<String>) -> Result<App, Fault> {
        Ok(App {
            folder: desk.folder.clone(),
            fixed: desk.fixed.then_some(desk.now),
            texts: Texts::of(&Config::load(&desk.folder)?.web.language)?,
            local: Visitor { name: desk::me(), role: None, token: random()? },
            sessions: Sessions::default(),
            shared,
            provider: if shared { Provider::of(&desk.folder, public.as_deref())? } else { None },
            public,
            setup: random()?,
            kept: Mutex::default(),
            answered: Condvar::new(),
            pages: Mutex::new(pages()),
            acts: Mutex::default(),
            withdrawn: Mutex::default(),
            quick: QUICK,
            behind: Behind::default(),
            turns: tokio::sync::Semaphore::new(TURNS),
            light: tokio::sync::Semaphore::new(LIGHT),
            door: super::hooks::Door::default(),
            listeners: super::live::Listeners::default(),
            stopping: super::schedule::Stopping::default(),
        })
    }

    /// What the pages say, in their language.
    pub(super) fn t<'a>(&self, key: &'a str) -> Text<'a> {
        self.texts.t(key)
    }

    /// A verb's answer is not what its page knows: a mistake of the program.
    pub(super) fn misread(&self, verb: &str, why: &serde_json::Error) -> Fault {
        Fault::usage(self.t("base-misread").with("verb", verb).with("why", why))
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
        let (now, role) = (cli::clock(), Role::default());
        Desk { folder: self.folder.clone(), json: true, now, fixed: false, role }
    }

    /// Who is behind the request that is being answered.
    pub(super) fn visitor(&self) -> Visitor {
        CURRENT
            .with_borrow(|work| work.as_ref().map(|work| work.visitor.clone()))
            .unwrap_or_else(|| self.local.clone())
    }

    /// Whether a form carries what our own pages give it.
    pub(super) fn ours(&self, token: &str) -> bool {
        super::guard::same(token.as_bytes(), self.visitor().token.as_bytes())
    }

    /// The present moment, or the given one.
    pub(super) fn now(&self) -> Time {
        self.fixed.unwrap_or_else(cli::clock)
    }

    fn words(&self, role: Option<String>, json: bool, words: &[String]) -> Vec<String> {
        let mut all = vec!["--data".to_owned(), self.folder.display().to_string()];
        if let Some(time) = self.fixed {
            all.push(format!("--as-of={time}"));
        }
        if let Some(role) = role {
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
        desk::acting(&self.visitor().name, || cli::answer(&self.words(self.visitor().role, json, words)))
    }

    /// Calls a verb that only looks; the same question is answered once per state of the folder, and by one at a time.
    pub(super) fn look(&self, json: bool, words: &[String]) -> Result<Arc<Answer>, Fault> {
        let own = self.visitor().role;
        let alike = own.as_deref().and_then(Role::from_word).map(|role| sees_as(role).as_str().to_owned());
        let key = self.words(alike.or(own.clone()), json, words);
        let will = CURRENT.with_borrow(|work| work.as_ref().map_or(Will::New, |work| work.will));
        let mut kept = held(&self.kept);
        let now = loop {
            let now = self.present(&self.visitor(), words.first().map_or("", String::as_str));
            if let Some((made, answer)) = kept.shelf.get(&key) {
                let (current, does) = (
                    made.current(&now),
                    match will {
                        Will::New => false,
                        Will::Since(moment) => made.at >= moment,
                        Will::Old => made.slow(&now) && made.will_do(&now),
                        Will::Lately(age) => made.at.elapsed() < age && made.slow(&now) && made.will_do(&now),
                    },
                );
                if current || does {
                    let (made, answer) = (made.clone(), Arc::clone(answer));
                    if !current {
                        overtaken(made);
                    }
                    return Ok(answer);
                }
            }
            if kept.making.insert(key.clone()) {
                break now;
            }
            kept = self.answered.wait(kept).unwrap_or_else(PoisonError::into_inner);
        };
        drop(kept);
        let making = Making { app: self, key: &key };
        let began = Instant::now();
        let answer = cli::answer(&key).map_err(|fault| {
            // A refusal names the role of whoever asked.
            cli::answer(&self.words(own, json, words)).err().unwrap_or(fault)
        })?;
        let answer = Arc::new(answer);
        let made = Made { state: now.state, at: began, took: began.elapsed(), withdrawn: now.withdrawn };
        held(&self.kept).keep(key.clone(), made, Arc::clone(&answer));
        drop(making);
        Ok(answer)
    }

    /// Where somebody waits for their turn who wants this: the first word of an address.
    pub(super) fn turns(&self, what: &str) -> &tokio::sync::Semaphore {
        if is_light(what) { &self.light } else { &self.turns }
    }

    /// The folder as it is, for a visitor who wants this: the first word of an address or of a call.
    pub(super) fn present(&self, visitor: &Visitor, what: &str) -> Present {
        let state = self.state();
        let acted = held(&self.acts).get(&visitor.name).and_then(|acts| acts.on(what));
        let withdrawn = self.withdrawn(&state);
        Present { state, withdrawn, acted, fixed: self.fixed.is_some(), quick: self.quick }
    }

    /// A visitor has changed something: what was made before, and shows it, is not for them any more.
    pub(super) fn acted(&self, visitor: &Visitor, path: &str) {
        held(&self.acts).entry(visitor.name.clone()).or_default().note(path);
    }

    /// How often anything was withdrawn; read once per state of the log.
    fn withdrawn(&self, state: &State) -> i64 {
        let mut known = held(&self.withdrawn);
        if let Some((of, n)) = &*known
            && of[..LOG] == state[..LOG]
        {
            return *n;
        }
        // What cannot be read equals nothing that was kept.
        let n = Store::read(&self.folder).and_then(|store| store.withdrawn()).unwrap_or(-1);
        *known = Some((state.clone(), n));
        n
    }

    /// What a verb answers, as the rows that a page shows.
    pub(super) fn ask<T: DeserializeOwned>(&self, words: &[&str]) -> Result<T, Fault> {
        let words: Vec<String> = words.iter().map(|&word| word.to_owned()).collect();
        let answer = self.look(true, &words)?;
        serde_json::from_str(&answer.json).map_err(|e| self.misread(&words.join(" "), &e))
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

/// An answer that is being made; whoever waits for it goes on when this goes, however that ended.
struct Making<'a> {
    app: &'a App,
    key: &'a Vec<String>,
}

impl Drop for Making<'_> {
    fn drop(&mut self) {
        held(&self.app.kept).making.remove(self.key);
        self.app.answered.notify_all();
    }
}

/// Notes that an overtaken answer goes into what this thread makes.
fn overtaken(made: Made) {
    CURRENT.with_borrow_mut(|work| {
        if let Some(work) = work
            && work.oldest.as_ref().is_none_or(|oldest| made.at < oldest.at)
        {
            work.oldest = Some(made);
        }
    });
}

/// What a lock guards is whole whoever died holding it.
pub(super) fn held<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}
