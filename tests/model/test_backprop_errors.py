"""An error in a callback names the layer that it belongs to, as one in a forward pass does."""

import numpy
import pytest

from thinc.api import Gelu, Linear, Model, Relu, chain, concatenate, residual, with_array
from thinc.errors import ShapeError


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
