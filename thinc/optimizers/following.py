"""What follows each update: averages of the weights, and slow weights that lead them."""

from typing import Any, NamedTuple

from ..config import registry
from .optimizer import Optimizer


@registry.optimizers("Lookahead.v1")
def Lookahead(optimizer: Optimizer, *, k: int = 5, alpha: float = 0.5) -> Optimizer:
    """After every k updates of W: slow += α (W − slow), and W = slow.

    Zhang et al. 2019, arXiv:1907.08610, algorithm 1. The given optimizer is changed and returned.
    """
    if k < 1 or not 0.0 < alpha <= 1.0:
        raise ValueError(f"Lookahead: got k={k} and alpha={alpha}. k must be at least 1, and alpha in (0, 1].")
    optimizer.lookahead = (int(k), float(alpha))
    return optimizer


@registry.optimizers("EMA.v1")
def EMA(optimizer: Optimizer, *, decay: float = 0.999) -> Optimizer:
    """averages = decay · averages + (1 − decay) · W after each update; the first one is W.

    decay: in [0, 1). Without EMA the decay is min((1 + t) / (10 + t), 0.9999), from 0 on.
    Polyak and Juditsky 1992. The given optimizer is changed and returned; use its averages
    by `with model.use_params(optimizer.averages)`.

    >>> from thinc.api import Adam
    >>> optimizer = EMA(Lookahead(Adam(0.001), k=5), decay=0.99)
    """
    if not 0.0 <= decay < 1.0:
        raise ValueError(f"EMA: got decay={decay}. It must be in [0, 1).")
    return _average(optimizer, Exponential(float(decay)))


@registry.optimizers("SWA.v1")
def SWA(optimizer: Optimizer, *, start: int, every: int = 1) -> Optimizer:
    """averages = the mean of W after the updates start, start + every, start + 2·every, …

    start, every: at least 1. Before `start` the averages are the weights.
    Izmailov et al. 2018, arXiv:1803.05407. The given optimizer is changed and returned.
    """
    if start < 1 or every < 1:
        raise ValueError(f"SWA: got start={start} and every={every}. Both must be at least 1.")
    return _average(optimizer, Mean(int(start), int(every)))


class Exponential(NamedTuple):
    """The rule of EMA."""

    decay: float

    def __call__(self, ops: Any, average: Any, w: Any, t: int) -> None:
        """Update the average in place after update number t, counted from 1."""
        average += (1.0 if t == 1 else 1.0 - self.decay) * (w - average)


class Mean(NamedTuple):
    """The rule of SWA."""

    start: int
    every: int

    def __call__(self, ops: Any, average: Any, w: Any, t: int) -> None:
        """Update the average in place after update number t, counted from 1."""
        if t <= self.start:
            average[...] = w
        elif (t - self.start) % self.every == 0:
            n = (t - self.start) // self.every + 1
            average += (w - average) / n


def _average(optimizer: Optimizer, rule: Any) -> Optimizer:
    optimizer.averaging = rule
    if optimizer.averages is None:
        optimizer.averages = {}
    return optimizer
