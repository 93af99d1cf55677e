"""Every Python block of the user's own documents runs, in page order, with fixtures for undefined names."""

import re
import sys
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any, Optional, TypeVar  # noqa: UP035  # the names that the pages use

import numpy
import pytest

import thinc
import thinc.api as api

SEEDS = Path(__file__).parents[3] / "shared" / "seeds"
EXEMPT = {
    "https://": "the block is a URL",
    "TODO: write": "the block is a TODO",
    'Model().from_disk("/path/to/model")': "a sketch: Model needs a name and a forward function",
}
CONFIG = """[batch_size]
@schedules = "compounding.v1"
start = 1.0
stop = 16.0
compound = 1.001
"""
needs_seeds = pytest.mark.skipif(not SEEDS.is_dir(), reason="the user's documents are not beside this checkout")


def blocks_of(page):
    text = (SEEDS / page).read_text("utf8")
    return re.findall(r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def runnable(block, folder):
    """Give comment-only bodies a `pass`, paths a real folder, the closure of `concept.md` its nonlocal."""
    block = re.sub(r"(for X, Y in [^\n]*:\n)( +)(# [^\n]*\n)(?!\2\w)", r"\1\2pass  \3", block)
    block = re.sub(r"\n( +)# How do we call.*", r"\n\1raise NotImplementedError\n", block, flags=re.DOTALL)
    block = block.replace(
        "        def backward_linear(dY):\n", "        def backward_linear(dY):\n            nonlocal dW, db\n"
    )
    block = block.replace("/path/to/model", str(folder / "model"))
    return block + "    ...\n" if block.rstrip().endswith("is_train: bool):") else block


def digits():
    rng = numpy.random.RandomState(0)
    Y = numpy.eye(10, dtype="f")[rng.randint(0, 10, 256)]
    X = rng.uniform(size=(256, 64)).astype("f")
    return (X[:200], Y[:200]), (X[200:], Y[200:])


def names_for(page):
    (train_X, train_Y), (dev_X, dev_Y) = digits()
    model = api.chain(api.ReLu(8), api.Softmax()).initialize(train_X[:5], train_Y[:5])

    def noop_forward(model, X, is_train):
        return X, lambda dY: dY

    return {
        "Any": Any, "Callable": Callable, "Optional": Optional, "Tuple": tuple, "TypeVar": TypeVar,
        "InT": Any, "OutT": Any, "InputType": Any, "Floats2d": Any, "Floats3d": Any, "thinc": thinc,
        "train_X": train_X, "train_Y": train_Y, "dev_X": dev_X, "dev_Y": dev_Y, "data": train_X,
        "n_epochs": 2, "loss": 0.0, "model": model, "optimizer": api.Adam(0.001),
        "train_batches": [(train_X[:16], train_Y[:16])],
        "get_loss_and_gradient": lambda Yh, Y: (0.0, Yh - Y),
        "guesses": train_Y, "truths": train_Y, "nO": 3, "nI": 2, "n_hidden": 4,
        "linear_forward": noop_forward, "linear_init": lambda model, X=None, Y=None: None, "forward": noop_forward,
        "Model": api.Model, "ReLu": api.ReLu, "Linear": api.Linear,
        "init": lambda model, X=None, Y=None: None,
        "uniform": lambda shape: numpy.random.uniform(size=shape), "zeros": numpy.zeros,
    }  # fmt: skip


@needs_seeds
@pytest.mark.parametrize("page", ["usage-models.md", "usage-training.md", "api-model.md", "concept.md"])
def test_every_block_of_the_page_runs(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config.cfg").write_text(CONFIG)
    monkeypatch.setitem(sys.modules, "ml_datasets", types.SimpleNamespace(mnist=digits))
    names = names_for(page)
    for number, block in enumerate(blocks_of(page)):
        if any(mark in block for mark in EXEMPT):
            continue
        if "chain(Linear(nO=n_hidden)" in block or "model.to_bytes()" in block:
            names.update({"chain": api.chain, "Linear": api.Linear})
            names["model"] = api.Model("model_name", names["forward"])
        code = compile(runnable(block, tmp_path), f"{page}, block {number}", "exec")
        if "model.to_gpu(0)" in block:
            with pytest.raises(ValueError, match="(?i)gpu|cupy"):
                exec(code, names)
        else:
            exec(code, names)
