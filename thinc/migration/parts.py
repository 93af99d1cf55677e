"""What a module has become: a native layer, and what it takes."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy

from ..errors import ConversionError
from ..layers.chain import chain
from ..layers.noop import noop
from ..layers.with_array import with_array
from ..layers.with_array2d import with_array2d
from ..layers.with_axes import with_axes
from ..layers.with_reshape import with_reshape
from ..model import Model
from ..shims.torch_arrays import torch2xp


@dataclass(frozen=True)
class Part:
    """A native layer in the place of a torch module.

    view: what the layer takes. "rows": (n, width); "any": arrays of any shape, which it keeps;
        "ids": arrays of any shape, to which it adds the width; "arrays": arrays with the axes
        that the module gives them; "sequences": Ragged.
    axes: for "sequences", the orders of the axes that the module takes, see `with_axes`.
    width: the axis that the module takes as the width, "last" or "second" if it matters.
    outer: for "sequences", what builds the layer for arrays, by default `with_axes`.
    """

    layer: Model
    view: str = "arrays"
    axes: tuple[str, ...] = ()
    width: str = ""
    outer: Callable[["Part"], Model] | None = None
    path: str = ""

    def at(self, path: str) -> "Part":
        """The same for the module at this path, unless it knows a deeper one."""
        return self if self.path else replace(self, path=path)

    def for_arrays(self) -> Model:
        """The layer for the arrays that the module takes."""
        if self.view == "rows":
            return _with_dims(with_reshape(self.layer))
        if self.view == "sequences":
            return self.outer(self) if self.outer else with_axes(self.layer, list(self.axes))
        return self.layer

    def for_ragged(self) -> Model:
        """The layer for Ragged, Padded and lists.  ConversionError: it takes only arrays."""
        if self.view == "rows":
            return with_array2d(self.layer)
        if self.view in ("any", "ids"):
            return self.layer if self.layer.name in ("dropout", "noop") else with_array(self.layer)
        if self.view == "sequences":
            return self.layer
        raise ConversionError(
            f"from_torch: {self.path or 'the module'} ({self.layer.name}) takes arrays and can't be fed sequences of "
            'different lengths. Use sequences="arrays", or register a converter for it.'
        )


def join(parts: list[Part], sequences: str) -> Part:
    """Parts that run one after the other, as one part."""
    if not parts:
        return Part(noop(), "any")
    if len(parts) == 1:
        return parts[0]
    widths = {part.width: part.path for part in parts if part.width}
    if {part.view for part in parts} <= {"rows", "any"}:
        view = "rows" if any(part.view == "rows" for part in parts) else "any"
        return Part(chain(*(part.layer for part in parts)), view, width="last" if view == "rows" else "")
    if sequences == "arrays":
        return Part(chain(*(layer.for_arrays() for layer in _runs(parts))))
    if len(widths) > 1:
        raise ConversionError(
            f"from_torch: the width is the last axis in {widths['last']} and the second one in {widths['second']}; "
            'sequences of rows know only one width. Use sequences="arrays".'
        )
    layer = chain(*(part.for_ragged() for part in parts))
    return Part(layer, "sequences", width=next(iter(widths), ""))


def _runs(parts: list[Part]) -> Iterable[Part]:
    """Neighbours that take rows as one part, so that they share one `with_reshape`."""
    run: list[Part] = []
    for part in parts:
        if run and part.view not in ("rows", "any"):
            yield join(run, "arrays")
            run = []
        if part.view in ("rows", "any"):
            run.append(part)
        else:
            yield part
    if run:
        yield join(run, "arrays")


def put(layer: Model, **values: Any) -> Model:
    """Give the layer copies of these tensors as its parameters.

    A parameter that the module lacks comes as a NumPy array: it is there, but frozen, as is one
    that needs no gradient. `initialize` leaves the layer as it is.
    """
    tensors = [value for value in values.values() if hasattr(value, "detach")]
    dtype = torch2xp(tensors[0]).dtype if tensors else "float32"
    for name, value in values.items():
        is_tensor = hasattr(value, "detach")
        array = numpy.array(layer.ops.to_numpy(torch2xp(value)) if is_tensor else value, dtype=dtype, order="C")
        layer.set_param(name, layer.ops.asarray(array))
        if not is_tensor or getattr(value, "is_frozen", False):
            layer._frozen.add(name)
    layer.replace_callbacks(layer._func, init=keep)
    return layer


def param_of(tensor: Any, change: Callable[[Any], Any] = lambda tensor: tensor) -> Any:
    """What `put` takes for a torch parameter, after a change of its layout."""
    changed = change(tensor.detach()).clone()
    changed.is_frozen = not tensor.requires_grad
    return changed


def keep(model: Model, X: Any = None, Y: Any = None) -> None:
    """Initialize nothing: the weights came with the module."""


def _with_dims(model: Model) -> Model:
    """A view with the dims of its layer, which is not going to be initialized."""
    (layer,) = model.layers
    for name in ("nI", "nO"):
        if model.has_dim(name) is None and layer.has_dim(name):
            model.set_dim(name, layer.get_dim(name))
    return model
