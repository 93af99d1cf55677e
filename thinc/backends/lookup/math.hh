// The hashes of keys and the sine of angles, for one number, on any processor.
#pragma once
#include "../_inline.hh"

namespace thinc {
namespace lookup {
namespace {

THINC_INLINE std::uint64_t rotate(std::uint64_t x, int r) { return x << r | x >> (64 - r); }

THINC_INLINE std::uint64_t mix(std::uint64_t h) {
    h = (h ^ h >> 33) * 0xff51afd7ed558ccdull;
    h = (h ^ h >> 33) * 0xc4ceb9fe1a85ec53ull;
    return h ^ h >> 33;
}

// MurmurHash3_x64_128 of one key: see `murmur.py`, whose bits these are.
THINC_INLINE void hash_key(std::uint64_t key, std::uint32_t seed, std::uint64_t& h1, std::uint64_t& h2) {
    const std::uint64_t tail = std::uint64_t(seed ^ 8u);
    h1 = (rotate(key * 0x87c37b91114253d5ull, 31) * 0x4cf5ad432745937full) ^ tail;
    h2 = tail;
    h1 += h2;
    h2 += h1;
    h1 = mix(h1);
    h2 = mix(h2);
    h1 += h2;
    h2 += h1;
}

// MurmurHash64A, seed 0, of n neighbouring keys.
THINC_INLINE std::uint64_t hash_window(const std::uint64_t* keys, std::size_t n) {
    constexpr std::uint64_t m = 0xc6a4a7935bd1e995ull;
    std::uint64_t h = 8 * n * m;
    for (std::size_t j = 0; j < n; ++j) {
        std::uint64_t k = keys[j] * m;
        k = (k ^ k >> 47) * m;
        h = (h ^ k) * m;
    }
    h = (h ^ h >> 47) * m;
    return h ^ h >> 47;
}

// x % d by two multiplications: Lemire, Kaser and Kurz 2019, arXiv:1902.01961, sec. 2.
struct Remainder {
    std::uint64_t inverse;
    std::uint32_t divisor;
    explicit THINC_INLINE Remainder(std::uint32_t d) : inverse(~std::uint64_t(0) / d + 1), divisor(d) {}
    THINC_INLINE std::uint32_t operator()(std::uint32_t x) const {
#ifdef __SIZEOF_INT128__
        return std::uint32_t((unsigned __int128)(inverse * x) * divisor >> 64);
#else
        return x % divisor;
#endif
    }
};

THINC_INLINE std::uint32_t rotate32(std::uint32_t x, int r) { return x << r | x >> (32 - r); }

// MurmurHash3_x86_32 of the eight bytes of a key.
THINC_INLINE std::uint32_t hash32(std::uint64_t key, std::uint32_t h) {
    const std::uint32_t words[] = {std::uint32_t(key), std::uint32_t(key >> 32)};
    for (std::uint32_t k : words) {
        k = rotate32(k * 0xcc9e2d51u, 15) * 0x1b873593u;
        h = rotate32(h ^ k, 13) * 5u + 0xe6546b64u;
    }
    h ^= 8u;
    h = (h ^ h >> 16) * 0x85ebca6bu;
    h = (h ^ h >> 13) * 0xc2b2ae35u;
    return h ^ h >> 16;
}

// sin(x) = ±sin(r) with x = k·π + r, |r| ≤ π/2, and its series to r^15: within 6e-12 while k is
// exact, that is up to 1e8.
THINC_INLINE double sine(double x) {
    constexpr double round = 6755399441055744.0;  // 1.5 · 2^52
    const double shifted = x * 0.31830988618379067154 + round, k = shifted - round;
    const double r = (x - k * 3.14159265358979311600) - k * 1.22464679914735317720e-16, z = r * r;
    double s = -1.0 / 1307674368000.0;
    s = s * z + 1.0 / 6227020800.0;
    s = s * z - 1.0 / 39916800.0;
    s = s * z + 1.0 / 362880.0;
    s = s * z - 1.0 / 5040.0;
    s = s * z + 1.0 / 120.0;
    s = s * z - 1.0 / 6.0;
    const double half = k * 0.5, odd = half - ((half + round) - round);  // 0, or ±1/2
    return (1.0 - 8.0 * odd * odd) * (r + r * z * s);
}

}  // namespace
}  // namespace lookup
}  // namespace thinc
