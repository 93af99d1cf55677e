"""Time the same functions in several processes, in turn, so that all see the same machine.

A worker is this package's interpreter or another one (another environment, with another
version installed).  It imports a file with a dict `CASES`, name -> function that prepares the
case and returns what is to be timed, and answers through pipes.
"""

import argparse
import gc
import importlib.util
import json
import math
import os
import random
import statistics
import subprocess
import sys
import time

SAMPLE = 0.004  # seconds: long beside the clock, short beside the machine's moods


class Worker:
    """Another process that times cases of a file."""

    def __init__(self, file, python=sys.executable, side="ours", path=None):
        env = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
        env.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", MKL_NUM_THREADS="1")
        if path:
            env["PYTHONPATH"] = path
        command = [python, os.path.abspath(__file__), "--worker", os.path.abspath(file), "--side", side]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=env)

    def ask(self, *words):
        self.process.stdin.write(" ".join(map(str, words)) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            raise RuntimeError(f"the worker ended; asked: {words}")
        return json.loads(answer)

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def serve(file, side):
    """Answer `prepare NAME` with seconds per call or null, and `time CALLS` with seconds per call."""
    answers, sys.stdout = sys.stdout, sys.stderr  # a library may print
    sys.path.insert(0, os.path.dirname(file))
    spec = importlib.util.spec_from_file_location("cases", file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    cases, function = module.cases(side), None
    gc.disable()
    for line in sys.stdin:
        word, argument = line.split()
        if word == "prepare":
            function = None
            gc.collect()
            function = cases[argument]() if argument in cases else None
            result = warm(function) if function else None
        else:
            result = seconds(function, int(argument))
            gc.collect(0)
        print(json.dumps(result), file=answers, flush=True)


def seconds(function, calls):
    """CPU time of a call: another process on this core does not count."""
    start = time.process_time()
    for _ in range(calls):
        function()
    return (time.process_time() - start) / calls


def warm(function):
    """Seconds per call after caches, pools and branch tables have settled."""
    function()
    start, calls = time.process_time(), 0
    while calls < 3 or (time.process_time() - start < 0.02 and calls < 10000):
        function()
        calls += 1
    return max((time.process_time() - start) / calls, 1e-9)


def compare(workers, name, pairs):
    """{side: [seconds per call, ...]} of a case, measured in turn; sides without it are left out."""
    prepared = {side: worker.ask("prepare", name) for side, worker in workers.items()}
    calls = {side: max(1, round(SAMPLE / s)) for side, s in prepared.items() if s is not None}
    samples = {side: [] for side in calls}
    for _ in range(pairs):
        for side in calls:
            samples[side].append(workers[side].ask("time", calls[side]))
    return samples


def ratio(samples, slow, fast):
    """(median, low, high) of slow / fast over the turns, with the 95 % interval of the median."""
    ratios = [a / b for a, b in zip(samples[slow], samples[fast])]
    choose = random.Random(0)
    medians = sorted(statistics.median(choose.choices(ratios, k=len(ratios))) for _ in range(500))
    return statistics.median(ratios), medians[12], medians[-13]


def geometric_mean(numbers):
    return math.exp(statistics.fmean(map(math.log, numbers)))


def options(description):
    """The arguments that every comparison takes."""
    parser = argparse.ArgumentParser(description=description)
    published = os.environ.get("THINC_PUBLISHED_PYTHON")
    parser.add_argument(
        "--published", default=published, required=published is None,
        help="the interpreter of an environment with the published thinc (or THINC_PUBLISHED_PYTHON)",
    )  # fmt: skip
    parser.add_argument("--pairs", type=int, default=30)
    parser.add_argument("--only", default="", help="cases whose name contains this")
    return parser


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--worker")
    parser.add_argument("--side")
    arguments = parser.parse_args()
    serve(arguments.worker, arguments.side)
