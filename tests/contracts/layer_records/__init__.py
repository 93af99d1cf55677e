"""Every record of a layer, combinator and adapter."""

from . import combinators, containers, dense, ids, sequence

RECORDS = [
    *dense.RECORDS,
    *ids.RECORDS,
    *sequence.RECORDS,
    *combinators.RECORDS,
    *containers.RECORDS,
]
