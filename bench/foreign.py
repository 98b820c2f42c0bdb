"""Whole-process comparisons with programs that others trust, in one run on one machine.

    python3 bench/foreign.py reading [MBOX_FOLDER]   Perceval against Rapport's readers: mail and a git clone
    python3 bench/foreign.py metrics DATA_FOLDER     DuckDB over Parquet against Rapport's metrics
    python3 bench/foreign.py agree RAPPORT DATA_FOLDER MBOX_FOLDER CLONE
                                                     do they come to the same numbers? (a test calls this)
    python3 bench/foreign.py feed FILE               what feedparser reads in an Atom feed, as JSON (a test calls this)

Makes its own Python environment in target/foreign on the first run and builds what it needs with cargo.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
FOREIGN = TARGET / "foreign"
RUNS = 5


def environment():
    """The Python of the environment with the pinned foreign readers."""
    wanted = (ROOT / "bench" / "requirements.txt").read_text()
    python = FOREIGN / "bin" / "python"
    stamp = FOREIGN / "requirements.txt"
    if not stamp.exists() or stamp.read_text() != wanted:
        venv.create(FOREIGN, with_pip=True, clear=True)
        subprocess.run([python, "-m", "pip", "install", "-q", "-r", ROOT / "bench" / "requirements.txt"], check=True)
        stamp.write_text(wanted)
    return python


FEED = """
import feedparser, json, sys
read = feedparser.parse(sys.argv[1])
print(json.dumps({"version": read.version, "bozo": int(read.bozo), "id": read.feed.get("id"), "title": read.feed.get("title"),
                  "updated": read.feed.get("updated"), "author": read.feed.get("author"),
                  "entries": [{k: e.get(k) for k in ("id", "title", "updated", "summary")} | {"content": e.content[0].value} for e in read.entries]}))
"""


def feed(path):
    """What feedparser (which Perceval brings along) reads in a feed."""
    subprocess.run([environment(), "-c", FEED, path], check=True)


def timed(command):
    """Seconds from start to end of the process: the median of RUNS after one to warm up."""
    seconds = []
    for _ in range(RUNS + 1):
        began = time.monotonic()
        subprocess.run([str(c) for c in command], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        seconds.append(time.monotonic() - began)
    return statistics.median(seconds[1:])


def mail(folder):
    """Mail of the usual shape, 40 MB in 4 files, when no folder of real mail is given."""
    words = "stream token retry webhook signature replay event client timeout order region cursor batch".split()
    n = 0
    for year in range(2020, 2024):
        with open(folder / f"{year}.txt", "w") as out:
            while out.tell() < 10_000_000:
                n += 1
                body = "\n".join(" ".join(words[(n * 7 + i * j) % len(words)] for j in range(11)) for i in range(30))
                parent = f"In-Reply-To: <m{n - 1}@list.example.org>\nReferences: <m{n - 1}@list.example.org>\n" if n % 4 else ""
                out.write(
                    f"From dev{n % 500} at example.org  Mon Feb  3 10:{n // 60 % 60:02}:{n % 60:02} {year}\n"
                    f"From: dev{n % 500} at example.org (Dev {n % 500})\nDate: Mon, 3 Feb {year} 10:{n // 60 % 60:02}:{n % 60:02} +0000\n"
                    f"Subject: [relay] question {n // 4}\nMessage-ID: <m{n}@list.example.org>\n{parent}\n{body}\n\n"
                )


def clone(folder):
    """A git repository of 20,000 commits by 300 people."""
    subprocess.run(["git", "init", "-q", folder], check=True)
    with subprocess.Popen(["git", "-C", folder, "fast-import", "--quiet"], stdin=subprocess.PIPE) as feed:
        for n in range(1, 20_001):
            message = f"Change part {n % 97}\n\nBecause of {n}.\n\nSigned-off-by: Dev {n % 300} <dev{n % 300}@example.org>\n"
            body = f"part {n}\n" * (n % 40 + 1)
            feed.stdin.write(
                (
                    f"commit refs/heads/main\nauthor Dev {n % 300} <dev{n % 300}@example.org> {1_600_000_000 + n * 900} +0000\n"
                    f"committer Dev {n % 300} <dev{n % 300}@example.org> {1_600_000_000 + n * 900} +0000\n"
                    f"data {len(message.encode())}\n{message}M 100644 inline part{n % 500}.txt\ndata {len(body)}\n{body}\n"
                ).encode()
            )
        feed.stdin.close()
    subprocess.run(["git", "-C", folder, "checkout", "-q", "main"], check=True)


def reading(mbox):
    perceval = environment().parent / "perceval"
    subprocess.run(["cargo", "build", "-q", "--release"], cwd=ROOT, check=True)
    subprocess.run(["cargo", "build", "-q", "--release", "-p", "rapport-sources", "--example", "read"], cwd=ROOT, check=True)
    read, rapport = TARGET / "release" / "examples" / "read", TARGET / "release" / "rapport"
    with tempfile.TemporaryDirectory() as place:
        place = Path(place)
        if mbox is None:
            mbox = place / "mail"
            mbox.mkdir()
            mail(mbox)
        repository = place / "clone"
        clone(repository)
        out = place / "out.json"
        print(f"{'archive':<8} {'Perceval':>10} {'reading':>10} {'ratio':>7} {'add, stored and indexed':>24} {'ratio':>7}")
        for name, path, arguments in [
            ("mail", mbox, ["mbox", "test://", mbox]),
            ("git", repository, ["git", f"file://{repository}", "--git-path", place / "mirror"]),
        ]:
            theirs = timed([perceval, "-g", *arguments, "-o", out])
            ours = timed([read, path, "--json"])
            # Each run into a fresh folder: reading again would only see that nothing is new.
            stored = timed(["sh", "-c", f"rm -rf {place}/data; {rapport} --data {place}/data add {path}"])
            print(f"{name:<8} {theirs:>8.2f} s {ours:>8.2f} s {theirs / ours:>6.1f}x {stored:>22.2f} s {theirs / stored:>6.1f}x")


# Each metric from the raw rows. Humans are everybody whose member kind is not a bot.
QUERIES = {
    "time-to-first-response": """
        WITH o AS (SELECT thread, source, arg_min(person, "at") AS opener, min("at") AS "at" FROM activities
                   WHERE act = 'opened' AND NOT deleted GROUP BY thread, source),
             r AS (SELECT o.thread, min(a."at") AS "at" FROM o JOIN activities a ON a.thread = o.thread AND a."at" >= o."at"
                   AND a.person <> o.opener AND a.act IN ('replied', 'reviewed') AND NOT a.deleted
                   AND a.person NOT IN (SELECT id FROM people WHERE member = 'bot') GROUP BY o.thread)
        SELECT o.source, count(r."at") AS n, count(*) - count(r."at") AS never,
               quantile_cont((r."at" - o."at") / 1000.0, 0.5), quantile_cont((r."at" - o."at") / 1000.0, 0.9)
        FROM o LEFT JOIN r USING (thread)
        WHERE o.opener IN (SELECT id FROM people WHERE member <> 'bot') GROUP BY o.source ORDER BY 1""",
    "unanswered": """
        WITH o AS (SELECT thread, source, arg_min(person, "at") AS opener, min("at") AS "at" FROM activities
                   WHERE act = 'opened' AND NOT deleted GROUP BY thread, source)
        SELECT o.source, count(*) FROM o
        WHERE o.opener IN (SELECT id FROM people WHERE member <> 'bot')
          AND NOT EXISTS (SELECT 1 FROM activities a WHERE a.thread = o.thread AND a."at" >= o."at" AND a.person <> o.opener
            AND a.act IN ('replied', 'reviewed') AND NOT a.deleted
            AND a.person NOT IN (SELECT id FROM people WHERE member = 'bot'))
        GROUP BY o.source ORDER BY 1""",
    "late": """
        WITH o AS (SELECT thread, source, arg_min(person, "at") AS opener, min("at") AS "at" FROM activities
                   WHERE act = 'opened' AND NOT deleted GROUP BY thread, source),
             r AS (SELECT o.thread, min(a."at") AS "at" FROM o JOIN activities a ON a.thread = o.thread AND a."at" >= o."at"
                   AND a.person <> o.opener AND a.act IN ('replied', 'reviewed') AND NOT a.deleted
                   AND a.person NOT IN (SELECT id FROM people WHERE member = 'bot') GROUP BY o.thread)
        SELECT o.thread, o.source, o."at", r."at", t.title, t.url FROM o LEFT JOIN r USING (thread) JOIN threads t ON t.id = o.thread
        WHERE coalesce(r."at", epoch_ms(now()::TIMESTAMP)) - o."at" > 2 * 86400000
          AND o.opener IN (SELECT id FROM people WHERE member <> 'bot') ORDER BY o.at""",
    "closure-ratio": """
        SELECT source, count(DISTINCT thread) FILTER (WHERE act = 'opened'), count(DISTINCT thread) FILTER (WHERE act IN ('closed', 'merged'))
        FROM activities WHERE NOT deleted GROUP BY source ORDER BY 1""",
    "absence-factor": """
        WITH c AS (SELECT person, count(*) AS n FROM activities WHERE NOT deleted AND person IS NOT NULL
                   AND act NOT IN ('reacted', 'starred', 'forked', 'joined', 'attended', 'labelled', 'other')
                   AND person NOT IN (SELECT id FROM people WHERE member = 'bot') GROUP BY person),
             s AS (SELECT n, sum(n) OVER (ORDER BY n DESC, person) AS upto, sum(n) OVER () AS total FROM c)
        SELECT count(*) + 1 FROM s WHERE upto * 2 < total""",
    "contributors": """
        WITH m AS (SELECT DISTINCT person, month FROM activities WHERE NOT deleted AND person IS NOT NULL
                   AND act NOT IN ('reacted', 'starred', 'forked', 'joined', 'attended', 'labelled', 'other')
                   AND person NOT IN (SELECT id FROM people WHERE member = 'bot')),
             f AS (SELECT person, min(month) AS month FROM m GROUP BY person)
        SELECT m.month, count(*), count(*) FILTER (WHERE f.month = m.month) FROM m JOIN f USING (person) GROUP BY m.month ORDER BY 1""",
    "retention": """
        WITH m AS (SELECT DISTINCT person, month // 100 * 12 + month % 100 AS month FROM activities
                   WHERE NOT deleted AND person IS NOT NULL
                   AND act NOT IN ('reacted', 'starred', 'forked', 'joined', 'attended', 'labelled', 'other')
                   AND person NOT IN (SELECT id FROM people WHERE member = 'bot')),
             f AS (SELECT person, min(month) AS month FROM m GROUP BY person)
        SELECT f.month, count(*) FILTER (WHERE m.month = f.month), count(*) FILTER (WHERE m.month = f.month + 1),
               count(*) FILTER (WHERE m.month = f.month + 2), count(*) FILTER (WHERE m.month = f.month + 3),
               count(DISTINCT m.person) FILTER (WHERE m.month > f.month + 3)
        FROM m JOIN f USING (person) GROUP BY f.month ORDER BY 1""",
}

# Runs inside the environment: each query on Parquet, the fastest way in: one connection, files warm.
INSIDE = """
import duckdb, json, statistics, sys, time
folder, runs, queries = sys.argv[1], int(sys.argv[2]), json.loads(sys.argv[3])
db = duckdb.connect()
for name in ("activities", "people", "threads"):
    db.execute(f"CREATE VIEW {name} AS SELECT * FROM '{folder}/{name}.parquet'")
out = {}
for name, query in queries.items():
    seconds = []
    for _ in range(runs + 1):
        began = time.monotonic()
        db.execute(query).fetchall()
        seconds.append(time.monotonic() - began)
    out[name] = statistics.median(seconds[1:] or seconds)
print(json.dumps(out))
"""


def metrics(data):
    python = environment()
    subprocess.run(["cargo", "build", "-q", "--release"], cwd=ROOT, check=True)
    rapport = TARGET / "release" / "rapport"
    with tempfile.TemporaryDirectory() as place:
        subprocess.run([rapport, "--data", data, "export", place], check=True, stdout=subprocess.DEVNULL)
        for name in ("activities", "people", "threads"):
            load = f"COPY (SELECT * FROM read_json('{place}/{name}.jsonl', sample_size = -1)) TO '{place}/{name}.parquet'"
            subprocess.run([python, "-c", f"import duckdb; duckdb.execute({load!r})"], check=True)
        inside = subprocess.run(
            [python, "-c", INSIDE, place, str(RUNS), json.dumps(QUERIES)], check=True, stdout=subprocess.PIPE, text=True
        )
        theirs = json.loads(inside.stdout)
        print(f"{'':<24} {'Rapport, whole process':>24} {'DuckDB, whole process':>23} {'ratio':>7} {'its query alone':>17}")
        for name in QUERIES:
            ours = timed([rapport, "--data", data, "--json", "metrics", name])
            whole = timed([python, "-c", INSIDE, place, "0", json.dumps({name: QUERIES[name]})])
            alone = theirs[name] * 1000
            print(f"{name:<24} {ours * 1000:>21.0f} ms {whole * 1000:>20.0f} ms {whole / ours:>6.1f}x {alone:>14.0f} ms")
        ours = timed([rapport, "--data", data, "--json", "needs"])
        print(f"{'needs':<24} {ours * 1000:>21.0f} ms")


# The first response of every thread with a human opener, from the exported rows alone.
RESPONSES = """
    WITH o AS (SELECT thread, source, arg_min(person, "at") AS opener, min("at") AS "at" FROM activities
               WHERE act = 'opened' AND NOT deleted GROUP BY thread, source),
         r AS (SELECT o.thread, min(a."at") AS "at" FROM o JOIN activities a ON a.thread = o.thread AND a."at" >= o."at"
               AND a.person <> o.opener AND a.act IN ('replied', 'reviewed') AND NOT a.deleted
               AND a.person NOT IN (SELECT id FROM people WHERE member = 'bot') GROUP BY o.thread)
    SELECT o.source, t.kind, count(r."at"), count(*) - count(r."at"), quantile_cont((r."at" - o."at") / 1000.0, 0.5)
    FROM o JOIN threads t ON t.id = o.thread LEFT JOIN r USING (thread)
    WHERE o.opener IN (SELECT id FROM people WHERE member <> 'bot') GROUP BY ALL ORDER BY ALL"""

COUNTING = """
import duckdb, json, sys
db = duckdb.connect()
for name in ("activities", "people", "threads"):
    db.execute(f"CREATE VIEW {name} AS SELECT * FROM read_json('{sys.argv[1]}/{name}.jsonl', sample_size = -1)")
print(json.dumps(db.execute(sys.argv[2]).fetchall()))
"""


def agree(rapport, data, mbox, repository):
    """Exits with the first number on which Rapport and a foreign reader differ."""
    python = environment()

    def ours(*words):
        out = subprocess.run([rapport, "--data", data, "--json", *words], check=True, stdout=subprocess.PIPE)
        return json.loads(out.stdout)

    with tempfile.TemporaryDirectory() as place:
        subprocess.run([rapport, "--data", data, "export", place], check=True, stdout=subprocess.DEVNULL)
        out = subprocess.run([python, "-c", COUNTING, place, RESPONSES], check=True, stdout=subprocess.PIPE)
        theirs = {(row[0], row[1]): row[2:] for row in json.loads(out.stdout)}
        mine = {(r["source"], r["thread_kind"]): (r["n"], r["never"], r["median_s"]) for r in ours("metrics", "time-to-first-response")}
        if theirs.keys() != mine.keys():
            sys.exit(f"sources differ: {sorted(theirs.keys() ^ mine.keys())}")
        for key, (n, never, median) in theirs.items():
            if (n, never) != mine[key][:2] or abs((median or 0) - (mine[key][2] or 0)) > 0.01:
                sys.exit(f"{key}: DuckDB has {n}, {never}, {median}; Rapport {mine[key]}")
        print(f"DuckDB agrees on {len(theirs)} rows of time-to-first-response")
        for name, arguments, query in [
            ("mbox", ["mbox", "test://", mbox], "SELECT count(*) AS n FROM activities WHERE source LIKE 'mbox:relay-users%'"),
            ("git", ["git", f"file://{repository}", "--git-path", f"{place}/mirror"],
             "SELECT count(*) AS n FROM activities WHERE source LIKE 'git:%' AND act = 'committed'"),
        ]:
            found = f"{place}/{name}.json"
            subprocess.run([python.parent / "perceval", "-g", *arguments, "--json-line", "-o", found], check=True,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            n, wanted = len(open(found).read().splitlines()), ours("sql", query)[0]["n"]
            if n != wanted:
                sys.exit(f"{name}: Perceval reads {n}, Rapport {wanted}")
            print(f"Perceval agrees on {n} items of {name}")


if __name__ == "__main__":
    if len(sys.argv) in (2, 3) and sys.argv[1] == "reading":
        reading(Path(sys.argv[2]) if len(sys.argv) == 3 else None)
    elif len(sys.argv) == 3 and sys.argv[1] == "metrics":
        metrics(sys.argv[2])
    elif len(sys.argv) == 3 and sys.argv[1] == "feed":
        feed(sys.argv[2])
    elif len(sys.argv) == 6 and sys.argv[1] == "agree":
        agree(*sys.argv[2:])
    else:
        sys.exit(__doc__)
