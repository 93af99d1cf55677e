"""What each combinator becomes in torch, and each model that came from torch."""

import copy
from collections.abc import Callable
from typing import Any

from ..layers.add import forward as add
from ..layers.chain import forward as chain
from ..layers.concatenate import forward as concatenate
from ..layers.noop import forward as noop
from ..layers.pytorchwrapper import convert_rnn_outputs
from ..layers.pytorchwrapper import forward as wrapper
from ..layers.residual import forward as residual
from ..layers.with_axes import forward as axes
from ..layers.with_reshape import forward as reshape
from ..model import Model
from ..shims.torch_arrays import import_torch
from .back import arguments_of, converts_back
from .masks import forward as masked
from .modules import make
from .walk import first_output


@converts_back(chain)
def sequential(node: Model, child: Callable) -> Any:
    nn, layers = import_torch().nn, [child(layer) for layer in node.layers]
    if any(hasattr(layer, "run") for layer in layers):
        return make("Chain", layers=nn.ModuleList(layers))
    return nn.Sequential(*layers)


@converts_back(residual)
def residual_module(node: Model, child: Callable) -> Any:
    return make("Residual", layer=child(node.layers[0]))


@converts_back(add)
def sum_module(node: Model, child: Callable) -> Any:
    return make("Add", layers=import_torch().nn.ModuleList(map(child, node.layers)))


@converts_back(concatenate)
def concatenation(node: Model, child: Callable) -> Any:
    return make("Concatenate", layers=import_torch().nn.ModuleList(map(child, node.layers)))


@converts_back(noop)
def identity(node: Model, child: Callable) -> Any:
    return import_torch().nn.Identity()


@converts_back(reshape)
def any_axes(node: Model, child: Callable) -> Any:
    """Rows are the last axis of whatever comes: torch's modules take more axes by themselves."""
    return child(node.layers[0])


@converts_back(axes)
def axes_module(node: Model, child: Callable) -> Any:
    return make("Axes", layer=child(node.layers[0]), axes=tuple(node.attrs["axes"]))


@converts_back(masked)
def masked_module(node: Model, child: Callable) -> Any:
    names, words = arguments_of(node)
    return make("Masked", layer=child(node.layers[0]), names=names, axes=words)


@converts_back(wrapper)
def own_module(node: Model, child: Callable) -> Any:
    module = node.shims[0]._model
    if node.attrs["convert_outputs"] is convert_rnn_outputs:
        turned = copy.copy(module)  # the very same parameters
        turned.batch_first = True
        return make("Recurrent", layer=turned)
    return make("First", layer=module) if node.attrs["convert_outputs"] is first_output else module
