"""One small network in each framework, for the contract of all shims."""

import importlib.util
from collections.abc import Callable
from dataclasses import dataclass

import numpy

SEED = numpy.random.default_rng(0)
W = SEED.normal(size=(2, 3)).astype("f")
b = SEED.normal(size=2).astype("f")


def batch(size=4):
    return numpy.random.default_rng(size).normal(size=(size, 3)).astype("f")


def formula(X):
    return numpy.tanh(X @ W.T + b)


def close(found, wanted, limit=1e-5):
    return found.shape == wanted.shape and abs(found - wanted).max(initial=0) <= limit * (
        1 + abs(wanted).max(initial=0)
    )


@dataclass
class Sample:
    """What the contract must know about a framework.

    name:     of the shim in `registry.shims`.
    module:   what must be installed for it.
    make:     () -> layer, Y = tanh(X Wᵀ + b), with the W and b above; X: (batch, 3), Y: (batch, 2).
    nested:   () -> layer, called with (X, ids, flag, None); ids: integers (batch,), flag: bool.
              Outputs {"y": Y, "more": (Y · 2 if flag else Y, None, 3), "ids": ids}, Y as above.
    has_zero_size: can it hold arrays without elements?
    """

    name: str
    module: str
    make: Callable
    nested: Callable
    has_zero_size: bool = True

    def is_installed(self):
        return importlib.util.find_spec(self.module) is not None


def torch_net():
    import torch

    inner = torch.nn.Linear(3, 2)
    with torch.no_grad():
        inner.weight.copy_(torch.tensor(W))
        inner.bias.copy_(torch.tensor(b))
    return torch.nn.Sequential(inner, torch.nn.Tanh())


def make_torch():
    from thinc.api import PyTorchWrapper

    return PyTorchWrapper(torch_net())


def nest_torch():
    import torch

    from thinc.api import PyTorchWrapper

    class Nested(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.inner = torch_net()

        def forward(self, X, ids, flag, nothing):
            assert ids.dtype is torch.int32 and type(flag) is bool and nothing is None
            Y = self.inner(X)
            return {"y": Y, "more": (Y * 2 if flag else Y, None, 3), "ids": ids}

    return PyTorchWrapper(Nested())


def jax_net(params, X):
    import jax.numpy as jnp

    return jnp.tanh(X @ params["W"].T + params["b"])


def make_jax():
    from thinc.api import JaxWrapper

    return JaxWrapper(jax_net, {"W": W, "b": b})


def nest_jax():
    from thinc.api import JaxWrapper

    def nested(params, X, ids, flag, nothing):
        assert ids.dtype == "int32" and type(flag) is bool and nothing is None
        Y = jax_net(params, X)
        return {"y": Y, "more": (Y * 2 if flag else Y, None, 3), "ids": ids}

    return JaxWrapper(nested, {"W": W, "b": b})


def mxnet_net():
    from thinc.shims.mxnet_import import import_mxnet

    mxnet = import_mxnet()
    inner = mxnet.gluon.nn.Dense(2, in_units=3, activation="tanh")
    inner.initialize()
    for parameter, value in ((inner.weight, W), (inner.bias, b)):
        parameter.set_data(mxnet.nd.from_dlpack(value.copy().__dlpack__()))
    return inner


def make_mxnet():
    from thinc.api import MXNetWrapper

    return MXNetWrapper(mxnet_net())


def nest_mxnet():
    from thinc.api import MXNetWrapper
    from thinc.shims.mxnet_import import import_mxnet

    class Nested(import_mxnet().gluon.Block):
        def __init__(self):
            super().__init__()
            self.inner = mxnet_net()

        def forward(self, X, ids, flag, nothing):
            assert ids.dtype is numpy.int32 and type(flag) is bool and nothing is None
            Y = self.inner(X)
            return {"y": Y, "more": (Y * 2 if flag else Y, None, 3), "ids": ids}

    return MXNetWrapper(Nested())


def keras_net():
    import keras

    net = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2, activation="tanh")])
    net.set_weights([W.T, b])
    return net


def make_keras():
    from thinc.api import TensorFlowWrapper

    return TensorFlowWrapper(keras_net())


def nest_keras():
    import keras

    from thinc.api import TensorFlowWrapper

    class Nested(keras.Model):
        def __init__(self):
            super().__init__()
            self.inner = keras_net()

        def call(self, X, ids, flag, nothing):
            assert ids.dtype == "int32" and type(flag) is bool and nothing is None
            Y = self.inner(X)
            return {"y": Y, "more": (Y * 2 if flag else Y, None, 3), "ids": ids}

    return TensorFlowWrapper(Nested())


SAMPLES = [
    Sample("tensorflow", "tensorflow", make_keras, nest_keras),
    Sample("jax", "jax", make_jax, nest_jax),
    Sample("mxnet", "mxnet", make_mxnet, nest_mxnet),
    Sample("pytorch", "torch", make_torch, nest_torch),
]
