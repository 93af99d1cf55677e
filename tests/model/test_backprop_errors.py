"""An error in a callback names the layer that it belongs to, as one in a forward pass does."""

import numpy
import pytest

from thinc.api import (
    GRU,
    LSTM,
    ClippedLinear,
    Dropout,
    Embed,
    Gelu,
    LayerNorm,
    Linear,
    Maxout,
    Model,
    Ragged,
    Relu,
    RMSNorm,
    Sigmoid,
    Softmax,
    SwiGLU,
    chain,
    concatenate,
    list2array,
    list2padded,
    list2ragged,
    reduce_max,
    reduce_mean,
    residual,
    softmax_activation,
    with_array,
    with_list,
    with_padded,
    with_ragged,
)
from thinc.errors import ContainerError, ShapeError


def floats(*shape):
    return numpy.ones(shape, "f")


def failing(name="mine", error=KeyError):
    def forward(model, X, is_train):
        def backprop(dY):
            assert model.name == name
            raise error("colour")

        return X, backprop

    return Model(name, forward)


def hidden(error=KeyError):
    """A layer whose callback knows nothing of it."""

    def backprop(dY):
        raise error("colour")

    return Model("hidden", lambda model, X, is_train: (X, backprop))


def path_of_failure(model, X, error=KeyError, dY=None):
    Y, backprop = model.begin_update(X)
    with pytest.raises(error) as caught:
        backprop(Y if dY is None else dY)
    notes = getattr(caught.value, "__notes__", None)
    return notes[0].removeprefix("In the layer ") if notes else caught.value.where


@pytest.mark.parametrize(
    "make, path",
    [
        (lambda bad: chain(Linear(3, 3), bad), "chain[1] > mine"),
        (lambda bad: chain(bad, Linear(3, 3), Linear(3, 3)), "chain[0] > mine"),
        (lambda bad: chain(Linear(3, 3), chain(bad, Linear(3, 3))), "chain[1] > chain[0] > mine"),
        (lambda bad: chain(Linear(3, 3), residual(bad)), "chain[1] > residual[0] > mine"),
        (lambda bad: chain(residual(chain(Linear(3, 3), bad)), Linear(3, 3)),
         "chain[0] > residual[0] > chain[1] > mine"),
        (lambda bad: chain(concatenate(Linear(3, 3), residual(bad)), Linear(2, 6)),
         "chain[0] > concatenate[1] > residual[0] > mine"),
        (lambda bad: chain(with_array(chain(Linear(3, 3), bad)), Linear(3, 3)),
         "chain[0] > with_array[0] > chain[1] > mine"),
    ],
)  # fmt: skip
def test_the_path_of_the_layer_is_a_note(make, path):
    assert path_of_failure(make(failing()).initialize(), floats(2, 3)) == path


def test_a_callback_that_knows_no_layer_is_found_by_its_place():
    assert path_of_failure(chain(Linear(3, 3), hidden(), Gelu(3, 3)).initialize(), floats(2, 3)) == "chain[1] > hidden"


def test_our_errors_show_the_path_in_their_text():
    model = chain(Relu(3, 3), chain(Linear(3, 3), failing(error=ShapeError))).initialize()
    assert path_of_failure(model, floats(2, 3), ShapeError) == "chain[1] > chain[1] > mine"


def test_a_gradient_of_another_shape_names_its_layer():
    model = chain(Relu(4, 3), chain(Linear(2, 4), Linear(2, 2))).initialize()
    assert path_of_failure(model, floats(2, 3), ValueError, floats(2, 5)) == "chain[1] > chain[1] > linear"


def test_equal_layers_are_told_apart():
    model = chain(failing(), failing(), failing())
    assert path_of_failure(model, floats(2, 3)) == "chain[2] > mine"


def test_a_second_failure_of_one_error_object_keeps_its_first_path():
    error = KeyError("colour")
    model = chain(Linear(3, 3), failing(error=lambda text: error)).initialize()
    for _ in range(2):
        assert path_of_failure(model, floats(2, 3)) == "chain[1] > mine"


ARRAY, SEQUENCES = floats(4, 3), [floats(4, 3), floats(1, 3)]
ROOTS = [
    *((make, ARRAY, "an array") for make in (
        lambda: Linear(2, 3), lambda: Relu(2, 3), lambda: Gelu(2, 3), lambda: ClippedLinear(2, 3),
        lambda: Maxout(2, 3), lambda: Softmax(2, 3), lambda: LayerNorm(3), lambda: Dropout(0.2), lambda: RMSNorm(3), lambda: Sigmoid(2, 3), softmax_activation,
    )),
    (lambda: Embed(2, 5), numpy.array([1, 2], "i"), "an array"),
    *((make, Ragged(floats(4, 3), numpy.array([4], "i")), "an array") for make in (reduce_mean, reduce_max)),
    (list2array, SEQUENCES, "an array"),
    (list2ragged, SEQUENCES, "a Ragged"),
    (lambda: LSTM(2, 3), list2padded().predict(SEQUENCES), "a Padded"),
    *((make, SEQUENCES, "a list of arrays") for make in (
        lambda: with_padded(LSTM(2, 3)), lambda: with_ragged(take_apart()),
    )),
]  # fmt: skip


def take_apart():
    """A layer from Ragged to Ragged that takes its gradient apart."""
    return Model("take_apart", lambda model, X, is_train: (X, lambda dY: Ragged(dY.data * 2, dY.lengths)))


@pytest.mark.parametrize("make, X, wants", ROOTS)
@pytest.mark.parametrize("dY, came", [(1.5, "float"), (None, "NoneType"), ({}, "an empty dict")])
def test_a_gradient_that_is_no_batch_is_refused_by_a_layer_alone(make, X, wants, dY, came):
    model = make().initialize()
    name = model.name.partition("(")[0]
    _, backprop = model.begin_update(X)
    with pytest.raises(ContainerError) as caught:
        backprop(dY)
    assert str(caught.value) == f"{name}: the callback got {came}, wants the gradient of the output in {wants}."


def test_a_gradient_in_python_lists_or_tensors_is_refused():
    torch = pytest.importorskip("torch", reason="torch is not installed")
    for make, X, wants in ROOTS[:8]:
        _, backprop = make().initialize().begin_update(X)
        with pytest.raises(ContainerError, match=rf": the callback got list of 1 list of 2 float, wants .* in {wants}"):
            backprop([[1.0, 2.0]])
    for make in (Linear, Relu, Maxout):
        _, backprop = chain(Linear(3, 3), make(2, 3)).initialize().begin_update(ARRAY)
        with pytest.raises(
            ContainerError, match=r"^chain\[1\] > .* got torch.float32\[4, 2\].* Give it torch2xp\(dY\)"
        ):
            backprop(torch.ones(4, 2))


def test_a_list_for_the_gradient_of_a_list_holds_arrays():
    _, backprop = with_array(Linear(2, 3)).initialize().begin_update(SEQUENCES)
    with pytest.raises(ContainerError, match=r"^with_array: item 0 of the batch is list of 2 float, wants an array"):
        backprop([[1.0, 2.0], [3.0, 4.0]])


@pytest.mark.parametrize("layer", [Linear(2, 3), Maxout(2, 3), Relu(2, 3), Softmax(2, 3)])
def test_a_layer_alone_names_itself_for_a_gradient_of_another_shape(layer):
    _, backprop = layer.initialize().begin_update(ARRAY)
    with pytest.raises(ShapeError) as caught:
        backprop(floats(3, 7))
    assert caught.value.where == layer.name


def test_the_path_to_a_refused_gradient_is_whole():
    model = chain(with_list(residual(with_array(chain(Linear(3, 3), LayerNorm(3))))), with_array(Linear(2, 3)))
    _, backprop = model.initialize().begin_update(SEQUENCES)
    with pytest.raises(ContainerError) as caught:
        backprop(None)
    assert caught.value.where == "chain[1] > with_array[0] > linear"
    model = residual(chain(Relu(3, 3), GRU(3, 3))).initialize()
    _, backprop = model.begin_update(ARRAY)
    with pytest.raises(ContainerError) as caught:
        backprop(1.5)
    assert caught.value.where == "chain[1] > gru"


def test_a_gated_layer_names_itself_for_a_gradient_of_another_shape():
    _, backprop = SwiGLU(2, 3).initialize().begin_update(ARRAY)
    with pytest.raises(ValueError) as caught:
        backprop(floats(3, 7))
    assert getattr(caught.value, "__notes__", ["In the layer swiglu"]) == ["In the layer swiglu"]
