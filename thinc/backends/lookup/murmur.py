"""MurmurHash functions (Appleby 2011, public domain algorithms), bit for bit.

Array versions work on uint64 arrays of numpy or cupy, where arithmetic wraps by itself.
"""

import numpy

U64 = numpy.uint64
MASK32 = 0xFFFFFFFF
C1_32, C2_32 = 0xCC9E2D51, 0x1B873593


def murmur3_32(data, seed=0):
    """MurmurHash3_x86_32 of bytes, as an int in [0, 2³²)."""
    h, whole = seed & MASK32, len(data) // 4 * 4
    for start in range(0, whole, 4):
        h ^= _scramble(int.from_bytes(data[start : start + 4], "little"))
        h = (_rotl32(h, 13) * 5 + 0xE6546B64) & MASK32
    h ^= _scramble(int.from_bytes(data[whole:], "little")) ^ len(data)
    h = ((h ^ h >> 16) * 0x85EBCA6B) & MASK32
    h = ((h ^ h >> 13) * 0xC2B2AE35) & MASK32
    return h ^ h >> 16


def _scramble(k):
    return _rotl32((k * C1_32) & MASK32, 15) * C2_32 & MASK32


def _rotl32(x, r):
    return (x << r | x >> (32 - r)) & MASK32


def mm3_32(keys, seed=0):
    """MurmurHash3_x86_32 of the 8 little-endian bytes of each key: uint64 (n,) -> uint32 (n,)."""
    mask = U64(MASK32)
    h = (keys & U64(0)) | U64(seed & MASK32)
    for word in (keys & mask, keys >> U64(32)):
        k = word * U64(C1_32) & mask
        k = (k << U64(15) | k >> U64(17)) & mask
        h = h ^ (k * U64(C2_32) & mask)
        h = (h << U64(13) | h >> U64(19)) & mask
        h = (h * U64(5) + U64(0xE6546B64)) & mask
    h = h ^ U64(8)
    h = (h ^ h >> U64(16)) * U64(0x85EBCA6B) & mask
    h = (h ^ h >> U64(13)) * U64(0xC2B2AE35) & mask
    return (h ^ h >> U64(16)).astype("uint32")


def mm3_128(keys, seed=0):
    """MurmurHash3_x64_128 of the 8 bytes of each key: uint64 (n,) -> two uint64 (n,).

    Compatibility: the key is mixed in as a first block, without the final rotation; trained
    hash tables depend on these bits.
    """
    tail = U64((seed & MASK32) ^ 8)
    h1 = keys * U64(0x87C37B91114253D5)
    h1 = h1 << U64(31) | h1 >> U64(33)
    h1 = (h1 * U64(0x4CF5AD432745937F)) ^ tail
    h2 = (keys & U64(0)) | tail
    h1 = h1 + h2
    h2 = h2 + h1
    h1, h2 = _fmix(h1), _fmix(h2)
    h1 = h1 + h2
    h2 = h2 + h1
    return h1, h2


def _fmix(h):
    h = (h ^ h >> U64(33)) * U64(0xFF51AFD7ED558CCD)
    h = (h ^ h >> U64(33)) * U64(0xC4CEB9FE1A85EC53)
    return h ^ h >> U64(33)


def murmur64a_windows(keys, n):
    """MurmurHash64A, seed 0, of each n neighbouring keys: uint64 (m,) -> uint64 (m-n+1,)."""
    m, count = U64(0xC6A4A7935BD1E995), keys.shape[0] - n + 1
    start = (8 * n * int(m)) % 2**64
    h = (keys[:count] & U64(0)) | U64(start)
    for offset in range(n):
        k = keys[offset : offset + count] * m
        k = (k ^ k >> U64(47)) * m
        h = (h ^ k) * m
    h = (h ^ h >> U64(47)) * m
    return h ^ h >> U64(47)
