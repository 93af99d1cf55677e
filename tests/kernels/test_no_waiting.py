"""A training step reads nothing back from the device where the host can know the lengths and indices itself."""

import gc

import numpy
import pytest
from contracts.arrays import assert_close

from thinc.api import (
    LSTM,
    Adam,
    CupyOps,
    Embed,
    HashEmbed,
    LayerNorm,
    Linear,
    Maxout,
    Ops,
    Relu,
    Softmax,
    chain,
    expand_window,
    list2ragged,
    reduce_max,
    reduce_mean,
    reduce_sum,
    with_array,
    with_padded,
)  # fmt: skip
from thinc.backends import _known
from thinc.types import Ragged

from .emulator import why_not
from .fake_cupy import ndarray
from .on_stand_in import OnStandIn
from .test_strict_cupy import cupy  # noqa: F401  (a fixture)

pytestmark = pytest.mark.skipif(why_not() is not None, reason=str(why_not()))
LENGTHS = [3, 1, 4]


@pytest.fixture
def ops(cupy, monkeypatch):  # noqa: F811
    monkeypatch.setattr(CupyOps, "_cuda", OnStandIn())
    return CupyOps()


def pooled(reduce):
    inner = chain(HashEmbed(4, 20, seed=1), Maxout(4, nP=2, normalize=True))
    return chain(with_array(inner), expand_window(1), reduce(), Softmax(3))


def ids():
    return numpy.arange(sum(LENGTHS), dtype="uint64")


def sequences(ops):
    """A list of arrays."""
    return ops.unflatten(ops.asarray(ids()), LENGTHS)


def flat(ops):
    """All in one array, with lengths that came from the host."""
    return Ragged(ops.asarray(ids()), ops.asarray1i(LENGTHS))


def host_lengths(ops):
    """All in one array, with lengths that are still there."""
    return Ragged(ops.asarray(ids()), numpy.array(LENGTHS, "int32"))


def step(model, X, T, optimizer):
    Y, backprop = model.begin_update(X)
    backprop((Y - T) / len(T))
    model.finish_update(optimizer)
    return Y


def reads_of_a_step(model, X, T):
    optimizer = Adam(0.01, grad_clip=1.0, L2=0.01)
    step(model, X, T, optimizer)
    ndarray.reads.clear()
    step(model, X, T, optimizer)
    found = list(ndarray.reads)
    ndarray.reads.clear()
    return found


@pytest.mark.parametrize("reduce", [reduce_mean, reduce_sum, reduce_max])
@pytest.mark.parametrize("make", [flat, host_lengths])
def test_ragged_batches(ops, reduce, make):
    model = pooled(reduce).initialize(X=Ragged(ids(), numpy.array(LENGTHS, "int32")), Y=numpy.zeros((3, 3), "f"))
    model.to_gpu(0)
    assert reads_of_a_step(model, make(ops), ops.alloc2f(3, 3)) == []


def test_lists(ops):
    model = chain(list2ragged(), pooled(reduce_mean))
    model.initialize(X=[ids()[:3]], Y=numpy.zeros((1, 3), "f")).to_gpu(0)
    assert reads_of_a_step(model, sequences(ops), ops.alloc2f(3, 3)) == []


@pytest.mark.parametrize("table", [Embed, HashEmbed])
def test_rows_of_tables(ops, table):
    model = chain(table(4, 20, column=0), LayerNorm(), Relu(4), Linear(3))
    X = numpy.arange(10, dtype="int64").reshape(5, 2)
    model.initialize(X=X, Y=numpy.zeros((5, 3), "f")).to_gpu(0)
    assert reads_of_a_step(model, ops.asarray(X), ops.alloc2f(5, 3)) == []


def test_recurrent_layers(ops):
    model = chain(with_padded(LSTM(4, 2, bi=True)), list2ragged(), reduce_mean(), Softmax(3))
    X = [numpy.ones((n, 2), "f") for n in LENGTHS]
    model.initialize(X=X, Y=numpy.zeros((3, 3), "f")).to_gpu(0)
    assert reads_of_a_step(model, list(map(ops.asarray, X)), ops.alloc2f(3, 3)) == []


def test_lengths_of_a_user_are_read_and_checked(ops):
    lengths = ops.xp.asarray(LENGTHS, dtype="int32")  # by CuPy itself: nobody has seen the numbers
    X = ops.asarray(numpy.ones((8, 2), "f"))
    ndarray.reads.clear()
    ops.reduce_sum(X, lengths)
    assert len(ndarray.reads) == 1
    with pytest.raises(IndexError, match="the sum is 8 and X has the shape"):
        ops.reduce_sum(X[:7], lengths)


def test_known_lengths_and_indices_are_checked_all_the_same(ops):
    X, lengths = ops.asarray(numpy.ones((8, 2), "f")), ops.asarray1i(LENGTHS)
    with pytest.raises(IndexError, match="the sum is 8 and X has the shape"):
        ops.reduce_sum(X[:7], lengths)
    with pytest.raises(IndexError, match=r"have to be in \[0, 8\)"):
        ops.gather_add(X, ops.asarray2i([[0, 8]]))
    _, which = ops.maxout(ops.alloc3f(2, 2, 3))
    with pytest.raises(IndexError, match="pieces"):
        ops.backprop_maxout(ops.alloc2f(2, 2), which + 1, 1)
    _, which = ops.reduce_max(X, lengths)
    with pytest.raises(IndexError, match="outside of its sequence"):
        ops.backprop_reduce_max(ops.alloc2f(3, 2), which + 4, lengths)


def test_facts_die_with_their_arrays(ops):
    gc.collect()
    before = len(_known._facts)
    kept = ops.asarray1i(LENGTHS)
    for _ in range(3):
        ops.asarray1i([1, 2])
    gc.collect()
    assert len(_known._facts) == before + 1 and _known.known(kept).host.tolist() == LENGTHS
    assert _known.known(kept[1:]) is _known._NOTHING


def test_numbers_are_known_as_the_device_has_them(ops):
    """More bits than fit are cut off on the way."""
    for host in (numpy.array([2**32 + 1, -(2**33) + 2, 7]), numpy.array([1.9, 2.0, 7.5]), [1, 2, 7], []):
        array = ops.asarray1i(host)
        fact, numbers = _known.known(array), array.get().tolist()
        assert fact.host.tolist() == numbers and fact.host.dtype == "int64"
        assert (fact.low, fact.high) == ((1, 8) if numbers else (0, 0))


def test_what_changes_behind_our_back_stays_within_the_memory(ops):
    """The host thinks of other lengths and indices: nothing outside of the arrays is read or written."""
    lengths, rows = ops.asarray1i([2, 2]), ops.asarray2i([[0, 1], [1, 0]])
    lengths[...], rows[...] = ops.xp.asarray([-5, 1 << 20]), ops.xp.asarray([[1 << 20, 1], [-(1 << 20), 0]])
    X, dY = ops.asarray(numpy.ones((4, 2), "f")), ops.asarray(numpy.ones((2, 2), "f"))
    ops.reduce_sum(X, lengths), ops.backprop_reduce_mean(dY, lengths)
    ops.backprop_reduce_max(dY, ops.reduce_max(X, lengths)[1], lengths)
    ops.softmax_sequences(X, lengths), ops.backprop_softmax_sequences(X, X, lengths)
    ops.backprop_seq2col(ops.seq2col(X, 1, lengths=lengths), 1, lengths=lengths)
    assert ops.gather_add(X, rows).tolist() == [[1, 1], [1, 1]]
    around = ops.alloc2f(6, 2)
    ops.backprop_hash_embed(dY, rows, around[2:4])
    assert around.tolist() == [[0, 0], [0, 0], [1, 1], [1, 1], [0, 0], [0, 0]]


@pytest.mark.parametrize("width", [1, 3])
def test_half_precision_adds_to_its_neighbours_not(ops, width):
    """Two numbers share the word that is exchanged."""
    table = numpy.arange(5 * width, dtype="float16").reshape(5, width)
    indices, values = numpy.array([0, 0, 1, 4, -2], "int32"), numpy.ones((5, width), "float16")
    found = ops.asarray(table)
    ops.scatter_add(found, ops.asarray(indices), ops.asarray(values))
    wanted = table.astype("d")
    Ops().scatter_add(wanted, indices, values.astype("d"))
    assert_close(found, wanted, "float16")
    assert "thinc::lookup::scatter_add<thinc::Half>" in ops._cuda.launched
