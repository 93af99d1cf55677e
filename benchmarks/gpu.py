"""Each fused kernel on the GPU beside its floor, torch's own operation and the plain CuPy expression.

The floor is the bytes that must be moved over the measured bandwidth of a copy. Times are medians
over alternating rounds, taken by CUDA events. `python benchmarks/gpu.py` prints Markdown.
"""

import statistics
import subprocess
import sys
from pathlib import Path

SIZES = (1 << 20, 16 << 20)  # float32 numbers: 4 and 64 MB
ROUNDS, WIDTH = 30, 1024


def time_of(cupy, functions):
    """Median milliseconds of each function, called in turns."""
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
    return [statistics.median(kept) for kept in times]


def bandwidth(cupy, n):
    """Bytes per millisecond of a copy of n numbers, reading and writing."""
    X, Y = cupy.zeros(n, "f"), cupy.zeros(n, "f")
    return 8 * n / time_of(cupy, [lambda: cupy.copyto(Y, X)])[0]


def elementwise(cupy, torch, ops, n):
    """(name, numbers moved per element, ours, torch's, CuPy's) of kernels over n numbers."""
    X = cupy.random.standard_normal((n // WIDTH, WIDTH), dtype="f")
    dY, T = X * 0.5, torch.from_dlpack(X)
    F = torch.nn.functional
    G, b = cupy.ones(WIDTH, "f"), cupy.zeros(WIDTH, "f")
    TG, Tb = torch.from_dlpack(G), torch.from_dlpack(b)
    sequences = cupy.full(n // WIDTH // 16, 16, "int32")
    pieces = X.reshape(-1, WIDTH // 4, 4)
    T_pieces = T.view(-1, WIDTH // 4, 4)
    _, mu, s = ops.layernorm(X, G, b)
    yield "gelu", 2, lambda: ops.gelu(X), lambda: F.gelu(T), lambda: gelu(cupy, X)
    yield "backprop_mish", 3, lambda: ops.backprop_mish(dY, X), None, None
    yield "softmax", 2, lambda: ops.softmax(X), lambda: F.softmax(T, -1), lambda: softmax(cupy, X)
    yield (
        "layernorm", 2, lambda: ops.layernorm(X, G, b),
        lambda: F.layer_norm(T, (WIDTH,), TG, Tb), lambda: layernorm(cupy, X, G, b),
    )  # fmt: skip
    yield "backprop_layernorm", 5, lambda: ops.backprop_layernorm(dY, X, mu, s, G), None, None
    yield (
        "maxout", 1.5, lambda: ops.maxout(pieces), lambda: T_pieces.max(-1),
        lambda: (pieces.max(-1), pieces.argmax(-1)),
    )  # fmt: skip
    yield "seq2col", 4, lambda: ops.seq2col(X, 1), None, lambda: columns(cupy, X)
    yield "reduce_mean", 1 + 1 / 16, lambda: ops.reduce_mean(X, sequences), None, None
    yield "get_dropout_mask", 1, lambda: ops.get_dropout_mask(X.shape, 0.5), lambda: F.dropout(T, 0.5), None


def gelu(cupy, X):
    from cupyx.scipy.special import erf

    return 0.5 * X * (1 + erf(X * 0.70710678))


def softmax(cupy, X):
    E = cupy.exp(X - X.max(-1, keepdims=True))
    return E / E.sum(-1, keepdims=True)


def layernorm(cupy, X, G, b):
    D = X - X.mean(-1, keepdims=True)
    return D / cupy.sqrt((D * D).mean(-1, keepdims=True) + 1e-8) * G + b


def columns(cupy, X):
    zeros = cupy.zeros_like(X[:1])
    return cupy.hstack([cupy.vstack([zeros, X[:-1]]), X, cupy.vstack([X[1:], zeros])])


def kernels(cupy, torch, ops):
    print(
        "| kernel | MB | floor | thinc | torch | CuPy | of the bandwidth |\n| --- | --- | --- | --- | --- | --- | --- |"
    )
    for n in SIZES:
        speed = bandwidth(cupy, n)
        for name, moved, ours, *others in elementwise(cupy, torch, ops, n):
            floor = 4 * n * moved / speed
            times = iter(time_of(cupy, [f for f in (ours, *others) if f]))
            cells = [f"{next(times):.3f}" if f else "" for f in (ours, *others)]
            print(f"| {name} | {4 * n >> 20} | {floor:.3f} | {' | '.join(cells)} | {floor / float(cells[0]):.0%} |")


def optimizers(cupy, torch, ops):
    """Adam over 200 arrays of 100,000 numbers beside torch's fused Adam, in milliseconds."""
    from thinc.api import Adam

    optimizer = Adam(0.001, use_averages=False, grad_clip=0.0)
    arrays = [((i, "W"), cupy.ones(100_000, "f"), cupy.ones(100_000, "f")) for i in range(200)]
    theirs = [torch.ones(100_000, device="cuda", requires_grad=True) for _ in range(200)]
    for tensor in theirs:
        tensor.grad = torch.ones_like(tensor)
    fused = torch.optim.Adam(theirs, fused=True)
    mine, reference = time_of(cupy, [lambda: optimizer.update_many(arrays), fused.step])
    print(f"\nAdam over 200 arrays: {mine:.3f} ms, torch's fused Adam {reference:.3f} ms, ratio {mine / reference:.2f}")


def transformer(cupy, torch):
    """A training step of 12 encoder layers, wrapped and bare."""
    from thinc.api import PyTorchWrapper

    layer = torch.nn.TransformerEncoderLayer(512, 8, 2048, batch_first=True, dropout=0.0)
    bare = torch.nn.TransformerEncoder(layer, 12, enable_nested_tensor=False).cuda()
    wrapped = PyTorchWrapper(bare)
    wrapped.to_gpu(0)
    X = cupy.random.standard_normal((16, 128, 512), dtype="f")
    T = torch.from_dlpack(X)

    def ours():
        Y, backprop = wrapped.begin_update(X)
        backprop(Y)

    def theirs():
        leaf = T.clone().requires_grad_()
        Y = bare(leaf)
        Y.backward(Y.detach())

    mine, reference = time_of(cupy, [ours, theirs])
    print(f"\n12 encoder layers: wrapped {mine:.2f} ms, bare {reference:.2f} ms, ratio {mine / reference:.3f}")


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
    with torch.cuda.stream(torch.cuda.ExternalStream(cupy.cuda.get_current_stream().ptr)):
        name = cupy.cuda.runtime.getDeviceProperties(0)["name"].decode()
        print(f"{name}, CuPy {cupy.__version__}, torch {torch.__version__}; milliseconds\n")
        kernels(cupy, torch, CupyOps())
        optimizers(cupy, torch, CupyOps())
        transformer(cupy, torch)
    language_id()


if __name__ == "__main__":
    main()
