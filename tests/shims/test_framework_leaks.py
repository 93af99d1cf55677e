"""TensorFlow, JAX and MXNet layers leave nothing behind, however often they are called."""

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

STEPS = 300
MODULES = {"tensorflow": "tensorflow", "jax": "jax", "mxnet": "mxnet"}


@pytest.mark.parametrize("name", MODULES)
def test_nothing_stays(name):
    if find_spec(MODULES[name]) is None:
        pytest.skip(f"{name} is not installed")
    path = os.pathsep.join([*filter(None, [os.environ.get("PYTHONPATH")]), str(Path(__file__).parents[1])])
    env = {**os.environ, "PYTHONPATH": path, "TF_CPP_MIN_LOG_LEVEL": "3", "KERAS_BACKEND": "tensorflow"}
    command = [sys.executable, "-m", "shims.leaks_frameworks", name, str(STEPS)]
    done = subprocess.run(command, capture_output=True, text=True, env=env)
    assert done.returncode == 0, done.stderr[-3000:]
    lines = done.stdout.splitlines()
    assert len(lines) == 3
    for line in lines:
        case, python, objects, _ = json.loads(line)
        # Resident memory moves in pages and pools: it says something over 10,000 calls only.
        assert python < 1000 and objects < 0.5, case
