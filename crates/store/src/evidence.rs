//! Evidence: quotes that a person marked, with where, when and under which licence they were said, and what they are
//! about. A quote from the log is kept by the keys of its place; one from a friction log or a field note has none.

use rapport_model::{NeedKind, Time};
use rusqlite::{OptionalExtension, Row, params};

use crate::audit::audit;
use crate::open::{Store, StoreError, fault};

/// One piece of evidence. `id` is 0 for one that is not kept yet.
#[derive(Clone, Debug, PartialEq)]
pub struct Evidence {
    /// Its number.
    pub id: i64,
    /// Where it comes from: `thread`, `friction-log`, `field-note` or `hand`.
    pub origin: String,
    /// The thread it was said in.
    pub thread: Option<i64>,
    /// The activity that says it. Given when it is added, and read back while the log holds it.
    pub activity: Option<i64>,
    /// The source's name; read back, not written.
    pub source: Option<String>,
    /// What it is a part of where there is no thread: `friction/3 step 4`, `note/12`.
    pub of: Option<String>,
    /// The words, as they were said.
    pub quote: String,
    /// A link that opens it where it was said.
    pub url: Option<String>,
    /// When it was said.
    pub said_at: Time,
    /// Where, in words: `#help in slack:t0acme`.
    pub channel: String,
    /// The licence or terms that it stands under.
    pub licence: String,
    /// What its author allowed: `none`, `quote` or `name`.
    pub consent: String,
    /// Who said it: an identity. Not for eyes outside DevRel.
    pub who: Option<i64>,
    /// What it is: question, bug, feature, docs, friction, or a word of a data file.
    pub kind: NeedKind,
    /// Why that kind.
    pub kind_because: String,
    /// Where on the journey it happened: discover, evaluate, learn, build, scale, operate.
    pub stage: String,
    /// Why that stage.
    pub stage_because: String,
    /// The topic: as a person said, else the one its thread belongs to.
    pub topic: Option<i64>,
    /// A word of the person who marked it.
    pub note: Option<String>,
    /// Who marked it.
    pub by: String,
    /// When it was marked.
    pub at: Time,
}

/// Which evidence is wanted; what is left out narrows nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EvidenceWanted {
    /// Only from this thread.
    pub thread: Option<i64>,
    /// Only of this topic.
    pub topic: Option<i64>,
    /// Only what this feedback rests on.
    pub feedback: Option<i64>,
    /// Only of this origin.
    pub origin: Option<String>,
}

/// What of a piece of evidence is changed; what is left out stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EvidenceChange {
    /// The kind, and why.
    pub kind: Option<(NeedKind, String)>,
    /// The stage, and why.
    pub stage: Option<(String, String)>,
    /// The topic; the inner none lets the thread's topic speak again.
    pub topic: Option<Option<i64>>,
    /// What its author allowed.
    pub consent: Option<String>,
    /// A word on it.
    pub note: Option<String>,
}

const COLUMNS: &str = "e.id, e.origin, t.id, a.id, s.name, e.of, e.quote, e.url, e.said_at, e.channel, e.licence,
   e.consent, e.who, e.kind, e.kind_because, e.stage, e.stage_because, coalesce(e.topic, p.topic), e.note, e.by, e.at
 FROM evidence_row e LEFT JOIN source s ON s.id = e.source
   LEFT JOIN thread t ON t.source = e.source AND t.key = e.thread_key
   LEFT JOIN topic_place p ON p.source = e.source AND p.thread_key = e.thread_key
   LEFT JOIN log l ON l.source = e.source AND l.key = e.activity_key AND l.rev = 0
   LEFT JOIN activity a ON a.id = l.id";

fn read(row: &Row<'_>) -> rusqlite::Result<Evidence> {
    let time = |at: i64| Time::from_millis(at).unwrap_or(Time::MIN);
    Ok(Evidence {
        id: row.get(0)?,
        origin: row.get(1)?,
        thread: row.get(2)?,
        activity: row.get(3)?,
        source: row.get(4)?,
        of: row.get(5)?,
        quote: row.get(6)?,
        url: row.get(7)?,
        said_at: time(row.get(8)?),
        channel: row.get(9)?,
        licence: row.get(10)?,
        consent: row.get(11)?,
        who: row.get(12)?,
        kind: NeedKind::named(row.get_ref(13)?.as_str()?),
        kind_because: row.get(14)?,
        stage: row.get(15)?,
        stage_because: row.get(16)?,
        topic: row.get(17)?,
        note: row.get(18)?,
        by: row.get(19)?,
        at: time(row.get(20)?),
    })
}

impl Store {
    /// Keeps a piece of evidence and gives its number; the same words of the same place are kept once. The audit log
    /// says who marked it, and not what was said.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn add_evidence(&mut self, new: &Evidence) -> Result<i64, StoreError> {
        let path = self.path.clone();
        let result = self.db.transaction().and_then(|tx| {
            let known: Option<i64> = tx
                .query_row(
                    "SELECT e.id FROM evidence_row e LEFT JOIN thread t ON t.source = e.source AND t.key = e.thread_key
                     WHERE e.origin = ?1 AND t.id IS ?2 AND e.of IS ?3 AND e.quote = ?4 AND e.said_at = ?5",
                    params![new.origin, new.thread, new.of, new.quote, new.said_at.millis()],
                    |row| row.get(0),
                )
                .optional()?;
            if let Some(id) = known {
                return Ok(id);
            }
            tx.execute(
                "INSERT INTO evidence_row (origin, source, thread_key, activity_key, of, quote, url, said_at, channel,
                   licence, consent, who, kind, kind_because, stage, stage_because, topic, note, by, at)
                 VALUES (?1, (SELECT source FROM thread WHERE id = ?2), (SELECT key FROM thread WHERE id = ?2),
                   (SELECT l.key FROM activity a JOIN log l ON l.id = a.newest WHERE a.id = ?3), ?4, ?5, ?6, ?7, ?8,
                   ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19)",
                params![
                    new.origin,
                    new.thread,
                    new.activity,
                    new.of,
                    new.quote,
                    new.url,
                    new.said_at.millis(),
                    new.channel,
                    new.licence,
                    new.consent,
                    new.who,
                    new.kind.as_str(),
                    new.kind_because,
                    new.stage,
                    new.stage_because,
                    new.topic,
                    new.note,
                    new.by,
                    new.at.millis()
                ],
            )?;
            let id = tx.last_insert_rowid();
            let from = new.of.clone().unwrap_or_else(|| new.channel.clone());
            audit(&tx, new.at, &new.by, "evidence mark", &format!("evidence {id} from {from}"))?;
            tx.commit()?;
            Ok(id)
        });
        result.map_err(|e| fault(&path, &e))
    }

    /// Evidence in the order in which it was marked.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn evidence(&self, wanted: &EvidenceWanted) -> Result<Vec<Evidence>, StoreError> {
        self.ask(|db| {
            db.prepare_cached(&format!(
                "SELECT {COLUMNS} WHERE (?1 IS NULL OR t.id = ?1) AND (?2 IS NULL OR coalesce(e.topic, p.topic) = ?2)
                   AND (?3 IS NULL OR e.id IN (SELECT evidence FROM feedback_evidence WHERE feedback = ?3))
                   AND (?4 IS NULL OR e.origin = ?4) ORDER BY e.id"
            ))?
            .query_map(params![wanted.thread, wanted.topic, wanted.feedback, wanted.origin], read)?
            .collect()
        })
    }

    /// One piece of evidence.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn evidence_of(&self, id: i64) -> Result<Option<Evidence>, StoreError> {
        self.ask(|db| {
            db.prepare_cached(&format!("SELECT {COLUMNS} WHERE e.id = ?"))?.query_row([id], read).optional()
        })
    }

    /// Changes what was concluded about a piece of evidence, never its words. Says whether there is such a piece.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn change_evidence(
        &mut self,
        id: i64,
        change: &EvidenceChange,
        who: &str,
        at: Time,
    ) -> Result<bool, StoreError> {
        let path = self.path.clone();
        let result = self.db.transaction().and_then(|tx| {
            let mut said = Vec::new();
            let mut found = tx.execute("UPDATE evidence_row SET id = id WHERE id = ?", [id])? > 0;
            if let Some((kind, because)) = &change.kind {
                found &= tx.execute(
                    "UPDATE evidence_row SET kind = ?2, kind_because = ?3 WHERE id = ?1",
                    params![id, kind.as_str(), because],
                )? > 0;
                said.push(format!("kind {}", kind.as_str()));
            }
            if let Some((stage, because)) = &change.stage {
                found &= tx.execute(
                    "UPDATE evidence_row SET stage = ?2, stage_because = ?3 WHERE id = ?1",
                    params![id, stage, because],
                )? > 0;
                said.push(format!("stage {stage}"));
            }
            if let Some(topic) = &change.topic {
                found &=
                    tx.execute("UPDATE evidence_row SET topic = ?2 WHERE id = ?1", params![id, topic])? > 0;
                said.push(topic.map_or_else(|| "topic of its thread".to_owned(), |t| format!("topic {t}")));
            }
            if let Some(consent) = &change.consent {
                found &= tx
                    .execute("UPDATE evidence_row SET consent = ?2 WHERE id = ?1", params![id, consent])?
                    > 0;
                said.push(format!("consent {consent}"));
            }
            if let Some(note) = &change.note {
                found &=
                    tx.execute("UPDATE evidence_row SET note = ?2 WHERE id = ?1", params![id, note])? > 0;
                said.push("note".to_owned());
            }
            if found {
                audit(&tx, at, who, "evidence change", &format!("evidence {id}: {}", said.join(", ")))?;
                tx.commit()?;
            }
            Ok(found)
        });
        result.map_err(|e| fault(&path, &e))
    }

    /// Takes a piece of evidence back. Refused while feedback rests on it.
    ///
    /// # Errors
    /// [`StoreError::Refused`] naming the feedback that rests on it, or when the database cannot be written.
    pub fn remove_evidence(&mut self, id: i64, who: &str, at: Time) -> Result<bool, StoreError> {
        let path = self.path.clone();
        let held: Vec<String> = self.ask(|db| {
            db.prepare_cached("SELECT feedback FROM feedback_evidence WHERE evidence = ? ORDER BY feedback")?
                .query_map([id], |row| Ok(row.get::<_, i64>(0)?.to_string()))?
                .collect()
        })?;
        if !held.is_empty() {
            return Err(StoreError::Refused(format!(
                "evidence {id} is what feedback {} rests on",
                held.join(", ")
            )));
        }
        let result = self.db.transaction().and_then(|tx| {
            let gone = tx.execute("DELETE FROM evidence_row WHERE id = ?", [id])? > 0;
            if gone {
                audit(&tx, at, who, "undo evidence", &format!("evidence {id}"))?;
                tx.commit()?;
            }
            Ok(gone)
        });
        result.map_err(|e| fault(&path, &e))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noted(quote: &str) -> Evidence {
        Evidence {
            id: 0,
            origin: "field-note".to_owned(),
            thread: None,
            activity: None,
            source: None,
            of: Some("note/1".to_owned()),
            quote: quote.to_owned(),
            url: None,
            said_at: Time::parse("2026-09-01").unwrap(),
            channel: "a talk".to_owned(),
            licence: "told in person".to_owned(),
            consent: "none".to_owned(),
            who: None,
            kind: NeedKind::named("docs"),
            kind_because: "says 'docs'".to_owned(),
            stage: "learn".to_owned(),
            stage_because: "says 'docs'".to_owned(),
            topic: Some(3),
            note: None,
            by: "mara".to_owned(),
            at: Time::parse("2026-09-02").unwrap(),
        }
    }

    #[test]
    fn evidence_is_kept_once_changed_and_taken_back() {
        let folder = tempfile::TempDir::new().unwrap();
        let mut store = Store::open(folder.path()).unwrap();
        let first = store.add_evidence(&noted("one")).unwrap();
        assert_eq!(store.add_evidence(&noted("one")).unwrap(), first, "the same words are kept once");
        store.add_evidence(&noted("two")).unwrap();
        let change =
            EvidenceChange { stage: Some(("build".to_owned(), "mara".to_owned())), ..Default::default() };
        assert!(store.change_evidence(first, &change, "mara", Time::MIN).unwrap());
        assert!(!store.change_evidence(99, &change, "mara", Time::MIN).unwrap());
        let of_topic = EvidenceWanted { topic: Some(3), ..Default::default() };
        let rows = store.evidence(&of_topic).unwrap();
        assert_eq!(rows.iter().map(|e| e.stage.as_str()).collect::<Vec<_>>(), ["build", "learn"]);
        assert_eq!(
            rows[0],
            Evidence {
                id: first,
                stage: "build".to_owned(),
                stage_because: "mara".to_owned(),
                ..noted("one")
            }
        );
        assert!(store.remove_evidence(first, "mara", Time::MIN).unwrap());
        assert!(!store.remove_evidence(first, "mara", Time::MIN).unwrap());
        assert_eq!(store.evidence(&EvidenceWanted::default()).unwrap().len(), 1);
    }
}
