"""The tests that every operation passes on every backend; a test file gives the fixture `ops`."""

import copy

import pytest

from .arrays import LAYOUTS, arrays_in, assert_close, assert_same, floats_in, lay_out, on_device
from .op import FLOATS, MUTATIONS, spoil
from .op_records import RECORDS

records = pytest.mark.parametrize("record", RECORDS, ids=str)
mistakes = [(record, mistake) for record in RECORDS for mistake in record.bad]
each_dtype = [
    (record, dtype)
    for record in RECORDS
    for dtype in (record.dtypes if floats_in(record.case("float64")[0]) else ("float64",))
]


def check_value(record, ops, dtype="float64", empty=False):
    """The result is that of the float64 formula, with the right dtype."""
    args, expected = record.case(dtype, empty)
    compare(record, record.run(ops, copy.deepcopy(args)), expected(), dtype)


def compare(record, found, wanted, dtype):
    """Equal in structure, dtype and value."""
    assert_close(found, wanted, dtype, record.factor, record.slack)
    for ours, oracles in zip(arrays_in(found), arrays_in(wanted)):
        kept = oracles.dtype if record.fixed or oracles.dtype.kind != "f" else dtype
        assert ours.dtype == kept, f"{record}: the dtype is {ours.dtype}, expected {kept}"


class OpSuite:
    """Inherit, and define a fixture `ops`."""

    @pytest.mark.parametrize("record, dtype", each_dtype, ids=str)
    def test_value_and_dtype(self, ops, record, dtype):
        check_value(record, ops, dtype)

    @pytest.mark.parametrize("record", [r for r in RECORDS if r.empty], ids=str)
    def test_empty(self, ops, record):
        args, expected = record.case("float32", empty=True)
        for ours, oracles in zip(arrays_in(record.run(ops, args)), arrays_in(expected())):
            assert ours.shape == oracles.shape

    @records
    @pytest.mark.parametrize("layout", LAYOUTS)
    def test_inputs_of_any_layout_stay_untouched(self, ops, record, layout):
        args = on_device(record.case("float32")[0], ops)
        before = copy.deepcopy(args)
        laid_out = tuple(
            copy.deepcopy(arg) if i in record.writes else lay_out(arg, layout) for i, arg in enumerate(args)
        )
        found = getattr(ops, record.name)(*laid_out, **record.options)
        assert_close(record.finish(laid_out, found), record.run(ops, copy.deepcopy(args)), "float32", record.factor)
        for i, (ours, theirs) in enumerate(zip(laid_out, before)):
            if i not in record.writes:
                assert_same(ours, theirs)

    @pytest.mark.parametrize("record", [r for r in RECORDS if r.inplace is not None], ids=str)
    @pytest.mark.parametrize("dtype", FLOATS)
    def test_inplace_returns_its_argument(self, ops, record, dtype):
        args = on_device(record.case(dtype)[0], ops)
        wanted = record.run(ops, copy.deepcopy(args))
        found = getattr(ops, record.name)(*args, **record.options, inplace=True)
        assert found is args[record.inplace]
        assert_same(found, wanted)

    @pytest.mark.parametrize("record, mistake", mistakes, ids=[f"{r}-{b[2]}" for r, b in mistakes])
    def test_mistakes_are_named(self, ops, record, mistake):
        args, error, text = mistake
        args = args if record.name == "to_numpy" else on_device(args, ops)
        with pytest.raises(error, match=text):
            getattr(ops, record.name)(*args, **record.options)

    @records
    def test_a_wrong_result_is_noticed(self, ops, record):
        args, expected = record.case("float64")
        found, wanted = record.run(ops, copy.deepcopy(args)), expected()
        noticed = 0
        for name, change in MUTATIONS.items():
            wrong, differs = spoil(found, change)
            if differs:
                noticed += 1
                with pytest.raises(AssertionError):
                    compare(record, wrong, wanted, "float64")
                    print(f"{record} passes with a wrong {name}")
        assert noticed
