"""Every record of an operation; the names of those that are covered."""

from . import activation, arrays, linear, lookup, recurrent, sequence, training

RECORDS = [
    *activation.RECORDS,
    *arrays.RECORDS,
    *linear.RECORDS,
    *lookup.RECORDS,
    *recurrent.RECORDS,
    *sequence.RECORDS,
    *training.RECORDS,
]
