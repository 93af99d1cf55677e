"""Records of the functions beside the classes in thinc.backends.ops and numpy_ops."""

import importlib
import math
from dataclasses import dataclass

import numpy

from thinc.backends import Ops

from .op import Grad, Op
from .op_records.recurrent import SIZES, arguments, first, lstm_oracle, sigma


@dataclass(frozen=True)
class Function(Op):
    """What a function of a module promises; the same on every backend."""

    module: str = "thinc.backends.ops"

    def run(self, ops, args, **more):
        function = getattr(importlib.import_module(self.module), self.name)
        return self.finish(args, function(*args, **self.options, **more))


@dataclass(frozen=True)
class FunctionGrad(Grad, Function):
    """What a function gives that goes back: the slopes of the oracle of `of`."""


def matrix(rng):
    return (rng.normal(size=(5, 4)) * 2,)


def with_ops(rng):
    return (Ops(), *matrix(rng))


def gates(rng):
    """The pre-activations of one step (n, 4·nH), and the cells before it (n, nH)."""
    return rng.normal(size=(3, 8)), rng.normal(size=(3, 2))


def step(A, c):
    """(hidden states, cells) after one step of an LSTM with these pre-activations."""
    f, i, o = (sigma(A[:, 2 * k : 2 * k + 2]) for k in range(3))
    cells = f * c + i * numpy.tanh(A[:, 6:])
    return o * numpy.tanh(cells), cells


def gates_forward(A, c):
    """A number whose slopes are the two gradients, when dY and dC are those of `gates_back`."""
    hidden, cells = step(A, c)
    return hidden + cells / 2


def gates_back(dY, args, Y):
    A, c = args
    after = numpy.concatenate([sigma(A[:, :6]), numpy.tanh(A[:, 6:])], axis=1).astype(A.dtype)
    return dY, dY / 2, after, step(A, c)[1].astype(A.dtype), c


class _Oracle(Op):
    """A forward operation that is its own oracle."""

    def run(self, ops, args, **more):
        return self.oracle(*args).astype(args[0].dtype)


def lstm_arguments(rng):
    """As of the method, with the initial cells before the hidden states."""
    params, H0, C0, X, sizes = arguments(2, 2)(rng)
    return params, C0, H0, X, sizes


def lstm_function_oracle(params, C0, H0, X, sizes):
    return lstm_oracle(params, H0, C0, X, sizes)


def clipped(gradient, threshold):
    return gradient * min(1.0, threshold / math.sqrt((gradient**2).sum()))


_lstm = Function("lstm_forward_training", lstm_arguments, lambda *args: (lstm_function_oracle(*args), None))
NUMPY_OPS = "thinc.backends.numpy_ops"
RECORDS = [
    Function("sigmoid", matrix, lambda X: sigma(X)),
    Function("dsigmoid", matrix, lambda Y: Y * (1 - Y)),
    Function("dtanh", matrix, lambda Y: 1 - Y**2),
    Function("gaussian_cdf", with_ops, lambda ops, X: numpy.vectorize(lambda x: 0.5 * math.erfc(-x / 2**0.5))(X), error=2e-7),
    Function("gaussian_pdf", with_ops, lambda ops, X: numpy.exp(-(X**2) / 2) / math.sqrt(2 * math.pi)),
    Function("lstm_forward_training", lstm_arguments, lstm_function_oracle, finish=first, factor=32),
    FunctionGrad(
        "backprop_lstm", of=_lstm, wrt=(3, 0), order=lambda dY, args, Y: (dY, args[4], args[0], Y[1]), factor=64
    ),
    FunctionGrad("backprop_lstm_gates", of=_Oracle("step", gates, gates_forward), wrt=(0, 1), order=gates_back),
    Function(
        "cpu_clip_gradient",
        lambda rng: (rng.normal(size=9), 0.5),
        clipped,
        writes=(0,),
        finish=lambda args, returned: args[0],
        module=NUMPY_OPS,
    ),
    Function(
        "check_seq2col_lengths",
        lambda rng: (Ops(), SIZES, int(SIZES.sum())),
        lambda ops, lengths, B: lengths,
        module=NUMPY_OPS,
    ),
    Function(
        "check_seq2col_lengths",
        lambda rng: (Ops(), None, 7),
        lambda ops, lengths, B: numpy.array([B], "int32"),
        note="one",
        module=NUMPY_OPS,
    ),
]  # fmt: skip
