"""Hold the parameters and the state of a pure JAX function."""

import copy
import inspect
import threading
from collections.abc import Callable, Sequence
from typing import Any

import numpy

from .._identity import next_id
from ..config import registry
from ..errors import ContainerError, DeviceError, ShapeError
from ..interop import convert_recursive, is_floating, iterate_recursive, pair_recursive
from ..types import ArgsKwargs
from .jax_arrays import JAX, import_jax, jax2xp, narrowed, xp2jax
from .jax_programs import Program, bucket_size, collect, is_array, padded
from .shim import Shim
from .traced import Latest, signature

__all__ = ["JAX", "JaxShim", "jax2xp", "xp2jax"]


# A program holds some 100 KB; the one not used for longest goes when a shim has seen more kinds of inputs.
MOST_PROGRAMS = 256


@registry.shims("jax")
class JaxShim(Shim):
    """Interface between a pure function and a thinc layer.

    model: `apply(params, *inputs) -> outputs`, or with a state
        `apply(params, state, *inputs) -> (outputs, new state)`. Where it has parameters of these
        names, it gets `rng`, a new key for each call, and `is_train`, a bool.
    params, state: trees of arrays. What is not of a float type has no gradient.
    buckets: row counts to compile for, or True for powers of two; batches are filled up with zero
        rows, so rows must not depend on each other. Else each new shape is compiled, about 0.4 s.

    The function is compiled for each kind of inputs; the backward pass starts from what the
    forward pass kept. The new state of a training call replaces the old one.
    """

    framework = JAX
    key_prefix = "jax"

    def __init__(
        self,
        model: Callable,
        params: Any,
        state: Any = None,
        config: dict | None = None,
        optimizer: Any = None,
        *,
        buckets: Sequence[int] | bool | None = None,
    ):
        super().__init__(model, config, optimizer)
        jax = import_jax()
        named, self._tree = jax.tree_util.tree_flatten_with_path((params, state))
        self._values = {_name(path): _as_data(jax, leaf, path) for path, leaf in named}
        self._is_key = [_is_key(jax, leaf) for _, leaf in named]
        self._params = [_name(path) for path, leaf in named if path[0].idx == 0 and _has_gradient(leaf)]
        self._rest = [name for name in self._values if name not in set(self._params)]
        self._has_state = state is not None
        accepted = inspect.signature(model).parameters
        self._options = [name for name in ("rng", "is_train") if name in accepted]
        self._buckets = buckets
        self._grads: dict[str, Any] = {}
        self._start()

    def _start(self) -> None:
        self._programs = Latest(MOST_PROGRAMS)
        self._lock = threading.Lock()

    def __getstate__(self) -> dict:
        return {name: value for name, value in self.__dict__.items() if name not in ("_lock", "_programs")}

    def __setstate__(self, state: dict) -> None:
        self.__dict__.update(state)
        self._start()

    def weight_ids(self) -> dict[str, Any]:
        return {name: (self.id, name) for name in self._params}  # the function holds none

    def take(self, array: Any, needs_grad: bool) -> Any:
        # Compiled functions take NumPy's arrays ten times as fast as anything else.
        is_plain = isinstance(array, numpy.ndarray) and array.dtype.kind in "biufc" and array.dtype.isnative
        return narrowed(array) if is_plain else JAX.take(array)

    # Forward and backward

    def forward(self, inputs: ArgsKwargs, is_train: bool) -> tuple[Any, Callable[[Any], Any] | None]:
        if self._buckets:
            return self._forward_in_bucket(inputs, is_train)
        return self._forward(inputs, is_train)

    def _forward(self, inputs: ArgsKwargs, is_train: bool) -> tuple[Any, Callable[[Any], Any] | None]:
        program = self._program(inputs, is_train)
        arguments = (*self._arguments(), *collect(inputs))
        run = program.forward if is_train else program.predict
        Y, Y_others, state, *kept = run(*arguments)
        outputs = _computed(program.outputs(Y, Y_others))
        if state:
            with self._lock:
                self._values.update(state)
        if not is_train:
            return outputs, None

        def backward(d_outputs: Any) -> Any:
            dY = _gradients(outputs, d_outputs)
            d_params, d_floats = import_jax().block_until_ready(program.backward(*kept, dY))
            with self._lock:
                for name, grad in d_params.items():
                    self._grads[name] = self._grads[name] + grad if name in self._grads else grad
            return program.inputs(d_floats)

        return outputs, backward

    def _forward_in_bucket(self, inputs: ArgsKwargs, is_train: bool) -> tuple[Any, Callable[[Any], Any] | None]:
        counts = {len(array) if array.ndim else None for array in iterate_recursive(is_array, inputs)}
        n = counts.pop() if counts else None
        if n is None or counts:
            raise ShapeError(
                "JaxShim: with buckets, every input array needs the same number of rows. Set buckets=None."
            )
        size = bucket_size(n, self._buckets)

        def resize(value: Any, rows: int, length: int) -> Any:
            def cut(array: Any, _: Any, path: str) -> Any:
                if not array.ndim or len(array) != length:
                    return array
                return numpy.array(array[:rows]) if rows < length else padded(array, rows)

            return pair_recursive(is_array, cut, value, None)

        outputs, backward = self._forward(resize(inputs, size, n), is_train)
        outputs = convert_recursive(is_array, xp2jax, resize(outputs, n, size))
        if backward is None:
            return outputs, None
        return outputs, lambda d_outputs: resize(backward(resize(d_outputs, size, n)), n, size)

    def _program(self, inputs: ArgsKwargs, is_train: bool) -> Program:
        key = is_train, self._modes(), signature(inputs, is_array, lambda array: (array.shape, array.dtype))

        def call(params: Any, rest: Any, seed: Any, inputs: ArgsKwargs) -> tuple[Any, Any]:
            return self._call(params, rest, seed, inputs, is_train)

        return self._programs.get(key, lambda: Program(call, inputs))

    def _modes(self) -> Any:
        """What a program depends on beside its inputs."""
        return None

    def _arguments(self) -> tuple[dict[str, Any], dict[str, Any], Any]:
        with self._lock:
            params = {name: self._values[name] for name in self._params}
            rest = {name: self._values[name] for name in self._rest}
        # NumPy's generator, so that `fix_random_seed` repeats the keys.
        seed = numpy.uint32(numpy.random.randint(2**32, dtype="u8")) if "rng" in self._options else None  # noqa: NPY002
        return params, rest, seed

    def _call(
        self, params: dict[str, Any], rest: dict[str, Any], seed: Any, inputs: ArgsKwargs, is_train: bool
    ) -> tuple[Any, Any]:
        """Run the function on arrays or tracers: (outputs, new state by names)."""
        jax = import_jax()
        values = params | rest
        leaves = [
            jax.random.wrap_key_data(values[name]) if is_key else values[name]
            for name, is_key in zip(self._values, self._is_key)
        ]
        params, state = jax.tree_util.tree_unflatten(self._tree, leaves)
        options = {"rng": jax.random.key(seed) if seed is not None else None, "is_train": is_train}
        kwargs = {**inputs.kwargs, **{name: options[name] for name in self._options}}
        if not self._has_state:
            return self._model(params, *inputs.args, **kwargs), {}
        returned = self._model(params, state, *inputs.args, **kwargs)
        if not isinstance(returned, tuple) or len(returned) != 2:
            raise ContainerError(
                f"JaxShim: with a state, `apply` must return (outputs, new state), not {type(returned).__name__}."
            )
        named, _ = jax.tree_util.tree_flatten_with_path((None, returned[1]))
        new = {_name(path): _as_data(jax, leaf, path) for path, leaf in named}
        _check_state({name: value for name, value in values.items() if name.startswith("state")}, new)
        return returned[0], new if is_train else {}

    # Parameters

    def read(self) -> dict[str, Any]:
        return dict(self._values)

    def read_grads(self) -> dict[str, Any]:
        with self._lock:
            grads, self._grads = self._grads, {}
        return {name: grads[name] for name in self._values if name in grads}

    def write(self, values: dict[str, Any]) -> None:
        with self._lock:
            self._values.update(values)

    def param_names(self) -> list[str]:
        return list(self._params)

    def tree(self) -> tuple[Any, Any]:
        """(params, state) as the function takes them."""
        return import_jax().tree_util.tree_unflatten(self._tree, list(self.read().values()))

    def copy(self) -> "JaxShim":
        """With an id of its own; the arrays are shared, as nobody can write to them."""
        other = copy.copy(self)
        other.id, other.cfg = next_id(), copy.deepcopy(self.cfg)
        other._values, other._grads = dict(self._values), dict(self._grads)
        return other

    def to_device(self, device_type: str, device_id: int) -> None:
        jax = import_jax()
        try:
            device = jax.devices("cpu")[0] if device_type == "cpu" else jax.devices(device_type)[device_id]
        except (RuntimeError, IndexError) as error:
            raise DeviceError(f"JaxShim can't move to '{device_type}' {device_id}: {error}") from error
        self.write({name: jax.device_put(value, device) for name, value in self._values.items()})


def _computed(outputs: Any) -> Any:
    # JAX reads the caller's arrays until its outputs are there.
    for array in iterate_recursive(JAX.owns, outputs):
        array.block_until_ready()
    return outputs


def _gradients(outputs: Any, d_outputs: Any) -> list[Any]:
    """One gradient for each output that can have one, zeros where none was given."""
    found: list[Any] = []

    def collect_one(value: Any, grad: Any, path: str) -> None:
        if is_floating(value):
            found.append(numpy.zeros(value.shape, value.dtype) if grad is None else grad)

    pair_recursive(is_array, collect_one, outputs, d_outputs)
    return found


def _check_state(old: dict[str, Any], new: dict[str, Any]) -> None:
    """Raises ContainerError where a file of the new state would not fit the old one."""
    for name in sorted({*old, *new}):
        was, now = (f"{d[name].dtype}{list(d[name].shape)}" if name in d else "missing" for d in (old, new))
        if was != now:
            raise ContainerError(
                f"JaxShim: {name} was {was} and is {now} in the new state. Return all parts, of their shapes and types."
            )


def _name(path: Any) -> str:
    """`params['dense']['kernel']`"""
    return ("params", "state")[path[0].idx] + import_jax().tree_util.keystr(path[1:])


def _is_key(jax: Any, leaf: Any) -> bool:
    return isinstance(leaf, jax.Array) and jax.dtypes.issubdtype(leaf.dtype, jax.dtypes.prng_key)


def _as_data(jax: Any, leaf: Any, path: Any) -> Any:
    """A leaf as an array of numbers: files know no keys of random generators."""
    if _is_key(jax, leaf):
        return jax.random.key_data(leaf)
    if isinstance(leaf, jax.Array):
        return leaf
    if isinstance(leaf, numpy.ndarray):
        leaf = narrowed(leaf if leaf.dtype.isnative else leaf.astype(leaf.dtype.newbyteorder("=")))
    try:
        return jax.numpy.array(leaf)
    except TypeError as error:
        raise ContainerError(
            f"JaxShim: {_name(path)} is {type(leaf).__name__}. Give arrays alone, and let `apply` know the rest."
        ) from error


def _has_gradient(leaf: Any) -> bool:
    return hasattr(leaf, "dtype") and is_floating(leaf) if not isinstance(leaf, float) else True
