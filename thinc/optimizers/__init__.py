"""The names of the optimizers."""

from .build import ADAM_DEFAULTS, SGD, SGD_DEFAULTS, Adam, AdamW, FloatOrSeq, IntOrSeq, Lion, RAdam
from .following import EMA, SWA, Lookahead
from .optimizer import KeyT, Optimizer

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
