"""Each CUDA kernel on the GPU beside its floor, torch's own operation and the plain CuPy expression.

The floor is the bytes that must be moved over the measured bandwidth of a copy. Times are medians
over alternating rounds, taken by CUDA events; a ratio has the 95 % interval of its median in
brackets. `python benchmarks/gpu.py` prints Markdown, and at the end which goals are met.
"""

import copy
import random
import statistics
import subprocess
import sys
from pathlib import Path

import numpy
from gpu_kernels import cases

SIZES = (1 << 20, 16 << 20)  # float32 numbers: 4 and 64 MB
ROUNDS = 30


class Goals:
    """What was to be reached, and what was: a ratio is within its limit if its interval contains that."""

    def __init__(self):
        self.lines = []

    def at_most(self, what, ratio, limit):
        """ratio: (median, low, high)."""
        verdict = "met" if ratio[1] <= limit else "MISSED"
        self.lines.append(f"| {what} | at most {limit:.2f} | {shown(ratio)} | {verdict} |")

    def at_least(self, what, ratio, limit):
        verdict = "met" if ratio[2] >= limit else "MISSED"
        self.lines.append(f"| {what} | at least {limit:.0%} | {shown(ratio)} | {verdict} |")

    def show(self):
        missed = sum("MISSED" in line for line in self.lines)
        print(f"\n{len(self.lines) - missed} of {len(self.lines)} goals met\n\n| goal | limit | found | |")
        print("| --- | --- | --- | --- |", *self.lines, sep="\n")


def ratio_of(above, below):
    """(median, low, high) of the ratio of two lists of times."""
    ratios, choose = [a / b for a, b in zip(above, below)], random.Random(0)
    medians = sorted(statistics.median(choose.choices(ratios, k=len(ratios))) for _ in range(500))
    return statistics.median(ratios), medians[12], medians[-13]


def shown(ratio):
    return f"{ratio[0]:.2f} ({ratio[1]:.2f} to {ratio[2]:.2f})"


def times_of(cupy, functions):
    """Milliseconds of each function in each round, called in turns."""
    for function in functions:
        function()
        function()
    times = [[] for _ in functions]
    for _ in range(ROUNDS):
        for kept, function in zip(times, functions):
            start, end = cupy.cuda.Event(), cupy.cuda.Event()
            start.record()
            function()
            end.record()
            end.synchronize()
            kept.append(cupy.cuda.get_elapsed_time(start, end))
    return times


def bandwidth(cupy, n):
    """Bytes per millisecond of a copy of n numbers, reading and writing."""
    X, Y = cupy.zeros(n, "f"), cupy.zeros(n, "f")
    return 8 * n / statistics.median(times_of(cupy, [lambda: cupy.copyto(Y, X)])[0])


def kernels(cupy, torch, ops, goals):
    plain = type("Plain", (type(ops),), {"_cuda": None})()
    print("| kernel | MB | floor | thinc | torch | CuPy | of the bandwidth |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for n in SIZES:
        speed, megabytes = bandwidth(cupy, n), 4 * n >> 20
        for case in cases(torch, ops, n):
            floor = 4 * case.moved / speed
            columns = [lambda case=case: case.run(ops), lambda case=case: case.run(plain), case.torch]
            ours, reference, *theirs = times_of(cupy, [column for column in columns if column])
            cells = [statistics.median(times) for times in (ours, *theirs, reference)]
            middle = [f"{cell:.3f}" for cell in cells]
            middle.insert(1, "none") if not theirs else None
            share = ratio_of([floor] * ROUNDS, ours)
            print(f"| {case.name} | {megabytes} | {floor:.3f} | {' | '.join(middle)} | {share[0]:.0%} |", flush=True)
            if n == SIZES[-1]:
                goals.at_least(f"{case.name}, {megabytes} MB, of the copy's bandwidth", share, 0.7)
            if theirs:
                goals.at_most(f"{case.name}, {megabytes} MB, over torch's", ratio_of(ours, theirs[0]), 1.0)


def optimizers(cupy, torch, ops, goals):
    """Adam over 200 arrays of 100,000 numbers beside torch's fused Adam, in milliseconds."""
    from thinc.api import Adam

    optimizer = Adam(0.001, use_averages=False, grad_clip=0.0)
    arrays = [((i, "W"), cupy.ones(100_000, "f"), cupy.ones(100_000, "f")) for i in range(200)]
    gpu = torch.device("cuda")
    theirs = [torch.ones(100_000, device=gpu, requires_grad=True) for _ in range(200)]
    for tensor in theirs:
        tensor.grad = torch.ones_like(tensor)
    fused = torch.optim.Adam(theirs, fused=True)
    ours, reference = times_of(cupy, [lambda: optimizer.update_many(arrays), fused.step])
    report("Adam over 200 arrays", ours, reference, "torch's fused Adam")
    goals.at_most("Adam over 200 arrays, over torch's fused", ratio_of(ours, reference), 1.2)


def report(what, ours, theirs, whose):
    mine, other = statistics.median(ours), statistics.median(theirs)
    print(f"\n{what}: {mine:.3f} ms, {whose} {other:.3f} ms, ratio {shown(ratio_of(ours, theirs))}")


def transformer(cupy, torch, goals, layers=12, width=512):
    """A training step of encoder layers with Adam: wrapped with ours, bare with torch's fused one."""
    from thinc.api import Adam, PyTorchWrapper

    layer = torch.nn.TransformerEncoderLayer(width, 8, 4 * width, batch_first=True, dropout=0.0)
    bare = torch.nn.TransformerEncoder(layer, layers, enable_nested_tensor=False).to(torch.device("cuda"))
    wrapped, optimizer = PyTorchWrapper(copy.deepcopy(bare)), Adam(0.001, use_averages=False, grad_clip=0.0)
    wrapped.to_gpu(0)
    fused = torch.optim.Adam(bare.parameters(), fused=True)
    X = cupy.asarray(numpy.random.default_rng(0).standard_normal((16, 128, width), dtype="f"))
    T = torch.from_dlpack(X)

    def ours():
        Y, backprop = wrapped.begin_update(X)
        backprop(Y)
        wrapped.finish_update(optimizer)

    def theirs():
        leaf = T.clone().requires_grad_()
        Y = bare(leaf)
        Y.backward(Y.detach())
        fused.step()
        fused.zero_grad()

    mine, reference = times_of(cupy, [ours, theirs])
    report(f"A training step of {layers} encoder layers, wrapped", mine, reference, "bare")
    goals.at_most(f"{layers} encoder layers, wrapped over bare", ratio_of(mine, reference), 1.02)


def language_id():
    """The demo on the GPU; it prints its own times and scores."""
    examples = Path(__file__).parents[1] / "examples"
    code = "from thinc.api import require_gpu; require_gpu(); import runpy; runpy.run_path('language_id.py', run_name='__main__')"
    print("\nlanguage_id.py on the GPU:", flush=True)
    subprocess.run([sys.executable, "-c", code], cwd=examples, check=True)


def main():
    try:
        import cupy
        import torch

        count = cupy.cuda.runtime.getDeviceCount() if torch.cuda.is_available() else 0
    except Exception as error:
        sys.exit(f"benchmarks/gpu.py needs a GPU, CuPy and torch: {error}")
    if not count:
        sys.exit("benchmarks/gpu.py needs a GPU, which this torch can use")
    from thinc.api import CupyOps

    # Both have to be measured on one stream: the events are CuPy's.
    goals = Goals()
    with torch.cuda.stream(torch.cuda.ExternalStream(cupy.cuda.get_current_stream().ptr)):
        name = cupy.cuda.runtime.getDeviceProperties(0)["name"].decode()
        print(f"{name}, CuPy {cupy.__version__}, torch {torch.__version__}; milliseconds\n")
        kernels(cupy, torch, CupyOps(), goals)
        optimizers(cupy, torch, CupyOps(), goals)
        transformer(cupy, torch, goals)
    goals.show()
    language_id()


if __name__ == "__main__":
    main()
