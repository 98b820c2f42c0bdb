//! `views.md`: what other programs may read of the SQLite file. A test compares the columns with a real folder.

use super::head;

/// A view, what one row of it is, and its columns with their meaning.
type View = (&'static str, &'static str, &'static [(&'static str, &'static str)]);

const VIEWS: [View; 6] = [
    (
        "activities",
        "One thing that one identity did at one time in one source, as it stands now.",
        &[
            ("id", "number of the activity in this folder"),
            ("source", "the source's name, `<connector>:<place>`"),
            ("scope", "`product` or `market`"),
            ("key", "the source's own key, stable over readings"),
            ("revision", "how often it has changed since it was first read; 0: never"),
            ("act", "what was done: opened, replied, reacted, closed, ..."),
            ("at", "when"),
            ("at_text", "when, in RFC 3339"),
            ("month", "the month of it, `202609`"),
            ("week", "the Monday of its week, `20260928`"),
            ("person", "who: `people.id`; null when the account is gone"),
            ("thread", "the conversation: `threads.id`; null for what belongs to none"),
            ("reply_to", "the key of what it answers, where the source tells"),
            ("text", "the words"),
            ("url", "permalink"),
            ("detail", "what the act is about: a reaction, a review's verdict, a tag"),
            ("deleted", "1 when the source has removed it"),
        ],
    ),
    (
        "threads",
        "One conversation.",
        &[
            ("id", "number of the thread in this folder, as `needs` shows it"),
            ("source", "the source's name"),
            ("scope", "`product` or `market`"),
            ("key", "the source's own key"),
            ("kind", "issue, change-request, question, topic, chat, mail"),
            ("title", "its title"),
            ("url", "permalink"),
            ("container", "channel, category or list that it stands in"),
            ("labels", "JSON list of the labels it has now"),
            ("mark", "how the source marks it: open, closed, ..."),
            ("opened_at", "when it began"),
            ("opened_text", "when it began, in RFC 3339"),
            ("opener", "who began it: `people.id`"),
            ("human_opener", "1 when that is a human"),
            ("responded_at", "first reply by another human; null when there is none"),
            ("responder", "who that was: `people.id`"),
            ("closed_at", "when it was closed; null while it is open"),
            ("last_at", "when something last happened in it"),
            ("messages", "how many messages it holds"),
            ("people", "how many people wrote in it"),
            ("accepted", "key of the accepted answer"),
            ("resolved", "1 when it is marked as resolved"),
        ],
    ),
    (
        "needs",
        "One thread that asks for something.",
        &[
            ("thread", "the thread: `threads.id`"),
            ("source", "the source's name"),
            ("scope", "`product` or `market`"),
            ("title", "the thread's title"),
            ("url", "permalink"),
            ("kind", "question, bug, feature, docs, friction, other"),
            ("need_because", "why the program thinks that it asks for this"),
            ("state", "waiting, answered, met, declined"),
            ("because", "why it is in this state"),
            ("opened_at", "when it was asked"),
            ("waiting_since", "since when the asker waits; null when nobody does"),
            ("asker", "who asks: `people.id`"),
            ("reach", "how many others said that they have it too"),
        ],
    ),
    (
        "people",
        "One account or address in one place (a person with two accounts has two rows).",
        &[
            ("id", "number of the identity in this folder"),
            ("person", "whom it belongs to: the smallest number of all identities of that person"),
            ("place", "where the account is"),
            ("key", "the place's own key for it"),
            ("handle", "login"),
            ("name", "shown name"),
            ("email", "address"),
            ("title", "what the profile says about their work"),
            ("member", "community, staff, practitioner or bot"),
            ("because", "why it is taken for that"),
        ],
    ),
    (
        "evidence",
        "One quote that a person marked, or that a friction log or field note brought. Who said it is not among the columns.",
        &[
            ("id", "number of the evidence in this folder"),
            ("origin", "thread, friction-log, field-note or hand"),
            ("source", "the source's name; null where there is no thread"),
            ("thread", "the thread: `threads.id`; null where there is none"),
            ("of", "what it is a part of where there is no thread"),
            ("quote", "the words"),
            ("url", "a link that opens it where it was said"),
            ("said_at", "when it was said"),
            ("said_text", "when it was said, in RFC 3339"),
            ("channel", "where, in words"),
            ("licence", "the licence or terms that it stands under"),
            ("consent", "what its author allowed: none, quote or name"),
            ("kind", "question, bug, feature, docs, friction, other"),
            ("kind_because", "why that kind"),
            ("stage", "discover, evaluate, learn, build, scale, operate"),
            ("stage_because", "why that stage"),
            ("topic", "the topic it belongs to"),
            ("by", "who marked it"),
            ("at", "when it was marked"),
        ],
    ),
    (
        "feedback",
        "One ask to a department, and how far it has come.",
        &[
            ("id", "number of the feedback in this folder"),
            ("title", "in a few words"),
            ("ask", "what is asked"),
            ("department", "of whom"),
            ("department_because", "why of them"),
            ("origin", "gap, topic, evidence, threads or hand"),
            ("topic", "the topic it was made from"),
            ("gap", "the kind of gap: product, docs, support, market"),
            ("kind", "what most of its needs are"),
            ("stage", "where on the journey it hurts"),
            ("severity", "P0 to P3"),
            ("state", "draft, delivered, acknowledged, accepted, declined, shipped, told"),
            ("since", "since when it is there; while a department decides, since it was delivered"),
            ("since_text", "the same in RFC 3339"),
            ("owner", "who is suggested to take it"),
            ("decide_by", "by when a decision is asked for"),
            ("release", "the release that it is accepted for or shipped in"),
            ("reason", "why it was declined, opened again, or closed over people who wait"),
            ("by", "who made it"),
            ("at", "when"),
            ("evidence", "how many pieces of evidence it rests on"),
            ("places", "how many threads asked for it"),
            ("told", "how many of them have a reply"),
        ],
    ),
];

pub(super) fn page() -> String {
    let mut out = head("Views", "views");
    out.push_str(
        "The data folder holds one SQLite file, `rapport.sqlite`. Its tables may change; these views are the promise. They are \
         the log's own judgement of now: a person's `claim`, `snooze` and `met`, and the folding of copies, are applied by \
         `rapport needs`. Times are milliseconds since 1970 in UTC; columns ending in `_text` say the same in RFC 3339.\n",
    );
    for (name, row, columns) in VIEWS {
        out.push_str(&format!("\n## {name}\n\n{row}\n\n| column | |\n|---|---|\n"));
        for (column, meaning) in columns {
            out.push_str(&format!("| `{column}` | {meaning} |\n"));
        }
    }
    out.push_str(EXAMPLES);
    out
}

const EXAMPLES: &str = r#"
## From Python

```python
import sqlite3

db = sqlite3.connect("file:rapport-data/rapport.sqlite?mode=ro", uri=True)
for source, state, n in db.execute("SELECT source, state, count(*) FROM needs GROUP BY source, state ORDER BY source, state"):
    print(source, state, n)
```

## From the program itself

```sql
SELECT p.name, count(*) AS answers FROM threads t JOIN people p ON p.id = t.responder GROUP BY p.id ORDER BY answers DESC LIMIT 10
```

goes behind `rapport sql`, as any other question that only reads.

## From DuckDB

Its extension `sqlite` attaches the file itself (`ATTACH 'rapport-data/rapport.sqlite' (TYPE sqlite, READ_ONLY)`). Without
it, `rapport export out` writes every view as JSON lines:

```sql
SELECT source, count(*) FROM read_json_auto('out/threads.jsonl') GROUP BY source ORDER BY source
```

## From Datasette

```sh
datasette --immutable rapport-data/rapport.sqlite
```
"#;
