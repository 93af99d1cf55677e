"""Convert modules that only hold others."""

from collections.abc import Callable
from typing import Any

from ..errors import ConversionError
from ..model import Model, path_of
from .parts import Part, join
from .registry import Place, converts


@converts("torch.nn.Sequential")
def sequential(module: Any, place: Place) -> Part:
    return join([place.child(name) for name, _ in module._modules.items()], place.sequences)


@converts("torch.nn.ModuleList", "torch.nn.ModuleDict")
def module_list(module: Any, place: Place) -> Part:
    """A node with the converted modules as its layers; like the list, it can't be called."""
    parts = [place.child(name) for name in module._modules]
    layers = [part.for_arrays() if place.sequences == "arrays" else part.for_ragged() for part in parts]
    view = "arrays" if place.sequences == "arrays" else "sequences"
    return Part(Model("modules", refuse, layers=layers), view, outer=lambda part: part.layer)


def refuse(model: Model, X: Any, is_train: bool) -> tuple[Any, Callable]:
    raise ConversionError(
        f"Layer {path_of(model, model)!r} was a list of modules, which has no order to run them in. "
        "Combine its `layers` as the module that held the list did."
    )
