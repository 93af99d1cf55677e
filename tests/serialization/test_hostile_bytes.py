"""Kinds of hostile files beyond those of test_hostile: polyglots, odd types, leaks, half-good files."""

import gc
import io
import pickle
import tracemalloc
import zipfile

import numpy
import pytest

from thinc.api import Linear, Model, Shim, chain
from thinc.errors import LoadError
from thinc.interop import Framework
from thinc.serialization import dumps, loads

from .test_hostile import array, change, forward, make_model

GOOD = make_model().to_bytes()


def archive():
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as file:
        file.writestr("a", "b")
    return data.getvalue()


class Noisy:
    def __reduce__(self):
        return exec, ("raise SystemExit('code in a file was run')",)


def without(kind):
    msg = loads(GOOD)
    del msg[kind]
    return dumps(msg)


def missing_param():
    msg = loads(GOOD)
    del msg["params"][1]["W"]
    return dumps(msg)


ZEROS = numpy.zeros((2, 3), "f")
OBJECTS = array("|O", [1], pickle.dumps(Noisy()))
HOSTILE = {
    "one byte": b"\x84",
    "two documents": GOOD + GOOD,
    "a zip behind": GOOD + archive(),
    "a PNG behind": GOOD + b"\x89PNG\r\n\x1a\n",
    "a bin of 2**32 - 1": b"\xc6\xff\xff\xff\xff",
    "an extension of 2**32 - 1": b"\xc9\xff\xff\xff\xff\x00",
    "a map of 2**32 - 1": b"\xdf\xff\xff\xff\xff",
    "a list of 2**32 - 1": b"\xdd\xff\xff\xff\xff",
    "600 levels": b"\x91" * 600 + b"\xc0",
    "a list for a key": b"\x81\x90\x01",
    "a map for a key": b"\x81\x80\x01",
    "nodes twice": GOOD.replace(b"\xa5attrs", b"\xa5nodes"),
    "a number for a name": change("params", 1, 7, ZEROS),
    **{f"no {kind}": without(kind) for kind in ("nodes", "attrs", "params", "shims")},
    "a node too many": change("nodes", loads(GOOD)["nodes"] * 2),
    "one axis": change("params", 1, "W", numpy.zeros(6, "f")),
    "65 axes": change("params", 1, "W", array("<f4", [1] * 65, b"\0" * 4)),
    "integers that float32 rounds": change("params", 1, "W", numpy.full((2, 3), 2**24 + 1, "i8")),
    "more bytes than the shape": change("params", 1, "W", array("<f4", [2, 3], b"\0" * 28)),
    "half a number": change("params", 1, "W", array("<f4", [2, 3], b"\0" * 22)),
    "objects with a pickle": change("params", 1, "W", OBJECTS),
    "a dtype that there is not": change("params", 1, "W", array("zz", [2, 3], b"\0" * 24)),
    "a dtype of 20,000 fields": change("params", 1, "W", array("f4," * 20_000, [1], b"\0" * 24)),
    "a structured array": change("params", 1, "W", {**array([["a", "<f4"]], [6], b"\0" * 24), b"kind": b"V"}),
    "a shape of strings": change("params", 1, "W", array("<f4", ["2", "3"], b"\0" * 24)),
    "a name with half a surrogate": GOOD.replace(b"\xa4leaf", b"\xa4\xed\xa0\x80f", 1),
    "an unknown attr beyond its range": change("attrs", 1, "window_size", dumps(2 * 10**7)),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_it_is_refused_and_changes_nothing(name):
    model = make_model()
    with pytest.raises(LoadError):
        model.from_bytes(HOSTILE[name])
    assert model.to_bytes() == GOOD and gc.isenabled()


def test_a_file_whose_last_node_is_bad_changes_no_other_node():
    model, other = (chain(*[Linear(2, 2) for _ in range(4)]).initialize() for _ in range(2))
    before, msg = model.to_bytes(), loads(other.to_bytes())
    msg["params"][-1]["b"] = numpy.zeros(3, "f")
    assert before != other.to_bytes()
    with pytest.raises(LoadError, match=r"nodes|params\.b|params"):
        model.from_bytes(dumps(msg))
    assert model.to_bytes() == before


def test_params_that_the_file_leaves_out_are_an_error_where_that_is_asked_for(tmp_path):
    model = make_model()
    (tmp_path / "a").write_bytes(missing_param())
    for load in (
        lambda: model.from_bytes(missing_param(), strict=True),
        lambda: model.from_disk(tmp_path / "a", strict=True),
        lambda: model.from_dict(loads(missing_param()), strict=True),
    ):
        with pytest.raises(LoadError, match="leaves out.*'W'"):
            load()
    assert model.from_bytes(missing_param()).to_bytes() == GOOD  # Compatibility: as published
    assert model.from_bytes(GOOD, strict=True).to_bytes() == GOOD


def test_an_unknown_attr_is_added_as_by_the_published_library():
    assert make_model().from_bytes(change("attrs", 1, "more", dumps([1]))).layers[0].attrs == {"more": [1]}


def test_what_the_file_says_is_escaped_in_the_error():
    with pytest.raises(LoadError) as caught:
        make_model().from_bytes(change("nodes", 1, "name", "\x1b[31mred"))
    assert "\x1b" not in str(caught.value) and r"\x1b" in str(caught.value)


@pytest.mark.parametrize("name", ["a list for a key", "nodes twice", "a zip behind", "objects with a pickle"])
def test_files_that_are_refused_a_thousand_times_leave_nothing_behind(name):
    data = HOSTILE[name]
    head = dumps(["x" * 1000] * 10)
    data = b"\x92" + head + data
    for _ in range(50):
        with pytest.raises(LoadError):
            loads(data)
    gc.collect()
    tracemalloc.start()
    try:
        for _ in range(1000):
            try:
                loads(data)
            except LoadError:
                continue
        gc.collect()
        assert tracemalloc.get_traced_memory()[0] < 100_000
    finally:
        tracemalloc.stop()


class Toy(Shim):
    """A wrapped model of one array."""

    framework = Framework("toy", "")

    def read(self):
        return {"w": self._model}

    def write(self, values):
        self._model = values["w"]


def toy():
    weights = numpy.arange(3, dtype="f")
    shim = Toy(weights)
    shim.framework = type("Arrays", (Framework,), {"take": lambda self, a: a, "give": lambda self, a, xp=None: a})(
        "toy", ""
    )
    return Model("toy", forward, shims=[shim])


def test_wrong_shims_are_refused_and_change_nothing():
    good = toy().to_bytes()
    own = loads(loads(good)["shims"][0][0])
    foreign = dumps({**own, "framework": "other"})
    payloads = [[], [b"a", b"b"], [b""], [b"\xc1" * 40], [bytes(range(256))], [foreign], ["text"], [None], None]
    for payload in payloads:
        msg = loads(good)
        msg["shims"] = [payload]
        model = toy()
        with pytest.raises(LoadError):
            model.from_bytes(dumps(msg))
        assert model.to_bytes() == good


def test_one_document_may_be_larger_than_4_gib_only_in_parts():
    """A bin of 2**32 - 1 bytes that is really there is too large for this test: the claim is read."""
    with pytest.raises(LoadError, match="4294967295 bytes promised"):
        loads(b"\x92\xc6\xff\xff\xff\xff" + bytes(10**6))
