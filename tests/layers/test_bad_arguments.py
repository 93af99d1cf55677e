"""What can't work is refused where it is given, by name, and not batches later."""

import numpy
import pytest

from thinc import api
from thinc.api import Dropout, Embed, Linear, Maxout, Model, NumpyOps, clone, expand_window, fix_random_seed
from thinc.errors import ContainerError, ShapeError


def layer():
    return Linear(3, 3)


COMBINATORS = {
    "chain": lambda it: api.chain(layer(), it),
    "concatenate": lambda it: api.concatenate(layer(), it),
    "add": lambda it: api.add(layer(), it),
    "tuplify": lambda it: api.tuplify(layer(), it),
    "siamese": lambda it: api.siamese(layer(), it),
    "bidirectional": lambda it: api.bidirectional(layer(), it),
    "with_getitem": lambda it: api.with_getitem(0, it),
    "with_cpu": lambda it: api.with_cpu(it, NumpyOps()),
    "with_axes": lambda it: api.with_axes(it, ["btw"]),
    "resizable": lambda it: api.resizable(it, lambda model, nO: model),
    "clone": lambda it: api.clone(it, 2),
    **{
        name: getattr(api, name)
        for name in (
            "residual map_list with_array with_array2d with_padded with_list with_ragged with_flatten with_reshape "
            "with_debug with_nvtx_range uniqued"
        ).split()
    },
}


@pytest.mark.parametrize("wrong", [None, "linear", 3, numpy.ones(3)], ids=["None", "str", "int", "array"])
@pytest.mark.parametrize("name", COMBINATORS)
def test_combinators_name_what_is_no_layer(name, wrong):
    if name == "bidirectional" and wrong is None:
        assert len(COMBINATORS[name](None).layers) == 2  # stands for a copy of the first
        return
    with pytest.raises(ContainerError, match=f"^{name.removesuffix('2d')}: layer [01] is .*, wants a Model"):
        COMBINATORS[name](wrong)


def test_a_layer_that_was_not_called_is_told_to():
    with pytest.raises(ContainerError, match=r"^chain: layer 0 is .*, wants a Model: call it, Linear\(\.\.\.\)"):
        api.chain(Linear, layer())


def test_children_are_models():
    with pytest.raises(ContainerError, match="^Model 'mine': layer 1 is str, wants a Model"):
        Model("mine", lambda model, X, is_train: (X, lambda dY: dY), layers=[layer(), "linear"])


@pytest.mark.parametrize("size", [-1, 2.5, "3", [3]])
def test_sizes_are_whole_numbers(size):
    with pytest.raises(ShapeError, match="^The dim 'nO' of model 'linear' can't be"):
        Linear(size)
    model = Linear()
    with pytest.raises(ShapeError, match="^The dim 'nO' of model 'linear' can't be"):
        model.set_dim("nO", size)
    assert model.has_dim("nO") is None
    with pytest.raises(ShapeError, match="^The dim 'nV' of model 'embed'"):
        Embed(3, size)


def test_sizes_from_arrays_become_ints():
    model = Linear(numpy.int64(3), numpy.uint8(2)).initialize()
    assert type(model.get_dim("nO")) is int and type(model.get_dim("nI")) is int
    assert Linear(3, 2).initialize().from_bytes(model.to_bytes()).get_dim("nO") == 3


@pytest.mark.parametrize("rate", [-0.1, 1.5, "half", float("nan")])
def test_dropout_rates_are_probabilities(rate):
    for make in (Dropout, lambda rate: api.Relu(2, dropout=rate), lambda rate: api.set_dropout_rate(Dropout(), rate)):
        with pytest.raises(ValueError, match="^The dropout rate can't be"):
            make(rate)


def test_dropout_of_everything_and_of_nothing():
    X = numpy.ones((2, 3), "f")
    assert not Dropout(1).begin_update(X)[0].any()
    assert Dropout(numpy.float32(0)).begin_update(X)[0].all()


def test_windows_pieces_and_copies_are_counted():
    with pytest.raises(ValueError, match="^expand_window got window_size=-1"):
        expand_window(-1)
    with pytest.raises(ShapeError, match="^Maxout got nP=0"):
        Maxout(3, 3, nP=0)
    with pytest.raises(TypeError, match="can't|cannot be interpreted as an integer"):
        clone(layer(), "2")


def test_optimizers_can_be_called():
    with pytest.raises(TypeError, match="^finish_update got float, wants an Optimizer"):
        layer().initialize().finish_update(0.001)


def test_seeds_are_ints():
    with pytest.raises(TypeError, match="integer"):
        fix_random_seed("seven")


@pytest.mark.parametrize("wrap", [api.PyTorchWrapper, api.PyTorchRNNWrapper, api.MXNetWrapper])
def test_wrappers_want_models(wrap):
    with pytest.raises(TypeError, match="^Got str, wants a"):
        wrap("model")
    with pytest.raises(TypeError, match=r"^Got the class dict, wants a .*: make one, dict\(\.\.\.\)"):
        wrap(dict)


@pytest.mark.parametrize("version", ["PyTorchWrapper", "PyTorchWrapper_v2", "PyTorchWrapper_v3", "PyTorchRNNWrapper"])
def test_a_module_that_was_not_made_is_named(version):
    """A class has the attributes that a shim looks for."""
    torch = pytest.importorskip("torch", reason="torch is not installed")
    with pytest.raises(TypeError, match=r"^Got the class LSTM, wants a torch.nn.Module: make one, LSTM\(\.\.\.\)"):
        getattr(api, version)(torch.nn.LSTM)


def test_a_jax_function_can_be_called():
    with pytest.raises(TypeError, match="^Got int, wants a function"):
        api.JaxWrapper(3, {})
