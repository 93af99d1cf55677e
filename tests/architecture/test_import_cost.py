"""Importing thinc loads no framework that nobody asked for."""

import subprocess
import sys

FRAMEWORKS = "torch tensorflow keras jax mxnet cupy h5py".split()


def loaded_after(statement, folder):
    code = f"import sys; {statement}; print([m for m in {FRAMEWORKS!r} if m in sys.modules])"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=folder)
    return run.stdout.strip()


def test_importing_the_api_loads_no_framework(tmp_path):
    assert loaded_after("import thinc.api, thinc.util, thinc.compat", tmp_path) == "[]"


def test_the_test_can_fail(tmp_path):
    assert loaded_after("import torch", tmp_path) == "['torch']"
