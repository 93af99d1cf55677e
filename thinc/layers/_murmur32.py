"""MurmurHash3_x86_32, Austin Appleby's public-domain hash, for keys and for text."""

import numpy

_C1, _C2 = 0xCC9E2D51, 0x1B873593
_LOW = 0xFFFFFFFF


def hash_keys(keys, seed):
    """(n,) uint64 -> (n,) uint32: the hash of the 8 little-endian bytes of each key."""
    keys = numpy.ascontiguousarray(keys).astype("<u8", copy=False)
    h = numpy.full(keys.shape, seed, dtype="uint32")
    for shift in (0, 32):
        block = (keys >> numpy.uint64(shift)).astype("uint32")
        h = _rotate(h ^ _scramble(block), 13) * _u(5) + _u(0xE6546B64)
    h = h ^ _u(8)
    h = (h ^ (h >> _u(16))) * _u(0x85EBCA6B)
    h = (h ^ (h >> _u(13))) * _u(0xC2B2AE35)
    return h ^ (h >> _u(16))


def hash_bytes(data, seed=0):
    """bytes -> int in [0, 2³²)."""
    h, whole = seed, len(data) - len(data) % 4
    for start in range(0, whole, 4):
        h ^= _scramble_int(int.from_bytes(data[start : start + 4], "little"))
        h = (_rotate_int(h, 13) * 5 + 0xE6546B64) & _LOW
    h ^= _scramble_int(int.from_bytes(data[whole:], "little"))
    h ^= len(data)
    h = (h ^ (h >> 16)) * 0x85EBCA6B & _LOW
    h = (h ^ (h >> 13)) * 0xC2B2AE35 & _LOW
    return h ^ (h >> 16)


def _u(value):
    return numpy.uint32(value)


def _rotate(x, bits):
    return (x << _u(bits)) | (x >> _u(32 - bits))


def _scramble(block):
    return _rotate(block * _u(_C1), 15) * _u(_C2)


def _rotate_int(x, bits):
    return (x << bits | x >> (32 - bits)) & _LOW


def _scramble_int(block):
    return _rotate_int(block * _C1 & _LOW, 15) * _C2 & _LOW
