//! How feedback went out and came back: deliveries with what happened to them, links that answer, replies that were sent.

use rapport_model::{MemberKind, ThreadKind, Time};
use rusqlite::{OptionalExtension, params};
use sha2::{Digest, Sha256};

use crate::audit::audit;
use crate::open::{Store, StoreError, fault};

/// One way out of one feedback.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// The feedback.
    pub feedback: i64,
    /// `file`, `github`, `gitlab`, `gitea`, `mail`, `webhook`.
    pub way: String,
    /// Where to: a repository, addresses, a host. Never a secret.
    pub target: String,
    /// `sending`, `sent` or `undelivered`.
    pub state: String,
    /// What the other side calls it: an issue's number, a message id.
    pub remote: Option<String>,
    /// A link that opens it.
    pub url: Option<String>,
    /// Why it is undelivered.
    pub why: Option<String>,
    /// How often it was tried.
    pub tries: u32,
    /// The first try.
    pub first_at: Time,
    /// The last try.
    pub last_at: Time,
    /// Not before this moment again.
    pub retry_at: Option<Time>,
    /// The digest of what was sent ([`Store::digest`]). The words stay with whoever got them: kept here, they would
    /// outlive the people they quote.
    pub digest: String,
    /// What the other side last said of it.
    pub answered: Option<String>,
}

/// A link that answers without an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnswerLink {
    /// Its own number.
    pub id: String,
    /// The feedback.
    pub feedback: i64,
    /// Who made it.
    pub by: String,
    /// When.
    pub at: Time,
    /// Until when it holds.
    pub expires: Time,
    /// When it was taken back.
    pub revoked_at: Option<Time>,
    /// When it was last answered with.
    pub used_at: Option<Time>,
}

/// One reply that a person sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// The thread.
    pub thread: i64,
    /// When.
    pub at: Time,
    /// Who sent it.
    pub who: String,
    /// A word on it.
    pub note: Option<String>,
    /// The digest of the draft.
    pub digest: String,
}

/// One identity that did something in a thread.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Voice {
    /// Its number.
    pub id: i64,
    /// Login, shown name, address and key, as far as they are known.
    pub names: Vec<String>,
    /// What kind of member.
    pub member: MemberKind,
}

/// Where a reply goes: what its format and its address are made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The connector that reads the source: its channel's format follows from it.
    pub connector: String,
    /// The source's name.
    pub source: String,
    /// What the thread is.
    pub kind: Option<ThreadKind>,
    /// Its title.
    pub title: String,
    /// A link that opens it.
    pub url: Option<String>,
    /// The channel, category or list.
    pub container: Option<String>,
    /// The opening's key in its source: a message id for mail.
    pub opening_key: Option<String>,
    /// Who asked.
    pub asker: Option<i64>,
    /// When.
    pub opened_at: Time,
}

impl Store {
    /// What stands for a text: enough to prove that it was this one, and nothing of it.
    #[must_use]
    pub fn digest(text: &str) -> String {
        Sha256::digest(text.as_bytes()).iter().map(|b| format!("{b:02x}")).collect()
    }

    /// Records how a delivery stands; the first record of a way and target makes it, later ones replace it.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn note_delivery(&mut self, d: &Delivery, who: &str) -> Result<(), StoreError> {
        let path = self.path.clone();
        let result = self.db.transaction().and_then(|tx| {
            tx.execute(
                "INSERT INTO feedback_delivery (feedback, way, target, state, remote, url, why, tries, first_at, last_at,
                   retry_at, digest, answered)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
                 ON CONFLICT (feedback, way, target) DO UPDATE SET state = excluded.state, remote = excluded.remote,
                   url = excluded.url, why = excluded.why, tries = excluded.tries, last_at = excluded.last_at,
                   retry_at = excluded.retry_at, digest = excluded.digest, answered = excluded.answered",
                params![
                    d.feedback,
                    d.way,
                    d.target,
                    d.state,
                    d.remote,
                    d.url,
                    d.why,
                    d.tries,
                    d.first_at.millis(),
                    d.last_at.millis(),
                    d.retry_at.map(Time::millis),
                    d.digest,
                    d.answered
                ],
            )?;
            let why = d.why.as_ref().map(|w| format!(": {w}")).unwrap_or_default();
            let what = format!("feedback {} to {} {} {}{why}", d.feedback, d.way, d.target, d.state);
            audit(&tx, d.last_at, who, "feedback delivery", &what)?;
            tx.commit()
        });
        result.map_err(|e| fault(&path, &e))
    }

    /// The deliveries of a feedback, in the order in which they were first tried.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn deliveries(&self, feedback: i64) -> Result<Vec<Delivery>, StoreError> {
        let time = |at: i64| Time::from_millis(at).unwrap_or(Time::MIN);
        self.ask(|db| {
            db.prepare_cached(
                "SELECT feedback, way, target, state, remote, url, why, tries, first_at, last_at, retry_at, digest, answered
                 FROM feedback_delivery WHERE feedback = ? ORDER BY id",
            )?
            .query_map([feedback], |row| {
                Ok(Delivery {
                    feedback: row.get(0)?,
                    way: row.get(1)?,
                    target: row.get(2)?,
                    state: row.get(3)?,
                    remote: row.get(4)?,
                    url: row.get(5)?,
                    why: row.get(6)?,
                    tries: row.get(7)?,
                    first_at: time(row.get(8)?),
                    last_at: time(row.get(9)?),
                    retry_at: row.get::<_, Option<i64>>(10)?.and_then(Time::from_millis),
                    digest: row.get(11)?,
                    answered: row.get(12)?,
                })
            })?
            .collect()
        })
    }

    /// Makes a link known.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn add_link(&mut self, link: &AnswerLink) -> Result<(), StoreError> {
        let path = self.path.clone();
        let result = self.db.transaction().and_then(|tx| {
            tx.execute(
                "INSERT INTO feedback_link (id, feedback, by, at, expires) VALUES (?, ?, ?, ?, ?)",
                params![link.id, link.feedback, link.by, link.at.millis(), link.expires.millis()],
            )?;
            let what = format!("feedback {} until {}", link.feedback, link.expires);
            audit(&tx, link.at, &link.by, "feedback link", &what)?;
            tx.commit()
        });
        result.map_err(|e| fault(&path, &e))
    }

    /// One link.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn link(&self, id: &str) -> Result<Option<AnswerLink>, StoreError> {
        let time = |at: i64| Time::from_millis(at).unwrap_or(Time::MIN);
        self.ask(|db| {
            db.query_row(
                "SELECT id, feedback, by, at, expires, revoked_at, used_at FROM feedback_link WHERE id = ?",
                [id],
                |row| {
                    Ok(AnswerLink {
                        id: row.get(0)?,
                        feedback: row.get(1)?,
                        by: row.get(2)?,
                        at: time(row.get(3)?),
                        expires: time(row.get(4)?),
                        revoked_at: row.get::<_, Option<i64>>(5)?.map(time),
                        used_at: row.get::<_, Option<i64>>(6)?.map(time),
                    })
                },
            )
            .optional()
        })
    }

    /// Takes back every link of a feedback that still holds; how many there were.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn revoke_links(&mut self, feedback: i64, who: &str, at: Time) -> Result<usize, StoreError> {
        let path = self.path.clone();
        let result = self.db.transaction().and_then(|tx| {
            let n = tx.execute(
                "UPDATE feedback_link SET revoked_at = ?2 WHERE feedback = ?1 AND revoked_at IS NULL AND expires >= ?2",
                params![feedback, at.millis()],
            )?;
            audit(&tx, at, who, "feedback link revoked", &format!("feedback {feedback}: {n}"))?;
            tx.commit()?;
            Ok(n)
        });
        result.map_err(|e| fault(&path, &e))
    }

    /// Notes that a link was answered with.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn use_link(&mut self, id: &str, at: Time) -> Result<(), StoreError> {
        self.ask(|db| {
            db.execute("UPDATE feedback_link SET used_at = ? WHERE id = ?", params![at.millis(), id])
                .map(drop)
        })
    }

    /// Records that a reply was sent; the first word stays.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn note_told(&mut self, feedback: i64, told: &Told) -> Result<bool, StoreError> {
        let path = self.path.clone();
        let result = self.db.transaction().and_then(|tx| {
            let new = tx.execute(
                "INSERT OR IGNORE INTO feedback_told (feedback, source, thread_key, at, who, note, digest)
                 SELECT ?1, source, key, ?3, ?4, ?5, ?6 FROM thread WHERE id = ?2",
                params![feedback, told.thread, told.at.millis(), told.who, told.note, told.digest],
            )? > 0;
            if new {
                let what = format!("feedback {feedback} in thread {}", told.thread);
                audit(&tx, told.at, &told.who, "feedback told", &what)?;
            }
            tx.commit()?;
            Ok(new)
        });
        result.map_err(|e| fault(&path, &e))
    }

    /// The replies that were sent for a feedback.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn told(&self, feedback: i64) -> Result<Vec<Told>, StoreError> {
        self.ask(|db| {
            db.prepare_cached(
                "SELECT t.id, f.at, f.who, f.note, f.digest FROM feedback_told f
                 JOIN thread t ON t.source = f.source AND t.key = f.thread_key WHERE f.feedback = ? ORDER BY f.at, t.id",
            )?
            .query_map([feedback], |row| {
                Ok(Told {
                    thread: row.get(0)?,
                    at: Time::from_millis(row.get(1)?).unwrap_or(Time::MIN),
                    who: row.get(2)?,
                    note: row.get(3)?,
                    digest: row.get(4)?,
                })
            })?
            .collect()
        })
    }

    /// Who did something in a thread, with every name that could give them away: the real ones also for whoever sees
    /// pseudonyms, for what is to be taken out of a text has to be known.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn voices(&self, thread: i64) -> Result<Vec<Voice>, StoreError> {
        self.ask(|db| {
            db.prepare_cached(
                "SELECT DISTINCT i.id, i.handle, i.name, i.email, i.key, i.member
                 FROM activity a JOIN main.identity i ON i.id = a.who WHERE a.thread = ? ORDER BY i.id",
            )?
            .query_map([thread], |row| {
                let mut names = Vec::new();
                for column in 1..=4 {
                    names.extend(row.get::<_, Option<String>>(column)?.filter(|n| !n.trim().is_empty()));
                }
                names.dedup();
                let member = MemberKind::from_word(row.get_ref(5)?.as_str()?).unwrap_or_default();
                Ok(Voice { id: row.get(0)?, names, member })
            })?
            .collect()
        })
    }

    /// Full names of people, known from anywhere in the folder, that stand in a text: to be taken out of it.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn full_names_in(&self, text: &str) -> Result<Vec<String>, StoreError> {
        self.ask(|db| {
            db.prepare_cached(
                "SELECT DISTINCT name FROM main.identity
                 WHERE length(name) >= 6 AND instr(name, ' ') > 0 AND member <> 'bot' AND instr(?, name) > 0 ORDER BY name",
            )?
            .query_map([text], |row| row.get(0))?
            .collect()
        })
    }

    /// Who said an activity.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn speaker(&self, activity: i64) -> Result<Option<i64>, StoreError> {
        self.ask(|db| {
            db.query_row("SELECT who FROM activity WHERE id = ?", [activity], |row| row.get(0)).optional()
        })
        .map(Option::flatten)
    }

    /// Where a reply to a thread goes.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn place(&self, thread: i64) -> Result<Option<Place>, StoreError> {
        self.ask(|db| {
            db.prepare_cached(
                "SELECT s.kind, s.name, t.kind, coalesce(nullif(t.title, ''), substr(l.text, 1, 120), ''), t.url,
                   t.container, l.key, t.opener, t.opened_at
                 FROM thread t JOIN source s ON s.id = t.source LEFT JOIN activity a ON a.id = t.opening
                   LEFT JOIN log l ON l.id = a.newest WHERE t.id = ? AND t.opened_at IS NOT NULL",
            )?
            .query_row([thread], |row| {
                Ok(Place {
                    connector: row.get(0)?,
                    source: row.get(1)?,
                    kind: row.get_ref(2)?.as_str_or_null()?.and_then(ThreadKind::from_word),
                    title: row.get(3)?,
                    url: row.get(4)?,
                    container: row.get(5)?,
                    opening_key: row.get(6)?,
                    asker: row.get(7)?,
                    opened_at: Time::from_millis(row.get(8)?).unwrap_or(Time::MIN),
                })
            })
            .optional()
        })
    }
}
