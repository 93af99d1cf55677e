"""Models train on the GPU to the numbers of the CPU, with and without wrapped networks."""

import subprocess
import sys
from pathlib import Path

import numpy
import pytest

from thinc.api import (
    Adam,
    HashEmbed,
    LayerNorm,
    Linear,
    Maxout,
    PyTorchWrapper,
    Relu,
    Softmax,
    chain,
    expand_window,
    fix_random_seed,
)  # fmt: skip
from thinc.backends import NumpyOps
from thinc.shims.pytorch_grad_scaler import PyTorchGradScaler

EXAMPLES = Path(__file__).parents[2] / "examples"


def native():
    return chain(Relu(8), Maxout(8, nP=3), LayerNorm(), Softmax(3))


def data():
    rng = numpy.random.default_rng(0)
    return rng.normal(size=(20, 5)).astype("f"), numpy.eye(3, dtype="f")[rng.integers(0, 3, 20)]


def train(model, X, T, steps=5):
    optimizer = Adam(0.01)
    X, T = model.ops.asarray(X), model.ops.asarray(T)
    for _ in range(steps):
        Y, backprop = model.begin_update(X)
        backprop((Y - T) / len(T))
        model.finish_update(optimizer)
    return model.predict(X)


def mixed(torch):
    return chain(Relu(8), PyTorchWrapper(torch.nn.Linear(8, 8)), Softmax(3))


def test_native_models_give_the_numbers_of_the_cpu(cupy):
    X, T = data()
    fix_random_seed(0)
    on_cpu = native().initialize(X=X, Y=T)
    on_gpu = native().initialize(X=X, Y=T).from_bytes(on_cpu.to_bytes())
    on_gpu.to_gpu(0)
    numpy.testing.assert_allclose(train(on_gpu, X, T).get(), train(on_cpu, X, T), rtol=2e-3, atol=2e-4)


def test_files_pass_between_the_devices(cupy, torch):
    X, T = data()
    model = mixed(torch).initialize(X=X, Y=T)
    model.to_gpu(0)
    wanted = train(model, X, T).get()
    loaded = mixed(torch).initialize(X=X, Y=T).from_bytes(model.to_bytes())
    assert isinstance(loaded.ops, NumpyOps)
    numpy.testing.assert_allclose(loaded.predict(X), wanted, rtol=1e-4, atol=1e-5)
    model.from_bytes(loaded.to_bytes())
    numpy.testing.assert_allclose(model.predict(model.ops.asarray(X)).get(), wanted, rtol=1e-4, atol=1e-5)


def test_a_wrapped_layer_comes_back_to_the_cpu(cupy, torch):
    X, T = data()
    model = mixed(torch).initialize(X=X, Y=T)
    model.to_gpu(0)
    model.to_cpu()
    assert isinstance(train(model, X, T), numpy.ndarray)
    assert model.layers[1].shims[0].device.type == "cpu"


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_mixed_precision_trains(cupy, torch, dtype):
    X, T = data()
    scaler = PyTorchGradScaler(dtype == "float16")
    torch.set_autocast_dtype("cuda", getattr(torch, dtype))
    try:
        wrapped = PyTorchWrapper(torch.nn.Linear(8, 8))
        wrapped.shims[0]._mixed_precision, wrapped.shims[0]._grad_scaler = True, scaler
        model = chain(Relu(8), wrapped, Softmax(3)).initialize(X=X, Y=T)
        model.to_gpu(0)
        before = model.predict(model.ops.asarray(X))
        after = train(model, X, T, 50)
    finally:
        torch.set_autocast_dtype("cuda", torch.float16)
    truth = model.ops.asarray(T)
    assert float(((after - truth) ** 2).sum()) < float(((before - truth) ** 2).sum())


def test_jax_layers_train_on_the_gpu(cupy, jax):
    from thinc.api import JaxWrapper

    def forward(params, X):
        return jax.numpy.tanh(X @ params["W"])

    X, T = data()
    wrapped = JaxWrapper(forward, {"W": numpy.ones((8, 8), "f") * 0.1})
    model = chain(Relu(8), wrapped, Softmax(3)).initialize(X=X, Y=T)
    model.to_gpu(0)
    assert isinstance(train(model, X, T), cupy.ndarray)


def test_sequences_of_ids(cupy):
    X = numpy.arange(30, dtype="uint64").reshape(15, 2)
    T = numpy.eye(3, dtype="f")[numpy.arange(15) % 3]
    model = chain(HashEmbed(8, 50, column=0), expand_window(1), Linear(3)).initialize(X=X, Y=T)
    wanted = model.predict(X)
    model.to_gpu(0)
    numpy.testing.assert_allclose(model.predict(model.ops.asarray(X)).get(), wanted, rtol=1e-4, atol=1e-5)


def test_a_training_step_copies_nothing_to_the_host(cupy, torch):
    X, T = data()
    model = mixed(torch).initialize(X=X, Y=T)
    model.to_gpu(0)
    X, T, optimizer = model.ops.asarray(X), model.ops.asarray(T), Adam(0.01)

    def step():
        Y, backprop = model.begin_update(X)
        backprop((Y - T) / len(T))
        model.finish_update(optimizer)

    step()  # compiles
    torch.cuda.synchronize()
    activities = [torch.profiler.ProfilerActivity.CPU, torch.profiler.ProfilerActivity.CUDA]
    with torch.profiler.profile(activities=activities) as profile:
        step()
        torch.cuda.synchronize()
    copies = [event.name for event in profile.events() if event.name.startswith("Memcpy") and "DtoH" in event.name]
    kernels = [event.name for event in profile.events() if "thinc" in event.name]
    assert copies == []
    assert kernels  # the profiler has seen CuPy's launches


def test_the_main_job_runs_on_the_gpu(cupy, torch):
    code = "from thinc.api import require_gpu; require_gpu(); import runpy; runpy.run_path('digits.py', run_name='__main__')"
    done = subprocess.run([sys.executable, "-c", code], cwd=EXAMPLES, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
