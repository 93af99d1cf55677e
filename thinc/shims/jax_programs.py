"""Compile a pure function once for each kind of inputs: forward, and backward from what it kept."""

from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

import numpy

from ..errors import ContainerError
from ..interop import convert_recursive
from ..types import ArgsKwargs
from .jax_arrays import JAX, import_jax, is_jax_float


@dataclass(frozen=True)
class Slot:
    """The place of an array in a structure, and whether it has a gradient."""

    index: int
    is_float: bool


def is_array(value: Any) -> bool:
    return isinstance(value, numpy.ndarray) or JAX.owns(value)


def is_slot(value: Any) -> bool:
    return type(value) is Slot


class Structure:
    """Containers with slots in place of their arrays, and where the arrays go."""

    def __init__(self, value: Any, is_match: Callable[[Any], bool]):
        self.floats: list[Any] = []
        self.others: list[Any] = []
        self.skeleton = convert_recursive(is_match, self._slot, value)

    def _slot(self, array: Any) -> Slot:
        kind = self.floats if is_jax_float(array) else self.others
        kind.append(array)
        return Slot(len(kind) - 1, kind is self.floats)

    def forget(self) -> "Structure":
        """Without the arrays, which are tracers or large."""
        self.floats, self.others = [], []
        return self

    def filled(self, floats: Any, others: Any) -> Any:
        """The containers with these arrays; None for all of a kind where that is None."""

        def fill(slot: Slot) -> Any:
            kind = floats if slot.is_float else others
            return None if kind is None else kind[slot.index]

        return convert_recursive(is_slot, fill, self.skeleton)


def signature(value: Any) -> Any:
    """What a program depends on: containers, plain values, shapes and dtypes.

    Raises ContainerError for a value that can't be compared.
    """
    if is_array(value):
        return value.shape, value.dtype
    if isinstance(value, ArgsKwargs):
        return signature(value.args), signature(value.kwargs)
    if isinstance(value, dict):
        return type(value), tuple((key, signature(each)) for key, each in value.items())
    if isinstance(value, (list, tuple)):
        return type(value), tuple(map(signature, value))
    if is_dataclass(value) and not isinstance(value, type):
        return type(value), tuple((f.name, signature(getattr(value, f.name))) for f in fields(value))
    try:
        hash(value)
    except TypeError as error:
        raise ContainerError(
            f"JaxWrapper can't compile for {type(value).__name__}: it has no hash. Give arrays, numbers and strings."
        ) from error
    return type(value), value


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
        arrays = found.floats, found.others
        self._outputs = found.forget()
        return *arrays, state

    def _predict(self, parameters: Any, rest: Any, seed: Any, floats: Any, others: Any) -> tuple[Any, Any]:
        return self._run(parameters, rest, seed, floats, others)[:2]

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
