"""Fresh layers have the names, dims, params, attrs, refs and children that 8.3.14's have: files depend on them."""

import json
from pathlib import Path

import pytest

import thinc.api
from thinc.layers.array_getitem import floats_getitem, ints_getitem

# Measured on the published library; what belongs to one object (tables, functions, seeds) is left out.
GOLDEN = json.loads((Path(__file__).parents[1] / "golden" / "structures.json").read_text("utf8"))
NAMES = {
    **{name: getattr(thinc.api, name) for name in thinc.api.__all__},
    "ints_getitem": ints_getitem,
    "floats_getitem": floats_getitem,
}
OWN = {"mapping_table", "resize_layer", "seed"}


def structure(model):
    attrs = {name: value for name, value in model.attrs.items() if name not in OWN}
    return {
        "name": model.name,
        "dims": {name: model.maybe_get_dim(name) for name in model.dim_names},
        "params": sorted(model.param_names),
        "attrs": {name: repr(value) if isinstance(value, tuple) else value for name, value in attrs.items()},
        "refs": {name: model.get_ref(name).name for name in model.ref_names},
        "layers": [structure(layer) for layer in model.layers],
    }


@pytest.mark.parametrize("call", GOLDEN)
def test_structure(call):
    assert structure(eval(call, dict(NAMES))) == GOLDEN[call]
