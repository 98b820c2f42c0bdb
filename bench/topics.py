"""Topics side by side with BERTopic on the same 10,000 labelled titles, the same machine, one run.

    pip install --no-deps bertopic
    pip install umap-learn hdbscan scikit-learn pandas plotly tqdm pyyaml
    cargo build --release -p rapport -p rapport-insight --examples
    python bench/topics.py ../shared/data/text/stackoverflow20-odd.tsv

BERTopic's usual first step is a sentence transformer fetched from a model hub; it is not run here. BERTopic gets our own
static vectors as precomputed embeddings instead (same meaning for both: what is compared is grouping and naming), and, as
a second run, TF-IDF reduced by SVD, its lightweight setting. Its time leaves out making the vectors; ours has all in it,
starting the program too.
"""

import json
import pathlib
import subprocess
import sys
import time

import numpy as np
from bertopic import BERTopic
from hdbscan import HDBSCAN
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.metrics import normalized_mutual_info_score as nmi
from umap import UMAP

ROOT = pathlib.Path(__file__).resolve().parent.parent


def purity(labels, ours):
    best = {}
    for label, topic in zip(labels, ours):
        best.setdefault(topic, {}).setdefault(label, 0)
        best[topic][label] += 1
    return sum(max(counts.values()) for counts in best.values()) / len(labels)


def say(name, labels, ours, seconds, other):
    print(f"{name}: {len(set(ours))} groups, NMI {nmi(labels, ours):.3f}, purity {purity(labels, ours):.3f}, "
          f"other {sum(o == other for o in ours)}, {seconds:.1f} s", flush=True)


def main():
    rows = [line.split("\t", 1) for line in pathlib.Path(sys.argv[1]).read_text("utf-8", "replace").splitlines()]
    rows = [row for row in rows if len(row) == 2]
    labels, texts = [r[0] for r in rows], [r[1] for r in rows]
    lines = "".join(json.dumps({"id": n, "text": text}) + "\n" for n, text in enumerate(texts)).encode()
    for count in (["--count", "20"], []):
        start = time.perf_counter()
        out = subprocess.run([ROOT / "target/release/rapport", "text", "topics", *count], input=lines,
                             stdout=subprocess.PIPE, check=True).stdout.decode().splitlines()
        took = time.perf_counter() - start
        say(f"Rapport {' '.join(count) or '(its own number)'}", labels, [json.loads(x)["topic"] for x in out], took, -1)
    raw = subprocess.run([ROOT / "target/release/examples/vectors"],
                         input="".join(json.dumps(t) + "\n" for t in texts).encode(), stdout=subprocess.PIPE,
                         check=True).stdout
    ours = np.frombuffer(raw, dtype="<f4").reshape(len(texts), -1).copy()
    reduced = TruncatedSVD(100, random_state=1).fit_transform(TfidfVectorizer(min_df=2).fit_transform(texts))
    for name, vectors in (("our vectors", ours), ("TF-IDF and SVD", reduced)):
        for count in (20, None):
            start = time.perf_counter()
            model = BERTopic(
                umap_model=UMAP(n_neighbors=15, n_components=5, min_dist=0.0, metric="cosine", random_state=1),
                hdbscan_model=HDBSCAN(min_cluster_size=10 if count is None else 50, prediction_data=True),
                vectorizer_model=CountVectorizer(stop_words="english", ngram_range=(1, 2)),
                nr_topics=None if count is None else count + 1)
            found, _ = model.fit_transform(texts, vectors)
            say(f"BERTopic, {name}, {count or 'its own number'}", labels, found, time.perf_counter() - start, -1)
            if count:
                for topic in sorted(set(found))[:8]:
                    print("   ", ", ".join(word for word, _ in model.get_topic(topic)[:5]))


main()
