"""Let a layer's number of outputs grow."""

from collections.abc import Callable
from typing import Any

from ..config import registry
from ..errors import ShapeError
from ..model import Model
from ..types import Floats2d
from ._check import check_layers


@registry.layers("resizable.v1")
def resizable(layer: Model, resize_layer: Callable) -> Model[Any, Any]:
    """Y = layer(X); `resize_layer(layer, new_nO)` gives a layer with new_nO outputs."""
    check_layers("resizable", layer)
    return Model(
        f"resizable({layer.name})",
        forward,
        init=init,
        layers=[layer],
        attrs={"resize_layer": resize_layer},
        dims={name: layer.maybe_get_dim(name) for name in layer.dim_names},
    )


def forward(model: Model, X: Any, is_train: bool) -> tuple[Any, Callable]:
    return model.layers[0](X, is_train=is_train)


def init(model: Model, X: Any = None, Y: Any = None) -> None:
    model.layers[0].initialize(X=X, Y=Y)


def resize_model(model: Model, new_nO: int) -> Model:
    """Replace the layer inside a `resizable` by one with `new_nO` outputs."""
    model.layers[0] = model.attrs["resize_layer"](model.layers[0], new_nO)
    if model.has_dim("nO") is not False:
        model.set_dim("nO", new_nO, force=True)
    return model


def resize_linear_weighted(
    layer: Model[Floats2d, Floats2d],
    new_nO: int,
    *,
    fill_defaults: dict[str, float] | None = None,
) -> Model[Floats2d, Floats2d]:
    """A layer like `layer` with more outputs; the old rows keep their weights.

    fill_defaults: value of the new rows for each parameter, otherwise 0.
    Raises ShapeError where rows would be lost.
    """
    assert not layer.layers and not layer.ref_names and not layer.shims
    if layer.has_dim("nO") is None:
        layer.set_dim("nO", new_nO)
        return layer
    if new_nO == layer.get_dim("nO"):
        return layer
    if layer.has_dim("nI") is None:
        layer.set_dim("nO", new_nO, force=True)
        return layer
    if new_nO < layer.get_dim("nO"):
        raise ShapeError(
            f"{layer.name}: can't go from {layer.get_dim('nO')} to {new_nO} outputs, "
            f"as weights would be lost. Make a new layer instead."
        )
    larger = enlarge(layer, new_nO)
    for name in layer.param_names:
        if layer.has_param(name):
            fill = (fill_defaults or {}).get(name, 0)
            larger.set_param(name, grow(layer, larger, name, fill))
    return larger


def enlarge(layer: Model, new_nO: int) -> Model:
    """A fresh node of the same kind with `new_nO` outputs."""
    dims = {name: layer.maybe_get_dim(name) for name in layer.dim_names}
    dims["nO"] = new_nO
    larger: Model = Model(
        layer.name,
        layer._func,
        dims=dims,
        params=dict.fromkeys(layer.param_names),
        init=layer.init,
        attrs=layer.attrs,
        refs={},
        ops=layer.ops,
    )
    return larger.initialize()


def grow(layer: Model, larger: Model, name: str, fill: float) -> Any:
    """The larger parameter: old rows first, then rows of `fill`."""
    old, drawn = layer.get_param(name), larger.get_param(name)
    new = layer.ops.alloc(drawn.shape, dtype=old.dtype)
    new[: len(old)] = old
    new[len(old) :] = fill
    return new
