"""Cases of the losses, schedules, initializers and optimizers, with each of their options."""

# ruff: noqa: B023 (each function is called before its loop goes on)

import itertools

import numpy

from thinc import api, initializers
from thinc.api import NumpyOps, registry

from .recording import ROUNDS, chances, floats, integers, record


def run():
    for number in ROUNDS:
        crossentropies(number)
        sequences(number)
        distances(number)
    losses_of_names()
    registered()
    start()
    schedules()
    optimizers()
    mistakes()


def options(**choices):
    """Each combination of these options."""
    return [dict(zip(choices, values)) for values in itertools.product(*choices.values())]


def crossentropies(number):
    for dtype in ("float32", "float64"):
        guesses = chances(6, 4, number=number, dtype=dtype)
        ids = integers(4, 6, number=number)
        truths = {
            "ids": ids, "list": ids.tolist(), "one-hot": api.to_categorical(ids, 4),
            "soft": chances(6, 4, number=number + 5), "int one-hot": api.to_categorical(ids, 4).astype("i"),
        }  # fmt: skip
        for (kind, truth), each in itertools.product(
            truths.items(), options(normalize=(True, False), missing_value=(None, 1), label_smoothing=(0.0, 0.1))
        ):
            end = f"{kind}, {each}, {dtype}, {number}"
            loss = api.CategoricalCrossentropy(**each)
            record(f"CategoricalCrossentropy({end})", lambda: loss(guesses, truth))
            record(f"convert_truths({end})", lambda: loss.convert_truths(truth, guesses))


def losses_of_names():
    guesses, names = chances(4, 3), ["a", "b", "c"]
    truths = {"names": ["a", "c", "b", "a"], "missing": ["a", "", "b", "a"], "negative": ["!a", "c", "!b", "a"]}
    for (kind, truth), each in itertools.product(
        truths.items(),
        options(normalize=(True, False), missing_value=(None, ""), neg_prefix=(None, "!"), label_smoothing=(0.0, 0.1)),
    ):
        loss = api.CategoricalCrossentropy(names=names, **each)
        record(f"CategoricalCrossentropy({kind}, {each})", lambda: loss(guesses, truth))
        several = api.SequenceCategoricalCrossentropy(names=names, **each)
        record(
            f"SequenceCategoricalCrossentropy({kind}, {each})",
            lambda: several([guesses, guesses[:2]], [truth, truth[:2]]),
        )


def registered():
    """Each loss that configs can name, in each of its versions."""
    guesses, ids = chances(6, 4), integers(4, 6)
    versions = [f"{kind}CategoricalCrossentropy.v{v}" for kind, v in itertools.product(("", "Sequence"), (1, 2, 3))]
    for name in (*versions, "L2Distance.v1", "CosineDistance.v1"):
        truth = guesses[::-1].copy() if "Distance" in name else ids
        for normalize in (True, False):

            def compute():
                loss = registry.resolve({"loss": {"@losses": name, "normalize": normalize}})["loss"]
                return loss([guesses], [truth]) if name.startswith("Seq") else loss(guesses, truth)

            record(f"registered loss {name}, {normalize}", compute)
    for name, settings in {
        "v2": {"neg_prefix": "!"},
        "v3": {"neg_prefix": "!", "missing_value": "", "label_smoothing": 0.0},
    }.items():
        for kind in ("CategoricalCrossentropy", "SequenceCategoricalCrossentropy"):
            block = {"loss": {"@losses": f"{kind}.{name}", "names": ["a", "b", "c", "d"], **settings}}
            truth = ["a", "!b", "c", "d", "", "a"] if name == "v3" else ["a", "!b", "c", "d", "b", "a"]

            def compute_names():
                loss = registry.resolve(block)["loss"]
                return loss([guesses], [truth]) if kind.startswith("Seq") else loss(guesses, truth)

            record(f"registered loss {kind}.{name}, names", compute_names)


def sequences(number):
    guesses = [chances(n, 4, number=number) for n in (6, 1, 2)]
    ids = [integers(4, len(each), number=number) for each in guesses]
    for each in options(normalize=(True, False), missing_value=(None, 1), label_smoothing=(0.0, 0.1)):
        loss = api.SequenceCategoricalCrossentropy(**each)
        record(f"SequenceCategoricalCrossentropy({each}, {number})", lambda: loss(guesses, ids))
        record(f"SequenceCategoricalCrossentropy({each}, none)", lambda: loss([], []))


def distances(number):
    for dtype, normalize in itertools.product(("float32", "float64"), (True, False)):
        guesses, truths = (floats(5, 4, number=n, dtype=dtype) for n in (number, number + 7))
        truths[1] = 0
        end = f"{normalize}, {dtype}, {number}"
        record(f"L2Distance({end})", lambda: api.L2Distance(normalize=normalize)(guesses, truths))
        for zeros in (True, False):
            loss = api.CosineDistance(normalize=normalize, ignore_zeros=zeros)
            record(f"CosineDistance({zeros}, {end})", lambda: loss(guesses, truths))
            record(f"CosineDistance.get_similarity({zeros}, {end})", lambda: loss.get_similarity(guesses, truths))


def start():
    shapes = ((7,), (4, 5), (1, 1), (3, 2, 5), (2, 3, 1, 4))
    for name in sorted(n for n in dir(initializers) if n.endswith("_init") and not n.startswith("configure")):
        initializer = getattr(initializers, name)
        for shape, seed in itertools.product(shapes, (0, 3)):
            more = {"normal_init": {"mean": 0.1}, "uniform_init": {"lo": -0.3, "hi": 0.5}}.get(name, {})

            def draw(**settings):
                numpy.random.seed(seed)
                return initializer(NumpyOps(), shape, **settings)

            record(f"{name}({shape}, {seed})", draw)
            if more:
                record(f"{name}({more}, {shape}, {seed})", lambda: draw(**more))
        block = {"i": {"@initializers": f"{name}.v1"}}
        record(f"registered {name}", lambda: registry.resolve(block)["i"](NumpyOps(), (3, 4)))


def schedules():
    made = {
        "constant": lambda: api.constant(0.1), "decaying": lambda: api.decaying(0.1, 1e-2), "decaying, t": lambda: api.decaying(0.1, 1e-2, t=2),
        "constant_then": lambda: api.constant_then(0.5, 5, api.decaying(0.1, 1e-2)), "constant_then, list": lambda: api.constant_then(1, 2, [5, 6]),
        "compounding": lambda: api.compounding(1.0, 32.0, 1.3), "compounding, down": lambda: api.compounding(4.0, 1.0, 0.5),
        "compounding, t": lambda: api.compounding(1, 4, 1.5, t=2),
        "warmup_linear": lambda: api.warmup_linear(0.1, 5, 20), "warmup_linear, none": lambda: api.warmup_linear(0.1, 0, 3),
        "slanted_triangular": lambda: api.slanted_triangular(0.1, 20), "slanted_triangular, t": lambda: api.slanted_triangular(1, 20, ratio=10, t=3),
        "slanted_triangular, cut": lambda: api.slanted_triangular(1, 30, cut_frac=0.3, decay=0.5),
        "cyclic_triangular": lambda: api.cyclic_triangular(0.1, 1.0, 7), "cyclic_triangular, 2": lambda: api.cyclic_triangular(0.1, 1, 2),
    }  # fmt: skip
    for name, make in made.items():
        record(f"schedule {name}", lambda: [float(x) for x in itertools.islice(make(), 40)])


def optimizers():
    common = options(L2=(0.0, 0.1), L2_is_weight_decay=(True, False), grad_clip=(0.0, 1.0), use_averages=(True, False))
    for each, shape in itertools.product(common, ((8,), (3, 4))):
        for name, make in {"Adam": api.Adam, "RAdam": api.RAdam, "SGD": api.SGD}.items():
            record(f"optimizer {name}({each}, {shape})", lambda: train(make(0.05, **each), shape))
    for more in ({"beta1": 0.5, "beta2": 0.9}, {"eps": 0.1}, {"beta2": 0.0}, {"beta1": 0.0, "beta2": 0.0}):
        record(f"optimizer Adam({more})", lambda: train(api.Adam(0.05, **more), (8,)))
        record(f"optimizer Optimizer({more})", lambda: train(api.Optimizer(0.05, **more), (8,)))
        if more.get("beta2") != 0.0:
            record(f"optimizer RAdam({more})", lambda: train(api.RAdam(0.05, **more), (8,)))
    scheduled = {
        "learn_rate": lambda: api.Adam(api.decaying(0.1, 0.1)), "list": lambda: api.Adam([0.01, 0.02, 0.03]),
        "L2": lambda: api.Adam(0.1, L2=api.decaying(0.5, 0.5)), "beta1": lambda: api.Adam(0.1, beta1=iter([0.9, 0.8, 0.7])),
        "eps and clip": lambda: api.SGD(0.1, grad_clip=api.compounding(0.1, 2.0, 1.5)),
    }  # fmt: skip
    for name, make in scheduled.items():
        record(f"optimizer with scheduled {name}", lambda: train(make(), (8,)))
    record("optimizer, lr_scale", lambda: train(api.Adam(0.1), (8,), lr_scale=0.3))
    record("optimizer, lr_scale, RAdam", lambda: train(api.RAdam(0.1), (8,), lr_scale=0.3))
    record("optimizer, lr_scale, SGD", lambda: train(api.SGD(0.1, L2=0.1), (8,), lr_scale=0.3))
    record("optimizer without gradient", lambda: api.Adam(0.1)((1, "W"), floats(0), floats(0)))
    for name in ("Adam", "RAdam", "SGD"):
        block = {"o": {"@optimizers": f"{name}.v1", "learn_rate": 0.1}}
        record(f"registered {name}", lambda: train(registry.resolve(block)["o"], (8,)))


def train(optimizer, shape, **more):
    """Weights, moments and averages of two parameters after some steps."""
    weights = {(1, "W"): floats(*shape), (2, "b"): floats(*shape, number=4)}
    rates = []
    for step in range(12):
        for place, key in enumerate(weights):
            gradient = (weights[key] * 0.3 + floats(*shape, number=step + 20 * place) * 0.1).astype("f")
            weights[key], gradient = optimizer(key, weights[key], gradient, **more)
        optimizer.step_schedules()
        rates.append(float(optimizer.learn_rate))
    return [weights, gradient, rates, optimizer.averages, optimizer.mom1, optimizer.mom2, dict(optimizer.nr_update)]


def mistakes():
    half, loss = numpy.full((2, 2), 0.5, "f"), api.CategoricalCrossentropy
    for name, call in {
        "guesses": lambda: loss()(half * 3, half), "truths": lambda: loss()(half, half * 3), "shapes": lambda: loss()(half, half[:1]),
        "names": lambda: loss()(half, ["a", "b"]), "unknown name": lambda: loss(names=["a", "b"])(half, ["a", "z"]),
        "smooth floats": lambda: loss(label_smoothing=0.1)(half, half), "L2": lambda: api.L2Distance()(half, half[:1]),
        "cosine": lambda: api.CosineDistance()(half, half[:1]), "sequences": lambda: api.SequenceCategoricalCrossentropy()([half], []),
        "id": lambda: loss()(half, [0, 5]), "1-d": lambda: initializers.he_normal_init(NumpyOps(), (3,)),
        "learn_rate": lambda: api.Adam("x"), "empty": lambda: api.Adam([]), "attribute": lambda: setattr(api.Adam(0.1), "nope", 1),
        "slanted": lambda: next(api.slanted_triangular(1, 5)),
    }.items():  # fmt: skip
        record(f"mistake: training {name}", call)
