"""The optimizers one can choose from, each an `Optimizer` with its rule and defaults."""

from typing import Any

from ..config import registry
from ..types import Generator
from .optimizer import Optimizer
from .settings import FloatOrSeq

IntOrSeq = int | list[int] | Generator

SGD_DEFAULTS: dict[str, float | bool | int] = {
    "L2": 0.0,
    "L2_is_weight_decay": True,
    "grad_clip": 1.0,
}

ADAM_DEFAULTS: dict[str, float | bool | int] = {
    "learn_rate": 0.001,
    "beta1": 0.9,
    "beta2": 0.999,
    "eps": 1e-08,
    "L2": 0.0,
    "grad_clip": 1.0,
    "L2_is_weight_decay": True,
}


@registry.optimizers("RAdam.v1")
def RAdam(
    learn_rate: FloatOrSeq = ADAM_DEFAULTS["learn_rate"],
    *,
    beta1: FloatOrSeq = ADAM_DEFAULTS["beta1"],
    beta2: FloatOrSeq = ADAM_DEFAULTS["beta2"],
    eps: FloatOrSeq = ADAM_DEFAULTS["eps"],
    L2: FloatOrSeq = ADAM_DEFAULTS["L2"],
    L2_is_weight_decay: bool = True,
    grad_clip: FloatOrSeq = ADAM_DEFAULTS["grad_clip"],
    use_averages: bool = True,
) -> Optimizer:
    """Adam with the rectified step of Liu et al. 2020, arXiv:1908.03265."""
    return Optimizer(
        learn_rate,
        beta1=beta1,
        beta2=beta2,
        eps=eps,
        grad_clip=grad_clip,
        L2_is_weight_decay=L2_is_weight_decay,
        L2=L2,
        use_averages=use_averages,
        use_radam=True,
    )


@registry.optimizers("Adam.v1")
def Adam(
    learn_rate: FloatOrSeq = ADAM_DEFAULTS["learn_rate"],
    *,
    L2: FloatOrSeq = ADAM_DEFAULTS["L2"],
    beta1: FloatOrSeq = ADAM_DEFAULTS["beta1"],
    beta2: FloatOrSeq = ADAM_DEFAULTS["beta2"],
    eps: FloatOrSeq = ADAM_DEFAULTS["eps"],
    grad_clip: FloatOrSeq = ADAM_DEFAULTS["grad_clip"],
    L2_is_weight_decay: bool = True,
    use_averages: bool = True,
) -> Optimizer:
    """Kingma and Ba 2015, arXiv:1412.6980; decay as in Loshchilov and Hutter 2019."""
    return Optimizer(
        learn_rate,
        L2=L2,
        beta1=beta1,
        beta2=beta2,
        eps=eps,
        grad_clip=grad_clip,
        L2_is_weight_decay=L2_is_weight_decay,
        use_averages=use_averages,
    )


@registry.optimizers("AdamW.v1")
def AdamW(
    learn_rate: FloatOrSeq = 0.001,
    *,
    L2: FloatOrSeq = 0.01,
    beta1: FloatOrSeq = 0.9,
    beta2: FloatOrSeq = 0.999,
    eps: FloatOrSeq = 1e-08,
    grad_clip: FloatOrSeq = 1.0,
    use_averages: bool = True,
) -> Optimizer:
    """W −= rate · L2 · W, then the step of Adam.

    Loshchilov and Hutter 2019, arXiv:1711.05101, algorithm 2. With `grad_clip=0` it takes
    the steps of `torch.optim.AdamW`, whose ε stands beside the corrected √m2.
    """
    betas: dict[str, Any] = {"beta1": beta1, "beta2": beta2, "eps": eps}
    return Optimizer(learn_rate, L2=L2, grad_clip=grad_clip, use_averages=use_averages, rule="adamw", **betas)


@registry.optimizers("Lion.v1")
def Lion(
    learn_rate: FloatOrSeq = 1e-4,
    *,
    L2: FloatOrSeq = 0.0,
    beta1: FloatOrSeq = 0.9,
    beta2: FloatOrSeq = 0.99,
    grad_clip: FloatOrSeq = 0.0,
    use_averages: bool = True,
) -> Optimizer:
    """W −= rate · (sign(β1 m + (1−β1) g) + L2 · W);  m = β2 m + (1−β2) g.

    Chen et al. 2023, arXiv:2302.06675, algorithm 2. It keeps one moment, not two.
    """
    betas: dict[str, Any] = {"beta1": beta1, "beta2": beta2}
    return Optimizer(learn_rate, L2=L2, grad_clip=grad_clip, use_averages=use_averages, rule="lion", **betas)


@registry.optimizers("SGD.v1")
def SGD(
    learn_rate: FloatOrSeq,
    *,
    L2: FloatOrSeq = SGD_DEFAULTS["L2"],
    grad_clip: FloatOrSeq = SGD_DEFAULTS["grad_clip"],
    L2_is_weight_decay: bool = True,
    use_averages: bool = True,
    momentum: FloatOrSeq = 0.0,
    nesterov: bool = False,
) -> Optimizer:
    """W −= rate · dW; with momentum W −= rate · m, where m = momentum · m + dW.

    momentum: in [0, 1); later it is the optimizer's `b1`.
    nesterov: W −= rate · (dW + momentum · m).  Sutskever et al. 2013, ICML, §2.1.
    ValueError: nesterov without momentum.

    >>> import numpy
    >>> optimizer, W = SGD(0.1, momentum=0.5), numpy.zeros(1)
    >>> for _ in range(2):
    ...     _ = optimizer((0, "W"), W, numpy.ones(1))
    >>> W.round(6).tolist()  # 0.1 · (1 + 1.5)
    [-0.25]
    """
    if nesterov and momentum == 0.0:
        raise ValueError("SGD: nesterov=True needs a momentum, which is 0. Pass momentum=0.9, for instance.")
    rule = "nesterov" if nesterov else "sgd" if momentum == 0.0 else "momentum"
    decay: dict[str, Any] = {"L2": L2, "L2_is_weight_decay": L2_is_weight_decay}
    return Optimizer(
        learn_rate, beta1=momentum, beta2=0.0, grad_clip=grad_clip, use_averages=use_averages, rule=rule, **decay
    )
