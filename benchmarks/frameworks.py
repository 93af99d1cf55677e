"""Print what layers of Keras, JAX and MXNet cost beside the same training written by hand.

Both sides run in turn in one process, a process for each framework, with one thread where the
framework lets us say so.  Time is CPU time of the process, so that other jobs on the machine
count less.  Each line: the median of alternating pairs and its 95 % interval; A/A compares the
hand-written side with itself.  For torch see wrapper_overhead.py.

With --published the same is done by the published library too, in an interpreter that has it and
the frameworks; where it can't, the line says why.
"""

import argparse
import os
import statistics
import subprocess
import sys

import numpy
import turns

ENVIRONMENT = {
    "TF_CPP_MIN_LOG_LEVEL": "3", "KERAS_BACKEND": "tensorflow", "JAX_PLATFORMS": "cpu", "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1", "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
}  # fmt: skip
RATE = 0.001


def data(*shape):
    return numpy.random.default_rng(0).normal(size=shape).astype("f")


def steps(model, X, dY, optimizer):
    """(forward and backward, the same with an update) of a thinc layer."""

    def backward():
        _, backprop = model.begin_update(X)
        return backprop(dY)

    def train():
        backward()
        model.finish_update(optimizer)

    return backward, train


def keras():
    import tensorflow
    from keras import Input, Sequential, layers, optimizers

    from thinc.api import Adam, TensorFlowWrapper

    tensorflow.config.threading.set_intra_op_parallelism_threads(1)
    tensorflow.config.threading.set_inter_op_parallelism_threads(1)
    nets = {
        "Dense(16), batch 1": ((1, 16), lambda: [layers.Dense(16)]),
        "3 x Dense(64), batch 32": ((32, 64), lambda: [layers.Dense(64, "relu") for _ in range(3)]),
        "LSTM(16), 10 steps, batch 4": ((4, 10, 16), lambda: [layers.LSTM(16)]),
    }
    for name, (shape, make) in nets.items():
        raw = Sequential([Input(shape[1:]), *make()])
        X, update = data(*shape), optimizers.Adam(RATE)
        dY = numpy.ones(raw(X).shape, "f")

        def eager(raw=raw, X=X, dY=dY):
            x = tensorflow.convert_to_tensor(X)
            with tensorflow.GradientTape() as tape:
                tape.watch(x)
                y = raw(x, training=True)
            weights = [v.value for v in raw.trainable_variables]
            dX, *grads = tape.gradient(y, [x, *weights], output_gradients=tensorflow.convert_to_tensor(dY))
            return y.numpy(), dX.numpy(), grads

        def eager_update(raw=raw, eager=eager, update=update):
            update.apply_gradients(zip(eager()[2], raw.trainable_variables))

        layer = TensorFlowWrapper(Sequential([Input(shape[1:]), *make()]))
        backward, train = steps(layer, X, dY, Adam(RATE))
        yield f"Keras {name}, forward + backward", eager, backward
        yield f"Keras {name}, training step", eager_update, train
    yield "Keras A/A", eager, eager


def jax():
    import jax
    import jax.numpy as jnp

    from thinc.api import Adam, JaxWrapper

    def apply(params, X):
        for W, b in params[:-1]:
            X = jnp.tanh(X @ W + b)
        return X @ params[-1][0] + params[-1][1]

    def loss(params, X, target):
        return 0.5 * jnp.sum((apply(params, X) - target) ** 2) / len(X)

    @jax.jit
    def step(params, first, second, n, X, target):
        """Loss, gradients and Adam in one compiled function, as one would write it by hand."""
        value, grads = jax.value_and_grad(loss)(params, X, target)
        first = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, first, grads)
        second = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, second, grads)
        rate = RATE * jnp.sqrt(1 - 0.999**n) / (1 - 0.9**n)
        params = jax.tree.map(lambda p, m, v: p - rate * m / (jnp.sqrt(v) + 1e-8), params, first, second)
        return value, params, first, second

    X, target = data(256, 512), data(256, 512)
    params = [(data(512, 512) / 30, numpy.zeros(512, "f")) for _ in range(3)]
    zeros = jax.tree.map(jnp.zeros_like, params)
    state = [jax.tree.map(jnp.asarray, params), zeros, zeros, 0]

    def by_hand():
        state[3] += 1
        value, *state[:3] = step(*state, X, target)
        return float(value)

    layer, optimizer = JaxWrapper(apply, params), Adam(RATE)

    def wrapped():
        Y, backprop = layer.begin_update(X)
        dY = (Y - target) / len(X)
        backprop(dY)
        layer.finish_update(optimizer)
        return 0.5 * (dY * dY).sum() * len(X)

    yield "JAX 3 x 512, batch 256, training step", by_hand, wrapped
    yield "JAX A/A", by_hand, by_hand


def mxnet():
    from thinc.api import Adam, MXNetWrapper, xp2mxnet

    try:
        from thinc.shims.mxnet_import import import_mxnet
    except ImportError:  # the published library has no such thing
        import mxnet as mx
    else:
        mx = import_mxnet()
    gluon = mx.gluon
    nets = {
        "Dense(16), batch 1": ((1, 16), lambda: gluon.nn.Dense(16, in_units=16)),
        "Dense(512), batch 64": ((64, 512), lambda: gluon.nn.Dense(512, in_units=512)),
        "LSTM(16), 10 steps, batch 4": ((10, 4, 16), lambda: gluon.rnn.LSTM(16, input_size=16)),
    }
    for name, (shape, make) in nets.items():
        raw, wrapped = make(), make()
        raw.initialize()
        wrapped.initialize()
        X = data(*shape)
        dY = numpy.ones(raw(xp2mxnet(X)).shape, "f")
        trainer = gluon.Trainer(raw.collect_params(), "adam", {"learning_rate": RATE})

        def by_hand(raw=raw, X=X, dY=dY):
            x = mx.nd.from_dlpack(X.__dlpack__())
            x.attach_grad()
            with mx.autograd.record():
                y = raw(x)
            y.backward(mx.nd.from_dlpack(dY.__dlpack__()))
            return y.asnumpy(), x.grad.asnumpy()

        def by_hand_update(by_hand=by_hand, trainer=trainer):
            by_hand()
            trainer.step(1)
            mx.nd.waitall()

        backward, train = steps(MXNetWrapper(wrapped), X, dY, Adam(RATE))
        yield f"MXNet {name}, forward + backward", by_hand, backward
        yield f"MXNet {name}, training step", by_hand_update, train
    yield "MXNet A/A", by_hand, by_hand


FRAMEWORKS = {each.__name__: each for each in (keras, jax, mxnet)}


def measure(name, by_hand, ours, pairs):
    calls = [max(1, round(turns.SAMPLE / turns.warm(function))) for function in (by_hand, ours)]
    samples = {"by hand": [], "ours": []}
    for _ in range(pairs):
        samples["by hand"].append(turns.seconds(by_hand, calls[0]))
        samples["ours"].append(turns.seconds(ours, calls[1]))
    median, low, high = turns.ratio(samples, "ours", "by hand")
    times = [statistics.median(values) * 1e6 for values in samples.values()]
    print(
        f"{name:52} by hand {times[0]:9.1f} us   ours {times[1]:9.1f} us   "
        f"ours / by hand {median:.3f} ({low:.3f} to {high:.3f})   {1 / median:5.2f} times as fast", flush=True
    )  # fmt: skip


def try_all(framework, only, pairs):
    """Measure the cases; a library that can't do one says why."""
    cases = FRAMEWORKS[framework]()
    while True:
        try:
            name, by_hand, ours = next(cases)
        except StopIteration:
            return
        except Exception as error:
            print(f"{framework:52} {type(error).__name__}: {error}"[:240], flush=True)
            return
        if only in name:
            try:
                measure(name, by_hand, ours, pairs)
            except Exception as error:
                print(f"{name:52} {type(error).__name__}: {error}"[:240], flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("framework", nargs="?", choices=FRAMEWORKS)
    parser.add_argument("--pairs", type=int, default=50)
    parser.add_argument("--only", default="", help="cases whose name contains this")
    parser.add_argument("--published", help="an interpreter with the published library and the frameworks")
    arguments = parser.parse_args()
    if arguments.framework and not arguments.published:
        try_all(arguments.framework, arguments.only, arguments.pairs)
        return
    options = ["--pairs", str(arguments.pairs), "--only", arguments.only]
    environment = {**os.environ, **ENVIRONMENT}
    plain = {name: value for name, value in environment.items() if name != "PYTHONPATH"}
    for name in [arguments.framework] if arguments.framework else FRAMEWORKS:
        subprocess.run([sys.executable, __file__, name, *options], env=environment, check=True)
        if arguments.published:
            print("The published library:", flush=True)
            subprocess.run([arguments.published, __file__, name, *options], env=plain)  # it may abort


if __name__ == "__main__":
    main()
