"""Values of any nesting go into torch modules and back, with their gradients."""

from collections import OrderedDict, namedtuple
from dataclasses import dataclass

import numpy
import pytest
import torch
from shims.nets import Calls, data, net

from thinc.api import ArgsKwargs
from thinc.errors import ShapeError
from thinc.layers.chain import chain
from thinc.layers.linear import Linear
from thinc.layers.pytorchwrapper import (
    PyTorchWrapper,
    convert_pytorch_default_inputs,
    convert_pytorch_default_outputs,
)
from thinc.shims.pytorch import torch2xp, xp2torch

Both = namedtuple("Both", "left right")


@dataclass(frozen=True)
class Cell:
    hidden: object
    rest: object = None


@dataclass
class Output(OrderedDict):
    """A dict whose keys are fields, as model outputs of transformers."""

    logits: object = None
    states: object = None

    def __post_init__(self):
        self.update({name: value for name, value in vars(self).items() if value is not None})


X = data(5, 3)
ONE = numpy.ones((5, 3), "f")


@pytest.mark.parametrize(
    "call, dY, factor",
    [
        (lambda X: (X, X * 2), (ONE, ONE), 3),
        (lambda X: [X, None, 7, True], [ONE, None, None, None], 1),
        (lambda X: {"a": X, "b": {"c": [X * 2]}}, {"b": {"c": [ONE]}}, 2),
        (lambda X: Both(X, X * 3), Both(None, ONE), 3),
        (lambda X: Both(X, X * 3), (ONE, ONE), 4),
        (lambda X: Cell(X, (X * 2, "text")), Cell(ONE, (ONE, None)), 3),
        (lambda X: Cell(X, (X * 2, "text")), {"rest": (ONE, None)}, 2),
        (lambda X: Output(logits=X, states=(X, X)), {"logits": ONE, "states": (None, ONE)}, 2),
        (lambda X: (X.argmax(1), X), (numpy.ones(5), ONE), 1),
        (lambda X: (X.detach(), X), (ONE, ONE), 1),
        (lambda X: X.sum(), numpy.float32(2), 2),
        (lambda X: (X.sum(), X), (3.0, ONE), 4),
        (lambda X: (X, X), None, 0),
        (lambda X: X, None, 0),
        (lambda X: (), (), 0),
        (lambda X: None, None, 0),
    ],
)
def test_outputs_keep_their_structure_and_gradients_find_their_way(call, dY, factor):
    model = PyTorchWrapper(Calls(call))
    wanted = call(torch.from_numpy(X))
    for Y in (model.predict(X), model.begin_update(X)[0]):
        assert type(Y) is (numpy.ndarray if isinstance(wanted, torch.Tensor) else type(wanted))
    Y, backprop = model.begin_update(X)
    assert numpy.array_equal(backprop(dY), factor * ONE)


@pytest.mark.parametrize(
    "wrap, call",
    [
        (lambda X: (X, X), lambda a, b: a + b),
        (lambda X: [X, 3, None, True], lambda a, n, none, flag: a * (2 if n == 3 and none is None and flag else 0)),
        (lambda X: {"a": X, "n": 2}, lambda a, n: a * n),
        (lambda X: ArgsKwargs((X,), {"b": [X]}), lambda a, b: a + b[0]),
        (lambda X: (Cell(X, 2),), lambda cell: cell.hidden * cell.rest),
        (lambda X: Cell(X, 2), lambda cell: cell.hidden * cell.rest),
        (lambda X: Both(X, X), lambda a, b: a + b),
        (lambda X: ({"k": (X, [X])},), lambda d: d["k"][0] + d["k"][1][0]),
        (lambda X: (X, numpy.float32(2), numpy.arange(3)), lambda a, two, ids: a * 2),
    ],
)
def test_gradients_have_the_structure_of_the_input(wrap, call):
    model = PyTorchWrapper(Calls(call))
    given = wrap(X)
    Y, backprop = model.begin_update(given)
    dX = backprop(numpy.ones_like(Y))
    assert type(dX) is type(given) and numpy.array_equal(Y, 2 * X)
    found = list(arrays(dX))
    assert sum(a.sum() for a in found if a.dtype == "f") == pytest.approx(2 * X.size)
    assert [a.shape for a in found] == [a.shape for a in arrays(given)]


def arrays(value):
    if isinstance(value, numpy.ndarray):
        yield value
    parts = vars(value).values() if hasattr(value, "__dataclass_fields__") else ()
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, (list, tuple)) else parts
    for part in parts:
        yield from arrays(part)


def test_integer_input_gets_zeros():
    model = PyTorchWrapper(torch.nn.Embedding(9, 2))
    for ids in (numpy.arange(4), numpy.arange(4, dtype="i")):
        Y, backprop = model.begin_update(ids)
        dX = backprop(numpy.ones_like(Y))
        assert not dX.any() and dX.dtype == ids.dtype
    assert model.shims[0]._model.weight.grad.sum() == 16


def test_a_wrong_gradient_is_named_and_may_be_given_again():
    Y, backprop = PyTorchWrapper(net()).begin_update(X)
    for dY in (Y[:, :1], Y[:3], Y[None], numpy.float32(1)):
        with pytest.raises(ShapeError, match=r"Layer 'pytorch': dY has shape .*, its output \(5, 2\)"):
            backprop(dY)
    assert backprop(numpy.ones_like(Y)).shape == X.shape


@pytest.mark.parametrize("dtype", ["float16", "float64", "int64", "bool"])
def test_gradients_of_other_dtypes_are_cast(dtype):
    model = PyTorchWrapper(torch.nn.Linear(3, 2))
    Y, backprop = model.begin_update(X)
    dX = backprop(numpy.ones(Y.shape, dtype))
    assert dX.dtype == "f" and numpy.allclose(dX, model.shims[0]._model.weight.detach().numpy().sum(0))


def test_bfloat16_is_widened_and_comes_back():
    module = torch.nn.Linear(3, 2).bfloat16()
    model = PyTorchWrapper(Calls(lambda inner, X: inner(X.bfloat16()), module))
    Y, backprop = model.begin_update(X)
    assert Y.dtype == "f" and backprop(numpy.ones_like(Y)).dtype == "f"
    assert module.weight.grad.dtype is torch.bfloat16


def test_an_output_that_is_a_weight_cannot_be_written():
    model = PyTorchWrapper(Calls(lambda inner, X: inner.weight, torch.nn.Linear(3, 2)))
    with pytest.raises(ValueError, match="read-only"):
        model.predict(X)[0] = 1


def test_custom_converters_see_the_published_contract():
    calls = []

    def convert_inputs(model, X, is_train):
        calls.append(("inputs", type(X), is_train))
        inputs = ArgsKwargs((xp2torch(X["x"], requires_grad=is_train),), {})
        return inputs, lambda d: {"x": torch2xp(d.args[0])}

    def convert_outputs(model, X_Y, is_train):
        given, Y = X_Y
        calls.append(("outputs", type(given), type(Y)))
        back = lambda dY: ArgsKwargs(((Y,),), {"grad_tensors": xp2torch(dY), "retain_graph": True})  # noqa: E731
        return torch2xp(Y), back

    model = PyTorchWrapper(torch.nn.Linear(3, 2), convert_inputs, convert_outputs)
    Y, backprop = model.begin_update({"x": X})
    first, second = backprop(numpy.ones_like(Y)), backprop(numpy.ones_like(Y))  # the graph was kept
    assert numpy.array_equal(first["x"], second["x"]) and first["x"].any()
    assert calls == [("inputs", dict, True), ("outputs", dict, torch.Tensor)]


def test_default_converters_can_be_called_by_others():
    model = PyTorchWrapper(net())
    inputs, get_dX = convert_pytorch_default_inputs(model, X, True)
    assert inputs.args[0].requires_grad and inputs.kwargs == {}
    outputs, backprop = model.shims[0](inputs, True)
    Y, get_dY = convert_pytorch_default_outputs(model, (X, outputs), True)
    grads = get_dY(numpy.ones_like(Y))
    assert grads.args == ((outputs,),) and grads.kwargs["grad_tensors"].shape == (5, 2)
    assert get_dX(backprop(grads)).shape == X.shape


def test_awkward_memory_is_copied():
    frozen = X.copy()
    frozen.setflags(write=False)
    tensor = xp2torch(frozen)
    tensor += 1
    assert numpy.array_equal(frozen, X)


def test_gradients_flow_between_native_and_torch_layers_of_several_outputs():
    first, inner = Linear(3, 3), torch.nn.Linear(3, 2)
    model = chain(first, PyTorchWrapper(Calls(lambda inner, X: (inner(X), X), inner)))
    first.set_param("W", numpy.eye(3, dtype="f"))
    first.set_param("b", numpy.zeros(3, "f"))
    (Y, same), backprop = model.begin_update(X)
    dX = backprop((numpy.ones_like(Y), numpy.ones_like(same)))
    assert numpy.allclose(dX, inner.weight.detach().numpy().sum(0) + 1, atol=1e-6)
