"""Models train on the GPU to the numbers of the CPU, with and without wrapped networks."""

import subprocess
import sys
from functools import partial
from pathlib import Path

import numpy
import pytest

from thinc.api import (
    GRU,
    Adam,
    Conv1d,
    HashEmbed,
    LayerNorm,
    Linear,
    Maxout,
    MultiHeadAttention,
    PyTorchWrapper,
    Relu,
    Softmax,
    TransformerEncoder,
    chain,
    expand_window,
    fix_random_seed,
    reduce_max,
    reduce_mean,
    use_ops,
    with_array,
)  # fmt: skip
from thinc.backends import CupyOps, NumpyOps
from thinc.shims.pytorch_grad_scaler import PyTorchGradScaler
from thinc.types import Ragged

EXAMPLES = Path(__file__).parents[2] / "examples"
LETTERS = {"low": "abcdefgh", "high": "stuvwxyz"}


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


def copies_of_a_step(torch, model, X, T):
    """What a training step copies to the host, as the profiler of torch sees it."""
    optimizer = Adam(0.01)

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
    names = [event.name for event in profile.events()]
    assert any("thinc" in name for name in names)  # the profiler has seen CuPy's launches
    return [name for name in names if name.startswith("Memcpy") and "DtoH" in name]


@pytest.mark.needs_device
def test_a_training_step_copies_nothing_to_the_host(cupy, torch):
    X, T = data()
    model = mixed(torch).initialize(X=X, Y=T)
    model.to_gpu(0)
    assert copies_of_a_step(torch, model, model.ops.asarray(X), model.ops.asarray(T)) == []


@pytest.mark.needs_device
def test_the_digits_are_learnt_on_the_gpu(cupy, torch):
    code = "from thinc.api import require_gpu; require_gpu(); import runpy; runpy.run_path('digits.py', run_name='__main__')"
    done = subprocess.run([sys.executable, "-c", code], cwd=EXAMPLES, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]


def test_the_main_job_runs_on_the_gpu(cupy, torch, monkeypatch):
    """The network of examples/language_id.py learns to tell two made languages apart, and moves to the CPU."""
    pytest.importorskip("tqdm")
    monkeypatch.syspath_prepend(EXAMPLES)
    from language_network import create_model
    from language_scores import scores_of
    from language_training import train

    rng = numpy.random.default_rng(0)
    words = {name: ["".join(rng.choice(list(letters), 6)) for _ in range(40)] for name, letters in LETTERS.items()}
    owners = {word: {name} for name, listed in words.items() for word in listed}
    small = {"width": 8, "hidden": 16}
    with use_ops("cupy"):
        model = train(owners, n_epochs=6, batch_size=16, quiet=True, **small)
    scores = scores_of(model, owners)
    right = [model.attrs["labels"][row.argmax()] in names for row, names in zip(scores, owners.values())]

    assert isinstance(model.ops, CupyOps) and sum(right) > 0.9 * len(right)
    with use_ops("numpy"):
        on_cpu = create_model(**small).initialize(X=list(owners)[:2], Y=scores[:2]).from_bytes(model.to_bytes())
    assert isinstance(on_cpu.ops, NumpyOps)
    numpy.testing.assert_allclose(scores_of(on_cpu, owners), scores, rtol=1e-3, atol=1e-4)


@pytest.mark.needs_device
@pytest.mark.parametrize("reduce", [reduce_mean, reduce_max])
def test_a_step_with_lengths_copies_nothing_to_the_host(cupy, torch, reduce):
    inner = chain(HashEmbed(4, 20), Maxout(4, nP=2), PyTorchWrapper(torch.nn.Linear(4, 4)))
    model = chain(with_array(inner), expand_window(1), reduce(), Softmax(3))
    X = Ragged(numpy.arange(8, dtype="uint64"), numpy.array([3, 1, 4], "int32"))
    model.initialize(X=X, Y=numpy.zeros((3, 3), "f")).to_gpu(0)
    ops = model.ops
    X, T = Ragged(ops.asarray(X.dataXd), ops.asarray1i([3, 1, 4])), ops.alloc2f(3, 3)
    assert copies_of_a_step(torch, model, X, T) == []


@pytest.mark.needs_device
@pytest.mark.parametrize("layer", [Conv1d, GRU, MultiHeadAttention, partial(TransformerEncoder, depth=2, n_heads=2)])
def test_a_step_over_sequences_copies_nothing_to_the_host(cupy, torch, layer):
    model = chain(with_array(Linear(8)), layer(8), reduce_mean(), Softmax(3))
    X = Ragged(numpy.ones((8, 5), "f"), numpy.array([3, 1, 4], "int32"))
    model.initialize(X=X, Y=numpy.zeros((3, 3), "f")).to_gpu(0)
    ops = model.ops
    X, T = Ragged(ops.asarray(X.dataXd), ops.asarray1i([3, 1, 4])), ops.alloc2f(3, 3)
    assert copies_of_a_step(torch, model, X, T) == []
