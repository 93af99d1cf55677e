"""Settings of optimizers are numbers, lists, iterators, schedules or functions."""

import itertools

import numpy

from thinc.api import (
    SGD,
    Adam,
    Lion,
    Optimizer,
    RAdam,
    Shim,
    compounding,
    constant,
    constant_then,
    cyclic_triangular,
    get_current_ops,
    warmup_linear,
)
from thinc.schedules import Schedule


def half(step: int, last_score: object) -> float:
    return 0.5**step


class Held(Shim):
    size = 3


adam: Optimizer = Adam(warmup_linear(0.1, 10, 100), L2=constant(0.01))
by_function = Adam(half)
by_list = SGD([0.1, 0.2])
by_iterator = RAdam(itertools.repeat(0.1))
by_number = Lion(numpy.float32(0.1))
plain = Optimizer(1, beta1=cyclic_triangular(0.8, 0.9, 10))

adam.learn_rate = constant_then(0.1, 10, constant(0.2))
adam.learn_rate = 0.2
rate: float = adam.learn_rate
sizes: Schedule = compounding(1.0, 32.0, 1.001)
batches = get_current_ops().minibatch(sizes, list(range(10)))
number_of_batches: int = len(batches)


def copied(shim: Held) -> int:
    return shim.copy().size
