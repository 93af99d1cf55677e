"""Importing thinc loads no framework that nobody asked for."""

import subprocess
import sys

import pytest

FRAMEWORKS = "torch tensorflow keras jax mxnet cupy h5py".split()


def loaded_after(statement, folder):
    code = f"import sys; {statement}; print([m for m in {FRAMEWORKS!r} if m in sys.modules])"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=folder)
    return run.stdout.strip()


def test_importing_the_api_loads_no_framework(tmp_path):
    assert loaded_after("import thinc.api, thinc.util, thinc.compat", tmp_path) == "[]"


def test_the_test_can_fail(tmp_path):
    pytest.importorskip("torch", reason="torch is not installed")
    assert loaded_after("import torch", tmp_path) == "['torch']"


def test_fixing_the_seed_loads_no_framework(tmp_path):
    assert loaded_after("from thinc.api import fix_random_seed; fix_random_seed(0)", tmp_path) == "[]"


def test_a_framework_that_is_loaded_later_has_the_seed(tmp_path):
    pytest.importorskip("torch", reason="torch is not installed")
    code = """
from thinc.api import PyTorchLSTM, fix_random_seed
fix_random_seed({seed})
print(float(sum(v.sum() for v in PyTorchLSTM(4, 3).layers[0].shims[0]._model.state_dict().values())))
"""
    first, again, other = (
        subprocess.run(
            [sys.executable, "-c", code.format(seed=s)], capture_output=True, text=True, check=True, cwd=tmp_path
        ).stdout
        for s in (1, 1, 2)
    )

    assert first == again != other
