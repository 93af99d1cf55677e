"""Recurrent layers with long short-term memory."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy

from ..backends._known import as_ints
from ..config import registry
from ..errors import ShapeError
from ..initializers import glorot_uniform_init, zero_init
from ..model import Model
from ..model.border import locate_gradient
from ..shims.torch_arrays import import_torch
from ..types import Floats2d, Padded, get_width
from ..types.check import describe
from .noop import noop
from .pytorchwrapper import PyTorchRNNWrapper
from .with_padded import with_padded


@registry.layers("LSTM.v1")
def LSTM(
    nO: int | None = None,
    nI: int | None = None,
    *,
    bi: bool = False,
    depth: int = 1,
    dropout: float = 0.0,
    init_W: Callable | None = None,
    init_b: Callable | None = None,
) -> Model[Padded, Padded]:
    """c_t = f c_{t−1} + i g; h_t = o tanh(c_t).  Hochreiter & Schmidhuber 1997; gates f, i, o, g.

    X: (time, batch, nI).  Y: (time, batch, nO), with `bi` the two directions side by side.
    dropout: probability in [0, 1) that a weight is dropped during training.
    """
    if depth == 0:
        raise ShapeError("LSTM got depth=0. Give it a depth of at least 1.")
    return Model(
        "lstm",
        forward,
        init=partial(init, init_W or glorot_uniform_init, init_b or zero_init),
        dims={"nO": nO, "nI": nI, "depth": depth, "dirs": 2 if bi else 1},
        attrs={"registry_name": "LSTM.v1", "dropout_rate": dropout},
        params={"LSTM": None, "HC0": None},
    )


@registry.layers("PyTorchLSTM.v1")
def PyTorchLSTM(nO: int, nI: int, *, bi: bool = False, depth: int = 1, dropout: float = 0.0) -> Model[Any, Any]:
    """torch.nn.LSTM over Padded and the other containers of sequences; depth 0 is noop()."""
    if depth == 0:
        return noop()
    torch = import_torch()
    module = torch.nn.LSTM(nI, nO // 2 if bi else nO, depth, bidirectional=bi, dropout=dropout)
    layer = PyTorchRNNWrapper(module)
    layer.set_dim("nO", nO)
    layer.set_dim("nI", nI)
    return with_padded(layer)


def forward(model: Model, Xp: Padded, is_train: bool) -> tuple[Padded, Callable]:
    ops = model.ops
    if Xp.data.ndim != 3:
        raise ShapeError(
            f"got {describe(Xp)}, wants (time, batch, nI). For one sequence, give with_padded a list of it."
        )
    running = _running(ops, Xp)
    X = _pack(ops, Xp.data, running)
    if not len(X):
        return _without_rows(model, Xp)
    mask = _weight_mask(model) if is_train else None
    params = model.get_param("LSTM") if mask is None else model.get_param("LSTM") * mask
    H0, C0 = model.get_param("HC0")
    run = partial(ops.lstm_forward_training, params, H0, C0, X, Xp.size_at_t)
    if is_train:
        Y, state = run()
    else:
        Y, state = ops.lstm_forward_inference(params, H0, C0, X, Xp.size_at_t), None

    def backprop(dYp: Padded) -> Padded:
        try:
            # After prediction the state was not kept, so it costs a second run.
            kept = run()[1] if state is None else state
            dY = _pack(ops, dYp.data, running)
            dX, d_params = ops.backprop_lstm(dY, Xp.lengths, params, kept)
            model.inc_grad("LSTM", d_params if mask is None else d_params * mask)
            return _unpack(ops, dX, running, Xp)
        except Exception as error:
            locate_gradient(error, model, dYp, Padded)
            raise

    return _unpack(ops, Y, running, Xp), backprop


def init(init_W, init_b, model, X=None, Y=None):
    if X is not None:
        model.set_dim("nI", get_width(X))
    if Y is not None:
        model.set_dim("nO", get_width(Y))
    ops, dirs, depth = model.ops, model.get_dim("dirs"), model.get_dim("depth")
    nH = model.get_dim("nO") // dirs
    parts = []
    for level in range(depth):
        nI = model.get_dim("nI") if level == 0 else nH * dirs
        for _ in range(dirs):
            for width in (nI, nH):
                parts.extend(init_W(ops, (nH, width)).ravel() for _ in range(4))
                parts.extend(init_b(ops, (nH,)).ravel() for _ in range(4))
    model.set_param("LSTM", ops.xp.concatenate(parts))
    model.set_param("HC0", ops.alloc((2, depth, dirs, nH)))


def _running(ops, Xp):
    """The rows of (time · batch,) where a sequence has not ended, by time; None for all.  Counted on the host."""
    nT, nB = Xp.data.shape[:2]
    sizes = as_ints(Xp.size_at_t)
    if sizes == [nB] * nT:
        return None
    is_running = numpy.arange(nB)[None, :] < numpy.array(sizes, "int64")[:, None]
    return ops.asarray1i(numpy.flatnonzero(is_running), dtype="int64")


def _pack(ops, data, running) -> Any:
    rows = data.reshape((data.shape[0] * data.shape[1], data.shape[2]))
    return ops.as_contig(rows) if running is None else rows[running]


def _unpack(ops, rows: Floats2d, running, Xp) -> Padded:
    data: Any
    shape = (*Xp.data.shape[:2], rows.shape[-1])
    if running is None:
        data = rows.reshape(shape)
    else:
        data = ops.alloc(shape, dtype=rows.dtype)
        data.reshape((-1, shape[-1]))[running] = rows
    return Padded(data, Xp.size_at_t, Xp.lengths, Xp.indices)


def _without_rows(model, Xp):
    dirs = model.get_dim("dirs")
    shape = (*Xp.data.shape[:2], model.get_dim("nO") // dirs * dirs)
    data = model.ops.alloc(shape, dtype=Xp.data.dtype)

    def backprop(dYp):
        dX = model.ops.alloc(Xp.data.shape, dtype=Xp.data.dtype)
        return Padded(dX, Xp.size_at_t, Xp.lengths, Xp.indices)

    return Padded(data, Xp.size_at_t, Xp.lengths, Xp.indices), backprop


def _weight_mask(model):
    rate = model.attrs["dropout_rate"]
    return model.ops.get_dropout_mask(model.get_param("LSTM").shape, rate) if rate else None
