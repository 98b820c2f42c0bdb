//! Feedback: an ask to a department with what it rests on, and every step it took. The store knows no rule about which
//! step may follow which: the practice says so.

use rapport_model::{NeedKind, Time};
use rusqlite::{OptionalExtension, Row, params};

use crate::audit::audit;
use crate::open::{Store, StoreError, fault};

/// One feedback. `id` is 0 for one that is not kept yet.
#[derive(Clone, Debug, PartialEq)]
pub struct Feedback {
    /// Its number.
    pub id: i64,
    /// In a few words.
    pub title: String,
    /// What is asked of the department, in a sentence.
    pub ask: String,
    /// The department.
    pub department: String,
    /// Why that one.
    pub department_because: String,
    /// What it was made from: `gap`, `topic`, `evidence`, `friction-log`, `field-note` or `hand`.
    pub origin: String,
    /// The topic.
    pub topic: Option<i64>,
    /// The kind of gap: product, docs, support, market.
    pub gap: Option<String>,
    /// What most of its needs are.
    pub kind: NeedKind,
    /// Where on the journey it hurts.
    pub stage: String,
    /// `P0` to `P3`.
    pub severity: String,
    /// Why that severity.
    pub severity_because: String,
    /// What people tried, as a person wrote it; empty to let the threads speak.
    pub tried: String,
    /// The workaround, as a person wrote it; empty to let the threads speak.
    pub workaround: String,
    /// What is not known, as a person wrote it.
    pub unknowns: String,
    /// Who is suggested to take it.
    pub owner: String,
    /// By when a decision is asked for.
    pub decide_by: Option<Time>,
    /// How far it has come.
    pub state: String,
    /// Since when it is there; while a department decides, since it was delivered.
    pub since: Time,
    /// The release that it was accepted for or shipped in.
    pub release: Option<String>,
    /// Why it was declined or opened again.
    pub reason: Option<String>,
    /// A word of chance that is written into every delivery, so that none is made twice.
    pub marker: String,
    /// Who made it.
    pub by: String,
    /// When.
    pub at: Time,
}

/// One step that was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedbackStep {
    /// When.
    pub at: Time,
    /// Who took it, or reported it.
    pub who: String,
    /// `new`, `deliver`, `acknowledge`, `accept`, `decline`, `ship`, `reopen`, `tell`.
    pub step: String,
    /// The state after it.
    pub state: String,
    /// How it is known: `verb`, `link`, `github`, ...
    pub via: String,
    /// The reason given.
    pub reason: Option<String>,
    /// The release named.
    pub release: Option<String>,
}

const COLUMNS: &str = "id, title, ask, department, department_because, origin, topic, gap, kind, stage, severity,
   severity_because, tried, workaround, unknowns, owner, decide_by, state, since, release, reason, marker, by, at";

fn read(row: &Row<'_>) -> rusqlite::Result<Feedback> {
    let time = |at: i64| Time::from_millis(at).unwrap_or(Time::MIN);
    Ok(Feedback {
        id: row.get(0)?,
        title: row.get(1)?,
        ask: row.get(2)?,
        department: row.get(3)?,
        department_because: row.get(4)?,
        origin: row.get(5)?,
        topic: row.get(6)?,
        gap: row.get(7)?,
        kind: NeedKind::named(row.get_ref(8)?.as_str()?),
        stage: row.get(9)?,
        severity: row.get(10)?,
        severity_because: row.get(11)?,
        tried: row.get(12)?,
        workaround: row.get(13)?,
        unknowns: row.get(14)?,
        owner: row.get(15)?,
        decide_by: row.get::<_, Option<i64>>(16)?.and_then(Time::from_millis),
        state: row.get(17)?,
        since: time(row.get(18)?),
        release: row.get(19)?,
        reason: row.get(20)?,
        marker: row.get(21)?,
        by: row.get(22)?,
        at: time(row.get(23)?),
    })
}

impl Store {
    /// Keeps a new feedback with the evidence it rests on and the threads whose askers will be told. Gives its number.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn add_feedback(
        &mut self,
        new: &Feedback,
        evidence: &[i64],
        threads: &[i64],
    ) -> Result<i64, StoreError> {
        let path = self.path.clone();
        let result = self.db.transaction().and_then(|tx| {
            tx.execute(
                "INSERT INTO feedback_row (title, ask, department, department_because, origin, topic, gap, kind, stage,
                   severity, severity_because, tried, workaround, unknowns, owner, decide_by, state, since, release,
                   reason, marker, by, at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20,
                   ?21, ?22, ?23)",
                params![
                    new.title,
                    new.ask,
                    new.department,
                    new.department_because,
                    new.origin,
                    new.topic,
                    new.gap,
                    new.kind.as_str(),
                    new.stage,
                    new.severity,
                    new.severity_because,
                    new.tried,
                    new.workaround,
                    new.unknowns,
                    new.owner,
                    new.decide_by.map(Time::millis),
                    new.state,
                    new.since.millis(),
                    new.release,
                    new.reason,
                    new.marker,
                    new.by,
                    new.at.millis()
                ],
            )?;
            let id = tx.last_insert_rowid();
            attach(&tx, id, evidence, threads)?;
            let step = FeedbackStep {
                at: new.at,
                who: new.by.clone(),
                step: "new".to_owned(),
                state: new.state.clone(),
                via: "verb".to_owned(),
                reason: None,
                release: None,
            };
            note(&tx, id, &step)?;
            tx.commit()?;
            Ok(id)
        });
        result.map_err(|e| fault(&path, &e))
    }

    /// Adds evidence and threads to a feedback; what it has already stays once.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn widen_feedback(
        &mut self,
        id: i64,
        evidence: &[i64],
        threads: &[i64],
        who: &str,
        at: Time,
    ) -> Result<(), StoreError> {
        let path = self.path.clone();
        let result = self.db.transaction().and_then(|tx| {
            attach(&tx, id, evidence, threads)?;
            let what = format!("feedback {id}: evidence {evidence:?}, threads {threads:?}");
            audit(&tx, at, who, "feedback add", &what)?;
            tx.commit()
        });
        result.map_err(|e| fault(&path, &e))
    }

    /// Writes anew what a person may say about a feedback: its words, severity, department, owner, date. Its state and
    /// marker stay.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn edit_feedback(&mut self, f: &Feedback, who: &str, at: Time) -> Result<(), StoreError> {
        let path = self.path.clone();
        let result = self.db.transaction().and_then(|tx| {
            tx.execute(
                "UPDATE feedback_row SET title = ?2, ask = ?3, department = ?4, department_because = ?5, stage = ?6,
                   severity = ?7, severity_because = ?8, tried = ?9, workaround = ?10, unknowns = ?11, owner = ?12,
                   decide_by = ?13 WHERE id = ?1",
                params![
                    f.id,
                    f.title,
                    f.ask,
                    f.department,
                    f.department_because,
                    f.stage,
                    f.severity,
                    f.severity_because,
                    f.tried,
                    f.workaround,
                    f.unknowns,
                    f.owner,
                    f.decide_by.map(Time::millis)
                ],
            )?;
            audit(&tx, at, who, "feedback edit", &format!("feedback {}", f.id))?;
            tx.commit()
        });
        result.map_err(|e| fault(&path, &e))
    }

    /// Takes the steps, all or none, if the feedback is still in the state `from`; says whether it was. `since` is when
    /// the last state counts from, none to let it stay.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn take_steps(
        &mut self,
        id: i64,
        from: &str,
        steps: &[FeedbackStep],
        since: Option<Time>,
    ) -> Result<bool, StoreError> {
        let path = self.path.clone();
        let result = self.db.transaction().and_then(|tx| {
            let Some(last) = steps.last() else { return Ok(true) };
            let moved = tx.execute(
                "UPDATE feedback_row SET state = ?3, since = coalesce(?4, since) WHERE id = ?1 AND state = ?2",
                params![id, from, last.state, since.map(Time::millis)],
            )? > 0;
            if moved {
                for step in steps {
                    tx.execute(
                        "UPDATE feedback_row SET reason = coalesce(?2, reason), release = coalesce(?3, release)
                         WHERE id = ?1",
                        params![id, step.reason, step.release],
                    )?;
                    note(&tx, id, step)?;
                }
                tx.commit()?;
            }
            Ok(moved)
        });
        result.map_err(|e| fault(&path, &e))
    }

    /// Throws a draft away; says whether there was one in that state.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn drop_draft(&mut self, id: i64, who: &str, at: Time) -> Result<bool, StoreError> {
        let path = self.path.clone();
        let result = self.db.transaction().and_then(|tx| {
            let draft: Option<String> = tx
                .query_row("SELECT title FROM feedback_row WHERE id = ? AND state = 'draft'", [id], |r| {
                    r.get(0)
                })
                .optional()?;
            let Some(title) = draft else { return Ok(false) };
            for table in ["evidence", "thread", "step", "delivery", "link", "told"] {
                tx.execute(&format!("DELETE FROM feedback_{table} WHERE feedback = ?"), [id])?;
            }
            tx.execute("DELETE FROM feedback_row WHERE id = ?", [id])?;
            audit(&tx, at, who, "feedback drop", &format!("feedback {id}: {title}"))?;
            tx.commit()?;
            Ok(true)
        });
        result.map_err(|e| fault(&path, &e))
    }

    /// Every feedback, by number.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn feedback(&self) -> Result<Vec<Feedback>, StoreError> {
        self.ask(|db| {
            db.prepare_cached(&format!("SELECT {COLUMNS} FROM feedback_row ORDER BY id"))?
                .query_map([], read)?
                .collect()
        })
    }

    /// One feedback.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn feedback_of(&self, id: i64) -> Result<Option<Feedback>, StoreError> {
        self.ask(|db| {
            db.prepare_cached(&format!("SELECT {COLUMNS} FROM feedback_row WHERE id = ?"))?
                .query_row([id], read)
                .optional()
        })
    }

    /// The steps of a feedback in order.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn feedback_steps(&self, id: i64) -> Result<Vec<FeedbackStep>, StoreError> {
        self.ask(|db| {
            db.prepare_cached(
                "SELECT at, who, step, state, via, reason, release FROM feedback_step WHERE feedback = ? ORDER BY id",
            )?
            .query_map([id], |row| {
                Ok(FeedbackStep {
                    at: Time::from_millis(row.get(0)?).unwrap_or(Time::MIN),
                    who: row.get(1)?,
                    step: row.get(2)?,
                    state: row.get(3)?,
                    via: row.get(4)?,
                    reason: row.get(5)?,
                    release: row.get(6)?,
                })
            })?
            .collect()
        })
    }

    /// The threads whose askers a feedback speaks for, in order of time.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn feedback_threads(&self, id: i64) -> Result<Vec<i64>, StoreError> {
        self.ask(|db| {
            db.prepare_cached(
                "SELECT t.id FROM feedback_thread f JOIN thread t ON t.source = f.source AND t.key = f.thread_key
                 WHERE f.feedback = ? ORDER BY t.opened_at, t.id",
            )?
            .query_map([id], |row| row.get(0))?
            .collect()
        })
    }
}

fn attach(db: &rusqlite::Connection, id: i64, evidence: &[i64], threads: &[i64]) -> rusqlite::Result<()> {
    for piece in evidence {
        db.execute(
            "INSERT OR IGNORE INTO feedback_evidence (feedback, evidence) VALUES (?, ?)",
            [id, *piece],
        )?;
    }
    for thread in threads {
        db.execute(
            "INSERT OR IGNORE INTO feedback_thread (feedback, source, thread_key)
             SELECT ?, source, key FROM thread WHERE id = ?",
            [id, *thread],
        )?;
    }
    Ok(())
}

/// A step and its line in the audit log.
fn note(db: &rusqlite::Connection, id: i64, step: &FeedbackStep) -> rusqlite::Result<()> {
    db.execute(
        "INSERT INTO feedback_step (feedback, at, who, step, state, via, reason, release)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        params![id, step.at.millis(), step.who, step.step, step.state, step.via, step.reason, step.release],
    )?;
    let why = step.reason.as_ref().map(|r| format!(": {r}")).unwrap_or_default();
    audit(
        db,
        step.at,
        &step.who,
        &format!("feedback {}", step.step),
        &format!("feedback {id} is {} by {}{why}", step.state, step.via),
    )
}
