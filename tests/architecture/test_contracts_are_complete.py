"""Every public name that computes something has a record in tests/contracts."""

import pytest
from contracts.op_records import RECORDS as OPS

from thinc.backends import CupyOps, MPSOps, NumpyOps, Ops

# Public methods of Ops that compute nothing, and what they are.
NO_OPERATION = {"cblas": "the table of C functions, tested in tests/backends"}


def public_methods(cls):
    return {name for name in dir(cls) if not name.startswith("_") and callable(getattr(cls, name))}


def test_every_operation_has_a_record():
    assert public_methods(Ops) == {record.name for record in OPS} | set(NO_OPERATION)


@pytest.mark.parametrize("cls", [NumpyOps, CupyOps, MPSOps])
def test_no_backend_adds_operations(cls):
    assert public_methods(cls) == public_methods(Ops)
