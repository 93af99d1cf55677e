"""Every record of a layer, combinator and adapter."""

from . import activations, combinators, containers, dense, ids, modern, sequence

RECORDS = [
    *dense.RECORDS,
    *activations.RECORDS,
    *ids.RECORDS,
    *sequence.RECORDS,
    *combinators.RECORDS,
    *containers.RECORDS,
    *modern.RECORDS,
]
