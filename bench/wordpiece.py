"""Compares Rapport's tokens with those of Hugging Face's `tokenizers`, over every text of a folder of archives.

    pip install tokenizers
    python bench/wordpiece.py ../shared/data

Reads every string of more than three characters in JSON, CSV, TSV, XML, mbox and log files, plus texts made to be
awkward. Fails when one id of a real text differs. Of the
made ones some do: theirs know the marks and formats of an older Unicode.
"""

import json
import pathlib
import random
import subprocess
import sys

from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

ROOT = pathlib.Path(__file__).resolve().parent.parent
VOCABULARY = ROOT / "crates/insight/models/static-minilm-256/vocab.txt"


def strings(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for v in value.values():
            yield from strings(v)
    elif isinstance(value, list):
        for v in value:
            yield from strings(v)


def texts(folder):
    for path in sorted(pathlib.Path(folder).rglob("*")):
        if not path.is_file() or path.suffix == ".gz":
            continue
        raw = path.read_bytes()
        if b"\0" in raw:
            continue  # no text
        raw = raw.decode("utf-8", "replace")
        if path.suffix == ".json":
            yield from strings(json.loads(raw))
        else:
            yield from raw.split("\n")


def awkward():
    chance = random.Random(1)
    ranges = [(32, 127), (0x80, 0x250), (0x370, 0x530), (0x590, 0x700), (0x900, 0xE80), (0x1E00, 0x2400),
              (0x2500, 0x2800), (0x3000, 0x3200), (0x4E00, 0x4F00), (0xAC00, 0xAD00), (0xF900, 0xFB50),
              (0xFB50, 0x10000), (0x1F300, 0x1F700), (0x2F800, 0x2FA20), (0, 32)]
    for _ in range(20_000):
        low, high = chance.choice(ranges)
        chars = [chance.choice([chr(chance.randrange(low, high)), chr(chance.randrange(low, high)), " ", "a"])
                 for _ in range(chance.randrange(1, 40))]
        yield "".join(c for c in chars if not 0xD800 <= ord(c) < 0xE000)


def main():
    them = Tokenizer(models.WordPiece.from_file(str(VOCABULARY), unk_token="[UNK]", max_input_chars_per_word=100))
    them.normalizer = normalizers.BertNormalizer(lowercase=True)
    them.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    for name, all_texts in (("real", texts(sys.argv[1])), ("made to be awkward", awkward())):
        kept = sorted({t for t in all_texts if len(t) > 3})
        asked = "".join(json.dumps(t, ensure_ascii=False) + "\n" for t in kept)
        got = subprocess.run(
            ["cargo", "run", "-q", "--release", "-p", "rapport-insight", "--example", "tokens"],
            input=asked.encode(), stdout=subprocess.PIPE, check=True, cwd=ROOT).stdout.decode().splitlines()
        assert len(got) == len(kept)
        wrong = tokens = 0
        for start in range(0, len(kept), 10_000):
            part = kept[start:start + 10_000]
            for text, ours, theirs in zip(part, got[start:], them.encode_batch(part, add_special_tokens=False)):
                tokens += len(theirs.ids)
                if json.loads(ours) != theirs.ids:
                    wrong += 1
                    if wrong <= 10:
                        print(repr(text[:200]), ours[:200], theirs.ids[:40], file=sys.stderr)
        print(f"{name}: {len(kept)} texts, {tokens} tokens, {wrong} texts differ")
        if wrong > (0 if name == "real" else len(kept) // 100):
            raise SystemExit(1)


main()
