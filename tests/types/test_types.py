"""Array annotations, containers and checks of thinc.types."""

import pickle

import numpy as np
import pytest

from thinc import types
from thinc.types import (
    ArgsKwargs,
    ArrayInfo,
    Padded,
    Pairs,
    Ragged,
    SizedGenerator,
    get_width,
)

LENGTHS = [2, 0, 3, 1]


def ragged(width=2, lengths=LENGTHS):
    rows = sum(lengths)
    return Ragged(np.arange(rows * width, dtype="f").reshape(rows, width), np.array(lengths, dtype="i"))


def pieces(batch):
    return np.split(batch.data, np.cumsum(batch.lengths)[:-1]) if len(batch) else []


INDICES = [
    *range(-4, 4),
    np.int64(2),
    np.array(1),
    slice(None),
    slice(None, 1),
    slice(1, 3),
    slice(-2, None),
    slice(None, None, 2),
    slice(None, None, -1),
    slice(5, 9),
    [0, 2],
    [3, 0, 0],
    [-1],
    [],
    np.array([2, 3]),
    np.array([], dtype="i"),
    np.array([True, False, True, True]),
    [False, True, False, False],
    range(1, 3),
]


@pytest.mark.parametrize("index", INDICES, ids=str)
def test_ragged_picks_the_same_sequences_as_numpy_would(index):
    batch = ragged()
    order = np.arange(4)[index if not isinstance(index, list) or index else np.array([], dtype="i")].reshape(-1)
    picked = batch[index]
    assert picked.lengths.tolist() == [LENGTHS[i] for i in order]
    assert picked.lengths.dtype == np.int32
    expected = [row for i in order for row in pieces(batch)[i].tolist()]
    assert picked.data.tolist() == expected


@pytest.mark.parametrize(
    "index", [4, -5, [0, 4], (0, 1), 1.0, "a", None, True, np.array([True]), np.zeros((1, 1), dtype="i")], ids=str
)
def test_ragged_refuses_an_index_without_meaning(index):
    with pytest.raises(IndexError):
        ragged()[index]


def test_ragged_keeps_its_trailing_axes():
    batch = Ragged(np.arange(24, dtype="f").reshape(4, 2, 3), np.array([1, 3], dtype="i"))
    assert batch.data.shape == (4, 6) and batch.dataXd.shape == (4, 2, 3)
    assert batch[1].dataXd.shape == (3, 2, 3)
    assert batch[[1, 0]].dataXd.shape == (4, 2, 3)
    assert batch[2:].dataXd.shape == (0, 2, 3)


def test_ragged_and_its_slices_share_memory():
    data = np.zeros((6, 2), dtype="f")
    batch = Ragged(data, np.array(LENGTHS, dtype="i"))
    assert np.shares_memory(data, batch.data) and np.shares_memory(data, batch[2:].data)


def test_empty_ragged_sliced_equals_itself():
    batch = Ragged(np.zeros((0, 4), dtype="f"), np.zeros(0, dtype="i"))
    assert batch.data.shape == (0, 4) and batch.dataXd.shape == (0, 4)
    assert batch[0:0] == batch[0:2] == batch[1:2] == batch


@pytest.mark.parametrize("shape, width", [((0, 4), 4), ((0, 2, 3), 6), ((3, 0), 0), ((0,), 1)])
def test_ragged_without_numbers_keeps_its_rows_and_width(shape, width):
    batch = Ragged(np.zeros(shape, dtype="f"), np.array([shape[0]], dtype="i"))

    assert get_width(batch) == width and batch.data.shape == (shape[0], width)
    assert batch.dataXd.shape == batch[:1].dataXd.shape == shape


def test_ragged_edges_are_computed_once():
    batch = ragged()
    assert batch._get_starts().tolist() == [0, 2, 2, 5]
    assert batch._get_ends().tolist() == [2, 2, 5, 6]
    assert batch.starts_ends.dtype == np.int32 and batch._get_starts_ends() is batch.starts_ends


def test_ragged_of_one_dimension_and_pickle():
    batch = Ragged(np.arange(3), np.array([1, 2], dtype="i"))
    assert batch.data.shape == (3, 1) and batch.dataXd.shape == (3,)
    assert pickle.loads(pickle.dumps(batch)) == batch


def padded():
    data = np.arange(3 * 3 * 2, dtype="f").reshape(3, 3, 2)
    return Padded(data, np.array([3, 2, 1], dtype="i"), np.array([3, 2, 1], dtype="i"), np.array([1, 2, 0], dtype="i"))


@pytest.mark.parametrize(
    "index,columns",
    [
        (0, [0]),
        (-1, [2]),
        (slice(None, 2), [0, 1]),
        ([2, 0], [0, 2]),
        ([], []),
        (np.array([False, True, True]), [1, 2]),
    ],
    ids=str,
)
def test_padded_picks_columns(index, columns):
    batch, picked = padded(), padded()[index]
    steps = max([int(batch.lengths[c]) for c in columns], default=0)
    assert picked.data.tolist() == batch.data[:steps][:, columns].tolist()
    assert picked.lengths.tolist() == batch.lengths[columns].tolist() if columns else len(picked) == 0
    assert picked.size_at_t.tolist() == [sum(batch.lengths[c] > t for c in columns) for t in range(steps)]
    assert picked.indices.tolist() == [int(batch.indices[c]) for c in columns]
    assert picked.data.ndim == 3 and picked.size_at_t.dtype == np.int32


@pytest.mark.parametrize("index", [slice(None), slice(1, 3), 2, [1, 2]], ids=str)
def test_padded_out_of_order_keeps_its_rows(index):
    batch = padded()
    mixed = Padded(batch.data[:, ::-1], batch.size_at_t, batch.lengths[::-1], batch.indices[::-1])

    picked = mixed[index]
    assert len(picked.data) == max(picked.lengths) == len(picked.size_at_t) and picked.size_at_t.min() > 0
    for column, n, place in zip(picked.data.swapaxes(0, 1), picked.lengths, picked.indices, strict=True):
        assert (column[:n] == batch.data[:n, batch.indices.tolist().index(place)]).all()


def test_padded_copy_shares_nothing():
    batch = padded()
    copy = batch.copy()
    assert copy == batch and not np.shares_memory(copy.data, batch.data) and len(copy) == 3


def test_padded_refuses_an_index_out_of_range():
    with pytest.raises(IndexError):
        padded()[3]


def test_pairs_index_both():
    pairs = Pairs([1, 2, 3], [4, 5, 6])
    assert pairs[:2] == Pairs([1, 2], [4, 5]) and pairs[0] == Pairs(1, 4) and pairs[-1:] == Pairs([3], [6])
    assert len(pairs) == 3


def test_sized_generator_begins_anew():
    items = SizedGenerator(lambda: iter("ab"), 2)
    assert len(items) == 2 and list(items) == list(items) == ["a", "b"]


def test_args_kwargs_items_round_trip():
    call = ArgsKwargs((1, 2), {"a": 3})
    assert list(call.keys()) == [0, 1, "a"] and list(call.values()) == [1, 2, 3]
    assert ArgsKwargs.from_items(call.items()) == call
    assert ArgsKwargs.from_items([(1, "x"), ("k", 0), (0, "y")]) == ArgsKwargs(("x", "y"), {"k": 0})


@pytest.mark.parametrize(
    "batch,width",
    [
        (np.zeros((2, 3)), 3),
        (np.array([1, 4]), 5),
        (np.array(3.0), 0),
        ([], 0),
        ([np.zeros((1, 7))], 7),
        ((np.zeros((1, 2)),), 2),
        (Ragged(np.zeros((1, 2)), np.zeros(1)), 2),
        (padded(), 2),
    ],
    ids=str,
)
def test_width_of_batches(batch, width):
    assert get_width(batch) == width


@pytest.mark.parametrize("batch", [1234, "foo", {"a": 1}])
def test_things_without_width_are_refused(batch):
    with pytest.raises(ValueError):
        get_width(batch)


def test_array_info_recognises_another_shape_or_dtype():
    info = ArrayInfo.from_array(np.zeros((2, 3), dtype="f"))
    info.check_consistency(np.ones((2, 3), dtype="f"))
    for wrong in (np.zeros((3, 2), dtype="f"), np.zeros((2, 3))):
        with pytest.raises(ValueError):
            info.check_consistency(wrong)


@pytest.mark.parametrize(
    "name", ["Tuple", "Literal", "Protocol", "XY_YZ_OutT", "Batchable", "ListXd", "Generator", "Unserializable"]
)
def test_names_are_there(name):
    assert hasattr(types, name)
