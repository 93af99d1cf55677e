"""Hypothesis strategies for arrays, named by their axes: B batch, I input, O output, P pieces."""

from typing import Any, Literal

from hypothesis.extra.numpy import arrays
from hypothesis.strategies import SearchStrategy, floats, integers, tuples


def ndarrays_of_shape(
    shape: Any, lo: float = -10.0, hi: float = 10.0, dtype: str = "float32", width: Literal[16, 32, 64] = 32
) -> SearchStrategy:
    """Arrays of one shape with elements in [lo, hi] that fit into `width` bits."""
    if dtype.startswith("float"):
        return arrays(dtype, shape, elements=floats(lo, hi, width=width))
    return arrays(dtype, shape, elements=integers(int(lo), int(hi)))


def ndarrays(min_len: int = 0, max_len: int = 10, min_val: float = -10.0, max_val: float = 10.0) -> SearchStrategy:
    """Vectors of min_len to max_len elements in [min_val, max_val]."""
    return lengths(min_len, max_len).flatmap(lambda n: ndarrays_of_shape((n,), min_val, max_val))


def lengths(lo: int = 1, hi: int = 10) -> SearchStrategy:
    """The size of one axis."""
    return integers(lo, hi)


def shapes(min_rows: int = 1, max_rows: int = 100, min_cols: int = 1, max_cols: int = 100) -> SearchStrategy:
    """Shapes of matrices."""
    return tuples(lengths(min_rows, max_rows), lengths(min_cols, max_cols))


def arrays_BI(min_B: int = 1, max_B: int = 10, min_I: int = 1, max_I: int = 100) -> SearchStrategy:
    """X: (nB, nI)."""
    return shapes(min_B, max_B, min_I, max_I).flatmap(ndarrays_of_shape)


def arrays_BI_BO(
    min_B: int = 1, max_B: int = 10, min_I: int = 1, max_I: int = 100, min_O: int = 1, max_O: int = 100
) -> SearchStrategy:
    """X: (nB, nI) and dY: (nB, nO)."""
    sizes = tuples(lengths(min_B, max_B), lengths(min_I, max_I), lengths(min_O, max_O))
    return sizes.flatmap(lambda n: tuples(ndarrays_of_shape((n[0], n[1])), ndarrays_of_shape((n[0], n[2]))))


def arrays_BOP(
    min_B: int = 1, max_B: int = 10, min_O: int = 1, max_O: int = 100, min_P: int = 1, max_P: int = 5
) -> SearchStrategy:
    """X: (nB, nO, nP)."""
    return tuples(lengths(min_B, max_B), lengths(min_O, max_O), lengths(min_P, max_P)).flatmap(ndarrays_of_shape)


def arrays_BOP_BO(
    min_B: int = 1, max_B: int = 10, min_O: int = 1, max_O: int = 100, min_P: int = 1, max_P: int = 5
) -> SearchStrategy:
    """X: (nB, nO, nP) and dY: (nB, nO)."""
    sizes = tuples(lengths(min_B, max_B), lengths(min_O, max_O), lengths(min_P, max_P))
    return sizes.flatmap(lambda n: tuples(ndarrays_of_shape(n), ndarrays_of_shape(n[:2])))


def arrays_OI_O_BI(
    min_batch: int = 1, max_batch: int = 16, min_out: int = 1, max_out: int = 16, min_in: int = 1, max_in: int = 16
) -> SearchStrategy:
    """W: (nO, nI), b: (nO,) and X: (nB, nI)."""
    sizes = tuples(lengths(min_batch, max_batch), lengths(min_out, max_out), lengths(min_in, max_in))
    return sizes.flatmap(
        lambda n: tuples(ndarrays_of_shape((n[1], n[2])), ndarrays_of_shape((n[1],)), ndarrays_of_shape((n[0], n[2])))
    )
