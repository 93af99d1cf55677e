"""A hostile file ends in a LoadError and changes nothing."""

import gc
import os

import numpy
import pytest

from thinc.api import Embed, HashEmbed, LayerNorm, Linear, Maxout, Mish, ParametricAttention, Softmax
from thinc.errors import DTypeError, LoadError
from thinc.model import Model
from thinc.serialization import dumps, loads

from .fuzz import fuzz


def forward(model, X, is_train):
    return X, lambda dY: dY


def make_model():
    W = numpy.arange(6, dtype="f").reshape(2, 3)
    leaf = Model("leaf", forward, dims={"nO": 2, "nI": None}, params={"W": W})
    attrs = {"dropout_rate": 0.5, "window_size": 1, "pad": 0, "softmax_temperature": 1.0, "column": None, "seed": 3}
    return Model("root", forward, layers=[leaf], attrs=attrs, refs={"leaf": leaf})


def change(*path_and_value):
    *path, last, value = path_and_value
    msg = loads(make_model().to_bytes())
    target = msg
    for step in path:
        target = target[step]
    target[last] = value
    return dumps(msg)


def array(kind, shape, data):
    return {b"nd": True, b"type": kind, b"kind": b"", b"shape": shape, b"data": data}


LAYERS = [
    lambda: Linear(2, 3), lambda: Mish(2, 3), lambda: Maxout(2, 3, 4), lambda: Softmax(2, 3),
    lambda: Embed(2, 5), lambda: HashEmbed(2, 5, seed=1), lambda: ParametricAttention(2), lambda: LayerNorm(3),
]  # fmt: skip
HOSTILE = [
    b"", dumps(1), dumps(None), dumps([]), dumps("x"), make_model().to_bytes() + b"\0",
    change("params", []), change("shims", [[], []][:1]), change("shims", 1, [b"x"]),
    *[change("params", 1, "W", W) for W in (
        numpy.zeros((3, 2), "f"), numpy.zeros((), "f"), numpy.full((2, 3), 0.1), numpy.zeros((2, 3), "c8"),
        numpy.zeros((2, 3), "?"), numpy.zeros((2, 3), "M8[s]"), "x", {}, [],
        array("<f4", [-1, 3], b""), array("<f4", [2**62, 2**62], b""), array("<f4", [0, 10**18], b""),
        array("<f4", 6, b"\0" * 24), array("|O", [1], b"\0" * 8), array("|V2147483647", [], b""),
        array("|S0", [1], b""), array("(1000000,1000000)f4", [1], b"\0"), array("<f4", [2, 3], b"\0" * 23))],
    change("params", 1, "new", numpy.zeros(1, "f")), change("params", 1, "W", None),
    change("attrs", 0, "pad", dumps(10**9)), change("attrs", 0, "softmax_temperature", dumps(0.0)),
    change("attrs", 0, "column", dumps(1.5)), change("attrs", 0, "seed", dumps(-1)),
    *[change("nodes", 1, "dims", "nI", dim) for dim in (-1, 2**63, 1.5, [1], "x")],
    change("nodes", 1, "dims", "nO", 3), change("nodes", 1, "dims", "nX", 3),
    *[change("nodes", 0, "refs", "leaf", ref) for ref in (10**9, -1, "x", True)],
    change("nodes", 1, "refs", "up", 0),
    *[change("attrs", 0, "dropout_rate", dumps(rate)) for rate in ("x", 10**9, -1, float("nan"), None)],
    change("attrs", 0, "window_size", dumps(2 * 10**7)), change("attrs", 0, "window_size", b"\xc1"),
    *[change("nodes", 1, "name", name) for name in ([], "x" * 10**7, "a\0", "\x1b[31m")],
]  # fmt: skip


@pytest.mark.parametrize("data", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_file_changes_nothing(data):
    model = make_model()
    before = model.to_bytes()
    with pytest.raises(LoadError):
        model.from_bytes(data)
    assert model.to_bytes() == before and gc.isenabled()


def test_mutated_files_load_or_change_nothing():
    assert 0 < fuzz(make_model, 1000) < 1000


def test_file_cut_anywhere_is_refused():
    good, model = make_model().to_bytes(), make_model()
    for end in range(len(good)):
        with pytest.raises(LoadError):
            model.from_bytes(good[:end])
    assert model.to_bytes() == good


def test_weights_that_are_no_numbers_are_refused_where_that_is_asked_for():
    for value in (float("nan"), float("inf")):
        data = change("params", 1, "W", numpy.full((2, 3), value, "f"))
        model = make_model()
        before = model.to_bytes()
        with pytest.raises(LoadError, match="W"):
            model.from_bytes(data, check_finite=True)
        assert model.to_bytes() == before
        assert not numpy.isfinite(model.from_bytes(data).layers[0].get_param("W")).any()


@pytest.mark.parametrize("make", LAYERS, ids=lambda make: make().name)
def test_params_that_are_not_set_take_only_the_shape_of_the_dims(make):
    good = make().initialize().to_bytes()
    assert make().from_bytes(good).to_bytes() == good
    msg = loads(good)
    for name, value in msg["params"][0].items():
        bad = loads(good)
        bad["params"][0][name] = numpy.zeros((*value.shape, 2), "f")
        model = make()
        before = model.to_bytes()
        with pytest.raises(LoadError, match="by the dims"):
            model.from_bytes(dumps(bad))
        assert model.to_bytes() == before


def test_arrays_of_the_other_byte_order_are_read():
    values = numpy.arange(6, dtype=">f4").reshape(2, 3) * 2
    loaded = make_model().from_bytes(change("params", 1, "W", values)).layers[0].get_param("W")
    assert loaded.dtype.isnative and (loaded == values).all()


def test_an_array_beyond_four_gigabytes_is_refused_before_it_is_copied():
    huge = numpy.broadcast_to(numpy.float32(0), (2**30 + 1,))
    with pytest.raises(DTypeError, match="4 GiB"):
        dumps({"W": huge})


def test_a_circle_of_links_is_refused(tmp_path):
    (tmp_path / "a").symlink_to(tmp_path / "b")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    with pytest.raises(LoadError):
        make_model().from_disk(tmp_path / "a")


def test_a_file_that_is_cut_after_it_was_loaded_does_not_matter(tmp_path):
    model, path = make_model(), tmp_path / "model"
    model.to_disk(path)
    loaded = make_model().from_disk(path)
    os.truncate(path, 3)
    assert loaded.to_bytes() == model.to_bytes()
    with pytest.raises(LoadError):
        loaded.from_disk(path)
    assert loaded.to_bytes() == model.to_bytes()


def test_only_regular_files_are_read(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "pipe", "/dev/zero"):
        with pytest.raises(LoadError):
            make_model().from_disk(path)
    with pytest.raises(FileNotFoundError):
        make_model().from_disk(tmp_path / "none")
