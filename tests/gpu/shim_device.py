"""The networks of the shims' contract on a GPU: batches go there and come back, the contract sees the host."""

from dataclasses import replace
from functools import partial

import numpy

from thinc.interop import convert_recursive, is_cupy_array, is_numpy_array


def on_gpu(sample):
    """The same sample, whose layers live on the first GPU."""
    return replace(sample, make=partial(moved, sample.make), nested=partial(moved, sample.nested))


def moved(make):
    model = make()
    model.to_gpu(0)
    model._func = partial(forward, model._func)
    return model


def forward(inner, model, X, is_train):
    """What the layer gives for a batch that was moved to its device: on the way no array leaves it."""
    Y, backprop = inner(model, to_device(model.ops, X), is_train)
    return to_host(Y), lambda dY: to_host(backprop(to_device(model.ops, dY)))


def to_device(ops, batch):
    def move(array):
        native = array.astype(array.dtype.newbyteorder("="), copy=False)  # CuPy knows no other order
        return ops.xp.asarray(numpy.ascontiguousarray(native) if native.ndim else native)

    return convert_recursive(is_numpy_array, move, batch)


def to_host(batch):
    return convert_recursive(is_cupy_array, lambda array: array.get(), batch)
