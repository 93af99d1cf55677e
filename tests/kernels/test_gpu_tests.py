"""The tests for the GPU run here too, on stand-ins: a mistake in them can't wait for a GPU to be seen."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from .emulator import why_not

TESTS = Path(__file__).parents[1]
ALLOWED = ("the stand-in has", "can't use the GPU", "is not installed", "there is one GPU only", "could not import")


@pytest.mark.skipif(why_not() is not None, reason=str(why_not()))
def test_they_pass_on_stand_ins():
    """All but the suites that test_strict_cupy.py and test_strict_layers.py run."""
    command = [sys.executable, "-m", "pytest", "-p", "kernels.stand_in_plugin", "-p", "no:cacheprovider", "-q", "-rs"]
    path = os.pathsep.join([str(TESTS), *sys.path[:1], os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [*command, "gpu", "-k", "not TestOps and not TestRecords", "-o", "addopts="],
        cwd=TESTS,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
    )
    said = done.stdout[-6000:]

    assert done.returncode == 0, said + done.stderr[-2000:]
    assert int(re.search(r"(\d+) passed", said)[1]) >= 20, said
    reasons = re.findall(r"^SKIPPED \[\d+\] [^ ]+ (.*)$", done.stdout, re.MULTILINE)
    assert all(any(allowed in reason for allowed in ALLOWED) for reason in reasons), reasons
