"""How long after a service's refusal does a person see it? The program itself, against the played services.

    python3 bench/requests_blocked.py

The third request of every service is refused with a pause of 30 seconds (GitHub 403 with Retry-After, Stack Exchange 400, the
others 429) while `rapport add` runs. Measured from the moment in which the server had that request, by the server's own log: until
the running command says so on its screen, and until `rapport sources`, asked again and again by a second process, shows it.
"""

import json
import os
import subprocess
import tempfile
import threading
import time
import urllib.request
from pathlib import Path

from foreign import ROOT, TARGET

PORT = 8762
BASE = f"http://127.0.0.1:{PORT}"
USUAL = {
    "github": "https://api.github.com",
    "gitlab": "https://gitlab.com",
    "stackexchange": "https://api.stackexchange.com",
    "slack": "https://slack.com/api",
    "discord": "https://discord.com/api/v10",
    "mastodon": "https://social.tidewater.example",
    "bluesky": "https://api.bsky.app",
}
ADDRESSES = {
    "github": "github:tidewater/relay",
    "gitlab": "gitlab:tidewater/relay",
    "stackexchange": "stackexchange:qa.tidewater.example/relay",
    "discourse": f"{BASE}/discourse",
    "discord": "discord:500",
    "slack": "slack:T0TIDE",
    "mastodon": "mastodon:#relay@social.tidewater.example",
    "bluesky": "bluesky:#relay",
}
RAPPORT = TARGET / "debug" / "rapport"


def refused(service):
    """The moment of the refused request, in seconds."""
    with urllib.request.urlopen(f"{BASE}/_log/{service}") as reply:
        log = json.load(reply)
    return log[2][0] / 1000 if len(log) > 2 else None


def told(text):
    return "pause" in text or "wait" in text or "next try" in text or "again at" in text


def measure(service, address):
    with tempfile.TemporaryDirectory() as folder:
        at = "\n".join(f'"{host}" = "{BASE}/{name}"' for name, host in USUAL.items())
        Path(folder, "rapport.toml").write_text(f"[network]\nallow-private = true\n[network.at]\n{at}\n")
        env = {**os.environ, "RAPPORT_DISCORD_TOKEN": "played", "RAPPORT_SLACK_TOKEN": "played", "NO_COLOR": "1"}
        adding = subprocess.Popen([RAPPORT, "--data", folder, "add", address, "--kind", service, "--agree"], env=env,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        screen = []

        def watch():
            text = ""
            while chunk := os.read(adding.stdout.fileno(), 4096):
                text += chunk.decode(errors="replace")
                if not screen and told(text):
                    screen.append((time.time(), text.replace("\r", "\n").strip().splitlines()[-1].strip()))
            if not screen:
                print(f"{service}: {text.strip()[-300:]}")

        watching = threading.Thread(target=watch)
        watching.start()
        listed, words = None, ""
        for _ in range(400):
            done = subprocess.run([RAPPORT, "--data", folder, "sources", "--json"], env=env, capture_output=True, text=True)
            rows = json.loads(done.stdout) if done.returncode == 0 and done.stdout.strip() else []
            if rows and told(rows[0]["status"]):
                listed, words = time.time(), rows[0]["status"]
                break
            if adding.poll() is not None:
                break
            time.sleep(0.02)
        adding.terminate()
        watching.join()
        return refused(service), screen, listed, words


def main():
    subprocess.run(["cargo", "build", "-q", "-p", "xtask", "-p", "rapport"], cwd=ROOT, check=True)
    play = subprocess.Popen([TARGET / "debug" / "xtask", "play", "--port", str(PORT), "--activities", "400", "--pause", "30", "--generous"],
                            stdout=subprocess.DEVNULL)
    try:
        time.sleep(2)
        print("| service | on the screen of `add` after | in `sources` after | it says |\n|---|---|---|---|")
        for service, address in ADDRESSES.items():
            began, screen, listed, words = measure(service, address)
            millis = lambda at: f"{(at - began) * 1000:.0f} ms" if at and began else "-"
            print(f"| {service} | {millis(screen and screen[0][0])} | {millis(listed)} | {words or (screen and screen[0][1])} |", flush=True)
    finally:
        play.terminate()


if __name__ == "__main__":
    main()
