"""Print how many times faster a product is than NumPy's, in calls with `out` and without the cost of a call.

Both sides run in turn in this process, one thread each, for the three products of a layer: X · Wᵀ forward,
dY · W and dYᵀ · X on the way back.  The cost of a call is what a product of 1 x 1 matrices takes.
"""

import argparse
import os
import sys

os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", MKL_NUM_THREADS="1")

import numpy

from thinc.api import NumpyOps

ROWS = (1, 2, 3, 4, 6, 8, 10, 12, 16, 20, 32)
WEIGHTS = ((96, 96), (288, 288), (96, 288), (288, 96), (128, 784), (64, 128), (300, 300), (10, 128))
LARGE = [
    (40, 288, 288), (128, 512, 784), (1000, 288, 288), (1000, 50, 96), (5000, 288, 288), (512, 768, 768),
    (512, 512, 512), (1024, 1024, 1024), (2048, 2048, 2048),
]  # fmt: skip
SHAPES = [(rows, *weight) for weight in WEIGHTS for rows in ROWS] + LARGE
FORMS = ("X.Wt", "dY.W", "dYt.X")
ENOUGH = 0.95


def operands(form, rows, nO, nI, dtype):
    """The matrices as they lie in memory, and the shape of the result; NumPy is given the transposed views."""
    draw = numpy.random.default_rng(0).normal
    X, W, dY = (draw(size=size).astype(dtype) for size in ((rows, nI), (nO, nI), (rows, nO)))
    return {"X.Wt": (X, W, (rows, nO)), "dY.W": (dY, W, (rows, nI)), "dYt.X": (dY, X, (nO, nI))}[form]


def sides(form, shape, dtype):
    """Two functions without arguments that do the same."""
    A, B, size = operands(form, *shape, dtype)
    trans1, trans2 = form == "dYt.X", form == "X.Wt"
    left, right = (A.T if trans1 else A), (B.T if trans2 else B)
    gemm, out, other = NumpyOps().gemm, numpy.empty(size, dtype), numpy.empty(size, dtype)
    numpy.testing.assert_allclose(
        gemm(A, B, out=out, trans1=trans1, trans2=trans2), numpy.dot(left, right, out=other), rtol=1e-3, atol=1e-3
    )
    return {
        "numpy": lambda: numpy.dot(left, right, out=other),
        "ours": lambda: gemm(A, B, out=out, trans1=trans1, trans2=trans2),
    }


def samples_of(turns, functions, pairs):
    """{side: [seconds per call, ...]}, measured in turn."""
    calls = {side: max(1, round(turns.SAMPLE / turns.warm(function))) for side, function in functions.items()}
    samples = {side: [] for side in functions}
    for _ in range(pairs):
        for side, function in functions.items():
            samples[side].append(turns.seconds(function, calls[side]))
    return samples


def without_call(samples, cost):
    """The samples less what a call costs; at least a hundredth of them, as a clock has its errors."""
    return {side: [max(s - cost[side], s / 100) for s in times] for side, times in samples.items()}


def main():
    sys.path.insert(0, os.path.dirname(__file__))
    import turns

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=15)
    parser.add_argument("--only", default="", help="cases whose name contains this")
    options = parser.parse_args()
    found, alone = {}, {}
    for dtype in ("float32", "float64"):
        for form in FORMS:
            call = samples_of(turns, sides(form, (1, 1, 1), dtype), options.pairs)
            cost = {side: min(times) for side, times in call.items()}
            for shape in SHAPES:
                name = f"{dtype} {form} {'x'.join(map(str, shape))}"
                if options.only not in name:
                    continue
                samples = samples_of(turns, sides(form, shape, dtype), options.pairs)
                found[name], low, high = turns.ratio(samples, "numpy", "ours")
                alone[name], alone_low, alone_high = turns.ratio(without_call(samples, cost), "numpy", "ours")
                ours, theirs = (1e6 * sorted(samples[side])[options.pairs // 2] for side in ("ours", "numpy"))
                print(
                    f"{name:32} {theirs:9.2f} us -> {ours:9.2f} us  {found[name]:5.2f} times ({low:.2f} to {high:.2f})  "
                    f"without the call {alone[name]:5.2f} ({alone_low:.2f} to {alone_high:.2f})",
                    flush=True,
                )
    for what, ratios in (("calls", found), ("without the call", alone)):
        below = [f"{name} {ratio:.2f}" for name, ratio in ratios.items() if ratio < ENOUGH]
        mean = turns.geometric_mean(ratios.values())
        print(
            f"products, {what}: {len(ratios)}, geometric mean {mean:.2f} times, below {ENOUGH}: {', '.join(below) or 'none'}"
        )


if __name__ == "__main__":
    main()
