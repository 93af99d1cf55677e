"""One record per operation: its arguments, what it should give, and what it may change."""

import copy
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy

from thinc.backends import CupyOps, Ops
from thinc.testing.slopes import slopes

from .arrays import cast, each_array, on_device

FLOATS = ("float16", "float32", "float64")
REFERENCE = Ops()


class HostCupyOps(CupyOps):
    """CupyOps over numpy: what of the GPU's path is plain array code runs on every machine."""

    xp = numpy
    _xp2 = numpy
    _cuda = None

    def __init__(self):
        super().__init__("cpu", -1)


def generator():
    return numpy.random.default_rng(3)


@dataclass(frozen=True)
class Op:
    """What one method of Ops promises.

    args(rng): positional arguments, floats in float64.  oracle(*args, **options): the result in
    float64, by plain numpy.  inplace: the argument that `inplace=True` overwrites and returns.
    writes: arguments that are changed always.  fixed: the dtype of the result is that of the
    oracle, whatever comes in.  error: of the formula itself.  factor: roundings on the way.
    finish(args, returned): the result, where it is not what the method returns.
    empty(rng): arguments without rows.  bad: (arguments, error, text) of mistakes.
    """

    name: str
    args: Callable[..., tuple]
    oracle: Callable
    options: dict = field(default_factory=dict)
    inplace: int | None = None
    writes: tuple[int, ...] = ()
    fixed: bool = False
    dtypes: tuple[str, ...] = FLOATS
    error: float = 0.0
    factor: float = 1.0
    finish: Callable[[tuple, Any], Any] = lambda args, returned: returned
    empty: Callable[..., tuple] | None = None
    bad: tuple[tuple[tuple, type, str], ...] = ()
    note: str = ""

    def __str__(self):
        return self.name + (f"-{self.note}" if self.note else "")

    def case(self, dtype, empty=False):
        """The arguments in this dtype, and a function that gives the expected result."""
        args = cast((self.empty if empty else self.args)(generator()), dtype)
        return args, lambda: self.oracle(*cast(args, "float64"), **self.options)

    def run(self, ops, args, **more):
        """The result on a backend; arguments that are arrays are moved there."""
        args = on_device(args, ops)
        return self.finish(args, getattr(ops, self.name)(*args, **self.options, **more))

    @property
    def slack(self):
        """How far the result may be off in float64."""
        return self.error


@dataclass(frozen=True)
class Grad(Op):
    """What a backprop method promises: the slopes of the oracle of a forward operation.

    of: the record of the forward operation.  wrt: its arguments that have a gradient.
    order(dY, args, Y): the arguments of the method.
    """

    args: Callable[..., tuple] = lambda rng: ()
    oracle: Callable = lambda *args: None
    of: Any = None
    wrt: tuple[int, ...] = (0,)
    order: Callable[[Any, tuple, Any], tuple] = lambda dY, args, Y: (dY, args[0])
    factor: float = 8.0

    def case(self, dtype, empty=False):
        args, _ = self.of.case(dtype, empty)
        Y = self.of.run(REFERENCE, copy.deepcopy(args))
        dY = generator().normal(size=_main(Y).shape).astype(_main(Y).dtype)

        def expected():
            if empty:
                return tuple(numpy.zeros_like(args[i]) for i in self.wrt)
            wide = cast(args, "float64")
            weights = dY.astype("float64")

            def loss():
                return float((_main(self.of.oracle(*wide, **self.of.options)) * weights).sum())

            found = tuple(slopes(loss, wide[i]) for i in self.wrt)
            return found if len(found) > 1 else found[0]

        return self.order(dY, args, Y), expected

    @property
    def slack(self):
        return 1e-7 + 4 * self.of.error


def backprop_of(of, **options):
    """The record of `backprop_<name>(dY, X)`."""
    options.setdefault("inplace", 0 if of.inplace is not None else None)
    options.setdefault("options", of.options)
    options.setdefault("note", of.note)
    return Grad("backprop_" + of.name, of=of, empty=of.empty, dtypes=of.dtypes, **options)


def _main(Y):
    return Y[0] if isinstance(Y, tuple) else Y


# -- mutations: what a record must notice ---------------------------------------------------


def _sign(A):
    return -A if A.dtype.kind == "f" else A + A.dtype.type(1)


def _term(A):
    return ~A if A.dtype.kind == "b" else A + A.dtype.type(1)


def _axis(A):
    axis = next((i for i, size in enumerate(A.shape) if size > 1), None)
    return A if axis is None else A.copy().swapaxes(0, axis)[::-1].swapaxes(0, axis)


MUTATIONS = {"sign": _sign, "term": _term, "axis": _axis}


def spoil(value, change):
    """`value` with its first array that is not empty changed; and whether that made a difference."""
    differs = []

    def once(array):
        if differs or not array.size:
            return array
        wrong = change(array)
        differs.append(not numpy.array_equal(wrong, array))
        return wrong

    return each_array(once, value), any(differs)
