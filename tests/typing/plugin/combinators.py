"""Combinations that thinc.mypy judges; `# codes` name what it says of the line."""

from typing import TypeVar

from thinc.api import Linear, Model, add, chain, concatenate, reduce_sum
from thinc.types import Floats2d, Ragged, XY_XY_OutT, XY_YZ_OutT

InT = TypeVar("InT")


def in_a_row(layer1: Model[InT, Ragged], *layers: Model) -> Model[InT, XY_YZ_OutT]: ...  # type: ignore


def side_by_side(layer1: Model[InT, XY_XY_OutT], *layers: Model) -> Model[InT, XY_XY_OutT]: ...  # type: ignore


ragged: Model[Ragged, Ragged] = Model("ragged", lambda model, X, is_train: (X, lambda dY: dY))

fine: Model[Ragged, Floats2d] = in_a_row(ragged, reduce_sum(), Linear(3))
in_a_row(
    ragged,  # layer-mismatch-output
    Linear(3),  # layer-mismatch-input
)
side_by_side(
    Linear(3),  # layer-mismatch-input
    reduce_sum(),  # layer-mismatch-input
)
add(
    Linear(3),  # layer-mismatch-input
    reduce_sum(),  # layer-mismatch-input
)
concatenate(
    ragged,  # layer-mismatch-output
    reduce_sum(),  # layer-mismatch-output
)
chain(Linear(3), *[Linear(3)])
