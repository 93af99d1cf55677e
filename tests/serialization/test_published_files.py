"""Native models have the published library's bytes, and are read back exactly.

tests/golden/files_8.3.txt holds SHA-256 digests of files that the published 8.3.14 wrote for the
models of benchmarks/published_cases.py, whose `make compare` loads each file in the other library.
"""

import hashlib
import importlib.util
from pathlib import Path

import numpy
import pytest

ROOT = Path(__file__).parents[2]
spec = importlib.util.spec_from_file_location("published_cases", ROOT / "benchmarks" / "published_cases.py")
cases = importlib.util.module_from_spec(spec)
spec.loader.exec_module(cases)
DIGESTS = dict(reversed(line.split("  ")) for line in (ROOT / "tests/golden/files_8.3.txt").read_text().splitlines())
LAYERS = cases.make_layers()


@pytest.mark.parametrize("name", DIGESTS)
def test_file_has_the_published_bytes(name):
    make, X = LAYERS[name]
    model = cases.fill(make().initialize(X=X))
    data = model.to_bytes()
    loaded = make().from_bytes(data)

    assert hashlib.sha256(data).hexdigest() == DIGESTS[name]
    for ours, theirs in zip(cases.flat(model.predict(X)), cases.flat(loaded.predict(X)), strict=True):
        assert numpy.array_equal(ours, theirs)


def test_every_model_has_a_digest():
    assert set(DIGESTS) == set(LAYERS)
