"""What Keras models remember and what is frozen in them, in a process of its own for each backend."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("keras", reason="Keras is not installed")


@pytest.mark.parametrize("backend", ["tensorflow", "torch", "jax"])
def test_states_and_freezing_on_each_backend(backend):
    pytest.importorskip(backend, reason=f"{backend} is not installed")
    program = Path(__file__).with_name("keras_stateful.py")
    environment = os.environ | {"KERAS_BACKEND": backend, "TF_CPP_MIN_LOG_LEVEL": "3"}
    command = [sys.executable, "-m", "pytest", "-q", str(program)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment)

    assert done.returncode == 0, done.stdout[-3000:]
