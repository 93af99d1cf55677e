"""A torch module made from a model gives the same outputs and gradients."""

import copy
import pickle

import numpy
import pytest
import torch
from torch import nn

import thinc.interop
from thinc.api import (
    GLU,
    GRU,
    LSTM,
    Activation,
    BatchNorm,
    Conv1d,
    Dropout,
    Embed,
    Gelu,
    LayerNorm,
    Linear,
    Maxout,
    Mish,
    Model,
    MultiHeadAttention,
    PyTorchWrapper,
    Relu,
    RMSNorm,
    Sigmoid,
    Softmax,
    SwiGLU,
    Swish,
    TransformerEncoder,
    add,
    chain,
    clone,
    concatenate,
    from_torch,
    noop,
    residual,
    to_torch,
    with_array,
    with_array2d,
    with_padded,
)
from thinc.errors import ConversionError, ShapeError
from thinc.migration import back, converts_back
from thinc.types import Ragged

from .architectures import ARCHITECTURES, make
from .twins import LIMITS, difference, first, numbers, randomized, to_tensors

LENGTHS = (3, 5, 1)


def ready(model, X, dtype="float32"):
    """Initialized with random parameters; variances stay positive."""
    model.initialize(X=X)
    for i, node in enumerate(model.walk()):
        for j, name in enumerate(node.param_names):
            if name != "HC0":
                value = numbers(*node.get_param(name).shape, seed=100 * i + j, dtype=dtype) * 0.4
                node.set_param(name, abs(value) + 0.5 if name == "variance" else value)
    return model


ROWS = {
    "linear": lambda: Linear(3),
    "activations": lambda: chain(Relu(5), Gelu(4), Mish(6), Swish(4), Sigmoid(3)),
    "norms": lambda: chain(Linear(4), LayerNorm(), RMSNorm(eps=0.1), BatchNorm(momentum=0.3), LayerNorm(eps=0.1)),
    "gates": lambda: chain(GLU(6), Dropout(0.0), noop(), Activation("glu"), Activation("hardtanh", low=-0.1)),
    "residual": lambda: residual(chain(Linear(4), residual(Activation("gelu_tanh")))),
    "side by side": lambda: concatenate(Linear(3), chain(Linear(2), Activation("tanh")), Linear(1)),
    "sum": lambda: add(Linear(3), Linear(3), Linear(3)),
    "clone": lambda: clone(residual(Linear(4)), 3),
    "tree": lambda: chain(concatenate(residual(Linear(4)), Linear(2)), Linear(3), Activation("log_softmax")),
}
SEQUENCES = {
    "GRU": lambda: GRU(4, bi=True, depth=2),
    "LSTM": lambda: with_padded(LSTM(6, bi=True, depth=2)),
    "convolution": lambda: chain(Conv1d(5, kernel_size=4), with_array(Activation("relu")), Conv1d(3, dilation=2)),
    "batch norm": lambda: chain(with_array2d(Linear(3)), BatchNorm()),
    "attention": lambda: MultiHeadAttention(n_heads=2),
    "causal attention": lambda: MultiHeadAttention(n_heads=4, is_causal=True),
    "transformer": lambda: TransformerEncoder(4, depth=2, n_heads=2, nF=6, dropout=0.0, activation="gelu"),
    "transformer, norm last": lambda: TransformerEncoder(
        4, depth=2, n_heads=2, dropout=0.0, activation="mish", norm="rmsnorm", norm_first=False, is_causal=True
    ),
}


def check(model, module, Y, backprop, T, pick, dtype):
    """Output, gradient of the input and of every parameter."""
    Z = pick(module(*T))
    dY = numbers(*Y.shape, seed=5, dtype=dtype)
    Z.backward(torch.tensor(dY))
    found = {"Y": difference(Y, Z), "dX": difference(backprop(dY), pick(T[0].grad))}
    twin = copy.deepcopy(module)
    with torch.no_grad():
        for mine, its in zip(twin.parameters(), module.parameters(), strict=True):
            mine.copy_(its.grad)
    found.update(differences_of_gradients(model, twin))
    assert {name: value for name, value in found.items() if not value <= LIMITS[dtype]} == {}


def differences_of_gradients(model, twin):
    """The same numbers in the same order: a model whose parameters are its gradients gives the twin."""
    as_weights = model.copy()
    for node, its in zip(as_weights.walk(), model.walk(), strict=True):
        for name in node.param_names:
            if its.has_grad(name):
                node.set_param(name, its.get_grad(name))
    expected = dict(twin.named_parameters())
    return {
        name: difference(value.detach().numpy(), expected[name])
        for name, value in to_torch(as_weights).named_parameters()
    }


@pytest.mark.parametrize("dtype", LIMITS)
@pytest.mark.parametrize("name", ROWS)
def test_layers_of_rows(name, dtype):
    X = numbers(6, 4, dtype=dtype)
    model = ready(ROWS[name](), numbers(6, 4), dtype)
    module = to_torch(model).train()

    Y, backprop = model.begin_update(X)

    check(model, module, Y, backprop, [torch.tensor(X, requires_grad=True)], lambda Z: Z, dtype)
    assert difference(model.predict(X), module.eval()(torch.tensor(X))) <= LIMITS[dtype]


@pytest.mark.parametrize("dtype", LIMITS)
@pytest.mark.parametrize("name", SEQUENCES)
def test_layers_of_sequences_with_lengths(name, dtype):
    lengths = numpy.array(LENGTHS, "int32")
    is_row = numpy.arange(5)[None] < lengths[:, None]
    padded = numbers(3, 5, 4, dtype=dtype)
    X = Ragged(padded[is_row], lengths)
    model = ready(SEQUENCES[name](), Ragged(X.data.astype("float32"), lengths), dtype)
    module = to_torch(model).train()

    Y, backprop = model.begin_update(X)

    T = [torch.tensor(padded, requires_grad=True), torch.tensor(lengths)]
    check(
        model, module, Y.data, lambda dY: backprop(Ragged(dY, lengths)).data, T, lambda Z: Z[torch.tensor(is_row)], dtype
    )  # fmt: skip
    evaluated = module.eval()(torch.tensor(padded), torch.tensor(lengths))
    assert difference(model.predict(X).data, evaluated[torch.tensor(is_row)]) <= LIMITS[dtype]


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("name", ARCHITECTURES)
def test_there_and_back_again(name, seed):
    case = make(name, seed)
    module = randomized(case.module, seed=seed)
    back = to_torch(from_torch(module))
    outputs, inputs = [], []
    for each in (module, back):
        args, kwargs = to_tensors(case.X, True)
        outputs.append(first(each.train()(*args, **kwargs)))
        inputs.append(args)
    kept = slice(None) if case.sees is None else case.sees
    dY = torch.tensor(numbers(*outputs[0].shape, seed=1))
    for Y in outputs:
        (Y[kept] * dY[kept]).sum().backward()

    found = [difference(outputs[1][kept].detach().numpy(), outputs[0][kept])]
    for mine, its in zip(inputs[1], inputs[0]):
        if its.grad is not None:
            found.append(difference(mine.grad.numpy(), its.grad))
    assert max(found) <= 1e-5
    sums = [
        sum(float(abs(p.grad.double()).sum()) for p in m.parameters() if p.grad is not None and p.requires_grad)
        for m in (module, back)
    ]
    assert sums[1] == pytest.approx(sums[0], rel=1e-4)


def test_a_wrapper_gives_its_own_module():
    module = nn.Linear(3, 2)

    assert to_torch(PyTorchWrapper(module)) is module
    assert to_torch(chain(noop(), PyTorchWrapper(module)))[1] is module


def test_a_layer_that_occurs_twice_is_one_module():
    layer = Linear(4, 4).initialize()
    module = to_torch(chain(layer, Activation("relu"), layer))

    assert module[0] is module[2]


def test_the_weights_are_copies():
    layer = Linear(4, 4).initialize()
    with torch.no_grad():
        to_torch(layer).weight.zero_()

    assert layer.get_param("W").any()


def test_frozen_parameters_need_no_gradient():
    module = to_torch(Linear(4, 4).initialize().freeze("*.b"))

    assert (module.weight.requires_grad, module.bias.requires_grad) == (True, False)


def test_ids_and_padding():
    model = ready(chain(Embed(3, 5, padding_idx=1), Linear(2)), numpy.zeros(2, "i"))
    module = to_torch(model)

    assert module[0].padding_idx == 1
    assert difference(model.predict(numpy.array([4, 1])), module(torch.tensor([4, 1]))) <= 1e-5


def test_modules_can_be_pickled():
    model = ready(residual(chain(Linear(4), concatenate(Linear(2), Linear(2)))), numbers(2, 4))
    module = to_torch(model)

    assert torch.equal(pickle.loads(pickle.dumps(module))(torch.ones(2, 4)), module(torch.ones(2, 4)))


def foreign():
    return Model("mine", lambda model, X, is_train: (X, lambda dY: dY))


@pytest.mark.parametrize(
    "model, text",
    [
        (chain(noop(), residual(Maxout(4, 4))), r"chain\[1\] > residual\[0\] > maxout: no converter"),
        (foreign(), "mine: no converter for it. Register one"),
        (SwiGLU(4, 4).initialize(), "swiglu: torch has no module for this gate"),
        (MultiHeadAttention(4, 4, rotary=True, n_heads=1, nM=4).initialize(), "attention: torch has no rotary"),
        (MultiHeadAttention(4, 2, n_heads=1, nM=4).initialize(), "nO = nI, but they are 4 and 2"),
        (LSTM(4, 4, dropout=0.1).initialize(), "lstm: it drops weights.*set_dropout_rate"),
        (Embed(4, 4, dropout=0.1).initialize(), "embed: it drops whole columns"),
        (Linear(4, 4), "'W' of model 'linear' is not set"),
        ("text", "got str. Give it a Model"),
    ],
    ids=["combinator", "foreign", "gate", "rotary", "width", "weight drop", "column drop", "unset", "no model"],
)
def test_what_torch_can_not_do_is_refused(model, text):
    with pytest.raises(ValueError, match=text):
        to_torch(model)


def test_a_third_party_adds_its_layer(monkeypatch):
    monkeypatch.setattr(back, "_converters", dict(back._converters))
    layer = foreign()

    @converts_back(layer._func)
    def identity(node, child):
        assert node is layer
        return nn.Identity()

    assert isinstance(to_torch(chain(noop(), layer))[1], nn.Identity)


def test_lengths_that_change_are_refused():
    module = to_torch(Conv1d(3, 4, padding=0).initialize())

    with pytest.raises(ShapeError, match="changes the lengths"):
        module(torch.ones(2, 5, 4), torch.tensor([5, 4]))
    assert module(torch.ones(2, 5, 4)).shape == (2, 3, 3)


def test_softmax_gives_probabilities():
    model = ready(Softmax(3), numbers(2, 4))

    assert difference(model.predict(numbers(5, 4)), to_torch(model)(torch.tensor(numbers(5, 4)))) <= 1e-5


def test_the_name_is_found_where_it_is_promised():
    assert thinc.interop.to_torch is to_torch
    assert issubclass(ConversionError, ValueError)


def test_a_model_of_the_host_stays_there_whatever_ops_are_in_use(monkeypatch):
    def hidden():
        raise AssertionError("the device of the ops in use was asked for")

    monkeypatch.setattr("thinc.shims.torch_arrays.get_torch_default_device", hidden)
    module = to_torch(Linear(2, 3).initialize())
    assert module.weight.device.type == "cpu"
