"""Every layer gives the numbers of the CPU on arrays that refuse what CuPy's refuse."""

import pytest
from contracts.arrays import assert_close, cast
from contracts.layer import parameters
from contracts.layer_records import RECORDS
from contracts.layer_suite import weights_like

from thinc.backends import CupyOps
from thinc.testing.batches import each_array

from .emulator import why_not
from .on_stand_in import OnStandIn
from .test_strict_cupy import cupy  # noqa: F401  (a fixture)


def run(model, batch, dY):
    """Y, dX and the gradients of all parameters."""
    Y, backprop = model.begin_update(batch)
    dX = backprop(dY)
    grads = [node.get_grad(name) for node, name, _ in parameters(model) if node.has_grad(name)]
    return Y, dX, grads


@pytest.mark.skipif(why_not() is not None, reason=str(why_not()))
@pytest.mark.parametrize("record", [r for r in RECORDS if r.backprops], ids=str)
def test_layers_on_the_device(cupy, monkeypatch, record):  # noqa: F811
    monkeypatch.setattr(CupyOps, "_cuda", OnStandIn())
    here, there, X = record.ready("float32"), record.ready("float32"), record.batch("float32")
    dY = weights_like(here.predict(X))
    there.to_gpu(0)
    found = run(there, each_array(there.ops.asarray, X), each_array(there.ops.asarray, dY))
    for ours, theirs in zip(found, cast(run(here, X, dY), "float64")):
        assert_close(ours, theirs, "float32", 16 * record.factor)
