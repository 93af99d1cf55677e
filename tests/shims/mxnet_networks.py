"""The gluon blocks of several tests; MXNet is there when this is imported."""

import numpy

from thinc.shims.mxnet_import import import_mxnet

mxnet = import_mxnet()
gluon = mxnet.gluon
RNG = numpy.random.default_rng(0)


def floats(*shape):
    return RNG.normal(size=shape).astype("f")


def network(*layers, dtype="float32"):
    block = gluon.nn.HybridSequential()
    block.add(*layers)
    block.initialize(mxnet.init.Normal(0.5))
    block.cast(dtype)
    return block


def mlp(dtype="float32"):
    return network(
        gluon.nn.Dense(8, activation="tanh", in_units=3),
        gluon.nn.BatchNorm(in_channels=8),
        gluon.nn.Dense(2, in_units=8),
        dtype=dtype,
    )
