"""The update rules of the optimizers, and a step of those that the kernels don't know."""

from collections.abc import Callable
from math import sqrt
from typing import NamedTuple

# Every step has the arguments (ops, w, g, m, rate, beta1, beta2): weights, gradient and moment, flat
# arrays (n,) that are changed in place, and settings.


def momentum_step(ops, w, g, m, *, rate: float, beta1: float, **_):
    """m = β1·m + g;  w −= rate · m.  Sutskever et al. 2013, ICML, eq. 1 and 2, with the rate outside."""
    m *= beta1
    m += g
    w -= rate * m


def nesterov_step(ops, w, g, m, *, rate: float, beta1: float, **_):
    """m = β1·m + g;  w −= rate · (g + β1·m).  Sutskever et al. 2013, ICML, eq. 3 and 4, at the point looked ahead."""
    m *= beta1
    m += g
    w -= rate * (g + beta1 * m)


def lion_step(ops, w, g, m, *, rate: float, beta1: float, beta2: float, **_):
    """w −= rate · sign(β1·m + (1−β1)·g);  m = β2·m + (1−β2)·g.

    Chen et al. 2023, arXiv:2302.06675, algorithm 2.
    """
    w -= rate * ops.xp.sign(beta1 * m + (1.0 - beta1) * g)
    m *= beta2
    m += (1.0 - beta2) * g


class Rule(NamedTuple):
    """A step, None where `Ops._step_weights` does it (see `fused_rule`); do weights decay before it or after it?"""

    step: Callable | None = None
    decays_first: bool = False


RULES = {
    "sgd": Rule(),
    "momentum": Rule(momentum_step),
    "nesterov": Rule(nesterov_step),
    "adam": Rule(),
    "adamw": Rule(decays_first=True),
    "radam": Rule(),
    "lion": Rule(lion_step, decays_first=True),
}


def radam_scale(t: int, rate: float, beta1: float, beta2: float) -> tuple[float, bool]:
    """The factor of m1 in a step of RAdam, and whether m1 is divided by √m2 + ε: not while N < 5.

    Liu et al. 2020, arXiv:1908.03265, algorithm 2.
    Compatibility: the corrections use t + 1 where the paper has t.
    """
    step = t + 1
    decay = beta2**step
    longest = 2.0 / (1.0 - beta2) - 1.0
    length = longest - 2.0 * step * decay / (1.0 - decay)
    scale = rate / (1.0 - beta1**step)
    if length < 5:
        return scale, False
    rectify = (length - 4) / (longest - 4) * (length - 2) / length * longest / (longest - 2)
    return scale * sqrt((1.0 - decay) * rectify), True
