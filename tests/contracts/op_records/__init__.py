"""Every record of an operation; the names of those that are covered."""

from . import activation, arrays, encoding, linear, lookup, normalization, recurrent, sequence, training

RECORDS = [
    *activation.RECORDS,
    *arrays.RECORDS,
    *encoding.RECORDS,
    *linear.RECORDS,
    *lookup.RECORDS,
    *normalization.RECORDS,
    *recurrent.RECORDS,
    *sequence.RECORDS,
    *training.RECORDS,
]
