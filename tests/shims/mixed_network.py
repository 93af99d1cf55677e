"""One network of native, torch, Keras, JAX and MXNet layers, for tests in this and in other processes."""

import hashlib
import sys
from importlib.util import find_spec

import numpy

NEEDED = {"torch": "torch", "tensorflow": "tensorflow", "keras": "keras", "jax": "jax", "mxnet": "mxnet"}
MISSING = [name for name, module in NEEDED.items() if find_spec(module) is None]
WIDTH = 4


def weights(seed, dtype):
    """(W, b) of one layer, Y = tanh(X Wᵀ + b)."""
    rng = numpy.random.default_rng(seed)
    return (rng.normal(size=(WIDTH, WIDTH)) / 2).astype(dtype), (rng.normal(size=WIDTH) / 2).astype(dtype)


def torch_layer(seed, dtype="float32"):
    import torch

    from thinc.api import PyTorchWrapper

    W, b = weights(seed, dtype)
    linear = torch.nn.Linear(WIDTH, WIDTH, dtype=getattr(torch, dtype))
    linear.load_state_dict({"weight": torch.from_numpy(W), "bias": torch.from_numpy(b)})
    return PyTorchWrapper(torch.nn.Sequential(linear, torch.nn.Tanh()))


def keras_layer(seed, dtype="float32"):
    import keras

    from thinc.api import TensorFlowWrapper

    W, b = weights(seed, dtype)
    net = keras.Sequential([keras.Input((WIDTH,), dtype=dtype), keras.layers.Dense(WIDTH, "tanh", dtype=dtype)])
    net.set_weights([W.T, b])
    return TensorFlowWrapper(net)


def jax_layer(seed, dtype="float32"):
    from thinc.api import JaxWrapper

    W, b = weights(seed, dtype)
    return JaxWrapper(tanh_layer, {"W": W, "b": b})


def tanh_layer(params, X):
    import jax.numpy as jnp

    return jnp.tanh(X @ params["W"].T + params["b"])


def mxnet_layer(seed, dtype="float32"):
    from thinc.api import MXNetWrapper, xp2mxnet
    from thinc.shims.mxnet_import import import_mxnet

    W, b = weights(seed, dtype)
    dense = import_mxnet().gluon.nn.Dense(WIDTH, in_units=WIDTH, activation="tanh", dtype=dtype)
    dense.initialize()
    dense.weight.set_data(xp2mxnet(W))
    dense.bias.set_data(xp2mxnet(b))
    return MXNetWrapper(dense)


def native_layer(seed, dtype="float32"):
    from thinc.api import Linear, Model, chain

    W, b = weights(seed, dtype)
    linear = Linear(WIDTH, WIDTH)
    linear.set_param("W", W)
    linear.set_param("b", b)

    def forward(model, X, is_train):
        Y = numpy.tanh(X)
        return Y, lambda dY: dY * (1 - Y * Y)

    return chain(linear, Model("tanh", forward))


FOREIGN = [torch_layer, keras_layer, jax_layer, mxnet_layer]


def mixed(dtype="float32"):
    """native → torch → Keras → JAX → MXNet → native"""
    from thinc.api import chain

    made = [make(seed, dtype) for seed, make in enumerate(FOREIGN)]
    return chain(native_layer(7, dtype), *made, native_layer(8, dtype))


def batch(dtype="float32"):
    return numpy.random.default_rng(1).normal(size=(6, WIDTH)).astype(dtype)


def digest(model):
    return hashlib.sha256(numpy.ascontiguousarray(model.predict(batch())).tobytes()).hexdigest()


if __name__ == "__main__":
    print(digest(mixed().from_disk(sys.argv[1])))
