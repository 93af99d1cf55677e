"""model.summary() lists every layer with its sizes, wrapped models included."""

import numpy
import pytest
import torch

from thinc.api import Linear, Maxout, PyTorchWrapper, Relu, chain, noop
from thinc.model import Model


def model():
    module = torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.BatchNorm1d(2), torch.nn.Linear(2, 2, bias=False))
    return chain(Relu(3, 4), PyTorchWrapper(module), Maxout(2, 2))


def test_rows_before_and_after_initialization():
    net = model()
    rows = net.summary(show=False).rows
    assert [row.path for row in rows] == ["chain", "chain[0] > relu", "chain[1] > pytorch", "chain[2] > maxout"]
    assert [row.parameters for row in rows] == [0, None, 16, None]
    net.initialize()
    table = net.summary(show=False)
    assert [row.parameters for row in table.rows] == [0, 15, 16, 18]
    assert [row.bytes for row in table.rows] == [0, 60, 64, 72]
    assert [row.framework for row in table.rows] == ["thinc", "thinc", "torch", "thinc"]
    assert [row.dtype for row in table.rows] == ["", "float32", "float32", "float32"]
    assert table.rows[3].dims == {"nO": 2, "nI": 2, "nP": 3}
    assert (table.parameters, table.bytes) == (49, 196)


def test_the_table_is_printed_and_returned(capsys):
    table = chain(Linear(3), noop()).initialize(numpy.zeros((2, 4), "f")).summary()
    lines = capsys.readouterr().out.splitlines()
    assert lines == str(table).splitlines()
    assert lines[0].split() == ["path", "layer", "dims", "parameters", "dtype", "bytes", "framework"]
    assert lines[3].split() == ["chain[0]", ">", "linear", "linear", "nO=3", "nI=4", "15", "float32", "60", "thinc"]
    assert lines[-1].split() == ["total", "15", "60"]
    assert repr(table) == "<Summary: 3 layers, 15 parameters, 60 bytes>"


def test_children_follow_their_layer_and_long_names_are_cut():
    net = chain(chain(*(Linear(2, 2) for _ in range(9))), noop()).initialize()
    table = net.summary(show=False)
    assert [row.path for row in table.rows][:4] == [
        "chain", "chain[0] > chain", "chain[0] > chain[0] > linear", "chain[0] > chain[1] > linear"
    ]  # fmt: skip
    assert table.rows[-1].path == "chain[1] > noop" and table.rows[0].layer == net.name
    assert "linear>>linear>>linear>>linear>…  " in str(table).splitlines()[2]


def test_unset_values_are_question_marks():
    (row,) = str(Linear(3).summary(show=False)).splitlines()[2:3]
    assert row.split() == ["linear", "linear", "nO=3", "nI=?", "?", "?", "thinc"]


def test_a_shared_layer_is_counted_once():
    layer = Linear(3, 3)
    table = chain(layer, Relu(3, 3), layer).initialize().summary(show=False)
    assert table.parameters == 24 and len(table.rows) == 3


@pytest.mark.parametrize("dtype, size", [("float64", 8), ("float16", 2), ("int32", 4)])
def test_bytes_follow_the_dtype(dtype, size):
    node = Model("mine", lambda model, X, is_train: (X, None), params={"a": numpy.zeros((2, 5), dtype)})
    (row,) = node.summary(show=False).rows
    assert (row.parameters, row.bytes, row.dtype) == (10, 10 * size, dtype)


def test_half_precision_of_torch():
    layer = PyTorchWrapper(torch.nn.Linear(3, 2).to(torch.bfloat16))
    (row,) = layer.summary(show=False).rows
    assert (row.parameters, row.bytes, row.dtype) == (8, 16, "bfloat16")
