"""Native models have the published library's bytes, and are read back exactly.

tests/golden/files_8.3.txt holds SHA-256 digests of files that the published 8.3.14 wrote for the
models of benchmarks/published/layers.py, whose `make compare` loads each file in the other library.
"""

import copy
import hashlib
import importlib.util
import sys
from pathlib import Path

import numpy
import pytest

ROOT = Path(__file__).parents[2]
# A package of its own name, without the other scripts beside it on the path.
spec = importlib.util.spec_from_file_location("published", ROOT / "benchmarks" / "published" / "__init__.py")
sys.modules["published"] = importlib.util.module_from_spec(spec)
spec.loader.exec_module(sys.modules["published"])

from published.layers import filled, make_layers  # noqa: E402
from published.recording import flat  # noqa: E402

DIGESTS = dict(reversed(line.split("  ")) for line in (ROOT / "tests/golden/files_8.3.txt").read_text().splitlines())
LAYERS = make_layers(0)
# Batches that both refuse at initialize, so that there is no file, and at predict.
NO_FILE = {f"{view}(noop) on {kind}" for view in ("with_array", "with_array2d") for kind in ("tuple", "four")}
NO_FILE |= {"with_ragged(noop) on four", "with_padded(noop) on tuple"}
NO_OUTPUT = {f"reduce_{name} on Ragged with empty" for name in ("max", "first", "last")} | {
    "with_array(Relu) on Padded"
}


@pytest.mark.parametrize("name", DIGESTS)
def test_file_has_the_published_bytes(name):
    make, X = LAYERS[name]
    model = filled(make, X)
    data = model.to_bytes()
    loaded = make().from_bytes(data)

    assert hashlib.sha256(data).hexdigest() == DIGESTS[name]
    if name in NO_OUTPUT:
        return
    results = (flat(each.predict(copy.deepcopy(X))) for each in (model, loaded))
    for ours, theirs in zip(*results, strict=True):
        assert numpy.array_equal(ours, theirs)


def test_every_model_has_a_digest():
    assert set(DIGESTS) == set(LAYERS) - NO_FILE
