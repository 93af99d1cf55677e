"""Empty batches, Python lists and wrong numbers: an answer of the right kind, or what to do."""

import numpy
import pytest

from thinc.api import (
    GRU,
    LSTM,
    Adam,
    BatchNorm,
    Config,
    Conv1d,
    Linear,
    Maxout,
    Model,
    MultiHeadAttention,
    Ragged,
    Relu,
    Softmax,
    TransformerEncoder,
    chain,
    concatenate,
    list2array,
    list2padded,
    list2ragged,
    noop,
    reduce_mean,
    registry,
    residual,
    with_array,
    with_array2d,
    with_padded,
    with_ragged,
)
from thinc.config import ConfigValidationError
from thinc.errors import ContainerError, ShapeError


def floats(*shape):
    return numpy.random.default_rng(0).normal(size=shape).astype("f")


SEQUENCES = [floats(n, 8) for n in (4, 0, 7, 1)]


SEQUENCE_LAYERS = [
    lambda: GRU(4, 8, bi=True, depth=2),
    lambda: Conv1d(4, 8),
    lambda: MultiHeadAttention(4, 8, n_heads=2, rotary=True, is_causal=True),
    lambda: TransformerEncoder(8, n_heads=2),
    lambda: BatchNorm(8),
]


@pytest.mark.parametrize("make", SEQUENCE_LAYERS)
def test_no_sequences_give_no_sequences(make):
    model = make().initialize(X=SEQUENCES)
    Y, backprop = model.begin_update([])
    assert Y == [] == backprop([]) == model.predict([])
    for convert in (list2ragged(), list2padded()) if not model.layers else ():
        Y, backprop = model.begin_update(convert.predict([]))
        assert len(Y) == len(backprop(Y)) == 0
        assert Y.data.shape[-1] == model.predict(SEQUENCES)[0].shape[1]


def test_no_memory_for_no_sequences():
    model = MultiHeadAttention(4, 8, n_heads=2, nM=3).initialize(X=(SEQUENCES, [floats(2, 3)] * 4))
    Y, backprop = model.begin_update(([], []))
    assert Y == [] and backprop([]) == ([], [])


@pytest.mark.parametrize("make", [Linear, Maxout, Relu, Softmax])
@pytest.mark.parametrize("first", [list2array, lambda: chain(list2ragged(), reduce_mean())])
def test_no_sequences_give_no_rows(make, first):
    model = chain(first(), make(3)).initialize(X=SEQUENCES[2:])
    Y, backprop = model.begin_update([])
    assert Y.shape == model.predict([]).shape == (0, 3)
    assert backprop(Y) == []
    grads = [model.layers[1].get_grad(name) for name in ("W", "b")]
    assert not any(grad.any() for grad in grads) and grads[0].shape == model.layers[1].get_param("W").shape


def test_rows_of_another_width_are_no_empty_batch():
    for X in (floats(0, 5), floats(2, 0)):
        with pytest.raises(ShapeError, match="the inner sizes . and 8 must agree"):
            Linear(3, 8).initialize().predict(X)


@pytest.mark.parametrize("X, came", [(floats(5, 8), r"Padded of float32\[5, 8\]"), ([floats(5)], "Padded of .*")])
def test_sequences_without_an_axis_for_their_numbers(X, came):
    with pytest.raises(ShapeError, match=rf"^with_padded\[0\] > lstm: got {came}, wants \(time, batch, nI\)\. For"):
        with_padded(LSTM(4, 8)).initialize().predict(X)
    with pytest.raises(ShapeError, match=r"^with_padded: got float32\[5\], wants \(time, batch, width\)\. For"):
        with_padded(LSTM(4, 8)).initialize().predict(floats(5))


@pytest.mark.parametrize("wrap", [with_array, with_array2d, with_padded, with_ragged])
def test_sequences_of_python_lists_are_no_arrays(wrap):
    model = wrap(noop())
    name = model.name.partition("(")[0]
    for X, place in (([[1.0, 2.0], [3.0, 4.0]], 0), ([floats(2, 8), [[1.0]]], 1)):
        with pytest.raises(
            ContainerError, match=rf"^{name}: item {place} of the batch is list of . .*, wants an array"
        ):
            model.predict(X)


def test_ragged_of_python_lists():
    X = Ragged(floats(3, 2), [2, 1])
    assert X.lengths.dtype == "int32" and X.lengths.tolist() == [2, 1] and len(X[1:].data) == 1
    for data in ([[1.0, 2.0]], None):
        with pytest.raises(ContainerError, match=r"^Ragged: its data is .*, wants one array \(rows, width\)"):
            Ragged(data, [1])
    for lengths in ([1.5, 1.5], [[1, 2]], ["3"]):
        with pytest.raises(ContainerError, match="^Ragged: its lengths are list of .*, wants the number of rows"):
            Ragged(floats(3, 2), lengths)


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("place, wrap", [
    ("chain[1]", lambda layer: chain(noop(), layer, Linear(3, 3))),
    ("concatenate[1]", lambda layer: concatenate(noop(), layer)),
    ("residual[0]", residual),
    ("with_array[0]", with_array),
])  # fmt: skip
def test_a_wrong_count_is_that_of_the_layer(count, place, wrap):
    model = wrap(Model("mine", lambda model, X, is_train: (X,) * 3 if count == 3 else X))
    for run in (model.predict, model.begin_update, model):
        with pytest.raises(ContainerError) as caught:
            run(floats(4, 3))
        assert str(caught.value) == f"{place} > mine: forward returned no pair: return (Y, backprop)."


@pytest.mark.parametrize("run", [registry.resolve, registry.fill])
def test_a_layer_in_a_config_that_is_no_positional_argument(run):
    config = '[train.model]\n@layers = "chain.v1"\nwidth = 3\n[train.model.a]\n@layers = "Linear.v1"\nnO = 2\n'
    with pytest.raises(ConfigValidationError) as caught:
        run(Config().from_str("[train]\n" + config))
    errors = {error["loc"][1]: error["msg"] for error in caught.value.errors}
    assert errors["a"].endswith("'a'; as one of its positional arguments, call the section [train.model.*.a]")
    assert errors["width"].endswith("unexpected argument: 'width'")


@pytest.mark.parametrize("eps", [-1e-8, float("nan")])
def test_no_division_is_made_by_a_negative_epsilon(eps):
    optimizer = Adam(0.001, eps=0.0)
    for assign in (
        lambda: Adam(0.001, eps=eps),
        lambda: optimizer.add_group(Linear(2, 3), "*", eps=eps),
        lambda: setattr(optimizer, "eps", eps),
    ):
        with pytest.raises(ValueError, match="^Optimizer: the setting 'eps' is .*\\. Give it a small positive number"):
            assign()
    assert optimizer.eps == 0.0 and not optimizer.groups
