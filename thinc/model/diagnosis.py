"""Say what is wrong with a batch, from what a layer says about itself: annotations, dims, parameters."""

from types import UnionType
from typing import Any, Union, get_args, get_origin

from ..errors import ContainerError, DTypeError, ShapeError, ThincError
from ..interop import dtype_name, is_floating, is_xp_array
from ..types import Padded, Ragged, get_width
from ..types.check import describe, input_hint
from .paths import call

ADAPTERS = {Ragged: "with_ragged", Padded: "with_padded"}
# What turns the tensors of another framework into arrays.
TO_ARRAYS = {"torch": "torch2xp", "tensorflow": "tensorflow2xp", "mxnet": "mxnet2xp"}


def misfit(node: Any, X: Any) -> ThincError | None:
    """The error that X is not what the forward function is annotated to take, if it isn't."""
    hint, fits = _read_hint(node, X)
    if fits:
        return None
    kind, axes = _array_kind(hint)
    wants = _name(hint)
    error: type[ThincError] = ContainerError
    if _is_array(X) and axes is not None:
        error = ShapeError if kind is None or X.dtype.kind in kind else DTypeError
    return error(f"got {describe(X)}, wants {wants}.")


def misfit_gradient(dY: Any, wants: Any) -> ThincError | None:
    """The error that dY is not in the kind of container that the gradient of the output is in, if it isn't."""
    if wants in (list, tuple):
        fits, name = isinstance(dY, (list, tuple)), "a list of arrays"
    elif wants in ADAPTERS:
        fits, name = isinstance(dY, wants), f"a {wants.__name__}"
    else:
        fits, name = is_xp_array(dY), "an array"
    if fits:
        return None
    convert = TO_ARRAYS.get(type(dY).__module__.partition(".")[0])
    cure = f" Give it {convert}(dY)." if convert else ""
    return ContainerError(f"the callback got {describe(dY)}, wants the gradient of the output in {name}.{cure}")


def _read_hint(node: Any, X: Any) -> tuple[Any, bool]:
    """`input_hint`, but a wanted container with other numbers fits: what an op says of them is more exact."""
    hint, fits = input_hint(node._func, X)
    return hint, fits or (type(X) in ADAPTERS and type(X) in _options(hint))


def advise_call(node: Any, X: Any) -> str:
    """What to change about X or about the layer; nothing where nobody can tell."""
    hint, fits = _read_hint(node, X)
    kind, axes = _array_kind(hint)
    if not fits and hint in ADAPTERS:
        return f"Wrap the layer as {ADAPTERS[hint]}({call(node)})."
    advice = "" if fits else _advise_list(node, X, hint) if axes is None else _advise_array(node, X, kind, axes)
    if advice:
        return advice
    dtype = _dtype_of(node)
    if _is_array(X) and X.dtype.kind == "f" and dtype and str(X.dtype) != dtype:
        return f"The layer is {dtype}: give it X.astype({dtype!r})."
    return _advise_width(node, "X", X, "nI")


def describe_call(node: Any, X: Any) -> str:
    """What came, and what to change, for an error that is not ours: `, which got float32[2, 3].`"""
    try:
        advice = _advise_wrapped(node, X) or advise_call(node, X)
        return " ".join(part for part in (f", which got {describe(X)}.", advice) if part)
    except Exception:  # a batch or a shim of the user's, which may raise anything: its first error counts
        return ""


def advise_start(node: Any, X: Any, Y: Any) -> str:
    """Which of X and Y contradicts a dim that is set."""
    return _advise_width(node, "X", X, "nI") or _advise_width(node, "Y", Y, "nO")


def _advise_wrapped(node: Any, X: Any) -> str:
    """Models of other frameworks have no annotations, and take containers apart in their own way."""
    if not node.shims:
        return ""
    if isinstance(X, (Ragged, Padded)):
        return f"The wrapped model gets a {type(X).__name__} of tensors; for arrays, use with_array({call(node)})."
    if _is_array(X) and X.dtype.kind == "f" and _dtype_of(node) == "bfloat16":
        return "The layer is bfloat16, which NumPy lacks: cast inside the wrapped model, or in `convert_inputs`."
    if isinstance(X, list) and X and _is_array(X[0]):
        return (
            "A list gives the arguments of the wrapped model; for sequences, use "
            f"with_array({call(node)}) or with_padded({call(node)})."
        )
    return ""


def _advise_array(node: Any, X: Any, kind: str | None, axes: int) -> str:
    if isinstance(X, (list, tuple, Ragged)):
        return f"Wrap the layer as with_array({call(node)})."
    if isinstance(X, Padded):
        return f"Wrap the layer as with_array2d({call(node)})."
    if not _is_array(X):
        return f"Give it an array: {TO_ARRAYS.get(type(X).__module__.partition('.')[0], 'ops.asarray')}(X)."
    if kind == "f" and X.dtype.kind != "f":
        return "Give it floats: X.astype('float32')."
    if kind is not None and X.dtype.kind not in kind:
        return "Give it whole numbers: X.astype('int32')."
    if X.ndim == 3 and axes == 2:
        return f"Wrap the layer as with_reshape({call(node)}), or as with_array2d({call(node)}) for Padded."
    return f"Give it an array with {axes} axes." if X.ndim != axes else ""


def _advise_list(node: Any, X: Any, hint: Any) -> str:
    """A batch in one piece, where each sequence is wanted by itself."""
    if not any(get_origin(option) is list for option in _options(hint)):
        return ""
    if isinstance(X, (Ragged, Padded)):
        return f"Wrap the layer as with_list({call(node)})."
    return "Give it a list with one array for each sequence." if _is_array(X) else ""


def _advise_width(node: Any, name: str, batch: Any, dim: str) -> str:
    size = node.maybe_get_dim(dim)
    try:
        width = None if batch is None else get_width(batch)
    except Exception:  # whatever it is, it has no width
        return ""
    if size is None or width in (None, size):
        return ""
    return (
        f"{name} is {describe(batch)}, but {dim} is {size}: give it {name} of width {size}, "
        f"or make it with {dim}={width}."
    )


def _options(hint: Any) -> tuple:
    """What a union stands for, or the annotation alone."""
    return get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)


def _name(hint: Any) -> str:
    """`Floats2d or Ragged`, `a list of arrays`."""
    names = []
    for option in _options(hint):
        origin, args = get_origin(option), get_args(option)
        if origin in (list, tuple) and args:
            inner = "arrays" if len(_options(args[0])) > 1 else _name(args[0])
            names.append(f"a {origin.__name__} of {inner}")
        else:
            names.append(getattr(option, "__name__", str(option)))
    return " or ".join(dict.fromkeys(names))


def _array_kind(hint: Any) -> tuple[str | None, int | None]:
    """(kinds of its dtypes, number of axes) of an annotation like Floats2d."""
    return {"f": "f", "i": "iu"}.get(getattr(hint, "_dtype", None) or ""), getattr(hint, "_ndim", None)


def _is_array(X: Any) -> bool:
    return hasattr(X, "shape") and hasattr(getattr(X, "dtype", None), "kind")  # tensors of torch have other dtypes


def _dtype_of(node: Any) -> str:
    """The dtype of the parameters, where there are any."""
    for name in node.param_names:
        if node.has_param(name):
            return str(node.get_param(name).dtype)
    try:
        weights = (value for shim in node.shims for value in shim.read().values() if is_floating(value))
        return next(map(dtype_name, weights), "")
    except Exception:  # a wrapped model that has no weights yet, or no way to read them
        return ""
