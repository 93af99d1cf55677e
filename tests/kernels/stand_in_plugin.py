"""A plugin of pytest that runs tests/gpu without a GPU: stand-ins for CuPy and for torch's CUDA, kernels in emulation.

`python -m pytest -p kernels.stand_in_plugin gpu` in tests/.
"""

import contextlib
import sys
import types
from importlib.machinery import ModuleSpec
from importlib.util import find_spec

from thinc._optional import load
from thinc.backends import CupyOps
from thinc.shims import torch_arrays

from .fake_cupy import Module

Nothing = types.SimpleNamespace


class TorchOnHost(types.ModuleType):
    """torch, for which the GPU is the host."""

    def __init__(self, torch):
        super().__init__("torch")
        self._torch = torch
        self.cuda = Nothing(
            is_available=lambda: True,
            is_initialized=lambda: False,
            synchronize=lambda: None,
            manual_seed_all=lambda seed: None,
            Stream=lambda: None,
            stream=contextlib.nullcontext,
        )

    def __getattr__(self, name):
        return getattr(self._torch, name)

    def device(self, kind, index=None):
        is_gpu = str(kind).startswith("cuda")
        return self._torch.device("cpu") if is_gpu else self._torch.device(*(x for x in (kind, index) if x is not None))


def pytest_configure(config):
    """Before any test is collected: the modules are found where CuPy and torch would be."""
    from .on_stand_in import OnStandIn  # not before tests/conftest.py has asked to show its asserts

    cupy = Module(count=1)
    cupy.__spec__ = ModuleSpec("cupy", None)
    sys.modules["cupy"] = cupy
    load.cache_clear()
    CupyOps._cuda = OnStandIn()
    if find_spec("torch") is not None:
        import torch

        cupy.torch = torch_arrays._torch = TorchOnHost(torch)
