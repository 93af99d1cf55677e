"""Show a layer its input through another container: one mechanism, five views.

A view maps a batch to the inner form and returns the way back:

    view(model, X) -> inner, restore        restore(inner_output) -> like X

Gradients have the container of the output, so backprop is the same view again.
"""

from functools import partial

from numpy import ndarray

from ..backends._known import as_ints, inherit
from ..errors import ContainerError, ShapeError
from ..interop import is_xp_array
from ..model import Model
from ..model.border import locate_gradient
from ..types import Padded, Ragged
from ..types.check import describe
from ._check import check_layers


def through(view, passes, name, layer, *, attrs=None, dims=True, update_dims=False, init_view=None, checked=None):
    """Wrap `layer` so that it is fed `view(X)` and its output is restored.

    passes: says whether the view shows a batch as it is, and takes it back so.
    checked: `forward` for this view with annotations, for `data_validation`.
    dims: register the dims of the layer. update_dims: set them once the layer is initialized.
    """
    check_layers(name, layer)
    names = layer.dim_names if dims else ()
    return Model(
        f"{name}({layer.name})",
        checked or partial(forward, view, passes),
        init=partial(init, init_view or view, update_dims),
        layers=[layer],
        attrs=dict(attrs or {}),
        dims={dim: layer.maybe_get_dim(dim) for dim in names},
    )


def forward(view, passes, model, X, is_train):
    (layer,) = model.layers
    if passes(X):
        return layer(X, is_train)
    if view is not as_list and isinstance(X, list) and not X:
        return [], lambda dY: []  # no sequences; a wrapped model could not tell the width of no rows
    inner, restore = view(model, X)
    Y, inner_backprop = layer(inner, is_train)

    def backprop(dY):
        try:
            d_inner, _ = view(model, dY)
            if has_numbers(X) and has_numbers(Y):
                return restore(inner_backprop(d_inner))
            dX = restore(inner_backprop(_with_width_of(Y, d_inner)))
            return _with_width_of(X, dX)
        except Exception as error:
            locate_gradient(error, model, dY, type(X))
            raise

    return restore(Y), backprop


def init(view, update_dims, model, X=None, Y=None):
    (layer,) = model.layers
    layer.initialize(
        X=None if X is None else view(model, X)[0],
        Y=None if Y is None else view(model, Y)[0],
    )
    for dim in layer.dim_names if update_dims else ():
        if layer.has_dim(dim):
            model.set_dim(dim, layer.get_dim(dim))


def as_array(model, X, *, pad=0):
    """(sum of lengths, ...) for lists and Ragged, (time, batch, ...) for Padded."""
    if isinstance(X, Ragged):
        return X.dataXd, lambda Y: Ragged(Y, X.lengths)
    if isinstance(X, Padded):
        return X.data, lambda Y: Padded(Y, X.size_at_t, X.lengths, X.indices)
    if isinstance(X, (list, tuple)):
        _check_items(X)
        ops, lengths = model.ops, lengths_of(model, X)
        flat = ops.flatten(X, pad=pad) if len(X) else _nothing(model)
        return flat, lambda Y: ops.unflatten(Y, lengths, pad=pad)
    return X, lambda Y: Y


def as_spaced_array(model, X):
    """Like as_array, with `pad` rows of zeros between the items of a list."""
    return as_array(model, X, pad=model.attrs["pad"])


def as_array2d(model, X, *, pad=0):
    """(rows, width) for every container; the restored data has the leading axes of X."""
    if isinstance(X, Ragged):
        if len(X.data_shape) == 2:
            return X.data, lambda Y: Ragged(Y, X.lengths)
        lead = X.dataXd.shape[:-1]
        return _rows(X.dataXd), lambda Y: Ragged(_unrows(Y, lead), X.lengths)
    if isinstance(X, Padded):
        lead = X.data.shape[:-1]
        return (
            _rows(X.data),
            lambda Y: Padded(_unrows(Y, lead), X.size_at_t, X.lengths, X.indices),
        )
    return as_array(model, X, pad=pad)


def as_list(model, X):
    """One array per sequence; everything but Ragged and Padded stays as it is."""
    ops = model.ops
    if isinstance(X, Ragged):
        return ops.unflatten(X.dataXd, X.lengths), lambda Y: Ragged(ops.flatten(Y), X.lengths)
    if isinstance(X, Padded):
        return ops.padded2list(X), partial(repad, ops, X)
    return X, lambda Y: Y


def as_ragged(model, X):
    """All sequences in one array, with their lengths."""
    ops = model.ops
    if isinstance(X, Ragged):
        return X, lambda Y: Y
    if isinstance(X, tuple) and len(X) == 2:
        return Ragged(*X), lambda Y: (Y.dataXd, Y.lengths)
    if not isinstance(X, (Padded, list, tuple)) and not is_xp_array(X):
        raise _unknown(model, X, "Ragged, Padded, a list of arrays or (data, lengths)")
    lists, restore = as_list(model, X)
    _check_items(lists)
    inner = Ragged(ops.flatten(list(lists)) if len(lists) else _nothing(model), lengths_of(model, lists))
    return inner, lambda Y: restore(ops.unflatten(Y.dataXd, Y.lengths))


def as_padded(model, X):
    """(time, batch, width), sequences sorted by decreasing length."""
    ops = model.ops
    if isinstance(X, Padded):
        return X, lambda Y: Y
    if isinstance(X, Ragged):
        inner = ops.list2padded(ops.unflatten(X.dataXd, X.lengths))
        return inner, lambda Y: Ragged(ops.flatten(ops.padded2list(Y)), X.lengths)
    if is_xp_array(X):
        if X.ndim < 2:
            raise ShapeError(f"got {describe(X)}, wants (time, batch, width). For one sequence, give it a list of it.")
        return _time_major(ops, X), lambda Y: Y.data
    if _is_padded_data(X):
        return Padded(*X), lambda Y: (Y.data, Y.size_at_t, Y.lengths, Y.indices)
    if isinstance(X, (list, tuple)):
        _check_items(X)
        return ops.list2padded(list(X)), ops.padded2list
    raise _unknown(model, X, "Padded, Ragged, a list of arrays or a 3d array")


def _nothing(model):
    """No rows, in the width that the layer reads: an empty list can't tell."""
    width = model.layers[0].maybe_get_dim("nI") if model.layers else None
    return model.ops.alloc((0, width or 0))


def _with_width_of(Y, dY):
    """A gradient without rows in the shape of its output: lists and Ragged lose the width."""
    if isinstance(Y, Ragged) and isinstance(dY, Ragged) and not Y.data.size and not dY.data.size:
        return Ragged(dY.dataXd.reshape(Y.dataXd.shape), dY.lengths)
    if is_xp_array(Y) and is_xp_array(dY) and not Y.size and not dY.size:
        return dY.reshape(Y.shape)
    return dY


def has_numbers(X):
    """Is there a number in the array or container of arrays? Of lists it is taken for granted."""
    data = X.data if isinstance(X, (Ragged, Padded)) else X
    return getattr(data, "size", 1) > 0


def lengths_of(model, X):
    """(items,) int32."""
    return model.ops.asarray1i([len(x) for x in X])


def _check_items(X):
    """Refuse a list of what has no rows.  An array of another framework passes: what stands there may know it."""
    for i, x in enumerate(X):
        if not hasattr(x, "shape"):
            raise ContainerError(
                f"item {i} of the batch is {describe(x)}, wants an array: numpy.asarray(item, dtype='float32')."
            )


def _rows(X):
    rows = 1
    for size in X.shape[:-1]:
        rows *= size
    return X if X.ndim == 2 else X.reshape((rows, X.shape[-1]))


def _unrows(Y, lead):
    return inherit(Y.reshape((*lead, Y.shape[-1])), Y)


def repad(ops, X, seqs):
    """Padded in the order of X, which need not be the one of list2padded for equal lengths."""
    order = as_ints(X.indices)
    if not order or [len(seqs[i]) for i in order] != as_ints(X.lengths):
        return ops.list2padded(seqs)
    padded = ops.pad([seqs[i] for i in order]).swapaxes(0, 1)
    return Padded(ops.xp.ascontiguousarray(padded), X.size_at_t, X.lengths, X.indices)


def _time_major(ops, X):
    nT, nB = X.shape[:2]
    return Padded(X, *map(ops.asarray1i, ([nB] * nT, [nT] * nB, range(nB))))


def _is_padded_data(X):
    """(data, size_at_t, lengths, indices), as opposed to four sequences of width W."""
    if not (isinstance(X, tuple) and len(X) == 4 and all(is_xp_array(x) for x in X)):
        return False
    return X[0].ndim > 1 and all(x.ndim == 1 for x in X[1:])


def _unknown(model, X, known):
    return ContainerError(f"Layer {model.name!r} got {type(X).__name__}. Give it {known}.")


# Batches that views show as they are. Of empty ones the gradients may need their width back.


def is_array(X):
    return type(X) is ndarray and X.size > 0


def is_list(X):
    return type(X) is list


def is_ragged(X):
    return type(X) is Ragged and X.data.size > 0


def is_padded(X):
    return type(X) is Padded and X.data.size > 0
