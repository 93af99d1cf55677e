"""Run every comparison in turn, print it, and write what it printed and the goals into one file.

Usage: python benchmarks/everything.py PUBLISHED SPACY [--to FILE] [--pairs N]
PUBLISHED: the interpreter of an environment with the published thinc, spaCy and its pipeline;
SPACY: that of one with spaCy on our thinc.  `make bench` makes both.
"""

import argparse
import datetime
import os
import platform
import re
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
# (goal, smallest ratio that reaches it, pattern of the line whose first group is the measured ratio)
GOALS = [
    ("ops, geometric mean over the published wheel", 4.5, r"operations, geometric mean ([\d.]+)"),
    ("products over OpenBLAS in calls, geometric mean", 1.0, r"products, calls: .*geometric mean ([\d.]+)"),
    ("tok2vec predict", 3.9, r"tok2vec-predict .*?([\d.]+) times"),
    ("tok2vec train", 3.0, r"tok2vec-train .*?([\d.]+) times"),
    ("tok2vec predict, over torch", 1.0, r"tok2vec-predict .*torch.*?([\d.]+) times"),
    ("tok2vec train, over torch", 1.0, r"tok2vec-train .*torch.*?([\d.]+) times"),
    *(
        (f"MLP {name} {verb}", 3.0 if name == "Maxout" else 3.5, rf"mlp-{name}-{verb} .*?([\d.]+) times")
        for name in ("Relu", "Mish", "Maxout")
        for verb in ("predict", "train")
    ),
    *(
        (f"MLP {name} {verb}, over torch", 0.87 if name == "Maxout" else 1.0, rf"mlp-{name}-{verb} .*torch.*?([\d.]+) t")
        for name in ("Relu", "Mish", "Maxout")
        for verb in ("predict", "train")
    ),
    ("spaCy words/s over the published thinc", 1.5, r"ours / published: ([\d.]+)"),
]  # fmt: skip


def processor():
    """The name of the processor."""
    try:
        names = re.findall(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    except OSError:
        names = []
    return f"{names[0] if names else platform.processor()}, {os.cpu_count()} cores"


def run(script, *arguments):
    """The lines that a benchmark prints, which are shown as they come."""
    print(f"== {script}", flush=True)
    command = [sys.executable, str(HERE / script), *map(str, arguments)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    lines = []
    for line in process.stdout:
        print(line, end="", flush=True)
        lines.append(line.rstrip())
    if process.wait() != 0:
        raise SystemExit(f"{script} failed with status {process.returncode}")
    return lines


def table(lines):
    """The goals beside what was measured, as a Markdown table."""
    rows = ["| ratio | goal | measured | |", "| --- | --- | --- | --- |"]
    for name, goal, pattern in GOALS:
        found = next((re.search(pattern, line) for line in lines if re.search(pattern, line)), None)
        value = float(found[1]) if found else float("nan")
        rows.append(f"| {name} | {goal} | {value:.2f} | {'reached' if value >= goal else 'missed'} |")
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("published", type=os.path.abspath)
    parser.add_argument("spacy", type=os.path.abspath)
    parser.add_argument("--to", type=Path, default=HERE / "MEASURED.md")
    parser.add_argument("--pairs", type=int, help="for a quick look; the figures of record take what each script takes")
    options = parser.parse_args()
    pairs = () if options.pairs is None else ("--pairs", options.pairs)
    start, sections = time.time(), {}
    for script, *arguments in (
        ("import_time.py",),
        ("wrapper_overhead.py",),
        ("gemm.py",),
        ("ops.py", "--published", options.published),
        ("layers.py", "--published", options.published),
        ("spacy_words.py", options.spacy, options.published),
    ):
        sections[script] = run(script, *arguments, *pairs)
    every = [line for lines in sections.values() for line in lines]
    head = f"# Measured on {datetime.date.today()}: {processor()}, Python {platform.python_version()}"
    minutes = f"One thread, CPU time, alternating pairs; {(time.time() - start) / 60:.1f} minutes."
    body = [part for script, lines in sections.items() for part in ("", f"## {script}", "", "```", *lines, "```")]
    options.to.write_text("\n".join([head, "", minutes, "", *table(every), *body, ""]), "utf8")
    print("\n".join(table(every)), f"\nwritten to {options.to}")


if __name__ == "__main__":
    main()
