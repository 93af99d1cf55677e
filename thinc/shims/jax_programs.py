"""Compile a pure function once for each kind of inputs: forward, and backward from what it kept."""

from collections.abc import Callable
from typing import Any

import numpy

from ..errors import ContainerError
from .jax_arrays import JAX, import_jax
from .traced import Structure


def is_array(value: Any) -> bool:
    return isinstance(value, numpy.ndarray) or JAX.owns(value)


class Program:
    """One function, compiled for inputs of one signature.

    call: (parameters, rest, seed, inputs) -> (outputs, new state), traceable; `parameters` has
        gradients, `rest` is what else the function needs.
    """

    def __init__(self, call: Callable, inputs: Any):
        jax = import_jax()
        self._call = call
        self._inputs = Structure(inputs, is_array).forget()
        self._outputs: Any = None
        self._pull: Any = None
        self.predict = jax.jit(self._predict)
        self.forward = jax.jit(self._forward)
        self.backward = jax.jit(self._backward)

    def outputs(self, floats: Any, others: Any) -> Any:
        return self._outputs.filled(floats, others)

    def inputs(self, floats: Any) -> Any:
        """The inputs with the gradients in place of the arrays."""
        return self._inputs.filled(floats, None)

    def _run(self, parameters: Any, rest: Any, seed: Any, floats: Any, others: Any) -> tuple[Any, Any, Any]:
        jax = import_jax()
        outputs, state = self._call(parameters, rest, seed, self._inputs.filled(floats, others))
        found = Structure(outputs, lambda value: isinstance(value, (jax.Array, numpy.ndarray)))
        if any(isinstance(leaf, jax.core.Tracer) for leaf in jax.tree.leaves(found.skeleton)):
            raise ContainerError(
                f"JaxShim: arrays in an output of {type(outputs).__name__} can't be found. Return lists, tuples, dicts "
                "or dataclasses of arrays."
            )
        arrays = found.floats, found.others
        self._outputs = found.forget()
        return *arrays, state

    def _predict(self, parameters: Any, rest: Any, seed: Any, floats: Any, others: Any) -> tuple[Any, Any, Any]:
        """(Y floats, Y others, new state)."""
        return self._run(parameters, rest, seed, floats, others)

    def _forward(self, parameters: Any, rest: Any, seed: Any, floats: Any, others: Any) -> Any:
        """(Y floats, Y others, new state, what the backward pass needs)."""
        jax = import_jax()

        def run(parameters: Any, floats: Any) -> tuple[Any, Any]:
            Y, *more = self._run(parameters, rest, seed, floats, others)
            return Y, more

        Y, pull, (Y_others, state) = jax.vjp(run, parameters, floats, has_aux=True)
        # The function itself can't leave a compiled program cheaply; its arrays can.
        kept, self._pull = jax.tree.flatten(pull)
        return Y, Y_others, state, kept

    def _backward(self, kept: Any, dY: Any) -> tuple[Any, Any]:
        return import_jax().tree.unflatten(self._pull, kept)(dY)


def collect(value: Any) -> tuple[list[Any], list[Any]]:
    """The arrays that can have a gradient, and the others, in the order of `Structure`."""
    found = Structure(value, is_array)
    return found.floats, found.others


def bucket_size(n: int, buckets: Any) -> int:
    """The smallest bucket that holds n rows; n itself where none does.

    buckets: sizes in ascending order, or True for powers of two.
    """
    if n == 0:
        return 0
    if buckets is True:
        return 1 << (n - 1).bit_length()
    return next((size for size in buckets if size >= n), n)


def padded(array: Any, n: int) -> Any:
    """The array with zero rows behind it, n rows in all, as one of NumPy."""
    full = numpy.zeros((n, *array.shape[1:]), array.dtype)
    full[: len(array)] = array
    return full
