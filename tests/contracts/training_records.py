"""Records of optimizers, schedules and initializers, each with a formula in float64."""

import math
from dataclasses import dataclass, field

import numpy

from thinc import initializers, optimizers, schedules

from .loss_records import LOSSES, Record

# -- optimizers -----------------------------------------------------------------------------


@dataclass(frozen=True)
class OptimizerRecord(Record):
    """oracle(W, gradients) -> W after one update per gradient, in float64."""


def decayed(step):
    """`step(W, g, t, state)` gives the new W; state is a dict that it may fill."""

    def oracle(W, gradients):
        state: dict = {}
        for t, g in enumerate(gradients, 1):
            W = step(W, g, t, state)
        return W

    return oracle


def moments(state, g, b1=0.9, b2=0.999):
    state["m"] = b1 * state.get("m", 0) + (1 - b1) * g
    state["v"] = b2 * state.get("v", 0) + (1 - b2) * g**2
    return state["m"], state["v"]


def adam(W, g, t, state):
    m, v = moments(state, g)
    return W - 0.1 * math.sqrt(1 - 0.999**t) / (1 - 0.9**t) * m / (numpy.sqrt(v) + 1e-8)


def radam(W, g, t, state):
    m, v = moments(state, g)
    step = t + 1  # Compatibility: one more than the number of updates
    longest = 2 / (1 - 0.999) - 1
    N = longest - 2 * step * 0.999**step / (1 - 0.999**step)
    if N < 5:
        return W - 0.1 * m / (1 - 0.9**step)
    ratio = (N - 4) / (longest - 4) * (N - 2) / N * longest / (longest - 2)
    return W - 0.1 * math.sqrt((1 - 0.999**step) * ratio) / (1 - 0.9**step) * m / (numpy.sqrt(v) + 1e-8)


def adamw(W, g, t, state):
    m, v = moments(state, g)
    W = W - 0.1 * 0.01 * W
    return W - 0.1 * (m / (1 - 0.9**t)) / (numpy.sqrt(v / (1 - 0.999**t)) + 1e-8)


def lion(W, g, t, state):
    m = state.get("m", 0 * g)
    state["m"] = 0.99 * m + 0.01 * g
    return W - 0.1 * numpy.sign(0.9 * m + 0.1 * g)


def momentum(W, g, t, state):
    state["m"] = 0.9 * state.get("m", 0) + g
    return W - 0.1 * state["m"]


def lookahead(W, g, t, state):
    slow = state.setdefault("slow", W)
    W = W - 0.1 * g
    if t % 2 == 0:
        W = state["slow"] = slow + 0.5 * (W - slow)
    return W


def plain_sgd(W, g, t, state):
    return W - 0.1 * g


def sgd(**options):
    return optimizers.SGD(0.1, grad_clip=0.0, **options)


OPTIMIZERS = [
    OptimizerRecord("Adam", lambda: optimizers.Adam(0.1, grad_clip=0.0), decayed(adam), ("Adam.v1",)),
    OptimizerRecord("RAdam", lambda: optimizers.RAdam(0.1, grad_clip=0.0), decayed(radam), ("RAdam.v1",)),
    OptimizerRecord("AdamW", lambda: optimizers.AdamW(0.1, grad_clip=0.0), decayed(adamw), ("AdamW.v1",)),
    OptimizerRecord("Lion", lambda: optimizers.Lion(0.1), decayed(lion), ("Lion.v1",)),
    OptimizerRecord("SGD", sgd, decayed(plain_sgd), ("SGD.v1",)),
    OptimizerRecord("SGD", lambda: sgd(momentum=0.9), decayed(momentum), note="momentum"),
    OptimizerRecord("SGD", lambda: sgd(L2=0.1), decayed(lambda W, g, t, s: (W - 0.1 * g) * (1 - 0.1 * 0.1)), note="decay"),
    OptimizerRecord("SGD", lambda: sgd(L2=0.1, L2_is_weight_decay=False), decayed(lambda W, g, t, s: W - 0.1 * (g + 0.1 * W)), note="L2"),
    OptimizerRecord("Optimizer", lambda: optimizers.Optimizer(0.1, grad_clip=0.0), decayed(adam)),
    OptimizerRecord("Lookahead", lambda: optimizers.Lookahead(sgd(), k=2), decayed(lookahead), ("Lookahead.v1",)),
    # The averages follow beside the weights; their values are tested in tests/training.
    OptimizerRecord("EMA", lambda: optimizers.EMA(sgd()), decayed(plain_sgd), ("EMA.v1",)),
    OptimizerRecord("SWA", lambda: optimizers.SWA(sgd(), start=2), decayed(plain_sgd), ("SWA.v1",)),
]  # fmt: skip


# -- schedules ------------------------------------------------------------------------------


@dataclass(frozen=True)
class ScheduleRecord(Record):
    """oracle(n) -> the value of draw number n, counted from 0."""


def triangular(n):
    cut, t = int(20 * 0.1), n + 1
    p = t / cut if t < cut else 1 - (t - cut) / (cut * (1 / 0.1 - 1))
    return (1 + p * (10 - 1)) / 10


def cyclic(n):
    t = n + 1
    x = abs(t / 2 - 2 * math.floor(1 + t / 4) + 1)
    return 0.1 + 0.9 * max(0.0, 1 - x)


def one_cycle(n):
    """Half a cosine up to step 3, another down to step 9."""
    first, last, p = (1 / 25, 1.0, n / 3) if n <= 3 else (1.0, 1 / 25 / 1e4, min(1.0, (n - 3) / 6))
    return last + (first - last) * (1 + math.cos(math.pi * p)) / 2


def warmup(n):
    return n / 2 if n < 2 else max(0.0, (5 - n) / 3)


def schedule(name, oracle, *args, note="", **options):
    return ScheduleRecord(name, lambda: getattr(schedules, name)(*args, **options), oracle, (f"{name}.v1",), note)


SCHEDULES = [
    schedule("constant", lambda n: 0.5, 0.5),
    # Compatibility: the second schedule starts anew, as drawn ones do in 8.3.
    schedule("constant_then", lambda n: 1 if n < 2 else 1 / (0.8 + 0.1 * n), 1.0, 2, schedules.decaying(1.0, 0.1)),
    schedule("decaying", lambda n: 1 / (1 + 0.1 * n), 1.0, 0.1),
    schedule("decaying", lambda n: 1 / (1 + 0.1 * (n + 3)), 1.0, 0.1, t=3, note="t"),
    schedule("compounding", lambda n: min(1.5**n, 4), 1.0, 4.0, 1.5),
    schedule("compounding", lambda n: max(4 * 0.5**n, 1), 4.0, 1.0, 0.5, note="down"),
    schedule("slanted_triangular", triangular, 1.0, 20, ratio=10),
    schedule("warmup_linear", warmup, 1.0, 2, 5),
    schedule("cyclic_triangular", cyclic, 0.1, 1.0, 2),
    schedule("cosine", lambda n: 0.25 * (1 + math.cos(math.pi * min(1, n / 4))), 0.5, 4),
    schedule("cosine", lambda n: 0.25 * n if n < 2 else 0.2 + 0.15 * (1 + math.cos(math.pi * min(1, (n - 2) / 4))), 0.5, 6, min_rate=0.2, warmup_steps=2, note="warmup"),
    schedule("one_cycle", one_cycle, 1.0, 10, warmup_frac=0.4),
    schedule("inverse_sqrt", lambda n: 2.0 * min((n + 1) / 4, math.sqrt(4 / (n + 1))), 2.0, 4),
    schedule("plateau", lambda n: 0.5, 2, 0.1, schedules.constant(0.5)),
]  # fmt: skip


# -- initializers ---------------------------------------------------------------------------


@dataclass(frozen=True)
class InitializerRecord(Record):
    """oracle(shape) -> (mean, deviation, largest absolute value or None)."""

    options: dict = field(default_factory=dict)


def uniform(limit_of):
    def oracle(shape):
        limit = limit_of(*shape[:2])
        return 0.0, limit / math.sqrt(3), limit

    return oracle


def normal(deviation_of):
    return lambda shape: (0.0, deviation_of(*shape[:2]), None)


def initializer(name, oracle, note="", **options):
    return InitializerRecord(name, lambda: getattr(initializers, name), oracle, (f"{name}.v1",), note, options)


INITIALIZERS = [
    initializer("zero_init", lambda shape: (0.0, 0.0, 0.0)),
    initializer("uniform_init", uniform(lambda o, i: 0.1)),
    initializer("uniform_init", lambda shape: (0.5, 0.5 / math.sqrt(3), 1.0), "bounds", lo=0.0, hi=1.0),
    # Compatibility: `mean` is the deviation.
    initializer("normal_init", lambda shape: (0.0, 0.3, None), mean=0.3),
    initializer("glorot_uniform_init", uniform(lambda o, i: math.sqrt(6 / (o + i)))),
    initializer("glorot_normal_init", normal(lambda o, i: math.sqrt(2 / (o + i)))),
    initializer("he_uniform_init", uniform(lambda o, i: math.sqrt(6 / i))),
    initializer("he_normal_init", normal(lambda o, i: math.sqrt(2 / i))),
    initializer("lecun_uniform_init", uniform(lambda o, i: math.sqrt(3 / i))),
    initializer("lecun_normal_init", normal(lambda o, i: math.sqrt(1 / i))),
]

RECORDS = [*LOSSES, *OPTIMIZERS, *SCHEDULES, *INITIALIZERS]
