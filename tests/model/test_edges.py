"""What a model says and does at its edges: missing names, unset values, mistakes in the middle."""

import copy
import pickle

import numpy
import pytest
import torch

from thinc.api import Dropout, Linear, Model, PyTorchWrapper, Ragged, Relu, Shim, chain, set_dropout_rate, with_list
from thinc.errors import ContainerError, DeviceError, LoadError, ShapeError
from thinc.interop import Framework
from thinc.model import change_attr_values, export_safetensors
from thinc.model.initialize import create_init
from thinc.types import ArgsKwargs


def forward(model, X, is_train):
    return X, lambda dY: dY


def floats(*shape):
    return numpy.zeros(shape, "f")


def linear(nO=2, nI=3):
    return Linear(nO, nI).initialize()


@pytest.mark.parametrize(
    "call, error, text",
    [
        (lambda m: m.set_dim("nX", 3), KeyError, r"Model 'linear' has no dim 'nX'; it has \('nO', 'nI'\)"),
        (lambda m: m.get_param("V"), KeyError, r"has no param 'V'; it has \('W', 'b'\)"),
        (lambda m: m.get_attr("rate"), KeyError, r"has no attr 'rate'; it has \(\)"),
        (lambda m: m.set_ref("other", linear()), ValueError, "'linear' is not in its tree; add it as a layer first"),
        (lambda m: m.use_params(None).__enter__(), TypeError, r"expected a dict keyed \(id, name\), got None"),
    ],
)
def test_names_that_are_not_there_are_told_with_those_that_are(call, error, text):
    with pytest.raises(error, match=text):
        call(linear())


def test_gradients_can_be_given_with_the_params():
    model = Model("own", forward, params={"W": floats(2)}, grads={"W": floats(2) + 1, "b": None})
    assert model.get_grad("W").tolist() == [1, 1] and not model.has_grad("b")


def test_other_params_are_used_only_within_the_block_and_only_ours():
    model, other = chain(linear(3, 3), linear()), linear()
    W = model.layers[0].get_param("W")
    with model.use_params({(model.layers[0].id, "W"): W + 1, (other.id, "W"): floats(1)}):
        numpy.testing.assert_array_equal(model.layers[0].get_param("W"), W + 1)
    assert model.layers[0].get_param("W") is W


def test_attrs_are_changed_where_they_are():
    model = chain(Model("a", forward, attrs={"rate": 1, "size": 2}), Model("b", forward, attrs={"rate": 1}))
    assert change_attr_values(model, {"a": {"rate": 5, "other": 7}, "none": {"rate": 9}}) is model
    assert [dict(node.attrs) for node in model.layers] == [{"rate": 5, "size": 2}, {"rate": 1}]


def test_initializers_take_their_sizes_from_the_batch():
    """Also those of params that the function knows nothing of keep their shape."""
    draw = {name: lambda ops, shape: ops.alloc(shape) + 1 for name in ("W", "b", "scale")}
    params = {"W": None, "b": None, "scale": floats(4)}
    model = Model("own", forward, init=create_init(draw), dims={"nO": None, "nI": None}, params=params)
    model.initialize(X=floats(5, 3), Y=floats(5, 2))
    assert [model.get_param(name).shape for name in draw] == [(2, 3), (2,), (4,)]
    assert all(model.get_param(name).all() for name in draw)
    model.initialize(X=floats(5, 3))
    assert model.get_dim("nI") == 3


def test_a_model_with_attributes_of_its_own_is_copied_and_pickled_with_them():
    class Named(Model):
        pass

    Named.__module__, Named.__qualname__ = __name__, "Named"
    globals()["Named"] = Named
    model = Named("own", forward, attrs={"x": 1})
    model.label = ["mine"]
    for twin in (pickle.loads(pickle.dumps(model)), copy.deepcopy(model), model.copy(), copy.copy(model)):
        assert type(twin) is Named and twin.label == ["mine"] and twin.attrs["x"] == 1


def test_two_tensors_of_one_name_are_not_exported(tmp_path):
    model = PyTorchWrapper(torch.nn.Linear(2, 2))
    model.set_param("weight", floats(2))
    with pytest.raises(ContainerError, match="Two tensors are called 'pytorch.weight'. Rename the layer or its param"):
        export_safetensors(model, tmp_path / "file")
    assert not (tmp_path / "file").exists()


# -- errors on their way out --


def test_a_note_is_for_errors_that_are_not_ours_too():
    def fail(model, X, is_train):
        error = ZeroDivisionError("by hand")
        error.__notes__ = ["mine", "In the layer elsewhere"]
        raise error

    with pytest.raises(ZeroDivisionError) as caught:
        chain(Model("fails", fail), Relu(2)).predict(floats(1, 2))
    assert caught.value.__notes__ == ["mine", "In the layer chain[0] > fails, which got float32[1, 2]."]


def shared_callback(dY):
    return 1 // dY


def forward_with_shared_callback(model, X, is_train):
    return X, shared_callback


def test_the_second_layer_with_the_same_callback_is_named():
    _, backprop = chain(Model("one", forward_with_shared_callback), Model("two", forward_with_shared_callback))(1)
    with pytest.raises(ZeroDivisionError) as caught:
        backprop(0)
    assert caught.value.__notes__ == ["In the layer chain[1] > two"]


def test_an_error_comes_out_where_layers_were_taken_away_after_the_call():
    model = chain(Linear(1, 1), Model("two", forward_with_shared_callback))
    _, backprop = model.initialize()(floats(1, 1))
    model.layers.pop()
    with pytest.raises(ZeroDivisionError):
        backprop(0)


def test_a_layer_that_calls_itself_is_named_once():
    def twice(model, X, is_train):
        if len(X) > 1:
            return model(X[1:], is_train)
        raise ShapeError("too short")

    with pytest.raises(ShapeError, match="^again: too short"):
        Model("again", twice).predict(floats(3, 2))


def test_endless_recursion_keeps_its_error():
    def forever(model, X, is_train):
        return model(X, is_train)

    with pytest.raises(RecursionError):
        Model("forever", forever).predict(floats(1))


def test_an_error_in_the_init_of_others_keeps_its_type_and_path():
    def init(model, X=None, Y=None):
        raise ZeroDivisionError("by hand")

    with pytest.raises(ZeroDivisionError) as caught:
        chain(Linear(2, 2), Model("fails", forward, init=init)).initialize()
    assert caught.value.__notes__ == ["In the layer chain[1] > fails"]


def test_a_batch_in_one_piece_is_told_where_a_list_is_wanted():
    def one_by_one(model: Model, X: list[numpy.ndarray], is_train: bool):
        raise TypeError("no list")

    ragged = Ragged(floats(3, 2), numpy.array([1, 2], "i"))
    for X, advice in ((ragged, "Wrap the layer as with_list"), (floats(3, 2), "a list with one array for each")):
        with pytest.raises(TypeError, match=advice):
            Model("each", one_by_one).predict(X)
    assert with_list(Model("any", forward)).predict(ragged) == ragged


def test_a_load_error_is_pickled_with_its_place():
    error = pickle.loads(pickle.dumps(LoadError("nodes[2]", "is missing")))
    assert (error.path, error.reason) == ("nodes[2]", "is missing") and "nodes[2]: is missing" in str(error)


# -- shims of others --


class Published(Model):
    """A subclass whose methods have the arguments of the published library."""

    def from_bytes(self, bytes_data):
        return super().from_bytes(bytes_data)

    def from_dict(self, msg):
        self.attrs["seen"] = True
        return super().from_dict(msg)


def test_a_subclass_that_knows_no_options_of_loading_is_loaded(tmp_path):
    model = Published("mine", forward)
    model.to_disk(tmp_path / "mine")
    assert "seen" in model.from_disk(tmp_path / "mine").attrs
    with pytest.raises(TypeError, match="strict"):
        model.from_disk(tmp_path / "mine", strict=True)


class Silent(Shim):
    """A shim of the published interface: bytes and calls, nothing else."""

    def to_bytes(self):
        return bytes(self._model)

    def from_bytes(self, data):
        if not data.startswith(b"ok"):
            raise OSError("not mine")
        self._model = data
        return self

    def finish_update(self, optimizer):
        pass


def silent(data=b"ok"):
    return Model("silent", forward, shims=[Silent(data)])


def test_a_shim_that_can_only_load_is_put_back_when_the_next_one_fails():
    model = chain(silent(b"ok 1"), silent(b"ok 2"))
    message = model.to_dict()
    message["shims"][1], message["shims"][2] = [b"ok 3"], [b"broken"]
    with pytest.raises(LoadError, match=r"shims\[0\].*the shim refuses the data"):
        model.from_dict(message)
    assert [layer.shims[0]._model for layer in model.layers] == [b"ok 1", b"ok 2"]
    message["shims"][2] = [b"ok 4"]
    assert [layer.shims[0]._model for layer in model.from_dict(message).layers] == [b"ok 3", b"ok 4"]


def test_a_summary_counts_nothing_of_a_shim_that_can_not_say():
    assert [row.parameters for row in chain(silent(), linear()).summary().rows] == [0, 0, 8]


@pytest.mark.parametrize("name, args", [("forward", (1, False)), ("read", ()), ("read_grads", ()), ("write", ({},))])
def test_a_shim_without_its_primitives_says_so(name, args):
    with pytest.raises(NotImplementedError):
        getattr(Shim(None), name)(*args)


def test_a_shim_is_called_for_prediction_and_for_training():
    shim = PyTorchWrapper(torch.nn.Linear(2, 2)).shims[0]
    X = ArgsKwargs((torch.ones(1, 2),), {})
    Y, backprop = shim.begin_update(X)
    assert torch.equal(shim.predict(X), Y) and callable(backprop)


def test_shims_stay_on_the_cpu_unless_they_know_better():
    class Bound(Silent):
        framework = Framework("numpy", "numpy.from_dlpack")

    shim = Bound(b"")
    shim.to_cpu()
    with pytest.raises(DeviceError, match="Bound can't move to 'gpu'. Use 'cpu'"):
        shim.to_gpu(0)
    with pytest.raises(NotImplementedError, match="Silent names no framework"):
        Silent(b"").to_cpu()


def test_a_dropout_rate_is_set_wherever_there_is_one():
    model = chain(Dropout(0.1), Linear(2, 2), Dropout(0.2))
    assert set_dropout_rate(model, 0.5) is model
    assert [node.attrs.get("dropout_rate") for node in model.layers] == [0.5, None, 0.5]
    set_dropout_rate(model, 0.0, attrs=["other"])
    assert model.layers[0].attrs["dropout_rate"] == 0.5


@pytest.mark.parametrize(
    "mine, value, reason",
    [
        (True, 1, "expected bool, got 1"),
        (3, 3.5, "expected int, got 3.5"),
        (3.5, "text", "expected float, got 'text'"),
        (3.5, float("nan"), "not a number"),
        ("text", b"text", "expected str, got b'text'"),
        (b"text", "text", "expected bytes"),
        ([1], 1, "expected list, got 1"),
        ({"a": 1}, [1], "expected dict"),
        (numpy.zeros(2), 3.0, "expected ndarray, got 3.0"),
    ],
)
def test_an_attr_of_another_kind_is_refused_and_one_of_its_kind_taken(mine, value, reason):
    model, message = Model("own", forward, attrs={"x": mine}), Model("own", forward, attrs={"x": value}).to_dict()
    with pytest.raises(LoadError, match=rf"nodes\[0\].attrs.x: .*{reason}"):
        model.from_dict(message)
    model.from_dict(Model("own", forward, attrs={"x": mine}).to_dict())
    assert type(model.attrs["x"]) is type(mine)


def test_an_attr_that_is_not_set_takes_any_kind():
    for value in (3, "text", [1]):
        model = Model("own", forward, attrs={"x": None})
        assert model.from_dict(Model("own", forward, attrs={"x": value}).to_dict()).attrs["x"] == value


def test_wider_numbers_are_loaded_where_nothing_is_lost():
    model, saved = linear(), linear().to_dict()
    saved["params"][0]["W"] = numpy.full((2, 3), 0.5)
    assert model.from_dict(saved).get_param("W").dtype == "float32" and model.get_param("W")[0, 0] == 0.5
    saved["params"][0]["W"] = numpy.full((2, 3), numpy.inf, "f")
    with pytest.raises(LoadError, match="a value is NaN or infinite"):
        model.from_dict(saved, check_finite=True)
    assert numpy.isinf(model.from_dict(saved).get_param("W")).all()


def test_a_ref_that_is_not_set_is_loaded_as_such():
    def make(ref):
        leaf = Model("leaf", forward)
        return Model("root", forward, layers=[leaf], refs={"leaf": leaf if ref else None})

    assert make(True).from_bytes(make(False).to_bytes()).has_ref("leaf") is None
    loaded = make(False).from_bytes(make(True).to_bytes())
    assert loaded.get_ref("leaf") is loaded.layers[0]


def test_a_shim_in_two_places_is_copied_once():
    shim = PyTorchWrapper(torch.nn.Linear(2, 2)).shims[0]
    twin = chain(Model("a", forward, shims=[shim]), Model("b", forward, shims=[shim])).copy()
    assert twin.layers[0].shims[0] is twin.layers[1].shims[0] is not shim


class Staged(Silent):
    """Checks its bytes before it takes them."""

    def stage_bytes(self, data):
        if data == b"late":
            raise LoadError("tensors", "are too many")
        if not data.startswith(b"ok"):
            raise OSError("not mine")
        return lambda: setattr(self, "_model", data)


class Both(Staged):
    """Its own loading is the newer one."""

    def from_bytes(self, data):
        return super().from_bytes(data)


@pytest.mark.parametrize(
    "kind, data, reason",
    [
        (Staged, b"late", r"nodes\[0\].shims\[0\].tensors: are too many"),
        (Staged, b"broken", r"nodes\[0\].shims\[0\]: the shim refuses the data \(OSError"),
        (Both, b"broken", r"nodes\[0\].shims\[0\]: the shim refuses the data \(OSError"),
        (Staged, "text", "expected bytes"),
    ],
)
def test_a_shim_that_checks_its_bytes_refuses_them_before_the_first_change(kind, data, reason):
    model = Model("own", forward, shims=[kind(b"ok 1")], attrs={"x": 1})
    message = Model("own", forward, shims=[kind(b"ok 1")], attrs={"x": 2}).to_dict()
    message["shims"][0] = [data]
    with pytest.raises(LoadError, match=reason):
        model.from_dict(message)
    assert model.attrs["x"] == 1 and model.shims[0]._model == b"ok 1"
    message["shims"][0] = [b"ok 3"]
    assert model.from_dict(message).attrs["x"] == 2 and model.shims[0]._model == b"ok 3"
