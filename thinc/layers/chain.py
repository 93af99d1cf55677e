"""Run layers one after the other."""

from collections.abc import Callable
from operator import length_hint
from typing import Any, TypeVar, overload

from ..config import registry
from ..model import Model
from ..model.border import locate_backprop
from ..types import get_width
from ._check import check_layers

InT = TypeVar("InT")
OutT = TypeVar("OutT")
A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")
D = TypeVar("D")
E = TypeVar("E")


@registry.layers("chain.v1")
def chain_no_types(*layer: Model) -> Model:
    """`chain` for config files, where every layer stands under `*`."""
    return chain(*layer)


# The overloads check what flows between the first five layers.
@overload
def chain(layer1: Model[InT, A], layer2: Model[A, OutT]) -> Model[InT, OutT]: ...
@overload
def chain(l1: Model[InT, A], l2: Model[A, B], l3: Model[B, OutT], /) -> Model[InT, OutT]: ...
@overload
def chain(l1: Model[InT, A], l2: Model[A, B], l3: Model[B, C], l4: Model[C, OutT], /) -> Model[InT, OutT]: ...
@overload
def chain(
    l1: Model[InT, A], l2: Model[A, B], l3: Model[B, C], l4: Model[C, D], l5: Model[D, OutT], /
) -> Model[InT, OutT]: ...
@overload
def chain(
    l1: Model[InT, A], l2: Model[A, B], l3: Model[B, C], l4: Model[C, D], l5: Model[D, E], /, *layers: Model[Any, Any]
) -> Model[InT, Any]: ...
def chain(layer1: Model[Any, Any], layer2: Model[Any, Any], *layers: Model[Any, Any]) -> Model[Any, Any]:
    """Y = layerₙ(… layer₂(layer₁(X))).  Input of layer 1, output of layer n."""
    every = [layer1, layer2, *layers]
    check_layers("chain", *every)
    dims = {"nO": every[-1].maybe_get_dim("nO")}
    if every[0].has_dim("nI") is not False:
        dims["nI"] = every[0].maybe_get_dim("nI")
    name = ">>".join(layer.name for layer in every)
    return Model(name, forward, init=init, dims=dims, layers=every)


def forward(model: Model, X: Any, is_train: bool) -> tuple[Any, Callable]:
    Y, callbacks = X, []
    for layer in model.layers:
        Y, callback = layer(Y, is_train)
        callbacks.append(callback)

    def backprop(dY: Any) -> Any:
        waiting = reversed(callbacks)
        try:  # takes no time where nothing goes wrong
            for callback in waiting:
                dY = callback(dY)
        except Exception as error:
            # Not by the callback: two layers may have the same one. Layers may have been taken away meanwhile.
            place, layers = length_hint(waiting), model.layers
            locate_backprop(error, model, layers[place] if place < len(layers) else model)
            raise
        return dY

    return Y, backprop


def init(model: Model, X: Any = None, Y: Any = None) -> None:
    """Initialize each layer with what the layers before it predict.

    A layer whose nO is not set is shown the final Y, as only that is known.
    """
    flow = X
    for layer in model.layers:
        if layer.has_dim("nO") is None:
            layer.initialize(X=flow, Y=Y)
        else:
            layer.initialize(X=flow)
        if flow is not None:
            flow = layer.predict(flow)
    if not model.layers:
        return
    if model.layers[0].has_dim("nI") and model.has_dim("nI") is not False:
        model.set_dim("nI", model.layers[0].get_dim("nI"))
    if model.has_dim("nO") is None:
        width = measure(flow, model.layers)
        if width is not None:
            model.set_dim("nO", width)


def measure(flow: Any, layers: list[Model]) -> int | None:
    """The width of what comes out, or of what the last layer says comes out."""
    if flow is not None:
        try:
            return get_width(flow)
        except ValueError:
            pass
    return layers[-1].maybe_get_dim("nO")
