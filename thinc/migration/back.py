"""Turn native models into torch modules."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy

from ..errors import ConversionError
from ..model import Model, path_of
from ..shims.torch_arrays import import_torch, xp2torch

_converters: dict[Callable, Callable] = {}


def converts_back(*forwards: Callable) -> Callable:
    """Decorate `convert(node, child) -> torch.nn.Module` for the layers with these forward functions.

    child: node -> module, converts a node below this one.
    """

    def register(convert: Callable) -> Callable:
        _converters.update(dict.fromkeys(forwards, convert))
        return convert

    return register


def to_torch(model: Model[Any, Any]) -> Any:
    """A torch.nn.Module that computes what the model does, with copies of its weights.

    Layers of rows become modules that take any leading axes. Layers of sequences take X
    (batch, time, width) and, where sequences have padding, `lengths` (batch,). What
    `from_torch` made for arrays takes what the torch module took. PyTorchWrapper gives its own
    module. A layer that occurs twice becomes one module; frozen parameters need no gradient.
    Compatibility: the gradient of the dense layer Softmax is torch's, that of the probabilities.
    Raises ConversionError, with the path of the layer, for what torch has no modules for.

    >>> from thinc.api import Linear, chain
    >>> to_torch(chain(Linear(3, 4), Linear(2, 3)).initialize())
    Sequential(
      (0): Linear(in_features=4, out_features=3, bias=True)
      (1): Linear(in_features=3, out_features=2, bias=True)
    )
    """
    if not isinstance(model, Model):
        raise ConversionError(f"to_torch got {type(model).__name__}. Give it a Model.")
    import_torch()
    return _Back(model).convert(model)


class _Back:
    """One conversion; remembers the module of each node."""

    def __init__(self, root: Model):
        self.root = root
        self.done: dict[int, Any] = {}

    def convert(self, node: Model) -> Any:
        if id(node) not in self.done:
            forward = node._func.func if isinstance(node._func, partial) else node._func
            convert = _converters.get(forward)
            if convert is None:
                raise self.refusal(node, "no converter for it. Register one with converts_back")
            try:
                self.done[id(node)] = convert(node, self.convert)
            except Impossible as error:
                raise self.refusal(node, str(error)) from None
        return self.done[id(node)]

    def refusal(self, node: Model, reason: str) -> ConversionError:
        return ConversionError(f"to_torch can't turn {path_of(self.root, node)}: {reason}.")


class Impossible(Exception):
    """Raised by a converter that knows why torch can't do what a layer does."""


def arguments_of(node: Model) -> tuple[Any, ...]:
    """What the node's forward function is bound to."""
    return node._func.args if isinstance(node._func, partial) else ()


def fill(module: Any, node: Model, **names: Any) -> Any:
    """Give the module copies of the node's parameters.

    names: of the module's parameter or buffer -> of the node's, or (name, change of the array).
    """
    torch = import_torch()
    for name, source in names.items():
        ours, change = source if isinstance(source, tuple) else (source, None)
        array = node.get_param(ours)
        # Where the model is, whichever ops are in use.
        host = torch.device("cpu") if isinstance(array, numpy.ndarray) else None
        tensor = xp2torch(array if change is None else change(array), device=host).clone()
        if name in module._buffers:
            setattr(module, name, tensor)
        else:
            setattr(module, name, torch.nn.Parameter(tensor, requires_grad=not node.is_frozen(ours)))
    return module
