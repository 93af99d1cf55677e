"""Arrays cross between NumPy and JAX: dtypes, byte orders, memory, odd gradients."""

import numpy
import pytest
from shims.arrays import LAYOUTS, zeros_and_ones

from thinc.api import Adam, JaxWrapper, jax2xp, xp2jax
from thinc.errors import BorderError, ContainerError

jax = pytest.importorskip("jax", reason="JAX is not installed")
from shims.jax_functions import PARAMS, dense, floats, jnp  # noqa: E402


def test_what_is_handed_back_no_longer_reads_the_input():
    model, X = JaxWrapper(lambda p, X: jnp.tanh(X @ p) @ p.T, floats(400, 400)), floats(600, 400)
    for _ in range(10):
        copy = X.copy()
        expected = model.predict(X).copy()
        Y = model.predict(copy)
        copy[:] = 0
        assert numpy.array_equal(Y, expected)


def test_wide_numbers_are_refused_where_jax_would_round_them():
    model = JaxWrapper(lambda p, X: X * p, numpy.float32(1))

    with pytest.raises(BorderError, match="jax_enable_x64"):
        model.predict(numpy.ones((2, 2)))
    with pytest.raises(BorderError, match="jax_enable_x64"):
        model.predict(numpy.array([2**40]))
    assert numpy.array_equal(model.predict(numpy.array([1, 2])), [1, 2])


@pytest.mark.parametrize(
    "dtype", ["float16", "float32", "int8", "int16", "int32", "uint8", "uint16", "uint32", "bool", "complex64"]
)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_arrays_cross_both_ways(dtype, layout):
    array = zeros_and_ones(dtype, layout)
    back = jax2xp(xp2jax(array))

    assert back.dtype == array.dtype and back.shape == array.shape and numpy.array_equal(back, array)


def test_aligned_arrays_keep_their_memory():
    space = numpy.zeros(64 + 128, "uint8")
    start = -space.__array_interface__["data"][0] % 64
    array = space[start : start + 64].view("f").reshape(4, 4)

    assert jax2xp(xp2jax(array)).__array_interface__["data"][0] == array.__array_interface__["data"][0]


def test_bfloat16_parameters_are_saved_and_widened_outside():
    params = {"W": jnp.ones((3, 2), "bfloat16") / 3}
    model = JaxWrapper(lambda p, X: X.astype("bfloat16") @ p["W"], params)
    other = JaxWrapper(model.shims[0]._model, {"W": jnp.zeros((3, 2), "bfloat16")}).from_bytes(model.to_bytes())
    X = floats(2, 3)
    Y, backprop = other.begin_update(X)
    backprop(Y)
    other.finish_update(Adam(0.1))

    assert Y.dtype == "float32" and numpy.array_equal(Y, model.predict(X))
    assert other.shims[0].read()["params['W']"].dtype == "bfloat16"
    assert not numpy.array_equal(other.predict(X), Y)


@pytest.mark.parametrize("dtype", ["float64", "float16", "int64", ">f4"])
def test_gradients_of_other_types_are_taken(dtype):
    model, X = JaxWrapper(dense, PARAMS), floats(5, 3)
    wanted = model.begin_update(X)[1](numpy.ones((5, 2), "f"))
    assert numpy.array_equal(model.begin_update(X)[1](numpy.ones((5, 2), dtype)), wanted)


def test_an_output_without_axes_takes_a_number():
    model, X = JaxWrapper(lambda params, X: (X * params).sum(), floats(3)), floats(5, 3)
    Y, backprop = model.begin_update(X)
    assert Y.shape == () and numpy.allclose(backprop(2.0), 2 * numpy.broadcast_to(model.shims[0].tree()[0], (5, 3)))


def test_outputs_whose_arrays_are_hidden_are_refused():
    @jax.tree_util.register_pytree_node_class
    class Hidden:
        def __init__(self, array):
            self.array = array

        def tree_flatten(self):
            return (self.array,), None

        @classmethod
        def tree_unflatten(cls, _, children):
            return cls(*children)

    with pytest.raises(ContainerError, match="Hidden"):
        JaxWrapper(lambda params, X: Hidden(X), {}).predict(floats(2, 3))


def test_parameters_of_foreign_byte_order_are_read_right():
    swapped = {name: value.astype(">f4") for name, value in PARAMS.items()}
    X = floats(2, 3)
    assert numpy.array_equal(JaxWrapper(dense, swapped).predict(X), JaxWrapper(dense, PARAMS).predict(X))
