"""Requests for a community of 10,000 threads: Rapport and Perceval, the same world, counted by the server.

    python3 bench/requests.py [--threads N] [--only github,slack] [--theirs | --ours FILE]    10,000 threads where nothing is said

Three looks at each service: the first, one after a day with 120 changes (Perceval with `from_date`, the moment of the look
before), one after a day without any. The server is `cargo run -p xtask -- play`, with no limit in anybody's way. Rapport's
side is the law `a_day_costs` of crates/sources/tests, whose clock jumps over the rests that Rapport keeps between two
requests: the same code that the program runs, over the same world and the same 120 changes. Perceval (pinned in
requirements.txt, in the environment that bench/foreign.py makes) runs as it is installed; only the address of the service is
another one. What each got is told from the texts alone: every message says its number, every edit adds to it. Perceval
keeps nothing itself: the newest item of each id counts, as its users keep them.

Not compared: NNTP (Perceval asks a news server for each article, and nothing here plays one), Gitter (closed as a service of
its own), Zulip, Discord, Matrix, Mastodon, Bluesky, YouTube, Hacker News, Gitea (Perceval's core has no backend).
"""

import argparse
import json
import os
import re
import subprocess
import sys
import time
import urllib.request

from foreign import ROOT, TARGET, environment

PORT = 8761
BASE = f"http://127.0.0.1:{PORT}"
# The moment at which the played world of the tests ends, in seconds.
NOW = 1_792_483_200
DAY = 86_400

PERCEVAL = """
import datetime, json, re, sys, tempfile
from perceval.backends.core import discourse, github, gitlab, hyperkitty, pipermail, slack, stackexchange
case, base, since, out = sys.argv[1:]
since = datetime.datetime.fromtimestamp(int(since), datetime.timezone.utc) if int(since) else None
service, _, category = case.partition(" ")
more = {"from_date": since} if since else {}
fetched = []

def fetch(backend, **what):
    fetched.extend(backend.fetch(**what, **more))

folder = tempfile.mkdtemp()
if service == "github":
    for each in category.split("+"):
        fetch(github.GitHub("tidewater", "relay", ["played"], base_url=base + "/github"), category=each)
elif service == "gitlab":
    for each in category.split("+"):
        fetch(gitlab.GitLab("tidewater", "relay", base_url=base), category=each)
elif service == "discourse":
    fetch(discourse.Discourse(base + "/discourse"))
elif service == "stackexchange":
    stackexchange.StackExchangeClient.STACKEXCHANGE_API_URL = base + "/stackexchange"
    fetch(stackexchange.StackExchange(site="qa.tidewater.example", tagged="relay", max_questions=100))
elif service == "slack":
    slack.SlackClient.URL = base + "/slack/%(resource)s"
    for channel in ("C0HELP", "C0SDK"):
        fetch(slack.Slack(channel, "played"))
elif service == "pipermail":
    fetch(pipermail.Pipermail(base + "/pipermail/", folder))
elif service == "hyperkitty":
    fetch(hyperkitty.HyperKitty(base + "/hyperkitty/", folder))
said = re.compile(r"\\(message (\\d+)\\)((?: Edited:[^<\\"\\\\\\\\]*)*)")
with open(out, "w") as file:
    for item in fetched:
        words = said.findall(json.dumps(item["data"], ensure_ascii=False, default=str))
        held = sorted({(int(n), edits.count("Edited:")) for n, edits in words})
        file.write(json.dumps([item["backend_name"] + item["uuid"], held]) + "\\n")
"""

# Perceval's backends with the categories that hold conversations, and who of ours reads the same.
CASES = {
    "github issue": "github",
    "github issue+pull_request": "github",
    "gitlab issue+merge_request": "gitlab",
    "discourse": "discourse",
    "stackexchange": "stackexchange",
    "slack": "slack",
    "pipermail": "pipermail",
    "hyperkitty": "hyperkitty",
}
WHAT = ("threads", "replies", "edits", "deletions")


def ask(path):
    with urllib.request.urlopen(BASE + path) as reply:
        return json.load(reply)


def state(service, change=""):
    """Every message by its number: how often edited, whether it opens a thread, whether it stands."""
    found = {}
    for text, opens, deleted in ask(f"/_{'change' if change else 'state'}/{service}{change}"):
        number = int(re.search(r"\(message (\d+)\)", text)[1])
        found[number] = (text.count("Edited:"), opens, not deleted)
    return found


def noticed(before, after, had, held):
    counts = {what: [0, 0] for what in WHAT}
    for number, (edits, opens, stands) in after.items():
        was = before.get(number)
        if was is None and stands:
            what, known = ("threads" if opens else "replies"), held.get(number) == edits
        elif was and was[2] and stands and was[0] != edits:
            what, known = "edits", held.get(number) == edits
        elif was and was[2] and not stands:
            what, known = "deletions", number in had and number not in held
        else:
            continue
        counts[what][0] += known
        counts[what][1] += 1
    return ", ".join(f"{what} {known}/{whole}" for what, (known, whole) in counts.items())


class Perceval:
    """One backend over three looks, and what its user would hold after each."""

    def __init__(self, case, service, python):
        self.case, self.service, self.python, self.items = case, service, python, {}

    def look(self, since):
        out = TARGET / f"requests-{self.service}.jsonl"
        before = ask("/_asked")[self.service]
        done = subprocess.run([self.python, "-c", PERCEVAL, self.case, BASE, str(since), out], capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError((done.stderr.strip().splitlines() or ["no word"])[-1])
        for line in out.read_text().splitlines():
            key, held = json.loads(line)
            self.items[key] = held
        return ask("/_asked")[self.service] - before

    def held(self):
        found = {}
        for held in self.items.values():
            for number, edits in held:
                found[number] = max(found.get(number, 0), edits)
        return found


def theirs(case, service, python, threads):
    """Requests of the three looks, what stood in the first, what was noticed of the day."""
    play = subprocess.Popen(
        [TARGET / "debug" / "xtask", "play", "--port", str(PORT), "--activities", str(threads), "--seed", "41",
         "--at", str(NOW), "--generous"],
        stdout=subprocess.DEVNULL,
    )
    try:
        for _ in range(600):
            try:
                ask("/_asked")
                break
            except OSError:
                time.sleep(0.1)
        perceval = Perceval(case, service, python)
        before = state(service)
        first = perceval.look(0)
        held, standing = perceval.held(), [n for n, (_, _, stands) in before.items() if stands]
        got = f"{sum(n in held for n in standing)}/{len(standing)}"
        after = state(service, f"?n=120&at={NOW + DAY}")
        day = perceval.look(NOW)
        what = noticed(before, after, held, perceval.held())
        return first, day, perceval.look(NOW + DAY + 1), got, what
    finally:
        play.terminate()
        play.wait()


def ours(services, threads):
    """The same of ours, by service, as the law prints it."""
    env = {**os.environ, "RAPPORT_THREADS": str(threads), "RAPPORT_SERVICES": ",".join(services)}
    law = ["cargo", "test", "-q", "-p", "rapport-sources", "--test", "it", "a_day_costs", "--", "--nocapture"]
    done = subprocess.run(law, cwd=ROOT, env=env, capture_output=True, text=True)
    if done.returncode:
        sys.exit(done.stdout + done.stderr)
    return printed(done.stdout)


def printed(text):
    costs = {s: [int(n) for n in numbers] for s, *numbers in re.findall(
        r"(\w+): \d+ messages: (\d+) requests, a day with 120 changes (\d+), a day without (\d+)", text)}
    return {service: (costs[service], what) for service, what in re.findall(r"(\w+): of that day (.*)", text)}


def main():
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--threads", type=int, default=10_000)
    options.add_argument("--only", help="these services, by comma")
    options.add_argument("--theirs", action="store_true", help="Perceval's side alone")
    options.add_argument("--ours", help="a file with what the law printed, instead of running it")
    options = options.parse_args()
    cases = {case: s for case, s in CASES.items() if not options.only or s in options.only.split(",")}
    python = environment()
    subprocess.run(["cargo", "build", "-q", "-p", "xtask"], cwd=ROOT, check=True)
    mine = {}
    if options.ours:
        mine = printed(open(options.ours).read())
    elif not options.theirs:
        mine = ours(sorted(set(cases.values())), options.threads)
    print("| | Rapport: first, day, idle | Perceval: first, day, idle | times as many | Perceval's first got | of the day, Rapport | of the day, Perceval |")
    print("|---|---|---|---|---|---|---|")
    for case, service in cases.items():
        us, known = mine.get(service, (None, "-"))
        try:
            *them, got, what = theirs(case, service, python, options.threads)
        except RuntimeError as why:
            them, got, what = None, "-", str(why)
        numbers = lambda row: ", ".join(f"{n:,}" for n in row) if row else "-"
        ratio = ", ".join(f"{t / u:.1f}" for t, u in zip(them, us)) if us and them else "-"
        print(f"| {case} | {numbers(us)} | {numbers(them)} | {ratio} | {got} | {known} | {what} |", flush=True)


if __name__ == "__main__":
    main()
