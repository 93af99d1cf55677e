"""What a new user gets wrong first is answered with what to do."""

import dataclasses

import numpy
import pytest

from thinc.api import (
    CategoricalCrossentropy,
    JaxWrapper,
    Linear,
    Model,
    PyTorchWrapper,
    Ragged,
    SoftmaxCrossentropy,
    add,
    chain,
    concatenate,
    export_safetensors,
    import_safetensors,
    list2padded,
    noop,
    registry,
    residual,
    with_array,
    with_padded,
    with_ragged,
)
from thinc.errors import BackpropError, ContainerError, LoadError, ShapeError
from thinc.interop import Framework
from thinc.layers import FrameworkWrapper
from thinc.shims import Shim

torch = pytest.importorskip("torch", reason="torch is not installed")


def floats(*shape):
    return numpy.random.default_rng(0).normal(size=shape).astype("f")


SEQUENCES = [floats(n, 8) for n in (4, 0, 7, 1)]


def note(error):
    return getattr(error.value, "__notes__", ["Python 3.10 shows no notes"])[-1]


@pytest.mark.parametrize("X", [floats(5, 3), 3, None])
def test_a_forward_without_a_callback_is_named(X):
    model = chain(Model("mine", lambda model, X, is_train: X), Linear(2, 3)).initialize()
    with pytest.raises(ContainerError, match=r"^mine: forward returned no pair: return \(Y, backprop\)\."):
        model.layers[0].predict(X)


def test_an_unpacking_inside_of_forward_is_no_missing_pair():
    def forward(model, X, is_train):
        first, second = X
        return first, None

    with pytest.raises(ValueError, match="^too many values to unpack"):
        Model("mine", forward).predict((1, 2, 3))


def test_sums_of_other_widths_are_refused_before_a_batch_comes():
    for make in (lambda: add(Linear(3, 8), Linear(1, 8)), lambda: residual(Linear(1, 8))):
        with pytest.raises(ShapeError, match=r"^(add|residual): its .* have the widths [38], 1\. Give them one width"):
            make().initialize()


def test_outputs_that_do_not_fit_together_are_shown():
    first, second = (PyTorchWrapper(torch.nn.Linear(8, n)) for n in (3, 2))
    with pytest.raises(ShapeError, match=r"^add: can't add float32\[4, 3\] and float32\[4, 2\]; give them one shape"):
        add(first, second).predict(floats(4, 8))
    fewer = Model("fewer", lambda model, X, is_train: (X[1:], lambda dY: dY))
    with pytest.raises(ShapeError, match=r"^concatenate: can't put float32\[4, 8\] and float32\[3, 8\] side by side"):
        concatenate(noop(), fewer).predict(floats(4, 8))


def test_a_model_shows_its_name():
    assert repr(chain(Linear(2), Linear(3))) == "<Model 'linear>>linear'>"


def test_sequences_for_a_wrapped_model_of_arrays():
    model = PyTorchWrapper(torch.nn.Linear(8, 2))
    with pytest.raises(TypeError) as caught:
        model.predict(SEQUENCES)
    assert note(caught).endswith("for sequences, use with_array(pytorch) or with_padded(pytorch).")
    with pytest.raises((TypeError, AttributeError)) as caught:
        model.predict(list2padded().predict(SEQUENCES))
    assert note(caught).endswith("gets a Padded of tensors; for arrays, use with_array(pytorch).")


def test_bfloat16_can_only_be_cast_inside():
    with pytest.raises(RuntimeError) as caught:
        PyTorchWrapper(torch.nn.Linear(8, 2).bfloat16()).predict(floats(3, 8))
    assert "which NumPy lacks: cast inside the wrapped model" in note(caught)


@pytest.mark.parametrize("wrap", [with_array, with_padded, with_ragged])
def test_no_sequences_give_no_sequences_where_nobody_knows_the_width(wrap):
    Y, backprop = wrap(PyTorchWrapper(torch.nn.Linear(8, 2)))([], is_train=True)
    assert Y == [] == backprop([])


class Encoder(torch.nn.Module):
    """That of the docstring of PyTorchWrapper."""

    def __init__(self):
        super().__init__()
        layer = torch.nn.TransformerEncoderLayer(8, 2, 16, dropout=0.0)
        self.transformer = torch.nn.TransformerEncoder(layer, 1, enable_nested_tensor=False)

    def forward(self, X):
        mask = torch.arange(len(X.data)) >= X.lengths[:, None]
        return dataclasses.replace(X, data=self.transformer(X.data, src_key_padding_mask=mask))


def test_a_module_with_a_mask_takes_padded_sequences():
    model = with_padded(PyTorchWrapper(Encoder()))
    Y, backprop = model.begin_update(SEQUENCES)
    dX = backprop(Y)
    alone, backprop = model.begin_update(SEQUENCES[2:3])
    assert [y.shape for y in Y] == [dx.shape for dx in dX] == [x.shape for x in SEQUENCES]
    assert numpy.allclose(Y[2], alone[0], atol=1e-5) and numpy.allclose(dX[2], backprop(alone)[0], atol=1e-4)


def test_a_pure_function_takes_ragged_sequences():
    pytest.importorskip("jax", reason="JAX is not installed")
    W = floats(8, 3)
    model = with_ragged(JaxWrapper(lambda W, X: dataclasses.replace(X, data=X.data @ W), W))
    Y, backprop = model.begin_update(SEQUENCES)
    dX = backprop(Y)
    assert [dx.shape for dx in dX] == [x.shape for x in SEQUENCES]
    assert all(numpy.allclose(y, x @ W, atol=1e-5) for y, x in zip(Y, SEQUENCES))
    assert all(numpy.allclose(dx, y @ W.T, atol=1e-4) for dx, y in zip(dX, Y))


def test_ragged_with_other_data():
    X = Ragged(floats(5, 2, 3), numpy.array([2, 3], "i"))
    other = dataclasses.replace(X, data=floats(5, 4))
    assert other.data_shape == (-1, 4) and other.lengths is X.lengths


def test_a_file_of_a_module_lacks_the_prefix(tmp_path):
    model = PyTorchWrapper(torch.nn.Linear(3, 2))
    export_safetensors(model, tmp_path / "file")
    with pytest.raises(LoadError, match=r"\. The names fit with prefix='chain\[0\] > '$"):
        import_safetensors(chain(PyTorchWrapper(torch.nn.Linear(3, 2)), Model("none", None)), tmp_path / "file")


def test_losses_of_logits_name_the_one_that_takes_them():
    guesses = numpy.array([[2.0, -1.0]], "f")
    for loss, advice in (
        (CategoricalCrossentropy(), r"or logits to SoftmaxCrossentropy\(from_logits=True\)"),
        (SoftmaxCrossentropy(), "or set from_logits=True"),
    ):
        with pytest.raises(ValueError, match=advice):
            loss(guesses, [0])


class Unfinished(Shim):
    framework = Framework("torch", "torch.from_dlpack")

    def forward(self, inputs, is_train):
        return inputs.args[0], None


def test_an_unfinished_shim_is_told_what_it_lacks(monkeypatch):
    monkeypatch.setattr(registry.shims, "get", lambda name: Unfinished)
    model = FrameworkWrapper("unfinished", None)
    with pytest.raises(NotImplementedError, match="Unfinished has no `read`. See the docstring of thinc/shims/shim.py"):
        model.to_bytes()
    with pytest.raises(BackpropError, match="Unfinished.forward returned no callback for training"):
        model.begin_update(floats(2, 3))
