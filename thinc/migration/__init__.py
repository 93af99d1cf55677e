"""Turn torch modules into native models, and back.

`from_torch(module)` walks the tree of modules. What has a converter becomes a native layer, with
a copy of its weights; anything else is wrapped, whole, as `PyTorchWrapper` does it. `to_torch`
goes the other way. A third party adds a class of modules with `@converts(MyModule)`, and a layer
of its own with `@converts_back(forward)`.
"""

from . import activations, attention, back_combinators, back_layers, containers, dense, sequences
from .back import converts_back, to_torch
from .parts import Part
from .registry import CantConvert, Place, converts
from .report import Entry, Report
from .walk import from_torch

__all__ = [
    "CantConvert",
    "Entry",
    "Part",
    "Place",
    "Report",
    "activations",
    "attention",
    "back_combinators",
    "back_layers",
    "containers",
    "converts",
    "converts_back",
    "dense",
    "from_torch",
    "sequences",
    "to_torch",
]
