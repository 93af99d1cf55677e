"""Print what PyTorchWrapper costs over the raw torch loop, both in turn in one process.

Time is CPU time of the thread, one torch thread, so that other jobs on the machine count less.
Each line: the median of alternating pairs and its 95 % interval; A/A compares the raw loop with
itself.  With --published the published library does the same in its own interpreter; what it
can't do, it says.
"""

import argparse
import os
import statistics
import subprocess
import time

import numpy
import torch

from thinc.api import PyTorchWrapper


def microseconds(function, repeat):
    start = time.thread_time()
    for _ in range(repeat):
        function()
    return (time.thread_time() - start) / repeat * 1e6


def interval(values):
    """The median, and between which of the ordered values it lies in 95 of 100 cases."""
    ordered, n = sorted(values), len(values)
    reach = round(0.98 * n**0.5)  # 1.96 standard deviations of a binomial with p = 1/2
    return statistics.median(ordered), ordered[max(0, n // 2 - reach)], ordered[min(n - 1, n // 2 + reach)]


def encoder():
    layer = torch.nn.TransformerEncoderLayer(64, 4, 128, dropout=0.0, batch_first=True)
    return torch.nn.TransformerEncoder(layer, 12, enable_nested_tensor=False)


class OutputAlone(torch.nn.Module):
    """An LSTM without its states: the published library can't train outputs of several parts."""

    def __init__(self):
        super().__init__()
        self.lstm = torch.nn.LSTM(16, 16)

    def forward(self, X):
        return self.lstm(X)[0]


CASES = {
    "Linear(16,16)": (lambda: torch.nn.Linear(16, 16), (1, 16), 50),
    "LSTM(16), 10 steps": (lambda: torch.nn.LSTM(16, 16), (10, 4, 16), 5),
    "LSTM(128), 30 steps": (lambda: torch.nn.LSTM(128, 128), (30, 32, 128), 1),
    "LSTM, output alone": (OutputAlone, (10, 4, 16), 5),
    "12 encoder layers": (encoder, (4, 16, 64), 1),
}


def steps_of(make, shape):
    """{what: (raw step, wrapped step)} of two equal networks."""
    torch.manual_seed(0)
    raw, model = make(), PyTorchWrapper(make())
    X = numpy.random.default_rng(0).normal(size=shape).astype("f")
    x = torch.from_numpy(X)
    several = isinstance(raw(x), tuple)
    dY = numpy.ones_like(model.predict(X)[0] if several else model.predict(X))
    dy = torch.from_numpy(dY)

    def raw_train():
        leaf = x.detach().requires_grad_()
        y = raw(leaf)
        (y[0] if several else y).backward(dy)
        return leaf.grad

    def wrapped_train():
        _, backprop = model.begin_update(X)
        return backprop((dY, None) if several else dY)

    def raw_predict():
        with torch.no_grad():
            return raw(x)

    def raw_predict_in_eval():
        raw.eval()
        y = raw_predict()
        raw.train()
        return y

    return {
        "forward + backward": (raw_train, wrapped_train),
        "predict": (raw_predict, lambda: model.predict(X)),
        "predict, raw in eval()": (raw_predict_in_eval, lambda: model.predict(X)),
        "A/A": (raw_train, raw_train),
    }


def measure(case, name, raw, wrapped, repeat, pairs):
    microseconds(raw, repeat), microseconds(wrapped, repeat)
    rows = []
    for i in range(pairs):  # either side comes first as often: the second finds warmer caches, up to 5 %
        first = microseconds(wrapped, repeat) if i % 2 else None
        row = microseconds(raw, repeat)
        rows.append((row, microseconds(wrapped, repeat) if first is None else first))
    base = statistics.median(r for r, _ in rows)
    extra = "{:+7.1f} us ({:+.1f} to {:+.1f})".format(*interval([w - r for r, w in rows]))
    ratio = "{:.3f} ({:.3f} to {:.3f})".format(*interval([w / r for r, w in rows]))
    print(f"{case:20} {name:24} raw {base:8.1f} us   {extra:32} ratio {ratio}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=100, help="alternating pairs for each line, at least 30")
    parser.add_argument("--only", default="", help="cases whose name contains this")
    parser.add_argument("--published", help="an interpreter with the published library and torch")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    for case, (make, shape, repeat) in CASES.items():
        if arguments.only not in case:
            continue
        for name, (raw, wrapped) in steps_of(make, shape).items():
            try:
                measure(case, name, raw, wrapped, repeat, max(30, arguments.pairs))
            except Exception as error:
                print(f"{case:20} {name:24} {type(error).__name__}: {error}"[:240], flush=True)
    if arguments.published:
        print("The published library:", flush=True)
        plain = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        options = ["--pairs", str(arguments.pairs), "--only", arguments.only]
        subprocess.run([arguments.published, __file__, *options], env=plain, check=True)


if __name__ == "__main__":
    main()
