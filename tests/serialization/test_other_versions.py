"""Files of the published 8.0, 8.1, 8.3 and 9.1 have the bytes that ours have, and load.

The digests are those of files that thinc 8.0.17, 8.1.12, 8.3.14 and 9.1.1 wrote for these models:
the four wrote the same bytes.
"""

import hashlib

import numpy
import pytest

from thinc.api import (
    Dropout,
    HashEmbed,
    Linear,
    Maxout,
    Mish,
    Relu,
    Softmax,
    chain,
    concatenate,
    expand_window,
    with_array,
)

MODELS = {
    "d15fa8915abd7797": lambda: chain(
        Relu(4, 3, dropout=0.2), Maxout(4, 4, nP=2, normalize=True), Linear(2, 4), Softmax(2, 2)
    ),
    "cf46902c1da88679": lambda: chain(HashEmbed(4, 7, seed=3, column=0), expand_window(1), Mish(2, 12), Dropout(0.1)),
    "5cc469d2dc398699": lambda: with_array(concatenate(Linear(2, 3), chain(Linear(2, 3), Linear(2, 2)))),
    "afd682ba81893887": lambda: chain(Linear(2), Linear()),
}


def fill(model):
    """Every param counts up from the number of its node, in eighths."""
    for i, node in enumerate(model.walk()):
        if not node.layers and node.param_names and model.name != "linear>>linear":
            node.initialize()
        for name in node.param_names:
            if node.has_param(name):
                W = node.get_param(name)
                node.set_param(name, (numpy.arange(W.size, dtype="f").reshape(W.shape) + i) / 8)
    return model


@pytest.mark.parametrize("digest", MODELS)
def test_the_bytes_are_those_of_four_published_versions(digest):
    model = fill(MODELS[digest]())
    data = model.to_bytes()

    assert hashlib.sha256(data).hexdigest().startswith(digest)
    assert MODELS[digest]().from_bytes(data).to_bytes() == data
