"""Faster kernels stand in for reference operations, but only where they can work on the arguments."""

import os
from collections.abc import Callable
from functools import wraps
from importlib import import_module
from typing import Any, TypeVar

# THINC_NO_EXTENSION=1 runs the reference everywhere, to compare and to debug.
# THINC_CPU_LEVEL=v2, v3 or v4 limits the instruction set; a processor without it runs the next lower one.
kernels: Any = None
if os.environ.get("THINC_NO_EXTENSION") != "1":
    try:
        kernels = import_module(f"{__package__}._cpu")
    except ModuleNotFoundError:  # built where no compiler is
        kernels = None


OperationT = TypeVar("OperationT", bound=Callable[..., Any])


def accelerates(reference: OperationT, *, compiled: bool = True) -> Callable[[Callable[..., Any]], OperationT]:
    """Use the decorated method, and `reference` where that returns NotImplemented.

    The compiled functions look at the arrays themselves, which costs some 10 ns where the
    same questions asked in Python cost 1 µs. They return NotImplemented, with nothing
    written, for any dtype, layout or shape that they can't work on: the reference then
    computes, or raises the error. Signature and documentation stay those of `reference`:
    there is one contract per operation, however many implementations it has.

    compiled: the method needs the extension; without it the reference is used at once.
    """

    def decorate(kernel: Callable[..., Any]) -> OperationT:
        def method(self, *args, **kwargs):
            result = NotImplemented if kernels is None and compiled else kernel(self, *args, **kwargs)
            return reference(self, *args, **kwargs) if result is NotImplemented else result

        named: Any = wraps(reference)(method)  # for checkers it is what the return type says: like `reference`
        named.kernel = kernel  # read by the contract tests
        return named

    return decorate


def replaces(reference: OperationT) -> Callable[[Callable[..., Any]], OperationT]:
    """Use the decorated method, which itself calls `reference` where its kernel gives NotImplemented.

    What `accelerates` does, without a function in between: that took 0.2 of the 0.4 µs of a
    call with a small batch.
    """

    def decorate(method: Callable[..., Any]) -> OperationT:
        if kernels is None:
            return reference
        named: Any = wraps(reference)(method)  # as in `accelerates`
        named.kernel = method  # read by the contract tests
        return named

    return decorate


def replaces_any(cls: type, root: type, names: set[str]) -> bool:
    """Does a subclass of `root` have its own form of an operation, in its body or from a class beside its parent?"""
    if names & set(vars(cls)):
        return True
    parent = next(base for base in cls.__mro__[1:] if issubclass(base, root))
    return parent is not root and any(getattr(cls, name, None) is not getattr(parent, name, None) for name in names)
