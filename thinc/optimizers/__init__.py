"""The names of the optimizers, which are imported when they are first asked for."""

from typing import TYPE_CHECKING

from .. import _late, config

if TYPE_CHECKING:
    from .build import ADAM_DEFAULTS, SGD, SGD_DEFAULTS, Adam, AdamW, FloatOrSeq, IntOrSeq, Lion, RAdam
    from .following import EMA, SWA, Lookahead
    from .optimizer import KeyT, Optimizer

_late.load_late(
    __name__,
    {
        "build": "ADAM_DEFAULTS SGD_DEFAULTS Adam AdamW FloatOrSeq IntOrSeq Lion RAdam SGD "
        "@Adam.v1 @AdamW.v1 @Lion.v1 @RAdam.v1 @SGD.v1",
        "following": "EMA Lookahead SWA @EMA.v1 @Lookahead.v1 @SWA.v1",
        "optimizer": "KeyT Optimizer",
    },
    config.registry.optimizers,
)

__all__ = [
    "Adam",
    "RAdam",
    "SGD",
    "AdamW",
    "Lion",
    "Lookahead",
    "EMA",
    "SWA",
    "Optimizer",
    "ADAM_DEFAULTS",
    "SGD_DEFAULTS",
    "KeyT",
    "FloatOrSeq",
    "IntOrSeq",
]
