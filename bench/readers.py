"""How long readers of the web app wait while others change the folder.

    python3 bench/readers.py DATA [--program target/release/rapport] [--readers 20] [--seconds 60] [--quiet]

DATA is a data folder that may be written to: take a copy. A server is started on it, twenty readers walk over every page
with a pause of 0 to 0.4 s between requests, and meanwhile the command line changes something every two seconds: one
small export is added, then a thread is claimed, in turn (`--quiet`: nothing is written). Prints the quantiles of each
page in milliseconds, how many of the pages said that they are older, the oldest of them, and the server's peak memory.
"""

import argparse
import http.client
import json
import os
import random
import re
import subprocess
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGES = ["/", "/topics", "/trends", "/gaps", "/focus", "/metrics", "/feedback", "/people", "/organisation", "/report",
         "/sources", "/desk", "/search?q=timeout", "/relations", "/docs", "/thread/{n}", "/topics/{t}"]


def ask(address, path):
    link = http.client.HTTPConnection(address, timeout=120)
    began = time.perf_counter()
    link.request("GET", path)
    reply = link.getresponse()
    body = reply.read()
    took = (time.perf_counter() - began) * 1000
    link.close()
    return took, reply.status, int(reply.headers.get("Age") or 0), len(body), body


def read(address, seed, until, pages, rows):
    chance = random.Random(seed)
    while time.monotonic() < until:
        page = chance.choice(list(pages))
        path = pages[page]
        try:
            took, status, age, size, _ = ask(address, path)
        except OSError as why:
            took, status, age, size = 120_000, str(why), 0, 0
        rows.append((page, took, status, age, size))
        time.sleep(chance.uniform(0, 0.4))


def write(program, data, until, threads, done):
    rapport = [program, "--data", data, "--json"]
    with tempfile.TemporaryDirectory() as folder:
        n = 0
        while time.monotonic() < until:
            began = time.monotonic()
            if n % 2 == 0:
                export = Path(folder) / f"more-{n}.jsonl"
                moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
                export.write_text(json.dumps({"id": f"r{os.getpid()}-{n}", "at": moment, "person_id": f"u{n}",
                    "person_name": "Ida Roth", "act": "opened", "title": f"Import {n} hangs", "kind": "question",
                    "text": "How can I import a file that is larger than memory?"}) + "\n")
                words = ["add", str(export)]
            else:
                words = ["claim", str(threads[n % len(threads)])]
            ended = subprocess.run(rapport + words, capture_output=True, text=True)
            done.append((words[0], time.monotonic() - began, ended.returncode, ended.stderr.strip()[:200]))
            n += 1
            time.sleep(max(0, 2 - (time.monotonic() - began)))


def quantile(values, share):
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def peak(pid):
    text = Path(f"/proc/{pid}/status").read_text()
    return {name: int(re.search(rf"{name}:\s+(\d+)", text)[1]) // 1024 for name in ("VmHWM", "RssAnon")}


def main():
    given = argparse.ArgumentParser()
    given.add_argument("data")
    given.add_argument("--program", default=str(ROOT / "target/release/rapport"))
    given.add_argument("--readers", type=int, default=20)
    given.add_argument("--seconds", type=int, default=60)
    given.add_argument("--settle", type=int, default=20, help="seconds between the start and the first reader")
    given.add_argument("--quiet", action="store_true")
    told = given.parse_args()
    waiting = json.loads(subprocess.run([told.program, "--data", told.data, "--json", "needs"], check=True,
                                        capture_output=True, text=True).stdout)
    threads = [need["thread"] for need in waiting[:50]]
    topics = json.loads(subprocess.run([told.program, "--data", told.data, "--json", "topics"], check=True,
                                       capture_output=True, text=True).stdout)
    pages = {page: page.format(n=threads[0], t=topics[-1]["id"]) for page in PAGES}
    server = subprocess.Popen([told.program, "--data", told.data, "serve", "--listen", "127.0.0.1:0", "--no-sync"],
                              stderr=subprocess.PIPE, text=True)
    try:
        address = re.search(r"http://(\S+)", server.stderr.readline())[1]
        threading.Thread(target=server.stderr.read, daemon=True).start()
        time.sleep(told.settle)
        rows, done = [], []
        load = os.getloadavg()
        until = time.monotonic() + told.seconds
        work = [threading.Thread(target=read, args=(address, n, until, pages, rows)) for n in range(told.readers)]
        if not told.quiet:
            work.append(threading.Thread(target=write, args=(told.program, told.data, until, threads, done)))
        for one in work:
            one.start()
        for one in work:
            one.join()
        memory = peak(server.pid)
    finally:
        server.terminate()
        server.wait()
    print(f"load before {load[0]:.1f}, after {os.getloadavg()[0]:.1f}; {len(rows)} requests, {len(done)} changes, "
          f"{sum(d[2] != 0 for d in done)} of them failed, {sum(r[2] != 200 for r in rows)} answers other than 200")
    print(f"{'page':18}{'n':>6}{'p50':>8}{'p95':>8}{'max':>8}   older  oldest s   kB")
    for page in [*PAGES, "all"]:
        of = [row for row in rows if page in (row[0], "all")]
        if of:
            took = [row[1] for row in of]
            print(f"{page:18}{len(of):6}{quantile(took, 0.5):8.0f}{quantile(took, 0.95):8.0f}{max(took):8.0f}"
                  f"{sum(row[3] > 0 for row in of):8}{max(row[3] for row in of):10}{max(row[4] for row in of) // 1000:5}")
    print(f"memory: at most {memory['VmHWM']} MB with mapped pages, {memory['RssAnon']} MB of its own at the end")
    for why in sorted({d[3] for d in done if d[2]}):
        print("a change failed:", why)


if __name__ == "__main__":
    main()
