"""Express a step of an optimizer by the fused update of the kernels."""

from math import sqrt
from typing import Any

from .steps import RULES, radam_scale


def fused_row(optimizer: Any, ops: Any, key: Any, w: Any, g: Any, numbers: tuple, simple: bool) -> tuple:
    """The arguments of `Ops._step_weights` for one parameter.

    numbers: from `fused_numbers`.  simple: the averages are the usual ones, and nothing else
    follows the update.
    """
    m1 = m2 = average = None
    if numbers[0] != "sgd":
        m1 = optimizer._held(ops, optimizer.mom1, key, (w.size,), w.dtype)
        m2 = optimizer._held(ops, optimizer.mom2, key, (w.size,), w.dtype)
    if simple and optimizer.averages is not None:
        average = optimizer._held(ops, optimizer.averages, key, w.shape, w.dtype)
    return (w, g, m1, m2, average, numbers)


def fused_numbers(optimizer: Any, t: int, settings: dict[str, float], lr_scale: float) -> tuple | None:
    """The numbers of a row: all that is the same for parameters with the same settings and count of updates.

    None if the rule is not among those of `Ops._step_weights`.
    """
    rate = settings["learn_rate"] * lr_scale * settings.get("lr_scale", 1.0)
    name, L2 = optimizer.rule, settings["L2"]
    beta1, beta2 = settings["b1"], settings["b2"]
    if name == "adam" and beta2 <= 0:
        name = "sgd"
    step = fused_rule(name, t, rate, beta1, beta2, settings["eps"])
    if step is None:
        return None
    decay, L2 = (rate * L2, 0.0) if optimizer.L2_is_weight_decay else (0.0, L2)
    before, after = (decay, 0.0) if RULES[name].decays_first else (0.0, decay)
    follow = 1.0 - min((1.0 + t) / (10.0 + t), 0.9999)
    return (step[0], settings["grad_clip"], L2, before, after, beta1, beta2, *step[1:], follow)


def fused_rule(
    rule: str, t: int, rate: float, beta1: float, beta2: float, eps: float
) -> tuple[str, float, float] | None:
    """(rule, rate, ε) of `Ops._step_weights` that do a step of a rule; None if there are none.

    m1 = β1·m1 + (1−β1)·g;  m2 = β2·m2 + (1−β2)·g²;  c = √(1−β2^t).
    sgd: w −= rate · g.  radam: see `radam_scale`.
    adam: w −= rate · c / (1−β1^t) · m1 / (√m2 + ε).  Kingma and Ba 2015, arXiv:1412.6980, §2, last paragraph.
    adamw: w −= rate · m̂1 / (√m̂2 + ε), m̂ = m / (1−β^t).  Loshchilov and Hutter 2019, algorithm 2, lines 6 to 12.
    As √m̂2 + ε = (√m2 + ε·c) / c, that is a step of Adam with ε·c.
    """
    if rule == "sgd":
        return "sgd", rate, eps
    if rule == "adam":
        return "adam", rate * sqrt(1.0 - beta2**t) / (1.0 - beta1**t), eps
    if rule == "adamw":
        c = sqrt(1.0 - beta2**t)
        return "adam", rate * c / (1.0 - beta1**t), eps * c
    if rule == "radam":
        scale, rectified = radam_scale(t, rate, beta1, beta2)
        return ("adam" if rectified else "first_moment"), scale, eps
    return None
