"""The schedules one can choose from.

v(n) is the value at step n: `schedule(n)`, or the n-th value drawn by `next(schedule)`.
"""

import math
from typing import Any

from ._schedule import Schedule, ScheduleEnd, as_schedule
from .config import registry

__all__ = [
    "Schedule",
    "ScheduleEnd",
    "constant",
    "constant_then",
    "decaying",
    "compounding",
    "slanted_triangular",
    "warmup_linear",
    "cyclic_triangular",
    "plateau",
    "cosine",
    "one_cycle",
    "inverse_sqrt",
]


@registry.schedules("constant.v1")
def constant(rate: float) -> Schedule:
    """v(n) = rate."""
    return Schedule("constant", _constant, attrs={"rate": rate})


@registry.schedules("constant_then.v1")
def constant_then(rate: float, steps: int, schedule: Any) -> Schedule:
    """v(n) = rate for n < steps, then schedule(n − steps); it ends when `schedule` ends.

    schedule: a Schedule, or any iterable of numbers.
    """
    attrs = {"rate": rate, "steps": steps, "schedule": as_schedule(schedule)}
    return Schedule("constant_then", _constant_then, attrs=attrs)


@registry.schedules("decaying.v1")
def decaying(base_rate: float, decay: float, *, t: float = 0) -> Schedule:
    """v(n) = base_rate / (1 + decay · (t + n))."""
    attrs = {"base_rate": base_rate, "decay": decay, "t": t}
    return Schedule("decaying", _decaying, attrs=attrs)


@registry.schedules("compounding.v1")
def compounding(start: float, stop: float, compound: float, *, t: float = 0.0) -> Schedule:
    """v(n) = start · compound^(t + n), not beyond `stop`."""
    attrs = {"start": start, "stop": stop, "compound": compound, "t": t}
    return Schedule("compounding", _compounding, attrs=attrs)


@registry.schedules("slanted_triangular.v1")
def slanted_triangular(
    max_rate: float,
    num_steps: int,
    *,
    cut_frac: float = 0.1,
    ratio: int = 32,
    decay: float = 1.0,
    t: float = 0.0,
) -> Schedule:
    """v(n) = max_rate · (1 + p · (ratio − 1)) / ratio, where p rises to 1 and falls again.

    p = τ/cut before cut = ⌊num_steps · cut_frac⌋, else 1 − (τ − cut) / (cut · (1/cut_frac − 1)),
    with τ = n + 1 + t.  Howard and Ruder 2018, arXiv:1801.06146, eq. 3.
    Where cut is 0, p falls from the start: 1 − τ/num_steps; where cut_frac is 1, it stays 1.
    Compatibility: `decay` has no effect, and the values go below zero after num_steps.
    """
    attrs = {"max_rate": max_rate, "num_steps": num_steps, "cut_frac": cut_frac}
    attrs.update(ratio=ratio, decay=decay, t=t)
    return Schedule("slanted_triangular", _slanted_triangular, attrs=attrs)


@registry.schedules("warmup_linear.v1")
def warmup_linear(initial_rate: float, warmup_steps: int, total_steps: int) -> Schedule:
    """v(n) rises from 0 to initial_rate in warmup_steps, then falls to 0 at total_steps."""
    attrs = {"initial_rate": initial_rate, "warmup_steps": warmup_steps}
    attrs["total_steps"] = total_steps
    return Schedule("warmup_linear", _warmup_linear, attrs=attrs)


@registry.schedules("cyclic_triangular.v1")
def cyclic_triangular(min_lr: float, max_lr: float, period: int) -> Schedule:
    """v(n) goes from min_lr to max_lr and back, `period` steps each way.

    Smith 2017, arXiv:1506.01186, §3.2.
    """
    attrs = {"min_lr": min_lr, "max_lr": max_lr, "period": period}
    return Schedule("cyclic_triangular", _cyclic_triangular, attrs=attrs)


@registry.schedules("plateau.v1")
def plateau(max_patience: int, scale: float, schedule: Any) -> Schedule:
    """v(n) = schedule(n) · scale^k, where k counts the plateaus of the score so far.

    The score comes as `last_score=(step, score)`; a plateau is `max_patience` scores in a row
    that don't beat the best one.
    """
    attrs = {"max_patience": max_patience, "scale": scale, "schedule": as_schedule(schedule)}
    attrs.update(best_score=None, last_score_step=-1, patience=0, n_plateaus=0)
    return Schedule("plateau", _plateau, attrs=attrs)


@registry.schedules("cosine.v1")
def cosine(base_rate: float, total_steps: int, *, min_rate: float = 0.0, warmup_steps: int = 0) -> Schedule:
    """v(n) = min_rate + (base_rate − min_rate) · (1 + cos(π p)) / 2, p from 0 to 1 at total_steps, then min_rate.

    During the first warmup_steps v(n) = base_rate · n / warmup_steps instead, and p counts from there.
    Loshchilov and Hutter 2017, arXiv:1608.03983, eq. 5, without restarts.

    >>> schedule = cosine(0.5, 4)
    >>> [round(schedule(n), 3) for n in range(6)]
    [0.5, 0.427, 0.25, 0.073, 0.0, 0.0]
    """
    attrs = {"base_rate": base_rate, "total_steps": total_steps}
    attrs.update(min_rate=min_rate, warmup_steps=warmup_steps)
    return Schedule("cosine", _cosine, attrs=attrs)


@registry.schedules("one_cycle.v1")
def one_cycle(
    max_rate: float, total_steps: int, *, warmup_frac: float = 0.3, start_div: float = 25.0, end_div: float = 1e4
) -> Schedule:
    """v(n) rises from max_rate / start_div, then falls to max_rate / start_div / end_div at total_steps − 1.

    It rises until warmup_frac · total_steps − 1; both ways are half a cosine.
    Smith and Topin 2018, arXiv:1708.07120; the values are those of torch's OneCycleLR.
    """
    attrs = {"max_rate": max_rate, "total_steps": total_steps, "warmup_frac": warmup_frac}
    attrs.update(start_div=start_div, end_div=end_div)
    return Schedule("one_cycle", _one_cycle, attrs=attrs)


@registry.schedules("inverse_sqrt.v1")
def inverse_sqrt(max_rate: float, warmup_steps: int) -> Schedule:
    """v(n) = max_rate · min((n + 1) / warmup_steps, √(warmup_steps / (n + 1))).

    warmup_steps: at least 1.  Vaswani et al. 2017, arXiv:1706.03762, eq. 3, whose rate is
    max_rate = (nO · warmup_steps)^(−1/2).
    """
    return Schedule("inverse_sqrt", _inverse_sqrt, attrs={"max_rate": max_rate, "warmup_steps": warmup_steps})


def _constant(schedule: Schedule, step: int, **extra) -> float:
    return schedule.attrs["rate"]


def _constant_then(schedule: Schedule, step: int, **extra) -> float:
    attrs = schedule.attrs
    if step < attrs["steps"]:
        return attrs["rate"]
    return attrs["schedule"](step - attrs["steps"], **extra)


def _decaying(schedule: Schedule, step: int, **extra) -> float:
    attrs = schedule.attrs
    return attrs["base_rate"] / (1.0 + attrs["decay"] * (attrs["t"] + step))


def _compounding(schedule: Schedule, step: int, **extra) -> float:
    start, stop = schedule.attrs["start"], schedule.attrs["stop"]
    try:
        value = start * schedule.attrs["compound"] ** (step + schedule.attrs["t"])
    except OverflowError:  # Python's floats raise where a running product would reach inf
        value = math.copysign(math.inf, start) if start else start
    return min(value, stop) if start <= stop else max(value, stop)


def _slanted_triangular(schedule: Schedule, step: int, **extra) -> float:
    attrs = schedule.attrs
    cut = int(attrs["num_steps"] * attrs["cut_frac"])
    tau = step + 1 + attrs["t"]
    if tau < cut:
        p = tau / cut
    else:
        fall = cut * (1 / attrs["cut_frac"] - 1) if cut else attrs["num_steps"]
        p = 1 - (tau - cut) / fall if fall else 1.0
    return attrs["max_rate"] * (1 + p * (attrs["ratio"] - 1)) / attrs["ratio"]


def _warmup_linear(schedule: Schedule, step: int, **extra) -> float:
    warmup, total = schedule.attrs["warmup_steps"], schedule.attrs["total_steps"]
    if step < warmup:
        return schedule.attrs["initial_rate"] * (step / max(1, warmup))
    return schedule.attrs["initial_rate"] * max(0.0, (total - step) / max(1.0, total - warmup))


def _cyclic_triangular(schedule: Schedule, step: int, **extra) -> float:
    low, high = schedule.attrs["min_lr"], schedule.attrs["max_lr"]
    turn = (step + 1) / schedule.attrs["period"]
    distance = abs(turn - 2 * math.floor(1 + turn / 2) + 1)
    return low + (high - low) * max(0.0, 1 - distance)


def _plateau(schedule: Schedule, step: int, *, last_score: tuple[int, float] | None = None, **extra) -> float:
    attrs = schedule.attrs
    if last_score is not None:
        _note_score(attrs, *last_score)
    inner = attrs["schedule"](step, last_score=last_score, **extra)
    return inner * attrs["scale"] ** attrs["n_plateaus"]


def _note_score(attrs: dict[str, Any], step: int, score: float) -> None:
    """Count a score once: as the best, or against the patience."""
    if attrs["best_score"] is None or score > attrs["best_score"]:
        attrs.update(best_score=score, patience=0)
    elif step < attrs["last_score_step"]:
        raise ValueError(
            f"Expected score with step >= {attrs['last_score_step']}, got {step}. "
            "Pass the scores in the order of their steps."
        )
    elif step > attrs["last_score_step"]:
        attrs["patience"] += 1
        if attrs["patience"] == attrs["max_patience"]:
            attrs.update(n_plateaus=attrs["n_plateaus"] + 1, patience=0)
    attrs["last_score_step"] = step


def _cosine(schedule: Schedule, step: int, **extra) -> float:
    attrs = schedule.attrs
    warmup = attrs["warmup_steps"]
    if step < warmup:
        return attrs["base_rate"] * step / warmup
    p = min(1.0, (step - warmup) / max(1, attrs["total_steps"] - warmup))
    return _between(attrs["base_rate"], attrs["min_rate"], p)


def _one_cycle(schedule: Schedule, step: int, **extra) -> float:
    attrs = schedule.attrs
    top, end = attrs["warmup_frac"] * attrs["total_steps"] - 1, attrs["total_steps"] - 1
    start_rate = attrs["max_rate"] / attrs["start_div"]
    if step <= top:
        return _between(start_rate, attrs["max_rate"], step / top if top > 0 else 1.0)
    p = min(1.0, (step - top) / max(1e-9, end - top))
    return _between(attrs["max_rate"], start_rate / attrs["end_div"], p)


def _inverse_sqrt(schedule: Schedule, step: int, **extra) -> float:
    warmup = max(1, schedule.attrs["warmup_steps"])
    return schedule.attrs["max_rate"] * min((step + 1) / warmup, math.sqrt(warmup / (step + 1)))


def _between(first: float, last: float, p: float) -> float:
    """From `first` at p = 0 to `last` at p = 1 along half a cosine."""
    return last + (first - last) * (1.0 + math.cos(math.pi * p)) / 2.0
