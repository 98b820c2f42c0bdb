//! What did somebody do, and who helped whom?

use rapport_model::{Act, NeedKind, NeedState, ThreadKind, Time};
use rusqlite::params;

use crate::append::codec;
use crate::open::{Store, StoreError};

/// A thread in which somebody did something: its number, its title, a link, and when that was last.
pub type WroteIn = (i64, String, Option<String>, Time);

/// One thing that one person did in a thread that another opened, or a review, a merge or a closing there.
#[derive(Clone, Debug, PartialEq)]
pub struct Deed {
    /// Who did it: the person.
    pub who: i64,
    /// Who opened the thread: the person.
    pub opener: i64,
    /// The thread.
    pub thread: i64,
    /// What was done.
    pub act: Act,
    /// When.
    pub at: Time,
    /// A link to it.
    pub url: Option<String>,
    /// It is the reply that the asker or the place marked as the answer.
    pub accepted: bool,
    /// What the thread asks for.
    pub need: Option<NeedKind>,
    /// How far that has come.
    pub state: NeedState,
    /// What the thread is.
    pub kind: Option<ThreadKind>,
    /// Its title.
    pub title: String,
    /// Its labels, container and title say docs.
    pub labels: String,
    /// The source's number.
    pub source: i64,
}

impl Store {
    /// What people did in others' threads from `from` until before `to`: replies, reviews, merges, closings. Bots are
    /// left out on both sides, and threads that were opened over four months before `from`.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn deeds(&self, from: Time, to: Time) -> Result<Vec<Deed>, StoreError> {
        self.ask(|db| {
            let persons = crate::identities::persons(db)?;
            let person = |who: i64| persons.get(&who).copied().unwrap_or(who);
            let mut bots = std::collections::HashSet::new();
            let mut statement = db.prepare_cached("SELECT id FROM identity WHERE member = 'bot'")?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                bots.insert(row.get::<_, i64>(0)?);
            }
            // Threads that were alive in the time: what was opened over four months before it is rarely answered now.
            let mut statement = db.prepare_cached(
                "SELECT a.who, t.opener, t.id, a.act, a.at, l.url, t.accepted IS NOT NULL AND t.accepted = l.key,
                   t.need, t.state, t.kind, coalesce(nullif(t.title, ''), (SELECT substr(ol.text, 1, 120)
                     FROM activity o JOIN log ol ON ol.id = o.newest WHERE o.id = t.opening), ''), t.labels || ' ' || coalesce(t.container, ''), t.source
                 FROM thread t INDEXED BY thread_opened CROSS JOIN activity a ON a.thread = t.id JOIN log l ON l.id = a.newest
                 WHERE t.opened_at >= ?1 AND t.opened_at < ?3 AND t.human_opener = 1 AND t.opener IS NOT NULL
                   AND a.at >= ?2 AND a.at < ?3 AND a.deleted = 0 AND a.who IS NOT NULL AND a.who <> t.opener
                   AND a.act IN ('replied', 'reviewed', 'merged', 'closed', 'labelled')
                 ORDER BY a.at, a.id",
            )?;
            let before = from.plus_millis(-120 * 86_400_000);
            let mut rows = statement.query(params![before.millis(), from.millis(), to.millis()])?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                let (who, opener): (i64, i64) = (row.get(0)?, row.get(1)?);
                if bots.contains(&who) || bots.contains(&opener) || person(who) == person(opener) {
                    continue;
                }
                found.push(Deed {
                    who: person(who),
                    opener: person(opener),
                    thread: row.get(2)?,
                    act: Act::from_word(row.get_ref(3)?.as_str()?).unwrap_or(Act::Other),
                    at: Time::from_millis(row.get(4)?).unwrap_or(Time::MIN),
                    url: row.get(5)?,
                    accepted: row.get(6)?,
                    need: row.get_ref(7)?.as_str_or_null()?.map(NeedKind::named),
                    state: row.get_ref(8)?.as_str_or_null()?.and_then(NeedState::from_word).unwrap_or(NeedState::Waiting),
                    kind: row.get_ref(9)?.as_str_or_null()?.and_then(ThreadKind::from_word),
                    title: row.get(10)?,
                    labels: row.get(11)?,
                    source: row.get(12)?,
                });
            }
            Ok(found)
        })
    }

    /// Change requests that people opened from `from` until before `to` and that were merged, and what else they did
    /// outside threads: releases, talks, events: (person, act, at, title or detail, url, labels).
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn works(&self, from: Time, to: Time) -> Result<Vec<Work>, StoreError> {
        self.ask(|db| {
            let persons = crate::identities::persons(db)?;
            db.prepare_cached(
                "SELECT t.opener, 'merged', t.opened_at, coalesce(t.title, ''), t.url,
                   t.labels || ' ' || coalesce(t.container, ''), t.id
                 FROM thread t INDEXED BY thread_opened
                 WHERE t.opened_at >= ?1 AND t.opened_at < ?2 AND t.kind = 'change-request' AND t.mark = 'merged'
                   AND t.human_opener = 1 AND t.opener IS NOT NULL
                 UNION ALL
                 SELECT a.who, a.act, a.at, coalesce(l.detail, substr(l.text, 1, 200)), l.url, '', coalesce(a.thread, 0)
                 FROM source_week w CROSS JOIN activity a ON a.source = w.source AND a.week = w.week AND a.act = w.act
                   JOIN log l ON l.id = a.newest JOIN identity i ON i.id = a.who
                 WHERE w.act IN ('released', 'attended') AND w.week >= ?3 AND w.week <= ?4
                   AND a.at >= ?1 AND a.at < ?2 AND a.deleted = 0 AND i.member <> 'bot'
                 ORDER BY 3, 1",
            )?
            .query_map(
                params![from.millis(), to.millis(), from.week().0, to.plus_millis(-1).week().0],
                |row| {
                    let who: i64 = row.get(0)?;
                    Ok(Work {
                        who: persons.get(&who).copied().unwrap_or(who),
                        act: Act::from_word(row.get_ref(1)?.as_str()?).unwrap_or(Act::Other),
                        at: Time::from_millis(row.get(2)?).unwrap_or(Time::MIN),
                        title: row.get(3)?,
                        url: row.get(4)?,
                        labels: row.get(5)?,
                    })
                },
            )?
            .collect()
        })
    }

    /// What identities did: (source, act, how often).
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn did(&self, ids: &[i64]) -> Result<Vec<(String, String, u64)>, StoreError> {
        self.ask(|db| {
            let list = serde_json::to_string(ids).map_err(codec)?;
            db.prepare_cached(
                "SELECT s.name, a.act, count(*) FROM activity a JOIN source s ON s.id = a.source
                 WHERE a.who IN (SELECT value FROM json_each(?)) AND a.deleted = 0 GROUP BY s.name, a.act ORDER BY 1, 2",
            )?
            .query_map([list], |row| Ok((row.get(0)?, row.get(1)?, u64::try_from(row.get::<_, i64>(2)?).unwrap_or(0))))?
            .collect()
        })
    }

    /// The newest threads in which identities did something: (thread, title, url, when).
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn wrote_in(&self, ids: &[i64], most: usize) -> Result<Vec<WroteIn>, StoreError> {
        self.ask(|db| {
            let list = serde_json::to_string(ids).map_err(codec)?;
            db.prepare_cached(
                "SELECT t.id, coalesce(nullif(t.title, ''), (SELECT substr(l.text, 1, 120) FROM activity o
                     JOIN log l ON l.id = o.newest WHERE o.id = t.opening), ''), t.url, max(a.at) AS last
                 FROM activity a JOIN thread t ON t.id = a.thread
                 WHERE a.who IN (SELECT value FROM json_each(?)) AND a.deleted = 0
                 GROUP BY t.id ORDER BY last DESC, t.id LIMIT ?",
            )?
            .query_map(params![list, i64::try_from(most).unwrap_or(i64::MAX)], |row| {
                Ok((
                    row.get(0)?,
                    row.get(1)?,
                    row.get(2)?,
                    Time::from_millis(row.get(3)?).unwrap_or(Time::MIN),
                ))
            })?
            .collect()
        })
    }

    /// How many messages identities wrote.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn messages_of(&self, ids: &[i64]) -> Result<i64, StoreError> {
        self.ask(|db| {
            let list = serde_json::to_string(ids).map_err(codec)?;
            db.prepare_cached(
                "SELECT count(*) FROM activity WHERE who IN (SELECT value FROM json_each(?)) AND deleted = 0
                   AND act IN ('opened', 'replied', 'reviewed')",
            )?
            .query_row([list], |row| row.get(0))
        })
    }

    /// When identities of these persons began to do anything at all: (person, first moment).
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn first_seen(&self, ids: &[i64]) -> Result<Vec<(i64, Time)>, StoreError> {
        self.ask(|db| {
            let list = serde_json::to_string(ids).map_err(codec)?;
            db.prepare_cached(
                "SELECT v.value, (SELECT min(m) FROM (
                     SELECT (SELECT min(a.at) FROM activity a WHERE a.who = i.id) AS m FROM identity i
                     WHERE i.id = v.value OR i.person = v.value))
                 FROM json_each(?) v",
            )?
            .query_map([list], |row| {
                let at: Option<i64> = row.get(1)?;
                Ok((row.get(0)?, at.and_then(Time::from_millis).unwrap_or(Time::MAX)))
            })?
            .collect()
        })
    }

    /// The last month in which anything at all was heard in the sources in which each person wrote.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn heard_until(
        &self,
        until: rapport_model::Month,
    ) -> Result<std::collections::BTreeMap<i64, rapport_model::Month>, StoreError> {
        self.ask(|db| {
            let persons = crate::identities::persons(db)?;
            let last: std::collections::HashMap<i64, i32> = db
                .prepare_cached(
                    "SELECT source, max(month) FROM person_month WHERE month <= ? GROUP BY source",
                )?
                .query_map([until.0], |row| Ok((row.get(0)?, row.get(1)?)))?
                .collect::<rusqlite::Result<_>>()?;
            let mut found: std::collections::BTreeMap<i64, rapport_model::Month> =
                std::collections::BTreeMap::new();
            let mut statement =
                db.prepare_cached("SELECT DISTINCT who, source FROM person_month WHERE messages > 0")?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                let who: i64 = row.get(0)?;
                let Some(month) = last.get(&row.get(1)?) else { continue };
                let entry = found.entry(persons.get(&who).copied().unwrap_or(who));
                let known = entry.or_insert(rapport_model::Month(*month));
                *known = (*known).max(rapport_model::Month(*month));
            }
            Ok(found)
        })
    }

    /// How much humans wrote per month, by person: (person, month, messages), in order of person and month.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn loads(
        &self,
        from: rapport_model::Month,
    ) -> Result<Vec<(i64, rapport_model::Month, i64)>, StoreError> {
        self.ask(|db| {
            let persons = crate::identities::persons(db)?;
            let mut by: std::collections::BTreeMap<(i64, i32), i64> = std::collections::BTreeMap::new();
            let mut statement = db.prepare_cached(
                "SELECT p.who, p.month, p.messages FROM person_month p JOIN identity i ON i.id = p.who
                 WHERE p.month >= ? AND i.member <> 'bot' AND p.messages > 0",
            )?;
            let mut rows = statement.query([from.0])?;
            while let Some(row) = rows.next()? {
                let who: i64 = row.get(0)?;
                let who = persons.get(&who).copied().unwrap_or(who);
                *by.entry((who, row.get(1)?)).or_default() += row.get::<_, i64>(2)?;
            }
            Ok(by.into_iter().map(|((who, month), n)| (who, rapport_model::Month(month), n)).collect())
        })
    }
}

/// Something done outside other people's threads.
#[derive(Clone, Debug, PartialEq)]
pub struct Work {
    /// Who: the person.
    pub who: i64,
    /// What: a merged change, a release, an event.
    pub act: Act,
    /// When.
    pub at: Time,
    /// What it is called.
    pub title: String,
    /// A link.
    pub url: Option<String>,
    /// Labels and container.
    pub labels: String,
}

/// Somebody's first thread here.
#[derive(Clone, Debug, PartialEq)]
pub struct FirstThread {
    /// Who: the person.
    pub person: i64,
    /// When they were seen first.
    pub at: Time,
    /// The thread.
    pub thread: i64,
    /// Its title, or how it begins.
    pub title: String,
    /// A link.
    pub url: Option<String>,
    /// When another human first replied.
    pub answered_at: Option<Time>,
}

impl Store {
    /// Who opened a first thread from `from` until before `to`, and had done nothing anywhere before it, the latest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn first_threads(&self, from: Time, to: Time) -> Result<Vec<FirstThread>, StoreError> {
        self.ask(|db| {
            let persons = crate::identities::persons(db)?;
            let mut groups: std::collections::HashMap<i64, Vec<i64>> = std::collections::HashMap::new();
            for (id, person) in &persons {
                groups.entry(*person).or_default().push(*id);
            }
            let mut before = db.prepare_cached("SELECT EXISTS (SELECT 1 FROM activity WHERE who = ? AND at < ?)")?;
            let mut statement = db.prepare_cached(
                "SELECT t.opener, t.opened_at, t.id, coalesce(nullif(t.title, ''), (SELECT substr(l.text, 1, 120)
                     FROM activity o JOIN log l ON l.id = o.newest WHERE o.id = t.opening), ''), t.url, t.responded_at
                 FROM thread t INDEXED BY thread_opened WHERE t.opened_at >= ?1 AND t.opened_at < ?2
                   AND t.human_opener = 1 AND t.opener IS NOT NULL ORDER BY t.opened_at, t.id",
            )?;
            let mut rows = statement.query(params![from.millis(), to.millis()])?;
            let mut seen = std::collections::HashSet::new();
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                let opener: i64 = row.get(0)?;
                let person = persons.get(&opener).copied().unwrap_or(opener);
                if !seen.insert(person) {
                    continue;
                }
                let at: i64 = row.get(1)?;
                let alone = vec![person];
                let mut old = false;
                for id in groups.get(&person).unwrap_or(&alone) {
                    old |= before.query_row(params![id, at], |r| r.get::<_, bool>(0))?;
                }
                if old {
                    continue;
                }
                let title: String = row.get(3)?;
                found.push(FirstThread {
                    person,
                    at: Time::from_millis(at).unwrap_or(Time::MIN),
                    thread: row.get(2)?,
                    title: title.lines().find(|l| !l.trim().is_empty()).unwrap_or("").trim().to_owned(),
                    url: row.get(4)?,
                    answered_at: row.get::<_, Option<i64>>(5)?.and_then(Time::from_millis),
                });
            }
            found.reverse();
            Ok(found)
        })
    }
}
