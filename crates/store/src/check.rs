//! Is everything as it should be? The file itself, every count, and the roll-ups against the log.

use rusqlite::Connection;

use crate::compress::Unpacker;
use crate::open::{Store, StoreError};

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What was checked.
    pub check: &'static str,
    /// What is wrong, with numbers.
    pub says: String,
}

/// A check is a query that counts what must not be.
const COUNTS: &[(&str, &str)] = &[
    ("every source's account closes", "SELECT count(*) FROM source WHERE read <> stored + known + rejected"),
    (
        "what was stored is in the log",
        "SELECT count(*) FROM source s WHERE stored <> (SELECT count(*) FROM log WHERE source = s.id)",
    ),
    (
        "revisions are counted without a gap",
        "SELECT count(*) FROM (SELECT count(*) AS n, max(rev) AS top FROM log GROUP BY source, key) WHERE n <> top + 1",
    ),
    (
        "each activity stands once, in its newest revision",
        "SELECT count(*) FROM (SELECT source, key, min(id) AS first, max(id) AS last FROM log GROUP BY source, key) l
         LEFT JOIN activity a ON a.id = l.first WHERE a.newest IS NOT l.last",
    ),
    ("no activity without a log row", "SELECT count(*) FROM activity a LEFT JOIN log l ON l.id = a.newest WHERE l.id IS NULL"),
    (
        "person-month roll-up equals the log",
        "SELECT count(*) FROM (
           SELECT month, source, who, sum(act IN ('opened','replied','reviewed','merged','closed','committed','coauthored','released')) AS c,
             sum(act IN ('opened','replied','reviewed')) AS m
           FROM activity WHERE deleted = 0 AND who IS NOT NULL GROUP BY month, source, who HAVING c > 0 OR m > 0) x
         FULL JOIN person_month p ON p.month = x.month AND p.source = x.source AND p.who = x.who
         WHERE x.c IS NOT p.contributions OR x.m IS NOT p.messages",
    ),
    (
        "source-week roll-up equals the log",
        "SELECT count(*) FROM (SELECT week, source, act, count(*) AS n FROM activity WHERE deleted = 0 GROUP BY week, source, act) x
         FULL JOIN source_week w ON w.week = x.week AND w.source = x.source AND w.act = x.act WHERE x.n IS NOT w.n",
    ),
    (
        "threads count their messages",
        "SELECT count(*) FROM thread t WHERE messages <> (SELECT count(*) FROM activity a WHERE a.thread = t.id
           AND a.deleted = 0 AND a.act IN ('opened','replied','reviewed'))",
    ),
    (
        "every message with words is indexed once",
        "SELECT abs((SELECT count(*) FROM words_docsize) - (SELECT count(*) FROM activity a JOIN log l ON l.id = a.newest
           WHERE a.deleted = 0 AND (l.text <> '' OR coalesce(l.facts, '') LIKE '%\"title\":\"_%')))",
    ),
];

impl Store {
    /// Everything that is wrong; empty when all is well. Reads the whole folder.
    ///
    /// # Errors
    /// When the database cannot be read at all.
    pub fn check(&self) -> Result<Vec<Finding>, StoreError> {
        self.ask(|db| {
            let mut findings = Vec::new();
            let mut statement = db.prepare("PRAGMA integrity_check(20)")?;
            let says: Vec<String> =
                statement.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
            findings.extend(
                says.into_iter()
                    .filter(|s| s != "ok")
                    .map(|says| Finding { check: "the file is whole", says }),
            );
            for (check, sql) in COUNTS {
                let wrong: i64 = db.query_row(sql, [], |row| row.get(0))?;
                if wrong != 0 {
                    findings.push(Finding { check, says: format!("{wrong} times not") });
                }
            }
            let astray = crate::ledger::astray(db)?;
            if astray > 0 {
                let says = format!("{astray} do not");
                findings
                    .push(Finding { check: "identities belong to the persons that the ledger tells", says });
            }
            unpack_all(db, &mut findings)?;
            Ok(findings)
        })
    }

    /// The names of all checks, for the report of a clean one.
    #[must_use]
    pub fn checks() -> usize {
        COUNTS.len() + 3
    }
}

fn unpack_all(db: &Connection, findings: &mut Vec<Finding>) -> rusqlite::Result<()> {
    let mut unpacker = Unpacker::default();
    let mut statement = db.prepare("SELECT id, dictionary, bytes, len FROM raw")?;
    let mut rows = statement.query([])?;
    let mut broken = 0;
    while let Some(row) = rows.next()? {
        let len = usize::try_from(row.get::<_, i64>(3)?).unwrap_or(0);
        let unpacked = unpacker.unpack(db, row.get(1)?, row.get_ref(2)?.as_blob()?, len);
        if unpacked.map_or(true, |bytes| bytes.len() != len) {
            broken += 1;
        }
    }
    if broken > 0 {
        findings.push(Finding { check: "raw records unpack", says: format!("{broken} do not") });
    }
    Ok(())
}
