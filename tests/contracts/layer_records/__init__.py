"""Every record of a layer, combinator and adapter."""

from . import combinators, containers, dense, ids, modern, sequence

RECORDS = [
    *dense.RECORDS,
    *ids.RECORDS,
    *sequence.RECORDS,
    *combinators.RECORDS,
    *containers.RECORDS,
    *modern.RECORDS,
]
