"""Use a pure JAX function, or a module of Flax or Equinox, as a layer."""

from collections.abc import Callable, Sequence
from typing import Any

from ..config import registry
from ..model import Model
from ..shims.jax import JaxShim
from ..shims.jax_modules import equinox_function, linen_function, nnx_function
from ._framework import check_foreign, wrap_shim


@registry.layers("JaxWrapper.v1")
def JaxWrapper(
    apply: Callable,
    params: Any,
    state: Any = None,
    *,
    convert_inputs: Callable | None = None,
    convert_outputs: Callable | None = None,
    buckets: Sequence[int] | bool | None = None,
) -> Model[Any, Any]:
    """Y = apply(params, X), or (Y, new state) = apply(params, state, X).

    apply: pure; it gets `rng` and `is_train` where it has parameters of these names.
    buckets: row counts to compile for, or True for powers of two; rows must be independent.

    JAX arrays never change, so the layer has weights of its own, and two layers made from the same
    `params` share nothing.  To share weights, use one layer in several places.
    """
    check_foreign(apply, "a function of JAX arrays")
    return wrap_shim(JaxShim(apply, params, state, buckets=buckets), "jax", convert_inputs, convert_outputs)


@registry.layers("FlaxWrapper.v1")
def FlaxWrapper(
    module: Any,
    variables: Any = None,
    *,
    convert_inputs: Callable | None = None,
    convert_outputs: Callable | None = None,
    buckets: Sequence[int] | bool | None = None,
) -> Model[Any, Any]:
    """Wrap a module of flax.nnx, or one of flax.linen with its variables from `module.init`.

    linen: all collections but "params" are the state; dropout gets new keys for each call, and an
    argument `train`, `training`, `is_train` or `deterministic` of the module says what to do.
    nnx: what is no nnx.Param is the state, its Rngs included.
    The layer has weights of its own, as with JaxWrapper: the module does not learn.
    """
    if variables is None and hasattr(module, "init_with_output"):
        raise ValueError("FlaxWrapper: a module of flax.linen needs its variables; give it those of module.init(…).")
    function = nnx_function(module) if variables is None else linen_function(module, variables)
    return wrap_shim(JaxShim(*function, buckets=buckets), "flax", convert_inputs, convert_outputs)


@registry.layers("EquinoxWrapper.v1")
def EquinoxWrapper(
    module: Any,
    state: Any = None,
    *,
    is_batched: bool = False,
    convert_inputs: Callable | None = None,
    convert_outputs: Callable | None = None,
    buckets: Sequence[int] | bool | None = None,
) -> Model[Any, Any]:
    """Wrap an Equinox module, and its state from `eqx.nn.make_with_state` if it has one.

    is_batched: the module takes whole batches; else it takes one example and is mapped over the
    rows, with the axis name "batch".
    The layer has weights of its own, as with JaxWrapper: the module does not learn.
    """
    function = equinox_function(module, state, is_batched)
    return wrap_shim(JaxShim(*function, buckets=buckets), "equinox", convert_inputs, convert_outputs)
