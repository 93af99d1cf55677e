"""The update rules of the optimizers: one step of each, in place, on flat arrays."""

from collections.abc import Callable
from math import sqrt
from typing import NamedTuple

# Every step has the arguments (ops, w, g, *moments, t, rate, beta1, beta2, eps): weights and
# gradient (n,), the moments the rule keeps, how often w was updated (from 1), and settings.


def sgd_step(ops, w, g, *, rate: float, **_):
    """w −= rate · g."""
    w -= rate * g


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


def adam_step(ops, w, g, m1, m2, *, t: int, rate: float, beta1: float, beta2: float, eps: float):
    """m1 = β1·m1 + (1−β1)·g;  m2 = β2·m2 + (1−β2)·g²;  w −= r · m1 / (√m2 + ε).

    r = rate · √(1−β2^t) / (1−β1^t).  Kingma and Ba 2015, arXiv:1412.6980, §2, last paragraph.
    """
    corrected = rate * sqrt(1.0 - beta2**t) / (1.0 - beta1**t)
    ops.adam(w, g, m1, m2, beta1, beta2, eps, corrected)


def adamw_step(ops, w, g, m1, m2, *, t: int, rate: float, beta1: float, beta2: float, eps: float):
    """w −= rate · m̂1 / (√m̂2 + ε), m̂ = m / (1−β^t).  Loshchilov and Hutter 2019, algorithm 2, lines 6 to 12.

    √m̂2 + ε = (√m2 + ε·c) / c with c = √(1−β2^t), so that it is a step of Adam with ε·c.
    """
    c = sqrt(1.0 - beta2**t)
    ops.adam(w, g, m1, m2, beta1, beta2, eps * c, rate * c / (1.0 - beta1**t))


def radam_step(ops, w, g, m1, m2, *, t: int, rate: float, beta1: float, beta2: float, eps: float):
    """The step of Adam times a factor for the variance of m2; plain momentum while N < 5.

    Liu et al. 2020, arXiv:1908.03265, algorithm 2.
    Compatibility: the corrections use t + 1 where the paper has t.
    """
    m2 *= beta2
    m2 += (1.0 - beta2) * (g * g)
    m1 *= beta1
    m1 += (1.0 - beta1) * g
    scale, rectified = radam_scale(t, rate, beta1, beta2)
    w -= scale * m1 / (ops.xp.sqrt(m2) + eps) if rectified else scale * m1


def lion_step(ops, w, g, m, *, rate: float, beta1: float, beta2: float, **_):
    """w −= rate · sign(β1·m + (1−β1)·g);  m = β2·m + (1−β2)·g.

    Chen et al. 2023, arXiv:2302.06675, algorithm 2.
    """
    w -= rate * ops.xp.sign(beta1 * m + (1.0 - beta1) * g)
    m *= beta2
    m += (1.0 - beta2) * g


class Rule(NamedTuple):
    """A step, how many moments it keeps, and whether weights decay before it or after it."""

    step: Callable
    n_moments: int = 0
    decays_first: bool = False


RULES = {
    "sgd": Rule(sgd_step),
    "momentum": Rule(momentum_step, 1),
    "nesterov": Rule(nesterov_step, 1),
    "adam": Rule(adam_step, 2),
    "adamw": Rule(adamw_step, 2, decays_first=True),
    "radam": Rule(radam_step, 2),
    "lion": Rule(lion_step, 1, decays_first=True),
}


def radam_scale(t: int, rate: float, beta1: float, beta2: float) -> tuple[float, bool]:
    """The factor of m1 in a step of RAdam, and whether m1 is divided by √m2 + ε."""
    step = t + 1
    decay = beta2**step
    longest = 2.0 / (1.0 - beta2) - 1.0
    length = longest - 2.0 * step * decay / (1.0 - decay)
    scale = rate / (1.0 - beta1**step)
    if length < 5:
        return scale, False
    rectify = (length - 4) / (longest - 4) * (length - 2) / length * longest / (longest - 2)
    return scale * sqrt((1.0 - decay) * rectify), True
