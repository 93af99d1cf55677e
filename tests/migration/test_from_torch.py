"""A model made from a torch module gives the same outputs and gradients, whatever the architecture."""

import copy

import numpy
import pytest
import torch
from torch import nn

import thinc.interop
from thinc.api import Adam, ArgsKwargs, from_torch
from thinc.errors import ContainerError, ConversionError, DTypeError, ShapeError

from .architectures import ACTIVATIONS, ARCHITECTURES, make
from .twins import LIMITS, arguments, compare, difference, numbers, randomized

WRAPPED = {"classifier of sequences": ["2", "3"]}  # what has no converter
DTYPES = ("float32", "float64")


def reported(module, **options):
    reports = []
    from_torch(module, report=reports.append, **options)
    return reports[0]


@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", ARCHITECTURES)
def test_outputs_and_gradients_equal_those_of_torch(name, dtype, seed):
    case = make(name, seed, dtype)
    found = compare(randomized(case.module, dtype, seed), case.X, sees=case.sees)

    assert {key: value for key, value in found.items() if not value <= LIMITS[dtype]} == {}
    assert len(found) > 2  # at least one gradient was compared


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_what_has_a_converter_is_native(name):
    assert [entry.path for entry in reported(make(name, 0).module).wrapped] == WRAPPED.get(name, [])


@pytest.mark.parametrize("activation", ACTIVATIONS, ids=str)
@pytest.mark.parametrize("shape", [(6,), (2, 6), (3, 2, 4, 6), (0, 6)], ids=str)
def test_activations_take_arrays_of_any_shape(activation, shape):
    X = numbers(*shape) * 4

    assert all(value <= 1e-5 for value in compare(copy.deepcopy(activation), X).values())


@pytest.mark.parametrize("axis", [0, 1, -2, 2])
@pytest.mark.parametrize("make_module", [nn.Softmax, nn.LogSoftmax, nn.GLU])
def test_activations_along_any_axis(make_module, axis):
    assert all(value <= 1e-5 for value in compare(make_module(dim=axis), numbers(4, 6, 2)).values())


@pytest.mark.parametrize("make_module", [nn.GRU, nn.LSTM])
@pytest.mark.parametrize("batch_first", [False, True])
def test_recurrent_layers_take_lengths(make_module, batch_first):
    module = randomized(make_module(3, 2, 2, batch_first=batch_first, bidirectional=True))
    X, lengths = numbers(4, 5, 3), numpy.array([2, 5, 1, 5])
    X = X if batch_first else X.swapaxes(0, 1).copy()

    def run(module, X, lengths):
        rnn = nn.utils.rnn
        packed = rnn.pack_padded_sequence(X, lengths, batch_first=batch_first, enforce_sorted=False)
        return rnn.pad_packed_sequence(module(packed)[0], batch_first=batch_first)[0]

    assert all(value <= 1e-5 for value in compare(module, (X, lengths), call=run).values())


def test_attention_alone_attends_to_itself():
    module = randomized(nn.MultiheadAttention(6, 2))
    X = numbers(4, 3, 6)

    found = compare(module, X, call=lambda module, X: module(X, X, X)[0])

    assert all(value <= 1e-5 for value in found.values())


def test_a_query_that_sees_nothing_gives_the_bias_of_the_output():
    module = randomized(nn.MultiheadAttention(4, 2, batch_first=True))
    X, hidden = numbers(1, 2, 4), numpy.ones((1, 2), bool)

    Y = from_torch(module).predict(ArgsKwargs((X, X, X), {"key_padding_mask": hidden}))

    assert difference(Y[0, 0], module.out_proj.bias) == 0.0


def test_is_causal_hides_what_comes_later():
    module = randomized(nn.MultiheadAttention(4, 2, batch_first=True))
    model, X = from_torch(module), numbers(2, 5, 4)
    masked = model.predict(ArgsKwargs((X, X, X), {"attn_mask": numpy.triu(numpy.ones((5, 5), bool), 1)}))

    assert difference(model.predict({"query": X, "is_causal": True}), masked) == 0.0


@pytest.mark.parametrize("name", ["batch norm mlp", "convolutions"])
def test_running_statistics_follow_those_of_torch(name):
    case = make(name, 0)
    module = randomized(case.module)
    model = from_torch(module)
    for _ in range(3):
        model.begin_update(case.X)
        module.train()(torch.tensor(case.X))
    module.eval()

    assert difference(model.predict(case.X), module(torch.tensor(case.X))) <= 1e-5


@pytest.mark.parametrize(
    "name", ["deep mlp", "embedded", "GRU without biases", "language model", "norms without weights"]
)
def test_training_stays_beside_that_of_torch(name):
    """Five steps of gradient descent: rows of padding, absent biases and norms move alike."""

    def descend(key, W, dW):
        W = W - 0.1 * dW
        dW.fill(0)
        return W, dW

    case = make(name, 0, "float64")
    module = randomized(case.module, "float64").train()
    model = from_torch(module)
    for step in range(5):
        Y, backprop = model.begin_update(case.X)
        dY = numbers(*Y.shape, seed=step, dtype="float64")
        backprop(dY)
        model.finish_update(descend)
        module.zero_grad()
        expected = module(torch.tensor(case.X))
        (expected[0] if isinstance(expected, tuple) else expected).backward(torch.tensor(dY))
        with torch.no_grad():
            for parameter in module.parameters():
                parameter -= 0.1 * parameter.grad
    expected = module.eval()(torch.tensor(case.X))

    assert difference(model.predict(case.X), expected[0] if isinstance(expected, tuple) else expected) <= 1e-6


def test_the_module_is_left_as_it_is():
    case = make("classifier of sequences", 0)
    before = copy.deepcopy(case.module.state_dict())
    model = from_torch(case.module)
    Y, backprop = model.begin_update(case.X)
    backprop(Y)
    model.finish_update(Adam(0.1))

    assert all(torch.equal(value, case.module.state_dict()[name]) for name, value in before.items())


@pytest.mark.parametrize("name", ["mlp", "convolutions", "LSTM", "encoder", "language model", "cross-attention"])
def test_initialize_and_files_keep_the_weights(name):
    case = make(name, 0)
    model = from_torch(randomized(case.module))
    Y = model.predict(case.X)
    model.initialize(X=None if isinstance(case.X, (tuple, ArgsKwargs)) else case.X)
    other = from_torch(make(name, 0).module).from_bytes(model.to_bytes())

    assert difference(model.predict(case.X), Y) == difference(other.predict(case.X), Y) == 0.0
    assert difference(model.copy().predict(case.X), Y) == 0.0


def test_frozen_parameters_and_absent_biases_are_frozen():
    module = nn.Sequential(nn.Linear(3, 2, bias=False), nn.Linear(2, 2))
    module[1].bias.requires_grad_(False)
    model = from_torch(module)
    frozen = [(node.name, name) for node in model.walk() for name in node.param_names if node.is_frozen(name)]

    assert frozen == [("linear", "b"), ("linear", "b")]


def test_dropout_keeps_its_rates():
    module = nn.Sequential(
        nn.Dropout(0.3), nn.LSTM(2, 2, 3, dropout=0.2, batch_first=True), nn.GRU(2, 2, 2, dropout=0.1, batch_first=True)
    )
    encoder = nn.TransformerEncoderLayer(4, 2, 4, dropout=0.4)

    def rates(module):
        nodes = from_torch(module).walk(order="dfs_pre")
        return [node.attrs["dropout_rate"] for node in nodes if node.attrs.get("dropout_rate")]

    assert rates(module) == [0.3, 0.2, 0.2, 0.1]
    assert rates(encoder) == [0.4] * 4


def test_half_precision_weights_become_floats():
    module = nn.Linear(3, 2).to(torch.bfloat16)

    W = from_torch(module).layers[0].get_param("W")

    assert difference(W, module.weight.float()) == 0.0


def test_the_names_are_found_where_they_are_promised():
    assert thinc.interop.from_torch is from_torch


def test_a_list_of_modules_has_layers_to_combine():
    model = from_torch(nn.ModuleList([nn.Linear(3, 2), nn.ReLU()]))

    assert [layer.name for layer in model.layers] == ["with_reshape(linear)", "relu"]
    with pytest.raises(ConversionError, match="no order to run them in"):
        model.predict(numbers(2, 3))


ENCODER = nn.TransformerEncoderLayer(4, 2, 4, batch_first=True)
MASKED = ArgsKwargs((numbers(2, 3, 4),), {"src_key_padding_mask": numpy.zeros((2, 5), bool)})


@pytest.mark.parametrize(
    "module, X, error, text",
    [
        (ENCODER, numbers(2, 2, 3, 4), ShapeError, r"src is float32\[2, 2, 3, 4\].*axes btw or tw"),
        (ENCODER, MASKED, ShapeError, r"key padding mask has the shape \[2, 5\].*\[2, 1, 1, 3\]"),
        (ENCODER, {"src": numbers(2, 3, 4), "masks": None}, ContainerError, "masks; give it src, src_mask"),
        (
            ENCODER,
            (numbers(2, 3, 4), numpy.zeros((3, 3), int)),
            DTypeError,
            "mask is int64; give it booleans or floats",
        ),
        (nn.GRU(4, 2), (numbers(3, 2, 4), numpy.array([4, 1])), ShapeError, r"lengths \[4, 1\].*\[0, 3\]"),
        (
            nn.GRU(4, 2),
            (numbers(3, 2, 4), numbers(1, 2, 2)),
            ShapeError,
            r"lengths of the shape \[1, 2, 2\] for 2 sequences",
        ),
        (nn.Conv1d(4, 2, 3), numbers(4), ShapeError, "axes bwt or wt"),
    ],
    ids=["axes", "padding mask", "name", "int mask", "lengths", "state", "convolution"],
)
def test_mistakes_are_named(module, X, error, text):
    with pytest.raises(error, match=text):
        from_torch(module).predict(X)


@pytest.mark.parametrize(
    "module, text", [(lambda X: X, "torch.nn.Module"), (torch.ones(2), "got Tensor")], ids=["f", "T"]
)
def test_what_is_no_module_is_refused(module, text):
    with pytest.raises(ConversionError, match=text):
        from_torch(module)


def test_arguments_come_in_any_form():
    model, X = from_torch(randomized(copy.deepcopy(ENCODER))), numbers(2, 3, 4)
    mask = numpy.triu(numpy.ones((3, 3), bool), 1)
    Y = model.predict((X, mask))

    for form in ([X, mask], {"src": X, "src_mask": mask}, ArgsKwargs((X,), {"src_mask": mask})):
        assert difference(model.predict(form), Y) == 0.0
    gradient = model.begin_update({"src": X, "src_mask": mask})[1](Y)
    assert gradient["src_mask"] is None
    assert arguments(gradient["src"])[0][0].shape == X.shape
