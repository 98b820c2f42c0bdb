//! Which of two states of an activity is the newer one, when they come in any order: by when the source says that it
//! changed them, and, within one moment, by who can know.

use rapport_model::{Activity, Time};
use rusqlite::params;

use super::Taking;

impl Taking<'_, '_> {
    /// Whether the log holds a newer state. Snapshots of the same age that differ (a topic renamed does not age its
    /// posts) count as newer in the order met: one met before is not taken a second time.
    pub(super) fn is_superseded(
        &self,
        activity: &Activity,
        digest: [u8; 16],
        newest: Option<i64>,
    ) -> rusqlite::Result<bool> {
        let (Some(mine), Some(newest)) = (activity.updated.map(Time::millis), newest) else {
            return Ok(false);
        };
        if mine != newest {
            return Ok(mine < newest);
        }
        self.db
            .prepare_cached(
                "SELECT EXISTS (SELECT 1 FROM log WHERE source = ? AND key = ? AND digest = ? AND updated = ? AND deleted = 0)",
            )?
            .query_row(params![self.source, activity.key.as_str(), digest, mine], |row| row.get(0))
    }

    /// Of two states of one moment: which came later a delivery cannot tell, a look can, when that second is over. One that
    /// asked within it, and before the log had the other, will ask for it again.
    pub(super) fn is_in_doubt(&mut self, activity: &Activity) -> rusqlite::Result<bool> {
        let Some((asked_at, asked)) = self.asked else {
            self.unsure |= self.told;
            return Ok(self.told);
        };
        if activity.updated.is_none_or(|updated| updated.plus_millis(1_000) <= asked) {
            return Ok(false);
        }
        self.db
            .prepare_cached("SELECT EXISTS (SELECT 1 FROM log WHERE source = ? AND key = ? AND id > ?)")?
            .query_row(params![self.source, activity.key.as_str(), asked_at], |row| row.get(0))
    }

    /// What was known to be gone, and a later look is shown: it was restored, and stands again however long ago it was
    /// written. That counts as changed when it was asked for, so that what is told late of its deletion does not undo it.
    pub(super) fn back(&self, activity: &Activity) -> Activity {
        let mut back = activity.clone();
        let asked = self.asked.map(|(_, asked)| asked);
        back.updated = back.updated.map(|updated| asked.map_or(updated, |asked| updated.max(asked)));
        back
    }

    /// A record does not say how things stand: met again, it is read again.
    pub(super) fn superseded(&self, raw: Option<i64>) -> rusqlite::Result<()> {
        let Some(raw) = raw else { return Ok(()) };
        self.db.prepare_cached("UPDATE raw SET current = 0 WHERE id = ?")?.execute([raw]).map(drop)
    }

    /// The source shows a state that is known, and says that it changed since (closed and opened again): what is told late
    /// of the time between does not undo it.
    pub(super) fn confirm(&self, activity: &Activity, rev: i64, newest: Option<i64>) -> rusqlite::Result<()> {
        let Some(mine) = activity.updated.map(Time::millis).filter(|mine| newest.is_some_and(|n| n < *mine))
        else {
            return Ok(());
        };
        self.db
            .prepare_cached("UPDATE log SET updated = ? WHERE source = ? AND key = ? AND rev = ?")?
            .execute(params![mine, self.source, activity.key.as_str(), rev])
            .map(drop)
    }
}
