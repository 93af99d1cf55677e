"""Print what PyTorchWrapper costs over the raw torch loop, both in turn in one process."""

import statistics
import time

import numpy
import torch

from thinc.api import PyTorchWrapper


def microseconds(function, repeat=50):
    start = time.perf_counter()
    for _ in range(repeat):
        function()
    return (time.perf_counter() - start) / repeat * 1e6


def main(pairs=60):
    torch.set_num_threads(1)
    torch.manual_seed(0)
    raw = torch.nn.Linear(16, 16)
    model = PyTorchWrapper(torch.nn.Linear(16, 16)).initialize()
    X, dY = numpy.ones((1, 16), "f"), numpy.ones((1, 16), "f")
    x, dy = torch.from_numpy(X), torch.from_numpy(dY)

    def raw_step():
        leaf = x.detach().requires_grad_()
        raw(leaf).backward(dy)
        return leaf.grad

    def wrapped_step():
        _, backprop = model.begin_update(X)
        return backprop(dY)

    def raw_predict():
        with torch.no_grad():
            return raw(x)

    for name, a, b in (
        ("forward + backward", raw_step, wrapped_step),
        ("predict", raw_predict, lambda: model.predict(X)),
        ("A/A", raw_step, raw_step),
    ):
        rows = [(microseconds(a), microseconds(b)) for _ in range(pairs)]
        base = statistics.median(r for r, _ in rows)
        extra = sorted(w - r for r, w in rows)
        low, high = extra[len(extra) // 4], extra[3 * len(extra) // 4]
        print(
            f"Linear(16,16) {name:20} raw {base:6.1f} us, wrapped {statistics.median(extra):+6.1f} us ({low:+.1f} to {high:+.1f})"
        )


if __name__ == "__main__":
    main()
