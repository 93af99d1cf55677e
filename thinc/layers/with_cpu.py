"""Keep a layer on the CPU inside a model on another device."""

from collections.abc import Callable
from dataclasses import fields, is_dataclass
from typing import Any

from numpy import ndarray

from ..backends import NumpyOps
from ..config import registry
from ..interop import is_xp_array, to_numpy
from ..interop.structures import rebuilt
from ..model import Model
from ._check import check_layers


@registry.layers("with_cpu.v1")
def with_cpu(layer: Model, ops: Any) -> Model[Any, Any]:
    """X and dY are copied to the host, Y and dX to the device of `ops`."""
    check_layers("with_cpu", layer)
    layer.to_cpu()
    return Model(
        f"with_cpu({layer.name})",
        forward,
        init=init,
        layers=[layer],
        ops=ops,
        dims={dim: layer.maybe_get_dim(dim) for dim in layer.dim_names},
    )


def forward(model: Model, X: Any, is_train: bool) -> tuple[Any, Callable]:
    (layer,) = model.layers
    if layer.ops.device_type != "cpu":  # a model around this one was moved to a GPU, and it with it
        layer.to_cpu()
    if type(X) is ndarray and type(model.ops) is NumpyOps:
        return layer(X, is_train)
    to_device = model.ops.asarray
    Y, backprop_layer = layer(_each_array(to_numpy, X), is_train)

    def backprop(dY: Any) -> Any:
        return _each_array(to_device, backprop_layer(_each_array(to_numpy, dY)))

    return _each_array(to_device, Y), backprop


def init(model, X=None, Y=None):
    (layer,) = model.layers
    layer.initialize(X=_each_array(to_numpy, X), Y=_each_array(to_numpy, Y))


def _each_array(move, data):
    """Move all arrays in lists, tuples, dicts and batches; keep everything else."""
    if is_xp_array(data):
        return move(data)
    if isinstance(data, (list, tuple)):
        return rebuilt(data, [_each_array(move, item) for item in data])
    if isinstance(data, dict):
        return rebuilt(data, {key: _each_array(move, item) for key, item in data.items()})
    if hasattr(data, "dataXd"):
        return type(data)(move(data.dataXd), move(data.lengths))
    if is_dataclass(data) and not isinstance(data, type):
        return type(data)(*(_each_array(move, getattr(data, f.name)) for f in fields(data)))
    return data
