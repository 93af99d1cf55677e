"""The small helpers behind thinc.util."""

import pickle
from pathlib import Path
from types import SimpleNamespace

import pytest


def test_a_temporary_file_can_be_read_back_and_is_removed():
    from thinc.util import make_tempfile

    with make_tempfile("w+") as stream:
        stream.write("x")
        stream.flush()
        path = Path(stream.name)
        assert path.read_text("utf8") == "x"
    assert not path.exists()


def test_partial_keeps_the_docstring_and_can_be_pickled():
    from thinc.util import partial

    bound = partial(sorted, reverse=True)
    again = pickle.loads(pickle.dumps(bound))

    assert bound.__doc__ == again.__doc__ == sorted.__doc__ and again([1, 2]) == [2, 1]


def test_an_absent_framework_is_named_with_what_installs_it(monkeypatch):
    from thinc import _optional
    from thinc.util import assert_mxnet_installed

    monkeypatch.setattr(_optional, "load", lambda name: None)
    with pytest.raises(ImportError, match="mxnet"):
        assert_mxnet_installed()


def test_a_profiler_range_without_cupy_does_nothing(monkeypatch):
    from thinc.interop import profiling

    monkeypatch.setattr(profiling, "load", lambda name: None)
    with profiling.use_nvtx_range("step"):
        pass


def test_a_profiler_range_is_closed_after_an_exception(monkeypatch):
    from thinc.interop import profiling

    calls = []
    nvtx = SimpleNamespace(RangePush=lambda *a: calls.append(a), RangePop=lambda: calls.append("pop"))
    monkeypatch.setattr(profiling, "load", lambda name: nvtx)
    with pytest.raises(KeyError), profiling.use_nvtx_range("step", 3):
        raise KeyError
    assert calls == [("step", 3), "pop"]
