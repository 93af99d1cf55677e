"""Print how many times faster models train and predict than with the published library and raw torch.

Every case is written once for thinc and, where there is an obvious twin, once for torch; the
sides run in turn. THINC_PUBLISHED_PYTHON needs torch for nothing; the torch twin runs in this
interpreter.
"""

import os
import sys

import numpy
from small import small_cases

WORDS = 1000
PRODUCTS = "products-of-"


def some(*shape, seed=0):
    return numpy.random.default_rng(seed).normal(size=shape).astype("float32")


def features(n):
    return numpy.random.default_rng(0).zipf(1.3, (n, 4)).astype("uint64") * numpy.uint64(7919)


# -- thinc ----------------------------------------------------------------------------------


def embed_and_encode(thinc, depth=4, width=96, pieces=3, dropout=None):
    """Four hash tables, then windows of three and maxout, each with a residual."""
    rows = [5000, 1000, 2500, 2500]
    embeds = [thinc.HashEmbed(width, n, seed=i, column=i, dropout=dropout) for i, n in enumerate(rows)]
    block = {"dropout": dropout, "normalize": True}
    embed = thinc.chain(thinc.concatenate(*embeds), thinc.Maxout(width, width * 4, nP=pieces, **block))
    layer = thinc.chain(thinc.expand_window(1), thinc.Maxout(width, width * 3, nP=pieces, **block))
    return thinc.chain(embed, *(thinc.residual(layer.copy()) for _ in range(depth)))


def training(thinc, model, X, dY):
    """One step: forward, backward, Adam.  The gradient is given: the loss is another case."""
    optimizer = thinc.Adam(0.001)

    def step():
        _, backprop = model.begin_update(X)
        backprop(dY)
        model.finish_update(optimizer)

    return step


def tok2vec(thinc, train, n=WORDS):
    model = thinc.chain(embed_and_encode(thinc, dropout=0.1), thinc.Softmax(50))
    X = features(n)
    model.initialize(X=X[:10], Y=some(10, 50))
    return training(thinc, model, X, some(n, 50) * 0.01) if train else lambda: model.predict(X)


def mlp(thinc, name, train):
    layer = getattr(thinc, name)
    model = thinc.chain(layer(128), layer(128), thinc.Softmax(10))
    X = some(1280, 784)
    model.initialize(X=X, Y=some(1280, 10))
    if not train:
        return lambda: model.predict(X)
    steps = [training(thinc, model, X[i : i + 128], some(128, 10) * 0.01) for i in range(0, 1280, 128)]
    return lambda: [step() for step in steps]


def tiny(thinc):
    model = thinc.chain(thinc.Relu(32), thinc.Relu(32), thinc.Softmax(10))
    X = some(16, 64)
    model.initialize(X=X, Y=some(16, 10))
    return training(thinc, model, X, some(16, 10))


def tagger(thinc, train):
    """A bidirectional LSTM over 32 sequences of 15 to 30 words."""
    lengths = numpy.random.default_rng(0).integers(15, 31, 32)
    Xs = [some(n, 96, seed=int(n)) for n in lengths]
    lstm, softmax = thinc.LSTM(128, 96, depth=1, bi=True), thinc.Softmax(17)
    model = thinc.chain(thinc.with_padded(lstm), thinc.with_array(softmax))
    model.initialize(X=Xs, Y=[some(n, 17) for n in lengths])
    dYs = [some(n, 17) for n in lengths]
    return training(thinc, model, Xs, dYs) if train else lambda: model.predict(Xs)


def textcat(thinc, train):
    """Words of 64 texts, averaged, beside a bag of words with 2^16 weights per class."""
    lengths = numpy.random.default_rng(0).integers(20, 80, 64).astype("int32")
    n = int(lengths.sum())
    pooled = thinc.chain(
        thinc.with_array(embed_and_encode(thinc, depth=1)), thinc.reduce_mean(), thinc.Relu(64), thinc.Softmax(4)
    )
    X = thinc.Ragged(features(n), lengths)
    pooled.initialize(X=X, Y=some(64, 4))
    return training(thinc, pooled, X, some(64, 4)) if train else lambda: pooled.predict(X)


def bag(thinc, train):
    lengths = numpy.random.default_rng(0).integers(20, 80, 64).astype("int32")
    n = int(lengths.sum())
    X = (features(n)[:, 0].copy(), numpy.ones(n, "float32"), lengths)
    model = thinc.SparseLinear(4)
    model.initialize(X=X, Y=some(64, 4))
    return training(thinc, model, X, some(64, 4)) if train else lambda: model.predict(X)


def sequence_loss(thinc):
    loss = thinc.SequenceCategoricalCrossentropy(names=[f"tag{i}" for i in range(50)])
    rng = numpy.random.default_rng(0)
    truths = [[f"tag{i}" for i in rng.integers(0, 50, 20)] for _ in range(50)]
    guesses = [numpy.full((20, 50), 0.02, "float32") for _ in truths]
    return lambda: loss.get_grad(guesses, truths)


def class_loss(thinc):
    loss = thinc.CategoricalCrossentropy()
    truths = numpy.random.default_rng(0).integers(0, 50, 1000)
    guesses = numpy.full((1000, 50), 0.02, "float32")
    return lambda: loss(guesses, truths)


def serialization(thinc, load):
    model = embed_and_encode(thinc)
    model.initialize(X=features(10))
    data = model.to_bytes()
    return (lambda: model.from_bytes(data)) if load else model.to_bytes


def products(thinc, make):
    """Only the matrix products that a case asks the operations for, one after the other."""
    asked = []

    class Recording(thinc.Ops):  # the reference: nothing is fused, every product goes through gemm
        name, xp = "numpy", numpy

        def gemm(self, x, y, out=None, trans1=False, trans2=False):
            asked.append((x.shape, y.shape, trans1, trans2))
            return super().gemm(x, y, out=out, trans1=trans1, trans2=trans2)

    before = thinc.get_current_ops()
    thinc.set_current_ops(Recording())
    try:
        step = make()
        step()
        asked.clear()
        step()
    finally:
        thinc.set_current_ops(before)
    pairs = [(some(*x), some(*y), trans1, trans2) for x, y, trans1, trans2 in asked]
    gemm = thinc.NumpyOps().gemm
    return lambda: [gemm(x, y, trans1=trans1, trans2=trans2) for x, y, trans1, trans2 in pairs]


def thinc_cases():
    import thinc.api as thinc

    def case(build, *args):
        return lambda: build(thinc, *args)

    found = {}
    for train in (False, True):
        verb = "train" if train else "predict"
        found[f"tok2vec-{verb}"] = case(tok2vec, train)
        found[f"tok2vec-{verb}-200words"] = case(tok2vec, train, 200)
        for name in ("Relu", "Mish", "Maxout"):
            found[f"mlp-{name}-{verb}"] = case(mlp, name, train)
        found[f"tagger-{verb}"] = case(tagger, train)
        found[f"textcat-{verb}"] = case(textcat, train)
        found[f"sparselinear-{verb}"] = case(bag, train)
    found["tiny-mlp-train"] = case(tiny)
    found["sequence-loss"] = case(sequence_loss)
    found["class-loss"] = case(class_loss)
    found["to_bytes"] = case(serialization, False)
    found["from_bytes"] = case(serialization, True)
    for name in [name for name in found if name.startswith(("tok2vec", "mlp", "textcat"))]:
        found[PRODUCTS + name] = lambda make=found[name]: products(thinc, make)
    return {**found, **small_cases(thinc)}


def cases(side):
    """name -> function without arguments that prepares the case."""
    if side == "torch":
        from torch_twins import torch_cases

        return torch_cases()
    return thinc_cases()


def without_products(turns, workers, name, micro, pairs):
    """What the products alone explain.  The dense ones are counted: Maxout's backward pass does with fewer here."""
    sides = {side: workers[side] for side in ("published", "ours")}
    samples = turns.compare(sides, PRODUCTS + name, pairs)
    alone = {side: 1e6 * sorted(times)[len(times) // 2] for side, times in samples.items()}
    equal = (micro["published"] - alone["published"] + alone["ours"]) / micro["ours"]
    rest = {side: micro[side] - alone[side] for side in alone}
    line = f"{'  its products alone':26} {alone['published']:10.1f} us -> {alone['ours']:9.1f} us  "
    line += f"{alone['published'] / alone['ours']:6.2f} times; with equal products {equal:.2f} times"
    if min(rest.values()) <= 0:
        return line
    return f"{line}; without any {rest['published']:.1f} us -> {rest['ours']:.1f} us, {rest['published'] / rest['ours']:.2f} times"


def main():
    sys.path.insert(0, os.path.dirname(__file__))
    import turns

    arguments = turns.options(__doc__).parse_args()
    path = os.environ.get("PYTHONPATH")
    workers = {
        "published": turns.Worker(__file__, arguments.published),
        "ours": turns.Worker(__file__, path=path),
        "again": turns.Worker(__file__, path=path),
        "torch": turns.Worker(__file__, side="torch"),
    }
    every = thinc_cases()
    for name in every:
        if arguments.only not in name or name.startswith(PRODUCTS):
            continue
        samples = turns.compare(workers, name, arguments.pairs)
        micro = {side: 1e6 * sorted(times)[len(times) // 2] for side, times in samples.items()}
        found, low, high = turns.ratio(samples, "published", "ours")
        same, same_low, same_high = turns.ratio(samples, "ours", "again")
        line = f"{name:26} {micro['published']:10.1f} us -> {micro['ours']:9.1f} us  {found:6.2f} times ({low:.2f} to {high:.2f})"
        if "torch" in samples:
            line += f"  torch {micro['torch']:9.1f} us, {turns.ratio(samples, 'torch', 'ours')[0]:5.2f} times"
        print(f"{line}  A/A {same:.2f} ({same_low:.2f} to {same_high:.2f})", flush=True)
        if PRODUCTS + name in every:
            print(without_products(turns, workers, name, micro, arguments.pairs), flush=True)
    for worker in workers.values():
        worker.close()


if __name__ == "__main__":
    main()
