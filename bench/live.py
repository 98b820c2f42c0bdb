"""How many requests a community costs: Perceval against Rapport, on the server that plays the services.

    python3 bench/live.py [THREADS]     500 threads where none is given; both grow in proportion

Starts `cargo run -p xtask -- play`; Perceval comes from the environment that bench/foreign.py makes. What Perceval has
a backend for and lets point elsewhere: GitHub issues (as an Enterprise server), GitLab issues, Discourse, Stack Exchange.
"""

import json
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from foreign import ROOT, TARGET, environment

PORT = 8759
BASE = f"http://127.0.0.1:{PORT}"

PERCEVAL = """
import sys
from perceval.backends.core import discourse, github, gitlab, stackexchange
what, base = sys.argv[1:]
if what == "github":
    backend = github.GitHub("tidewater", "relay", ["played"], base_url=base + "/github", sleep_time=0)
    items = backend.fetch(category="issue")
elif what == "gitlab":
    items = gitlab.GitLab("tidewater", "relay", base_url=base, sleep_time=0).fetch(category="issue")
elif what == "discourse":
    items = discourse.Discourse(base + "/discourse", sleep_time=0).fetch()
else:
    client = stackexchange.StackExchangeClient
    client.STACKEXCHANGE_API_URL = base + "/stackexchange"
    stackexchange.STACKEXCHANGE_API_URL = base + "/stackexchange/2.3"
    items = stackexchange.StackExchange(site="qa.tidewater.example", tagged="relay", max_questions=100).fetch()
print(sum(1 for _ in items))
"""

ADDRESSES = {
    "github": "github:tidewater/relay",
    "gitlab": "gitlab:tidewater/relay",
    "discourse": f"{BASE}/discourse",
    "stackexchange": "stackexchange:qa.tidewater.example/relay",
}


def asked(service):
    with urllib.request.urlopen(f"{BASE}/_asked") as reply:
        return json.load(reply)[service]


def main():
    threads = sys.argv[1] if len(sys.argv) > 1 else "500"
    python = environment()
    subprocess.run(["cargo", "build", "-q", "-p", "xtask", "-p", "rapport"], cwd=ROOT, check=True)
    play = subprocess.Popen(
        [TARGET / "debug" / "xtask", "play", "--port", str(PORT), "--activities", threads, "--generous"],
        stdout=subprocess.DEVNULL,
    )
    try:
        time.sleep(2)
        with tempfile.TemporaryDirectory() as folder:
            usual = {"github": "api.github.com", "stackexchange": "api.stackexchange.com", "gitlab": "gitlab.com"}
            at = "\n".join(f'"https://{host}" = "{BASE}/{service}"' for service, host in usual.items())
            Path(folder, "rapport.toml").write_text(f"[network]\nallow-private = true\n[network.at]\n{at}\n")
            rapport = [TARGET / "debug" / "rapport", "--data", folder, "--json"]
            print(f"requests for {threads} threads\n{'':15}{'Perceval':>10}{'Rapport':>10}{'again':>8}")
            for service, address in ADDRESSES.items():
                before = asked(service)
                done = subprocess.run([python, "-c", PERCEVAL, service, BASE], capture_output=True, text=True)
                theirs = asked(service) - before if done.returncode == 0 else None
                if theirs is None:
                    print(done.stderr.strip().splitlines()[-1:], file=sys.stderr)
                kind = ["--kind", service]
                first = json.loads(subprocess.run(rapport + ["add", address] + kind, capture_output=True, check=True).stdout)
                again = json.loads(subprocess.run(rapport + ["sync", first[0]["source"]], capture_output=True, check=True).stdout)
                print(f"{service:15}{theirs or 'failed':>10}{first[0]['requests']:>10}{again[0]['requests']:>8}", flush=True)
    finally:
        play.terminate()


if __name__ == "__main__":
    main()
