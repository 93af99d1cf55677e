"""Numbers and arrays of unusual kinds are written and read, and malformed ones refused."""

import numpy
import pytest

from thinc.errors import LoadError
from thinc.serialization import dumps, loads


class OnGpu:
    """An array of CuPy, as far as saving needs it."""

    def get(self):
        return numpy.arange(3.0)


OnGpu.__module__ = "cupy.core"


@pytest.mark.parametrize("value", ["text", None, 3])
def test_only_bytes_are_read(value):
    with pytest.raises(TypeError, match=f"loads: expected bytes, got {type(value).__name__}"):
        loads(value)


@pytest.mark.parametrize("value", [numpy.float32(0.5), numpy.int64(-3), numpy.bool_(True)])
def test_numbers_of_numpy_keep_their_dtype(value):
    back = loads(dumps(value))
    assert back == value and back.dtype == value.dtype and back.shape == ()


def test_arrays_of_a_gpu_are_saved_from_the_host():
    assert loads(dumps({"X": OnGpu()}))["X"].tolist() == [0, 1, 2]


@pytest.mark.parametrize(
    "wrong, reason",
    [
        ({b"complex": True, b"data": "one"}, "a number or array is malformed"),
        ({b"complex": True}, "a number or array is malformed"),
        ({b"nd": True, b"type": "<f4", b"kind": b"", b"shape": [1], b"data": b"\0" * 4, b"more": 1}, "unknown keys"),
        ({b"nd": 1, b"type": "<f4", b"data": b"\0" * 4}, "unknown keys"),
        ({b"nd": False, b"type": "<f4", b"data": b"\0" * 3}, "takes 4 bytes, got 3"),
    ],
)
def test_malformed_numbers_are_refused_with_their_place(wrong, reason):
    with pytest.raises(LoadError, match=rf"byte \d+: .*{reason}"):
        loads(dumps(wrong))
