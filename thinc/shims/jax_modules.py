"""Turn modules of Flax and Equinox into pure functions with parameters and state."""

import inspect
from collections.abc import Callable
from typing import Any

from ..errors import MissingFrameworkError
from .jax_arrays import import_jax

# How the call of a linen module may ask for its mode, and what that is in training.
_MODES = {"train": True, "training": True, "is_train": True, "deterministic": False}
Function = tuple[Callable, Any, Any]  # apply, params, state


def linen_function(module: Any, variables: Any) -> Function:
    """A flax.linen module with the variables that `module.init` gave."""
    params = variables["params"] if "params" in variables else {}
    state = {name: value for name, value in variables.items() if name != "params"}
    accepted = inspect.signature(type(module).__call__).parameters
    modes = {name: value for name, value in _MODES.items() if name in accepted}

    def run(params: Any, state: Any, args: Any, kwargs: Any, rng: Any, is_train: bool) -> Any:
        kwargs = {**{name: value == is_train for name, value in modes.items()}, **kwargs}
        rngs = {"dropout": rng} if is_train else {}
        given = {"params": params, **(state or {})}
        return module.apply(given, *args, rngs=rngs, mutable=list(state) if state else False, **kwargs)

    def apply(params: Any, *args: Any, rng: Any, is_train: bool, **kwargs: Any) -> Any:
        return run(params, None, args, kwargs, rng, is_train)

    def apply_with_state(params: Any, state: Any, *args: Any, rng: Any, is_train: bool, **kwargs: Any) -> Any:
        return run(params, state, args, kwargs, rng, is_train)

    return (apply_with_state, params, state) if state else (apply, params, None)


def nnx_function(module: Any) -> Function:
    """A flax.nnx module; its values are copied, so the module itself does not learn.

    Raises MissingFrameworkError.
    """
    import_jax()
    try:
        from flax import nnx
    except ImportError as error:
        raise MissingFrameworkError("Flax is not installed. Install it with `pip install flax`.") from error
    graph, params, rest = nnx.split(module, nnx.Param, ...)

    def apply(params: Any, rest: Any, *args: Any, is_train: bool, **kwargs: Any) -> Any:
        model = nnx.merge(graph, params, rest, copy=True)
        model.train() if is_train else model.eval()
        outputs = model(*args, **kwargs)
        return outputs, nnx.split(model, nnx.Param, ...)[2]

    return apply, params, rest


def equinox_function(module: Any, state: Any, is_batched: bool) -> Function:
    """An Equinox module; if it takes a `key`, it gets one in training, a new one for each call.

    Raises MissingFrameworkError.
    """
    import_jax()
    try:
        import equinox
    except ImportError as error:
        raise MissingFrameworkError("Equinox is not installed. Install it with `pip install equinox`.") from error
    params, static = equinox.partition(module, equinox.is_inexact_array)
    has_key = "key" in inspect.signature(type(module).__call__).parameters

    def run(params: Any, args: Any, kwargs: Any, rng: Any, is_train: bool, state: tuple = ()) -> Any:
        jax = import_jax()
        model = equinox.nn.inference_mode(equinox.combine(params, static), not is_train)

        def one(key: Any, state: tuple, *args: Any) -> Any:
            return model(*args, *state, **({**kwargs, "key": key} if has_key else kwargs))

        if is_batched:
            return one(rng, state, *args)
        keys = jax.random.split(rng, len(args[0]))
        axes = (0, None, *(0 if hasattr(each, "ndim") else None for each in args))
        out_axes = (0, None) if state else 0
        return jax.vmap(one, in_axes=axes, out_axes=out_axes, axis_name="batch")(keys, state, *args)

    def apply(params: Any, *args: Any, rng: Any, is_train: bool, **kwargs: Any) -> Any:
        return run(params, args, kwargs, rng, is_train)

    def apply_with_state(params: Any, state: Any, *args: Any, rng: Any, is_train: bool, **kwargs: Any) -> Any:
        return run(params, args, kwargs, rng, is_train, (state,))

    return (apply, params, None) if state is None else (apply_with_state, params, state)
