//! Migration: evidence, feedback, its steps, and who was told.

pub(super) const SQL: &str = r"
-- State: quotes that a person marked. The place is kept by its keys, so that a rebuild does not lose it.
CREATE TABLE evidence_row (
  id INTEGER PRIMARY KEY, origin TEXT NOT NULL, source INTEGER REFERENCES source(id), thread_key TEXT,
  activity_key TEXT, of TEXT, quote TEXT NOT NULL, url TEXT, said_at INTEGER NOT NULL, channel TEXT NOT NULL,
  licence TEXT NOT NULL, consent TEXT NOT NULL, who INTEGER REFERENCES identity(id), kind TEXT NOT NULL,
  kind_because TEXT NOT NULL, stage TEXT NOT NULL, stage_because TEXT NOT NULL, topic INTEGER, note TEXT,
  by TEXT NOT NULL, at INTEGER NOT NULL
) STRICT;
CREATE INDEX evidence_thread ON evidence_row (source, thread_key);

-- State: asks to a department, what they rest on, what became of them.
CREATE TABLE feedback_row (
  id INTEGER PRIMARY KEY, title TEXT NOT NULL, ask TEXT NOT NULL, department TEXT NOT NULL,
  department_because TEXT NOT NULL, origin TEXT NOT NULL, topic INTEGER, gap TEXT, kind TEXT NOT NULL,
  stage TEXT NOT NULL, severity TEXT NOT NULL, severity_because TEXT NOT NULL, tried TEXT NOT NULL,
  workaround TEXT NOT NULL, unknowns TEXT NOT NULL, owner TEXT NOT NULL, decide_by INTEGER, state TEXT NOT NULL,
  since INTEGER NOT NULL, release TEXT, reason TEXT, marker TEXT NOT NULL UNIQUE, by TEXT NOT NULL, at INTEGER NOT NULL
) STRICT;
CREATE TABLE feedback_evidence (
  feedback INTEGER NOT NULL REFERENCES feedback_row(id), evidence INTEGER NOT NULL REFERENCES evidence_row(id),
  PRIMARY KEY (feedback, evidence)
) STRICT, WITHOUT ROWID;
CREATE TABLE feedback_thread (
  feedback INTEGER NOT NULL REFERENCES feedback_row(id), source INTEGER NOT NULL REFERENCES source(id),
  thread_key TEXT NOT NULL, PRIMARY KEY (feedback, source, thread_key)
) STRICT, WITHOUT ROWID;
CREATE TABLE feedback_step (
  id INTEGER PRIMARY KEY, feedback INTEGER NOT NULL REFERENCES feedback_row(id), at INTEGER NOT NULL,
  who TEXT NOT NULL, step TEXT NOT NULL, state TEXT NOT NULL, via TEXT NOT NULL, reason TEXT, release TEXT
) STRICT;
CREATE INDEX feedback_steps ON feedback_step (feedback, id);
CREATE TABLE feedback_delivery (
  id INTEGER PRIMARY KEY, feedback INTEGER NOT NULL REFERENCES feedback_row(id), way TEXT NOT NULL,
  target TEXT NOT NULL, state TEXT NOT NULL, remote TEXT, url TEXT, why TEXT, tries INTEGER NOT NULL,
  first_at INTEGER NOT NULL, last_at INTEGER NOT NULL, retry_at INTEGER, digest TEXT NOT NULL, answered TEXT
) STRICT;
CREATE UNIQUE INDEX feedback_deliveries ON feedback_delivery (feedback, way, target);
CREATE TABLE feedback_link (
  id TEXT PRIMARY KEY, feedback INTEGER NOT NULL REFERENCES feedback_row(id), by TEXT NOT NULL, at INTEGER NOT NULL,
  expires INTEGER NOT NULL, revoked_at INTEGER, used_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE TABLE feedback_told (
  feedback INTEGER NOT NULL REFERENCES feedback_row(id), source INTEGER NOT NULL REFERENCES source(id),
  thread_key TEXT NOT NULL, at INTEGER NOT NULL, who TEXT NOT NULL, note TEXT, digest TEXT NOT NULL,
  PRIMARY KEY (feedback, source, thread_key)
) STRICT, WITHOUT ROWID;

-- The documented views. Who said it is not among the columns.
CREATE VIEW evidence AS
  SELECT e.id, e.origin, s.name AS source, t.id AS thread, e.of, e.quote, e.url, e.said_at,
         strftime('%Y-%m-%dT%H:%M:%SZ', e.said_at / 1000, 'unixepoch') AS said_text, e.channel, e.licence, e.consent,
         e.kind, e.kind_because, e.stage, e.stage_because, coalesce(e.topic, p.topic) AS topic, e.by, e.at
  FROM evidence_row e LEFT JOIN source s ON s.id = e.source
    LEFT JOIN thread t ON t.source = e.source AND t.key = e.thread_key
    LEFT JOIN topic_place p ON p.source = e.source AND p.thread_key = e.thread_key;
CREATE VIEW feedback AS
  SELECT f.id, f.title, f.ask, f.department, f.department_because, f.origin, f.topic, f.gap, f.kind, f.stage,
         f.severity, f.state, f.since, strftime('%Y-%m-%dT%H:%M:%SZ', f.since / 1000, 'unixepoch') AS since_text,
         f.owner, f.decide_by, f.release, f.reason, f.by, f.at,
         (SELECT count(*) FROM feedback_evidence x WHERE x.feedback = f.id) AS evidence,
         (SELECT count(*) FROM feedback_thread x WHERE x.feedback = f.id) AS places,
         (SELECT count(*) FROM feedback_told x WHERE x.feedback = f.id) AS told
  FROM feedback_row f;
";
