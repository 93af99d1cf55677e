"""Import MXNet 1.9.1, the last release, under NumPy 2."""

import importlib
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

import numpy

from .._optional import is_loaded
from ..errors import MissingFrameworkError
from ..interop import seed_late

_LOCK = threading.RLock()
# What MXNet asks NumPy for while it is imported, and NumPy 2 no longer has (measured: 20 names).
_CONSTANTS = {
    "PZERO": 0.0,
    "NZERO": -0.0,
    "PINF": numpy.inf,
    "Inf": numpy.inf,
    "NINF": -numpy.inf,
    "NAN": numpy.nan,
    "NaN": numpy.nan,
}
_FUNCTIONS = {
    "alltrue": numpy.all,
    "sometrue": numpy.any,
    "round_": numpy.round,
    "product": numpy.prod,
    "msort": lambda a: numpy.sort(a, axis=0),
    "in1d": numpy.isin,
    "trapz": getattr(numpy, "trapezoid", None),
}
_FINANCE = ("mirr", "npv", "pmt", "ppmt", "pv", "rate")  # gone since NumPy 1.20
INSTALL = (
    "MXNet can't be imported. Install it with `pip install --no-deps mxnet==1.9.1` and `pip install requests "
    "setuptools`; it needs the system's libgomp1 and libquadmath0."
)


def import_mxnet() -> ModuleType:
    """The mxnet module; NumPy is as before when this returns.

    Raises MissingFrameworkError.
    """
    if is_loaded("mxnet"):
        return sys.modules["mxnet"]
    with _LOCK:
        known = set(sys.modules)
        try:
            with _removed_names(), warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of distutils and setuptools
                module = importlib.import_module("mxnet")
        except (ImportError, OSError, AttributeError) as error:
            for name in [n for n in sys.modules if n.partition(".")[0] == "mxnet" and n not in known]:
                del sys.modules[name]
            raise MissingFrameworkError(f"{INSTALL} ({error})") from error
        seed_late("mxnet")
        return module


@contextmanager
def _removed_names() -> Iterator[None]:
    """Let this thread alone find the names that NumPy has removed."""
    me, original = threading.get_ident(), getattr(numpy, "__getattr__", _no_attribute)

    def lookup(name: str) -> Any:
        if threading.get_ident() == me:
            if name in _CONSTANTS:
                return _CONSTANTS[name]
            if name in _FUNCTIONS:
                return _FUNCTIONS[name]
            if name in _FINANCE:
                return _gone(name)
        return original(name)

    numpy.__getattr__ = lookup
    try:
        yield
    finally:
        numpy.__getattr__ = original


def _no_attribute(name: str) -> Any:
    raise AttributeError(f"module 'numpy' has no attribute {name!r}")


def _gone(name: str) -> Callable[..., Any]:
    def stub(*args: Any, **kwargs: Any) -> Any:
        raise NotImplementedError(f"numpy.{name} was removed from NumPy")

    stub.__name__ = name
    return stub
