"""Call a layer with attention as torch calls the module: with arrays, masks and padding."""

from collections.abc import Callable
from functools import partial
from typing import Any

from ..errors import ContainerError, DTypeError, ShapeError
from ..interop import is_xp_array
from ..layers._mask import Mask, use_mask
from ..layers.with_axes import to_ragged
from ..model import Model
from ..types import ArgsKwargs
from .parts import Part


def masked(names: tuple[str, ...], part: Part) -> Model[Any, Any]:
    """A layer that takes the module's arguments `names` and gives its first output.

    X: the first array alone, a tuple of arguments in their order, a dict by their names, or
    ArgsKwargs. The gradient has the same structure, with None where there is none: of masks too.
    """
    name = f"masked({part.layer.name})"
    return Model(name, partial(forward, names, part.axes), layers=[part.layer])


def forward(
    names: tuple[str, ...], axes: tuple[str, ...], model: Model, X: Any, is_train: bool
) -> tuple[Any, Callable]:
    (layer,) = model.layers
    given = _bind(names, X)
    data = [name for name in ("query", "key", "value") if given.get(name) is not None] or [names[0]]
    views = [_view(model, axes, name, given[name]) for name in data]
    inner = tuple(view[0] for view in views) if len(views) > 1 else views[0][0]
    restore = views[0][1]
    with use_mask(_mask(model.ops, given, views[0][0], views[-1][0])):
        Yr, backprop_layer = layer(inner, is_train)

    def backprop(dY: Any) -> Any:
        d_inner = backprop_layer(_view(model, axes, "dY", dY)[0])
        d_parts = d_inner if isinstance(d_inner, tuple) else (d_inner,)
        grads = {name: view[1](part) for name, view, part in zip(data, views, d_parts, strict=True)}
        return _unbind(names, X, grads)

    return restore(Yr), backprop


def _view(model: Model, axes: tuple[str, ...], name: str, X: Any) -> tuple[Any, Callable]:
    for word in axes:
        if is_xp_array(X) and X.ndim == len(word):
            return to_ragged(model.ops, X, word)
    what = f"{X.dtype}{list(X.shape)}" if is_xp_array(X) else type(X).__name__
    raise ShapeError(f"{name} is {what}; give it an array with the axes {' or '.join(axes)}")


def _bind(names: tuple[str, ...], X: Any) -> dict[str, Any]:
    """The arguments by their names."""
    args, kwargs = _split(X)
    given = {**dict(zip(names, args)), **kwargs}
    unknown = sorted(set(kwargs) - set(names))
    if len(args) > len(names) or unknown or given.get(names[0]) is None:
        what = f"{len(args)} arguments" + (f" and {', '.join(unknown)}" if unknown else "")
        raise ContainerError(f"got {what}; give it {', '.join(names)}, of which the first is needed")
    return given


def _split(X: Any) -> tuple[tuple[Any, ...], dict[str, Any]]:
    if isinstance(X, ArgsKwargs):
        return tuple(X.args), dict(X.kwargs)
    if isinstance(X, dict):
        return (), X
    return (tuple(X), {}) if isinstance(X, (tuple, list)) else ((X,), {})


def _unbind(names: tuple[str, ...], X: Any, grads: dict[str, Any]) -> Any:
    """The gradients in the structure in which the arguments came."""
    args, kwargs = _split(X)
    d_args = tuple(grads.get(name) for name, _ in zip(names, args))
    d_kwargs = {name: grads.get(name) for name in kwargs}
    if isinstance(X, ArgsKwargs):
        return ArgsKwargs(d_args, d_kwargs)
    if isinstance(X, dict):
        return d_kwargs
    return type(X)(d_args) if isinstance(X, (tuple, list)) else d_args[0]


def _mask(ops: Any, given: dict[str, Any], rows: Any, memory: Any) -> Mask:
    """The masks of the call as one.  rows, memory: Ragged, whose sequences all have one length."""
    nB, nT, nS = len(rows), _steps(rows), _steps(memory)
    attention = next((given[name] for name in ("attn_mask", "mask", "src_mask") if given.get(name) is not None), None)
    padding = next((given[n] for n in ("key_padding_mask", "src_key_padding_mask") if given.get(n) is not None), None)
    parts = []
    if attention is not None:
        shape = (1, 1, nT, nS) if attention.ndim == 2 else (nB, -1, nT, nS)
        parts.append(_read(ops, "the attention mask", attention, shape))
    elif given.get("is_causal"):
        parts.append((ops.xp.tril(ops.xp.ones((nT, nS), dtype=bool))[None, None], None))
    if padding is not None:
        parts.append(_read(ops, "the key padding mask", padding, (nB, 1, 1, nS)))
    is_seen, bias = None, None
    for seen, more in parts:
        is_seen = seen if is_seen is None else is_seen & seen
        bias = more if bias is None else bias if more is None else bias + more
    return Mask(is_seen, bias)


def _read(ops: Any, what: str, mask: Any, shape: tuple[int, ...]) -> tuple[Any, Any]:
    """(is_seen, bias) of a torch mask: booleans are true for what is not seen, floats are added."""
    try:
        mask = ops.asarray(mask).reshape(shape)
    except ValueError:
        raise ShapeError(f"{what} has the shape {list(mask.shape)}; give it one that fits {list(shape)}") from None
    if mask.dtype.kind == "b":
        return ~mask, None
    if mask.dtype.kind != "f":
        raise DTypeError(f"{what} is {mask.dtype}; give it booleans or floats")
    is_seen = ~ops.xp.isneginf(mask)
    return is_seen, ops.xp.where(is_seen, mask, mask.dtype.type(0))


def _steps(X: Any) -> int:
    return int(X.lengths[0]) if len(X) else 0
