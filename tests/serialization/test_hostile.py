"""A hostile file ends in a LoadError and changes nothing."""

import gc
import os
import random

import numpy
import pytest

from thinc.errors import LoadError
from thinc.model import Model
from thinc.serialization import dumps, loads


def forward(model, X, is_train):
    return X, lambda dY: dY


def make_model():
    W = numpy.arange(6, dtype="f").reshape(2, 3)
    leaf = Model("leaf", forward, dims={"nO": 2, "nI": None}, params={"W": W})
    attrs = {"dropout_rate": 0.5, "window_size": 1}
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


HOSTILE = [
    b"", dumps(1), dumps(None), dumps([]), dumps("x"), make_model().to_bytes() + b"\0",
    change("params", []), change("shims", [[], []][:1]), change("shims", 1, [b"x"]),
    *[change("params", 1, "W", W) for W in (
        numpy.zeros((3, 2), "f"), numpy.zeros((), "f"), numpy.full((2, 3), 0.1), numpy.zeros((2, 3), "c8"),
        numpy.zeros((2, 3), "?"), numpy.zeros((2, 3), "M8[s]"), "x", {}, [],
        array("<f4", [-1, 3], b""), array("<f4", [2**62, 2**62], b""), array("<f4", [0, 10**18], b""),
        array("<f4", 6, b"\0" * 24), array("|O", [1], b"\0" * 8), array("|V2147483647", [], b""),
        array("|S0", [1], b""), array("(1000000,1000000)f4", [1], b"\0"), array("<f4", [2, 3], b"\0" * 23))],
    change("params", 1, "new", numpy.zeros(1, "f")),
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
    good, choose = make_model().to_bytes(), random.Random(0)
    for _ in range(1000):
        data = bytearray(good)
        data[choose.randrange(len(data))] = choose.randrange(256)
        model = make_model()
        try:
            model.from_bytes(bytes(data))
        except LoadError:
            assert model.to_bytes() == good


def test_file_cut_anywhere_is_refused():
    good, model = make_model().to_bytes(), make_model()
    for end in range(len(good)):
        with pytest.raises(LoadError):
            model.from_bytes(good[:end])
    assert model.to_bytes() == good


def test_only_regular_files_are_read(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "pipe", "/dev/zero"):
        with pytest.raises(LoadError):
            make_model().from_disk(path)
    with pytest.raises(FileNotFoundError):
        make_model().from_disk(tmp_path / "none")
