"""Find optional frameworks without importing them.

`is_installed(name)` only looks; `load(name)` imports on first touch and returns
None for an absent or broken framework; `require(name)` raises instead.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from functools import cache
from types import ModuleType
from typing import Any

from .errors import MissingFrameworkError

# What installs each framework. MXNet asks for NumPy 1, so no extra of ours can name it.
_INSTALLERS = {
    "torch": "pip install 'thinc[torch]'",
    "tensorflow": "pip install 'thinc[tensorflow]'",
    "mxnet": "pip install --no-deps mxnet==1.9.1",
    "jax": "pip install 'thinc[jax]'",
    "cupy": "pip install 'thinc[cuda12x]', or 'thinc[cuda13x]' for CUDA 13",
    "h5py": "pip install 'thinc[tensorflow]'",
}
# The functions users know for switching a framework on; mentioned in messages.
_ENABLERS = {"tensorflow": "enable_tensorflow", "mxnet": "enable_mxnet"}


def is_installed(name: str) -> bool:
    """Whether the module `name` could be imported; it is not imported here."""
    if sys.modules.get(name) is not None:
        return True
    return _find(name)


def is_loaded(name: str) -> bool:
    """Whether somebody has already imported the module `name`.

    No value can belong to a framework that was never loaded, so this is the
    cheap first question of every predicate.
    """
    return sys.modules.get(name) is not None


@cache
def load(name: str) -> Any:
    """The imported module `name`, or None if it is absent or fails to import."""
    if not is_installed(name):
        return None
    try:
        return importlib.import_module(name)
    except Exception:  # a broken CUDA driver raises more than ImportError
        return None


def require(name: str) -> ModuleType:
    """The imported module `name`.

    Raises MissingFrameworkError (an ImportError) with the command that installs it.
    """
    module = load(name)
    if module is None:
        raise MissingFrameworkError(missing_message(name))
    return module


def assert_pytorch_installed() -> None:
    """Raises MissingFrameworkError (an ImportError) where PyTorch can't be imported."""
    require("torch")


def assert_tensorflow_installed() -> None:
    """Raises MissingFrameworkError (an ImportError) where TensorFlow can't be imported."""
    require("tensorflow")


def assert_mxnet_installed() -> None:
    """Raises MissingFrameworkError (an ImportError) where MXNet can't be imported."""
    require("mxnet")


def missing_message(name: str) -> str:
    """The sentence that tells how to get the framework `name`."""
    installer = _INSTALLERS.get(name, f"pip install {name}")
    text = f"This needs {name}, which can't be imported: {installer}."
    if name in _ENABLERS:
        text += f" Older code also calls thinc.compat.{_ENABLERS[name]}() first; that is no longer needed."
    return text


@cache
def _find(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except (ImportError, ValueError, AttributeError):
        return False
