"""Run a Keras model through a traced function, or eagerly where it can't be traced."""

from collections.abc import Callable
from typing import Any

from ..interop import dtype_name
from ..types import ArgsKwargs
from .tensorflow_arrays import TENSORFLOW, import_tensorflow
from .traced import Structure, signature


class TracedCalls:
    """Functions traced once for each kind of inputs; axis 0 may have any length.

    Where a second length of another axis comes, that axis is left open and traced anew, so a
    layer that needs to know its sizes keeps them as long as they don't change.
    """

    def __init__(self, call: Callable):
        """call: (inputs, is_train) -> outputs."""
        self._call = call
        self._functions: dict[Any, _Traced] = {}
        self._is_eager = False

    def __call__(self, inputs: ArgsKwargs, is_train: bool) -> Any:
        if self._is_eager:
            return self._call(inputs, is_train)
        key = is_train, signature(inputs, TENSORFLOW.owns, lambda tensor: (dtype_name(tensor), len(tensor.shape)))
        if key not in self._functions:
            self._functions[key] = _Traced(self._call, inputs, is_train)
        traced = self._functions[key]
        try:
            traced.prepare(inputs)
        except Exception:  # whatever a user's model raises when it meets symbols in place of numbers
            outputs = self._call(inputs, is_train)
            self._is_eager = True  # it was no mistake in the inputs
            return outputs
        return traced(inputs)


class _Traced:
    """One function, with the lengths that all its inputs had so far."""

    def __init__(self, call: Callable, inputs: ArgsKwargs, is_train: bool):
        found = Structure(inputs, TENSORFLOW.owns)
        self._shapes = [_first_open(tensor) for tensor in (*found.floats, *found.others)]
        self._count = len(found.floats)
        self._inputs, self._outputs = found.forget(), None
        self._call, self._is_train, self._concrete = call, is_train, None

    def prepare(self, inputs: ArgsKwargs) -> None:
        """Trace, if these inputs are the first, or the first of their lengths."""
        tensorflow = import_tensorflow()
        tensors = self._tensors(inputs)
        shapes = [_common(shape, tensor) for shape, tensor in zip(self._shapes, tensors)]
        if self._concrete is not None and shapes == self._shapes:
            return
        self._shapes = shapes
        specs = [tensorflow.TensorSpec(shape, tensor.dtype) for shape, tensor in zip(shapes, tensors)]
        function = tensorflow.function(self._run, autograph=False)
        self._concrete = function.get_concrete_function(*specs)

    def __call__(self, inputs: ArgsKwargs) -> Any:
        floats, others = self._concrete(*self._tensors(inputs))
        return self._outputs.filled(floats, others)

    def _tensors(self, inputs: ArgsKwargs) -> list[Any]:
        found = Structure(inputs, TENSORFLOW.owns)
        return [*found.floats, *found.others]

    def _run(self, *tensors: Any) -> tuple[list[Any], list[Any]]:
        inputs = self._inputs.filled(tensors[: self._count], tensors[self._count :])
        found = Structure(self._call(inputs, self._is_train), TENSORFLOW.owns)
        arrays = found.floats, found.others
        self._outputs = found.forget()
        return arrays


def _first_open(tensor: Any) -> list[int | None]:
    return [None, *tensor.shape[1:]] if len(tensor.shape) else []


def _common(shape: list[int | None], tensor: Any) -> list[int | None]:
    return [length if length == came else None for length, came in zip(shape, tensor.shape)]
