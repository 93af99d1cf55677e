"""Faster kernels stand in for reference operations, but only where they are valid."""

import os
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

import numpy

# THINC_NO_EXTENSION=1 runs the reference everywhere, to compare and to debug.
kernels: Any = None
if os.environ.get("THINC_NO_EXTENSION") != "1":
    try:
        from . import _cpu as kernels
    except ModuleNotFoundError:  # built where no compiler is
        kernels = None


OperationT = TypeVar("OperationT", bound=Callable[..., Any])


def accelerates(reference: OperationT, *, when: Callable[..., bool]) -> Callable[[Callable[..., Any]], OperationT]:
    """Use the decorated kernel where `when(*args)` holds, `reference` elsewhere.

    Signature and documentation stay those of `reference`: there is one contract
    per operation, however many implementations it has.
    """

    def decorate(kernel: Callable[..., Any]) -> OperationT:
        @wraps(reference)
        def method(self, *args, **kwargs):
            chosen = kernel if kernels is not None and when(*args, **kwargs) else reference
            return chosen(self, *args, **kwargs)

        method.kernel = kernel  # type: ignore[attr-defined]  # read by the contract tests
        return method  # type: ignore[return-value]  # it has the signature of `reference`

    return decorate


def floats(*values, **options) -> bool:
    """All arrays are C-contiguous numpy arrays of one shape and one dtype, float32 or float64."""
    arrays = [value for value in (*values, *options.values()) if hasattr(value, "dtype")]
    first = arrays[0] if arrays else None
    return (
        type(first) is numpy.ndarray
        and first.dtype in (numpy.float32, numpy.float64)
        and first.dtype.isnative
        and all(a.dtype == first.dtype and a.shape == first.shape and a.flags.c_contiguous for a in arrays)
    )
