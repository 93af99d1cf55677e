// Linear models over hashed sparse features: see `sparse.py`.
#pragma once
#include "math.hh"

namespace thinc {
namespace lookup {
namespace {

// a · b, rounded before it is added to anything: upstream has no fused multiply-add here, and its
// scores are to be met bit by bit.
THINC_INLINE float product(float a, float b) {
    float rounded = a * b;
#if defined(__GNUC__) && defined(__x86_64__)
    __asm__("" : "+x"(rounded));
#elif defined(__GNUC__) && defined(__aarch64__)
    __asm__("" : "+w"(rounded));
#endif
    return rounded;
}

// Calls f(text, value, first weight) for every feature and hash, text after text.
template <typename F>
THINC_INLINE void each_hash(const std::uint64_t* keys, const float* values, const std::int32_t* lengths,
                            std::size_t nB, std::uint32_t length, bool shared, F f) {
    const Remainder remainder(length);
    for (std::size_t text = 0; text < nB; ++text)
        for (std::int32_t i = 0; i < lengths[text]; ++i, ++keys, ++values)
            for (std::uint32_t seed = 0; seed < 2; ++seed) {
                const std::uint32_t h = hash32(*keys, seed);
                f(text, *values, std::size_t(shared ? h & (length - 1) : remainder(h)));
            }
}

void sparse_affine(const float* W, const float* b, const std::uint64_t* keys, const float* values,
                   const std::int32_t* lengths, float* Y, std::size_t nB, std::size_t nO, std::uint32_t length,
                   bool shared) {
    for (std::size_t text = 0; text < nB; ++text) memcpy(Y + text * nO, b, nO * sizeof(float));
    const std::size_t step = shared ? 1 : length;
    each_hash(keys, values, lengths, nB, length, shared, [=](std::size_t text, float value, std::size_t start) {
        float* y = Y + text * nO;
        for (std::size_t c = 0; c < nO; ++c) y[c] += product(value, W[start + c * step]);
    });
}

void backprop_sparse_affine(const float* dY, const std::uint64_t* keys, const float* values,
                            const std::int32_t* lengths, float* dW, std::size_t nB, std::size_t nO,
                            std::uint32_t length, bool shared) {
    const std::size_t step = shared ? 1 : length;
    each_hash(keys, values, lengths, nB, length, shared, [=](std::size_t text, float value, std::size_t start) {
        const float* dy = dY + text * nO;
        for (std::size_t c = 0; c < nO; ++c) dW[start + c * step] += product(value, dy[c]);
    });
}

}  // namespace
}  // namespace lookup
}  // namespace thinc
