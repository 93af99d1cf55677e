"""Native, torch, Keras, JAX and MXNet layers in one model: one backward pass, one optimizer, one file."""

import itertools
import os
import subprocess
import sys
from pathlib import Path

import numpy
import pytest
from shims import mixed_network as network

from thinc.api import Adam

pytestmark = pytest.mark.skipif(bool(network.MISSING), reason=f"not installed: {', '.join(network.MISSING)}")
HERE = Path(__file__).parent
QUIET = os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3", "KERAS_BACKEND": "tensorflow"}

IN_FLOAT64 = """
import sys; sys.path.insert(0, {here!r})
import jax; jax.config.update("jax_enable_x64", True)
import numpy, mixed_network as network
from thinc.testing import check_gradient

single, double = network.mixed("float32"), network.mixed("float64")
X = network.batch("float64")
dY = numpy.random.default_rng(2).normal(size=X.shape)
check_gradient(double, X)
borders = []
for model, dtype in ((single, "float32"), (double, "float64")):
    flow, callbacks = X.astype(dtype), []
    for layer in model.layers:
        flow, callback = layer.begin_update(flow)
        callbacks.append(callback)
    grads = [dY.astype(dtype)]
    for callback in reversed(callbacks):
        grads.append(callback(grads[-1]))
        assert grads[-1].dtype == dtype, grads[-1].dtype
    borders.append(grads)
for f32, f64 in zip(*borders):
    assert abs(f32 - f64).max() <= 1e-4 * abs(f64).max(), (f32, f64)
"""


def run(code, **options):
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=QUIET, **options)
    assert done.returncode == 0, done.stderr[-3000:]


def learn(model, steps=5, optimizer=None, grad=None):
    optimizer = optimizer or Adam(0.05)
    X = network.batch()
    for _ in range(steps):
        Y, backprop = model.begin_update(X)
        backprop((Y - 0.5) / len(X) if grad is None else grad)
        model.finish_update(optimizer)
    return optimizer


def matrices(model):
    """The weights of one layer, those of Keras turned as the others are."""
    node = model.layers[0] if model.layers else model
    if not node.shims:
        return [node.get_param("W"), node.get_param("b")]
    values = [numpy.asarray(node.shims[0].framework.give(v)) for v in node.shims[0].read().values()]
    W = next(value for value in values if value.ndim == 2)
    return [W.T if node.name == "tensorflow" else W, next(value for value in values if value.ndim == 1)]


def test_border_gradients_equal_those_of_a_float64_copy():
    run(IN_FLOAT64.replace("{here!r}", repr(str(HERE))))


def test_one_optimizer_trains_all():
    model = network.mixed()
    X = network.batch()
    before = ((model.predict(X) - 0.5) ** 2).mean()
    optimizer = learn(model, steps=60)
    nodes = [node for node in model.walk() if node.shims or node.param_names]

    assert ((model.predict(X) - 0.5) ** 2).mean() < 0.1 * before
    assert {key[0] for key in optimizer.mom1} == {n.shims[0].id if n.shims else n.id for n in nodes}


@pytest.mark.parametrize(
    "settings",
    [{}, {"grad_clip": 0.05}, {"L2": 0.1}, {"L2": 0.1, "L2_is_weight_decay": False}, {"use_averages": False}],
    ids=str,
)
def test_settings_mean_the_same_in_each_framework(settings):
    native = network.native_layer(3)
    optimizer = learn(native, optimizer=Adam(0.05, **settings))
    with native.use_params(optimizer.averages or {}):
        averaged = [value.copy() for value in matrices(native)]
    for make in network.FOREIGN:
        model = make(3)
        optimizer = learn(model, optimizer=Adam(0.05, **settings))
        for ours, theirs in zip(matrices(native), matrices(model)):
            assert numpy.abs(ours - theirs).max() < 2e-6, make.__name__
        with model.use_params(optimizer.averages or {}):
            for ours, theirs in zip(averaged, matrices(model)):
                assert numpy.abs(ours - theirs).max() < 2e-6, make.__name__


def test_groups_mean_the_same_in_each_framework():
    results = []
    for make in (network.native_layer, *network.FOREIGN):
        model, optimizer = make(3), Adam(0.05)
        optimizer.add_group(model, "*b*", lr_scale=0.1)
        path = next(p for p in model.find_params() if p.endswith((".b", "bias", "['b']")))
        optimizer = Adam(0.05)
        optimizer.add_group(model, path, lr_scale=0.1)
        learn(model, optimizer=optimizer)
        results.append(matrices(model))

    for other in results[1:]:
        assert all(numpy.abs(a - b).max() < 2e-6 for a, b in zip(results[0], other))


def test_frozen_parts_keep_every_byte():
    model = network.mixed()
    for pattern in ("chain[1]", "chain[2]", "chain[3]", "chain[4]", "chain[0] > *.b"):
        model.freeze(pattern)
    before = {path: node.to_bytes() for path, node in zip("1234", model.layers[1:5])}
    bias = model.layers[0].layers[0].get_param("b").copy()
    optimizer = learn(model)

    assert all(node.to_bytes() == before[path] for path, node in zip("1234", model.layers[1:5]))
    assert numpy.array_equal(model.layers[0].layers[0].get_param("b"), bias)
    assert len(optimizer.mom1) == 3  # W of the first layer, W and b of the last


def test_one_file_comes_back_bit_equal_in_a_new_process(tmp_path):
    model = network.mixed()
    learn(model)
    model.to_disk(tmp_path / "mixed.thinc")
    command = [sys.executable, str(HERE / "mixed_network.py"), str(tmp_path / "mixed.thinc")]
    source = str(Path(sys.modules["thinc"].__file__).parents[1])
    done = subprocess.run(command, capture_output=True, text=True, env={**QUIET, "PYTHONPATH": source})

    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout.strip() == network.digest(model)


ORDERS = list(itertools.permutations(["torch", "tensorflow", "jax", "mxnet"]))


# Two of the 24; `ALL_IMPORT_ORDERS=1` runs every one of them, 20 s each.
@pytest.mark.parametrize("order", ORDERS if "ALL_IMPORT_ORDERS" in os.environ else ORDERS[5::13], ids="-".join)
def test_processes_end_cleanly_whatever_the_import_order(order):
    imports = "; ".join(f"load({name!r})" for name in order)
    run(
        "import importlib, sys\n"
        "from thinc.shims.mxnet_import import import_mxnet\n"
        "load = lambda name: import_mxnet() if name == 'mxnet' else importlib.import_module(name)\n"
        f"{imports}\n"
        f"sys.path.insert(0, {str(HERE)!r})\n"
        "import mixed_network as network\n"
        "Y, backprop = (model := network.mixed()).begin_update(network.batch()); backprop(Y)\n"
    )
