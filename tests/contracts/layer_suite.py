"""The tests that every layer passes; a test file inherits them."""

import copy

import numpy
import pytest

from thinc.backends import NumpyOps, Ops
from thinc.testing.batches import each_array
from thinc.types import data_validation, get_width

from .arrays import LAYOUTS, assert_close, assert_same, floats_in, lay_out
from .layer import parameters, same_structure, spoiled
from .layer_records import RECORDS
from .op import MUTATIONS, HostCupyOps

records = pytest.mark.parametrize("record", RECORDS, ids=str)
each_dtype = [(record, dtype) for record in RECORDS for dtype in record.dtypes]
mistakes = [(record, mistake) for record in RECORDS for mistake in record.bad]


def weights_like(Y, seed=5):
    """Random floats in the container of Y."""
    rng = numpy.random.default_rng(seed)
    return each_array(lambda A: rng.normal(size=A.shape).astype(A.dtype) if A.dtype.kind == "f" else A, Y)


class LayerSuite:
    @records
    @pytest.mark.parametrize("ops", [Ops, NumpyOps, HostCupyOps], ids=["base", "numpy", "cupy-on-host"])
    def test_value_and_gradient(self, record, ops):
        model = record.ready("float64")
        for node in model.walk():
            node.ops = ops()
        record.check(model)

    @pytest.mark.parametrize("record, dtype", each_dtype, ids=str)
    def test_dtype_and_container_are_kept(self, record, dtype):
        model, X = record.ready(dtype), record.batch(dtype)
        Y, backprop = model(X, is_train=True)
        assert {array.dtype for array in floats_in(Y)} <= {numpy.dtype(dtype)}
        if record.backprops:
            same_structure(backprop(weights_like(Y)), X)
            for node, name, value in parameters(model):
                assert not node.has_grad(name) or node.get_grad(name).dtype == value.dtype

    @records
    def test_annotations_allow_the_batch_and_the_output(self, record):
        X = record.batch()
        Y = record.ready().predict(X)
        with data_validation(True):
            model = record.make().initialize(X=X, Y=Y if record.knows_Y else None)
        if model.has_dim("nO"):
            assert get_width(model.predict(X)) == model.get_dim("nO")

    @records
    @pytest.mark.parametrize("layout", LAYOUTS)
    def test_inputs_of_any_layout_stay_untouched(self, record, layout):
        model, X = record.ready(), record.batch()
        strange = lay_out(X, layout)
        Y, backprop = model(strange, is_train=True)
        assert_close(Y, model.predict(X), "float32", record.factor)
        assert_same(strange, X)
        if record.backprops:
            dY = weights_like(Y)
            strange_dY = lay_out(dY, layout)
            dX = backprop(strange_dY)
            assert_close(dX, model(X, is_train=True)[1](copy.deepcopy(dY)), "float32", 4 * record.factor)
            assert_same(strange_dY, dY)
            assert_same(strange, X)

    @records
    def test_predict_equals_training_without_dropout(self, record):
        model, X = record.ready(), record.batch()
        assert_close(model.begin_update(X)[0], model.predict(X), "float32", record.factor)

    @pytest.mark.parametrize("record", [r for r in RECORDS if r.empty], ids=str)
    def test_empty_batch(self, record):
        model, X = record.ready(), record.batch(empty=True)
        Y, backprop = model(X, is_train=True)
        assert not any(array.size for array in floats_in(Y))
        if record.backprops:
            same_structure(backprop(Y), X)
            assert not any(node.has_grad(name) and node.get_grad(name).any() for node, name, _ in parameters(model))

    @records
    def test_initialize_again_changes_no_size(self, record):
        Y = None if record.Y is None else record.Y(numpy.random.default_rng(3)).astype("float32")
        model, seen = record.make(), []
        for _ in range(2):
            numpy.random.seed(0)
            model.initialize(X=record.batch(), Y=Y)
            dims = [{name: node.maybe_get_dim(name) for name in node.dim_names} for node in model.walk()]
            seen.append((dims, [value.copy() for _, _, value in parameters(model)]))
        (dims, drawn), (dims_again, drawn_again) = seen
        assert dims == dims_again
        assert_same(drawn, drawn_again)

    @records
    def test_a_copy_is_independent(self, record):
        model, X = record.ready(), record.batch()
        twin, wanted = model.copy(), model.predict(X)
        assert_same(twin.predict(X), wanted)
        assert not {node.id for node in twin.walk()} & {node.id for node in model.walk()}
        for _, _, value in parameters(twin):
            value += 1
        assert_same(model.predict(X), wanted)

    @records
    def test_bytes_restore_it(self, record):
        model, X = record.ready(), record.batch()
        other = record.make().from_bytes(model.to_bytes())
        assert_same(other.predict(X), model.predict(X))

    @pytest.mark.parametrize("record, mistake", mistakes, ids=[f"{r}-{m[2]}" for r, m in mistakes])
    def test_mistakes_are_named(self, record, mistake):
        X, error, text = mistake
        with pytest.raises(error, match=text):
            record.ready().predict(X)

    @records
    def test_a_wrong_result_is_noticed(self, record):
        noticed = set()
        for part in ("Y", "dX", "parameter"):
            for change in MUTATIONS.values():
                if part == "dX" and part not in record.checked_parts():
                    continue
                model = record.ready("float64")
                differs = spoiled(model, part, change)
                try:
                    record.check(model)
                except AssertionError:
                    noticed.add(part)
                else:
                    assert not any(differs), f"{record} passes with a wrong {part}"
        assert noticed == record.checked_parts()
