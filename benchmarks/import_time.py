"""Print how long `import thinc.api` takes beside the import of what it stands on.

Each figure comes from a new process; the two kinds alternate, so that both see the same
machine. Byte code is cached first: an installed package has it, a fresh checkout does not.
"""

import argparse
import os
import random
import statistics
import subprocess
import sys

FLOOR = "import numpy, catalogue, confection"
OURS = f"{FLOOR}; import thinc.api"
# What is imported late is paid by those who name it.
PROGRAM = f"{FLOOR}; from thinc.api import Adam, CategoricalCrossentropy, Model, Relu, Softmax, chain"
EVERYTHING = f"{FLOOR}; from thinc.api import *"


def seconds(statement, clock="perf_counter"):
    """The time of a statement in a new process; clock: "perf_counter" or "process_time"."""
    code = f"import time; start = time.{clock}(); {statement}; print(time.{clock}() - start)"
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    run = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    return float(run.stdout)


def interval(ratios, draws=2000):
    """The middle 95 % of the medians of resampled ratios."""
    choose = random.Random(0)
    medians = sorted(statistics.median(choose.choices(ratios, k=len(ratios))) for _ in range(draws))
    return medians[draws // 40], medians[-draws // 40]


def compare(name, one, two, pairs, clock):
    rows = [(seconds(one, clock), seconds(two, clock)) for _ in range(pairs)]
    ratios = [b / a for a, b in rows]
    low, high = interval(ratios)
    first, second = (1e3 * statistics.median(column) for column in zip(*rows))
    print(
        f"{name:12} {clock:12} {first:6.1f} ms -> {second:6.1f} ms, "
        f"ratio {statistics.median(ratios):.3f} (95 %: {low:.3f} to {high:.3f})"
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=40)
    pairs = parser.parse_args().pairs
    seconds(EVERYTHING)
    for clock in ("perf_counter", "process_time"):
        compare("thinc.api", FLOOR, OURS, pairs, clock)
        compare("A/A", FLOOR, FLOOR, pairs, clock)
    compare("a program", FLOOR, PROGRAM, pairs, "process_time")
    compare("everything", FLOOR, EVERYTHING, pairs, "process_time")


if __name__ == "__main__":
    main()
