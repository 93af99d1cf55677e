"""The numerical tests again, on the instruction sets of older processors."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from thinc.backends import _accelerate

HERE = Path(__file__).parent
NUMERICAL = [
    "test_accuracy.py",
    "test_sums.py",
    "test_random_shapes.py",
    "test_ops_softmax.py",
    "test_lookup_ops.py",
    "test_products.py",
    "test_winners.py",
    "test_training_ops.py",
    "test_sequence_ops.py",
]
LEVELS = ["v2", "v3"]


@pytest.mark.skipif(_accelerate.kernels is None, reason="the extension is switched off")
@pytest.mark.parametrize("level", LEVELS)
def test_numbers_are_right_on_older_processors(level):
    if _accelerate.kernels.level <= level:
        pytest.skip(f"this run is on {_accelerate.kernels.level} itself")
    files = [str(HERE / name) for name in NUMERICAL]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *files],
        env={**os.environ, "THINC_CPU_LEVEL": level}, cwd=HERE, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]
