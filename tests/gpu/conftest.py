"""Everything here runs on a GPU, or is skipped with the reason why there is none.

`python -m pytest tests/gpu` needs neither make nor network, and takes the versions it finds.
"""

import importlib.util
import os
import sys
from pathlib import Path

import pytest

# Several frameworks share one GPU here: none may take most of its memory at its first use.
os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")
os.environ.setdefault("TF_FORCE_GPU_ALLOW_GROWTH", "true")


def why_not():
    """Why nothing can run here, or None."""
    if importlib.util.find_spec("cupy") is None:
        return "CuPy is not installed"
    try:
        import cupy

        count = cupy.cuda.runtime.getDeviceCount()
    except Exception as error:  # a missing driver has classes of its own
        return f"CuPy finds no GPU: {error}"
    return None if count else "CuPy counts no GPU"


def is_stand_in():
    """Does tests/kernels/stand_in_plugin.py run these tests, without a GPU?"""
    return getattr(sys.modules.get("cupy"), "is_stand_in", False)


def pytest_configure(config):
    config.addinivalue_line("markers", "needs_device: only a real GPU can tell")


def pytest_collection_modifyitems(items):
    reason = why_not()
    for item in items:
        if Path(__file__).parent in item.path.parents:
            if item.get_closest_marker("needs_device") and is_stand_in():
                item.add_marker(pytest.mark.skip(reason="the stand-in has no memory, streams or compiler of its own"))
            # Newer versions of the frameworks warn about each other.
            item.add_marker(pytest.mark.filterwarnings("default"))
            if reason:
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture
def cupy():
    return pytest.importorskip("cupy")


@pytest.fixture
def torch(cupy, monkeypatch):
    torch = cupy.torch if is_stand_in() and hasattr(cupy, "torch") else pytest.importorskip("torch")
    if not torch.cuda.is_available():
        pytest.skip("this torch can't use the GPU")
    # The numbers are held against those of the CPU: no rounding to 10 bits.
    monkeypatch.setattr(torch.backends.cudnn, "allow_tf32", False)
    return torch


@pytest.fixture
def jax(cupy):
    jax = pytest.importorskip("jax")
    if jax.default_backend() != "gpu":
        pytest.skip("this JAX can't use the GPU")
    with jax.default_matmul_precision("highest"):
        yield jax


@pytest.fixture
def tensorflow(cupy):
    tensorflow = pytest.importorskip("tensorflow")
    if not tensorflow.config.list_physical_devices("GPU"):
        pytest.skip("this TensorFlow can't use the GPU")
    config = tensorflow.config.experimental
    before = config.tensor_float_32_execution_enabled()
    config.enable_tensor_float_32_execution(False)
    yield tensorflow
    config.enable_tensor_float_32_execution(before)


@pytest.fixture
def ops(cupy):
    from thinc.backends import CupyOps

    return CupyOps()
