"""A working day in an hour: does the served desk stay right, quick and as small as it was?

    cargo build --release -p rapport -p xtask
    python3 bench/hour.py DATA [--program target/release/rapport] [--minutes 60] [--clients 20] [--pause 2] [--out FILE]

DATA is a data folder that is written to: take a copy. A played community (`xtask play`) changes every second or two and the server
looks at it by itself, once a minute; signed deliveries arrive; people of four roles who have logged in read every page
and the JSON API, search for words that nobody searched for before, claim, snooze, close, mark evidence, rename topics,
draft feedback, log out and in; some keep the live stream open; two feed readers come by. Everything is asked of the
program itself, nothing of the database.

Printed once a minute: requests, errors, quantiles, memory (resident, and of its own: mapped pages of the database are
the system's and go when they are needed), files, threads, the write-ahead log and the folder. An error is a 5xx, a read
that is refused, an answer after more than 10 s or none, a page without its end, JSON that is none, or a page that
contradicts what the one who asks has just done. At the end: quantiles of each page, and the slope of the memory of its
own over the last three quarters with its 95 % interval (Newey and West, samples every 10 s). Exit code 1: there were errors.
"""

import argparse
import base64
import hashlib
import hmac
import http.client
import json
import os
import random
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
from collections import Counter, defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGES = ["/", "/topics", "/trends", "/gaps", "/focus", "/metrics", "/feedback", "/people", "/people/review", "/friction",
         "/organisation", "/report", "/sources", "/desk", "/relations", "/docs", "/events", "/notes", "/thread/{n}",
         "/thread/{n}?similar=1", "/topics/{t}", "/people/{p}"]
CALLS = ["/api/needs", "/api/topics", "/api/trends", "/api/gaps", "/api/sources", "/api/metrics", "/api/thread?thread={n}",
         "/api/feedback/list", "/api/openapi.json"]
#: Sales sees no people, and what is asked for DevRel is refused to others: these read what is theirs.
COMMON = {"/", "/topics", "/trends", "/gaps", "/metrics", "/sources", "/desk", "/thread/{n}", "/topics/{t}", "/feedback"}
WORDS = ("timeout proxy token stream offset retry schema replay cluster docker python upgrade consumer webhook signature latency "
         "memory crash docs guide example region backup sink batch partition").split()
SECRET = "a-long-secret-of-this-run"
PASSWORD = "a long password of this run"
SLOW = 10.0
ROLES = ["head", "practitioner", "practitioner", "practitioner", "practitioner", "product", "viewer"]


class Log:
    """What happened, by everybody."""

    def __init__(self):
        self.lock = threading.Lock()
        self.minute, self.all = defaultdict(list), defaultdict(list)
        self.errors, self.minute_errors, self.samples = Counter(), 0, {}
        self.refused, self.counts = Counter(), Counter()

    def took(self, what, seconds):
        with self.lock:
            self.minute[what].append(seconds * 1000)
            self.all[what].append(seconds * 1000)

    def wrong(self, what, why):
        with self.lock:
            self.errors[f"{what}: {why}"] += 1
            if self.errors[f"{what}: {why}"] == 1:
                print(f"    {time.strftime('%H:%M:%S')} {what}: {why}", flush=True)
            self.minute_errors += 1
            self.samples.setdefault(f"{what}: {why}", time.strftime("%H:%M:%S"))

    def count(self, what, n=1):
        with self.lock:
            self.counts[what] += n


class Client:
    """Somebody with a browser and a session."""

    def __init__(self, at, log, name, role, seed):
        self.at, self.log, self.name, self.role = at, log, name, role
        self.chance, self.cookie, self.token, self.link = random.Random(seed), "", "", None

    def send(self, method, path, body=None, kind="application/x-www-form-urlencoded", **headers):
        headers = {key.replace("_", "-"): value for key, value in headers.items()}
        if self.cookie:
            headers["Cookie"] = self.cookie
        if body is not None:
            headers["Content-Type"] = kind
            body = body if isinstance(body, (bytes, str)) else urllib.parse.urlencode(body)
        for again in (True, False):
            fresh = self.link is None
            try:
                self.link = self.link or http.client.HTTPConnection(*self.at, timeout=60)
                self.link.request(method, path, body, headers)
                reply = self.link.getresponse()
                return reply, reply.read()
            except (OSError, http.client.HTTPException):
                self.link.close()
                self.link = None
                # A connection that was kept may be closed by the other side; only a look may be sent again.
                if fresh or not again or method != "GET":
                    raise

    def timed(self, what, method, path, *rest, fine=(200,), **headers):
        began = time.monotonic()
        try:
            reply, body = self.send(method, path, *rest, **headers)
        except (OSError, http.client.HTTPException) as why:
            self.log.wrong(what, f"no answer: {type(why).__name__} {why}")
            return None, b""
        took = time.monotonic() - began
        self.log.took(what, took)
        if took > SLOW:
            self.log.wrong(what, "slower than 10 s")
        if reply.status >= 500 or reply.status not in fine:
            text = body.decode("utf8", "replace").split('<main', 1)[-1].split("</main>")[0]
            text = re.sub(r"<[^>]*>|\s+", " ", text)
            self.log.wrong(what, f"{reply.status} for {self.role}: {text.strip()[:160]}")
        elif reply.status == 200:
            self.whole(what, reply, body)
        return reply, body

    def whole(self, what, reply, body):
        kind = reply.headers.get("Content-Type", "")
        if kind.startswith("text/html") and not body.rstrip().endswith(b"</html>"):
            self.log.wrong(what, "a page without its end")
        if "json" in kind:
            try:
                json.loads(body)
            except ValueError:
                self.log.wrong(what, "JSON that is none")
        if int(reply.headers.get("Age") or 0) > 0:
            self.log.count("pages shown late")

    def login(self):
        reply, _ = self.timed("login", "POST", "/login", {"name": self.name, "password": PASSWORD}, fine=(303,))
        if reply is None or reply.status != 303:
            return
        self.cookie = reply.headers["Set-Cookie"].split(";")[0]
        _, body = self.timed("/sources", "GET", "/sources")
        found = re.search(rb'name="token" value="([^"]+)"', body)
        self.token = found[1].decode() if found else ""

    def logout(self):
        self.timed("logout", "POST", "/logout", {"token": self.token}, fine=(303,))
        old, self.cookie = self.cookie, ""
        reply, _ = self.send("GET", "/", Cookie=old)
        if reply.status != 303:
            self.log.wrong("logout", f"the old session still opens: {reply.status}")
        self.login()


class Day(threading.Thread):
    """What one client does until the end."""

    def __init__(self, client, world, until, acts, pause):
        super().__init__(daemon=True)
        self.client, self.world, self.until, self.acts, self.pause = client, world, until, acts, pause

    def run(self):
        self.client.login()
        while time.monotonic() < self.until:
            try:
                self.step()
            except Exception as why:  # one client's trouble ends nobody's day, but it counts
                self.client.log.wrong("client", f"{type(why).__name__}: {why}")
            time.sleep(self.client.chance.uniform(*self.pause))

    def step(self):
        client, chance = self.client, self.client.chance
        dice = chance.random()
        if dice < self.acts and client.role in ("head", "practitioner"):
            self.act()
        elif dice < self.acts + 0.002:
            client.logout()
        elif dice < 0.12:
            words = " ".join(chance.sample(WORDS, 2)) + f" {chance.randrange(1000)}"
            client.timed("/search", "GET", "/search?" + urllib.parse.urlencode({"q": words}))
        elif dice < 0.125:
            # A report to send on is made of what is so now; somebody makes one every few minutes.
            self.look("/report/page?for=product")
        elif dice < 0.145:
            self.look(chance.choice(CALLS if client.role in ("head", "practitioner") else CALLS[:5]))
        else:
            own = PAGES if client.role in ("head", "practitioner") else sorted(COMMON)
            self.look(chance.choice(own))

    def look(self, page):
        chance, world = self.client.chance, self.world
        path = page.format(n=chance.choice(world["threads"]), t=chance.choice(world["topics"]), p=chance.choice(world["people"]))
        # A topic can be gone since the list of them was made.
        fine = (200, 400, 409) if "{t}" in page else (200,)
        self.client.timed(page, "GET", path, fine=fine)

    def act(self):
        client, chance, world = self.client, self.client.chance, self.world
        what = chance.choice(["claim", "claim", "snooze", "met", "met", "evidence", "rename", "feedback", "note"])
        if what in ("claim", "snooze", "met"):
            self.card(what)
        elif what == "evidence":
            n = chance.choice(world["threads"])
            form = {"token": client.token, "back": f"/thread/{n}", "message": "1"}
            client.timed("act: evidence", "POST", f"/thread/{n}/evidence", form, fine=(303, 400, 409))
            client.timed("after: /thread", "GET", f"/thread/{n}")
        elif what == "rename":
            t, name = chance.choice(world["topics"][:40]), f"Named {client.name} {chance.randrange(10**6)}"
            reply, _ = client.timed("act: rename", "POST", f"/topics/{t}/rename", {"token": client.token, "name": name}, fine=(303, 400, 409))
            if reply is not None and reply.status == 303:
                _, body = client.timed("after: /topics", "GET", f"/topics/{t}", fine=(200, 400, 409))
                # Somebody else may have called it something else meanwhile.
                if name.encode() not in body and b"Named " not in body:
                    client.log.wrong("after: /topics", "the new name is not there")
        else:
            ask = {"by_hand": True, "title": f"Ask {chance.randrange(10**6)} of {client.name}", "ask": "Say it in the docs.", "to": "product"}
            reply, body = client.timed("act: feedback new", "POST", "/api/feedback/new", json.dumps(ask), "application/json", fine=(200,))
            if reply is not None and reply.status == 200:
                _, body = client.timed("after: /feedback", "GET", "/feedback")
                if ask["title"].encode() not in body:
                    client.log.wrong("after: /feedback", "the new draft is not there")

    def card(self, what):
        """As somebody does it at Today: one of the cards, then Today again."""
        client = self.client
        _, body = client.timed("/", "GET", "/")
        cards = re.findall(rb'action="/thread/(\d+)/claim"', body)
        if not cards:
            return
        n = client.chance.choice(cards).decode()
        form = {"token": client.token, "back": "/", "days": "3"}
        reply, _ = client.timed(f"act: {what}", "POST", f"/thread/{n}/{what}", form, fine=(303, 400, 409))
        if reply is None or reply.status != 303:
            return
        _, body = client.timed("after: /", "GET", "/")
        there = f'action="/thread/{n}/claim"'.encode()
        if what == "claim":
            # Another may have closed it meanwhile; where it is, it says who took it.
            at = body.find(there)
            if at >= 0 and b"Give back" not in body[at:at + 1500].split(b"</form>")[0]:
                client.log.wrong("after: /", "the claimed card does not say so")
        elif there in body:
            client.log.wrong("after: /", f"the card is still there after '{what}'")


def listen(client, until):
    """A page that is left open: comes again when it is sent away, as a browser does."""
    while time.monotonic() < until:
        try:
            link = socket.create_connection(client.at, timeout=60)
            link.sendall(f"GET /live HTTP/1.1\r\nHost: {client.at[0]}:{client.at[1]}\r\nCookie: {client.cookie}\r\n\r\n".encode())
            began = time.monotonic()
            if b" 200 " not in link.recv(4096).split(b"\r\n")[0]:
                client.log.wrong("/live", "refused")
                time.sleep(5)
                continue
            while time.monotonic() < until and (said := link.recv(4096)):
                client.log.count("live events", said.count(b"event: changed"))
            link.close()
            client.log.count("live streams ended")
            if time.monotonic() - began < 300 and time.monotonic() < until:
                client.log.wrong("/live", "closed early")
        except OSError as why:
            if time.monotonic() < until:
                client.log.wrong("/live", f"{type(why).__name__}: silent for a minute, or broken")
                time.sleep(1)


def feed(client, key, until):
    tags = {}
    while time.monotonic() < until:
        for name in ("digest.atom", "needs.atom"):
            held = {"If_None_Match": tags[name]} if name in tags else {}
            reply, body = client.timed(f"/feeds/{name}", "GET", f"/feeds/{name}?key={key}", fine=(200, 304), **held)
            if reply is not None and reply.status == 200:
                tags[name] = reply.headers.get("ETag", "")
                if not body.rstrip().endswith(b"</feed>"):
                    client.log.wrong(name, "a feed without its end")
        time.sleep(15)


def deliver(client, until):
    """Signed rows, as a program of the owner sends them; now and then one that is wrong, and one that came before."""
    n, before = 0, None
    while time.monotonic() < until:
        n += 1
        moment = int(time.time())
        row = {"id": f"h{os.getpid()}-{n}", "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(moment)), "thread": f"t{n // 3}",
               "person_id": f"u{n % 50}", "person_name": f"Visitor {n % 50}", "act": "opened" if n % 3 == 0 else "replied",
               "title": f"Import {n // 3} hangs after the upgrade", "kind": "question",
               "text": f"How can I import file {n} when it is larger than memory? It stops at {n * 7} MB."}
        body, mark = json.dumps([row]).encode(), f"msg_{os.getpid()}_{n}"
        signed = hmac.new(SECRET.encode(), f"{mark}.{moment}.".encode() + body, hashlib.sha256).digest()
        headers = {"webhook_id": mark, "webhook_timestamp": str(moment), "webhook_signature": "v1," + base64.b64encode(signed).decode()}
        path = "/api/activities?source=importer"
        if n % 20 == 0:
            headers["webhook_signature"] = "v1," + base64.b64encode(signed[::-1]).decode()
            client.timed("hook: forged", "POST", path, body, "application/json", fine=(401,), **headers)
        else:
            client.timed("hook", "POST", path, body, "application/json", fine=(202,), **headers)
            client.log.count("deliveries")
            if n % 10 == 1:
                before = (body, headers)
        if n % 20 == 5 and before:
            client.timed("hook: again", "POST", path, before[0], "application/json", fine=(200,), **before[1])
        time.sleep(1)


def change(community, until):
    """What goes on in the played community: something happens in one of its services every second or two."""
    services, n = ("github", "discourse", "stackexchange"), 0
    while time.monotonic() < until:
        n += 1
        link = http.client.HTTPConnection("127.0.0.1", community, timeout=60)
        link.request("GET", f"/_change/{services[n % 3]}?n=1&at={int(time.time())}")
        link.getresponse().read()
        link.close()
        time.sleep(1.5)


def quantile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")


def state(pid, data):
    status = Path(f"/proc/{pid}/status").read_text()
    found = {name: int(re.search(rf"^{name}:\s+(\d+)", status, re.M)[1]) for name in ("VmRSS", "VmHWM", "RssAnon", "Threads")}
    wal = Path(data, "rapport.sqlite-wal")
    sizes = [p.stat().st_size for p in Path(data).iterdir() if p.is_file()]
    return {"rss": found["VmRSS"] / 1024, "peak": found["VmHWM"] / 1024, "anon": found["RssAnon"] / 1024,
            "threads": found["Threads"], "files": len(os.listdir(f"/proc/{pid}/fd")),
            "wal": wal.stat().st_size / 1e6 if wal.exists() else 0.0, "folder": sum(sizes) / 1e6}


def slope(times, values):
    """Least squares in MB an hour, and the half width of its 95 % interval that bears neighbours being alike."""
    n, lag = len(times), 12
    mean_t, mean_v = statistics.fmean(times), statistics.fmean(values)
    spread = sum((t - mean_t) ** 2 for t in times)
    rise = sum((t - mean_t) * (v - mean_v) for t, v in zip(times, values)) / spread
    part = [(t - mean_t) * (v - mean_v - rise * (t - mean_t)) for t, v in zip(times, values)]
    lag = min(lag, n - 1)
    about = sum(p * p for p in part) + 2 * sum(
        (1 - k / (lag + 1)) * sum(part[i] * part[i - k] for i in range(k, n)) for k in range(1, lag + 1))
    return rise * 3600, 1.96 * max(about, 0) ** 0.5 / spread * 3600


def rapport(program, data, *words, **rest):
    done = subprocess.run([program, "--data", data, "--json", *words], capture_output=True, text=True, **rest)
    if done.returncode not in (0, 1):
        sys.exit(f"rapport {' '.join(words)}: {done.stderr.strip()}")
    return json.loads(done.stdout or "null")


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def prepare(told):
    """The played community, the settings and the accounts; what is asked for later."""
    port = free_port()
    community = subprocess.Popen([told.play, "play", "--port", str(port), "--activities", "300", "--generous"],
                                 stdout=subprocess.PIPE, text=True)
    community.stdout.readline()
    at = f"http://127.0.0.1:{port}"
    Path(told.data, "rapport.toml").write_text(
        f'[schedule]\nevery-minutes = 1\n[network]\nallow-private = true\n[network.at]\n"https://api.github.com" = "{at}/github"\n'
        f'"https://api.stackexchange.com" = "{at}/stackexchange"\n')
    ask = lambda *words, **rest: rapport(told.program, told.data, *words, **rest)
    ask("add", "github:tidewater/relay", f"{at}/discourse", "stackexchange:qa.tidewater.example")
    for n in range(len(ROLES)):
        ask("account", "add", f"person{n}", "--as", ROLES[n], input=PASSWORD + "\n")
    keys = [ask("feeds", "new", f"person{n}")["feeds"][0].split("key=")[1] for n in (0, 5)]
    world = {"threads": [need["thread"] for need in ask("needs")[40:240]],
             "topics": [topic["id"] for topic in ask("topics")],
             "people": [row["person"] for row in ask("people")[:100]]}
    return community, port, keys, world


def main():
    given = argparse.ArgumentParser()
    given.add_argument("data")
    given.add_argument("--program", default=str(ROOT / "target/release/rapport"))
    given.add_argument("--play", default=str(ROOT / "target/release/xtask"))
    given.add_argument("--clients", type=int, default=20)
    given.add_argument("--listeners", type=int, default=6)
    given.add_argument("--minutes", type=float, default=60)
    given.add_argument("--acts", type=float, default=0.03, help="share of steps that change something")
    given.add_argument("--pause", type=float, default=2, help="seconds between two steps of a client, in the mean")
    given.add_argument("--out", help="where each sample is kept, a line of JSON each")
    told = given.parse_args()
    community, port, keys, world = prepare(told)
    said = tempfile.TemporaryFile("w+")
    server = subprocess.Popen([told.program, "--data", told.data, "serve", "--listen", "0.0.0.0:0"], stderr=said, text=True,
                              env={**os.environ, "RAPPORT_HOOK_ACTIVITIES": SECRET})
    try:
        while not (found := re.search(r"http://[^:]*:(\d+)", Path(f"/proc/self/fd/{said.fileno()}").read_text())):
            time.sleep(0.1)
        result = drive(told, ("127.0.0.1", int(found[1])), server, port, keys, world)
    finally:
        server.terminate()
        ended = server.wait(60)
        community.kill()
        watched = community.stdout.read().strip().splitlines()
    said.seek(0)
    lines = said.read().strip().splitlines()
    tell(result, lines, watched, ended)


def drive(told, at, server, played, keys, world):
    log, out = Log(), open(told.out, "w") if told.out else None
    began, until = time.monotonic(), time.monotonic() + told.minutes * 60
    clients = [Client(at, log, f"person{n % len(ROLES)}", ROLES[n % len(ROLES)], n) for n in range(told.clients)]
    work = [Day(client, world, until, told.acts, (0.2 * told.pause, 1.8 * told.pause)) for client in clients]
    for one in work:
        one.start()
    time.sleep(5)
    beside = []
    for n in range(told.listeners):
        quiet = Client(at, log, "person1", ROLES[1], 100 + n)
        quiet.login()
        beside.append(threading.Thread(target=listen, args=(quiet, until), daemon=True))
    for n, key in enumerate(keys):
        beside.append(threading.Thread(target=feed, args=(Client(at, log, "feed", "feed", n), key, until), daemon=True))
    beside.append(threading.Thread(target=deliver, args=(Client(at, log, "hook", "hook", 0), until), daemon=True))
    beside.append(threading.Thread(target=change, args=(played, until), daemon=True))
    for one in beside:
        one.start()
    print(f"load {os.getloadavg()[0]:.1f}; {told.clients} clients, {told.listeners} live streams, {len(keys)} feed readers", flush=True)
    print("min  requests errors    p50    p95    p99    max |  RSS MB  own MB  files threads  WAL MB folder MB  load", flush=True)
    samples, minute = [], 0
    while time.monotonic() < until:
        time.sleep(min(10, max(0, until - time.monotonic())))
        if server.poll() is not None:
            log.wrong("server", f"it ended: {server.returncode}")
            break
        now = {"second": time.monotonic() - began, **state(server.pid, told.data)}
        samples.append(now)
        if out:
            print(json.dumps(now), file=out, flush=True)
        if now["second"] >= (minute + 1) * 60 - 5:
            minute += 1
            with log.lock:
                took = [t for what, each in log.minute.items() if not what.startswith(("login", "hook")) for t in each]
                errors, log.minute_errors = log.minute_errors, 0
                log.minute.clear()
            q = [quantile(took, share) for share in (0.5, 0.95, 0.99, 1)]
            print(f"{minute:3} {len(took):9} {errors:6} {q[0]:6.0f} {q[1]:6.0f} {q[2]:6.0f} {q[3]:6.0f} | {now['rss']:7.0f} {now['anon']:7.0f}"
                  f" {now['files']:6} {now['threads']:7} {now['wal']:7.1f} {now['folder']:9.0f} {os.getloadavg()[0]:5.1f}", flush=True)
    for one in [*work, *beside]:
        one.join(65)
    return log, samples


def tell(result, lines, watched, ended):
    log, samples = result
    print(f"\n{'what':28}{'n':>7}{'p50':>8}{'p95':>8}{'p99':>8}{'max':>8}  ms")
    for what in sorted(log.all):
        took = log.all[what]
        print(f"{what:28}{len(took):7}" + "".join(f"{quantile(took, share):8.0f}" for share in (0.5, 0.95, 0.99, 1)))
    print("\n" + ", ".join(f"{n} {what}" for what, n in sorted(log.counts.items())))
    print(f"the server said {len(lines) - 1} lines beside its address, ended with {ended}; the played services complained {len(watched)} times")
    for line in [*lines[1:21], *watched[:10]]:
        print("  |", line[:200])
    total = sum(log.errors.values())
    total += sum("panicked" in line for line in lines)
    print(f"errors: {total}")
    for what, n in log.errors.most_common(30):
        print(f"  {n:5} {what} (first at {log.samples[what]})")
    late = [s for s in samples if s["second"] >= samples[-1]["second"] / 4]
    if len(late) > 10:
        rise, around = slope([s["second"] for s in late], [s["anon"] for s in late])
        flat = rise - around <= 0 or rise < 10
        print(f"memory of its own over the last {(late[-1]['second'] - late[0]['second']) / 60:.0f} minutes: "
              f"{statistics.fmean(s['anon'] for s in late):.0f} MB in the mean, {max(s['anon'] for s in late):.0f} at most, "
              f"slope {rise:+.1f} MB an hour, 95 % from {rise - around:+.1f} to {rise + around:+.1f}: "
              f"{'flat' if flat else 'it grows'}; peak with mapped pages {samples[-1]['peak']:.0f} MB")
    sys.exit(1 if total else 0)


if __name__ == "__main__":
    main()
