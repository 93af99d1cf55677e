"""The update rules of the optimizers: one step of each, in place, on flat arrays."""

from math import sqrt


def adam_step(ops, w, g, m1, m2, *, t: int, rate: float, beta1: float, beta2: float, eps: float):
    """m1 = β1·m1 + (1−β1)·g;  m2 = β2·m2 + (1−β2)·g²;  w −= r · m1 / (√m2 + ε).

    r = rate · √(1−β2^t) / (1−β1^t).  Kingma and Ba 2015, arXiv:1412.6980, §2, last paragraph.
    """
    corrected = rate * sqrt(1.0 - beta2**t) / (1.0 - beta1**t)
    ops.adam(w, g, m1, m2, beta1, beta2, eps, corrected)


def radam_step(ops, w, g, m1, m2, *, t: int, rate: float, beta1: float, beta2: float, eps: float):
    """The step of Adam times a factor for the variance of m2; plain momentum while N < 5.

    Liu et al. 2020, arXiv:1908.03265, algorithm 2.
    Compatibility: the corrections use t + 1 where the paper has t.
    """
    xp = ops.xp
    m2 *= beta2
    m2 += (1.0 - beta2) * (g * g)
    m1 *= beta1
    m1 += (1.0 - beta1) * g
    step = t + 1
    decay = beta2**step
    longest = 2.0 / (1.0 - beta2) - 1.0
    length = longest - 2.0 * step * decay / (1.0 - decay)
    scale = rate / (1.0 - beta1**step)
    if length >= 5:
        rectify = (length - 4) / (longest - 4) * (length - 2) / length * longest / (longest - 2)
        w -= scale * sqrt((1.0 - decay) * rectify) * m1 / (xp.sqrt(m2) + eps)
    else:
        w -= scale * m1
