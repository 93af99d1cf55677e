"""Which saved trees a tree says that it can load, strictly and not."""

import numpy
import pytest

from thinc.api import Shim
from thinc.model import Model


def forward(model, X, is_train):
    return X, lambda dY: dY


def make(name="a", nI=2, W=(2, 2), rate=0.5, shims=(), **more):
    params = {"W": None if W is None else numpy.zeros(W, "f"), **more.pop("params", {})}
    return Model(name, forward, dims={"nI": nI}, params=params, attrs={"rate": rate}, shims=shims, **more)


class Silent(Shim):
    def to_bytes(self):
        return b"anything"

    def stage_bytes(self, bytes_data):
        return lambda: self


@pytest.mark.parametrize(
    "ours, file, strictly, loosely",
    [
        (make(), make(), True, True),
        (make(), make(name="b"), False, True),
        (make(), make(rate=0.6), False, True),
        (make(rate=len), make(), True, True),  # what can't be saved can't be compared
        (make(nI=None), make(nI=3), True, True),
        (make(nI=2), make(nI=None), False, False),
        (make(nI=2), make(nI=3), False, False),
        (make(W=None), make(W=(3, 3)), True, True),
        (make(), make(W=None), False, False),
        (make(), make(W=(2, 3)), False, False),
        (make(), make(params={"b": None}), False, False),
        (make(params={"b": None}), make(), True, True),
        (make(), make(layers=[make()]), False, False),
        (make(shims=[Silent(None)]), make(), False, False),
        (make(shims=[Silent(None)]), make(shims=[Silent(None)]), True, True),
    ],
)
def test_trees_are_compared(ours, file, strictly, loosely, tmp_path):
    message, data = file.to_dict(), file.to_bytes()
    file.to_disk(tmp_path / "a")
    for strict, expected in ((True, strictly), (False, loosely)):
        assert ours.can_from_dict(message, strict=strict) is expected
        assert ours.can_from_bytes(data, strict=strict) is expected
        assert ours.can_from_disk(tmp_path / "a", strict=strict) is expected
    if loosely:
        ours.from_bytes(data)


def test_what_is_no_saved_tree_is_no_error(tmp_path):
    model = make()
    assert not model.can_from_bytes(b"\xc1") and not model.can_from_dict({}) and not model.can_from_dict({"nodes": 1})
    assert not model.can_from_disk(tmp_path) and not model.can_from_disk(tmp_path / "none")
    (tmp_path / "a").write_bytes(b"nonsense")
    assert not model.can_from_disk(tmp_path / "a")
