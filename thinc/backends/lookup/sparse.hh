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

// Where the weights of classes stand.
struct Scheme {
    Remainder remainder;
    std::uint32_t mask;
    std::size_t step;
    bool shared;
    THINC_INLINE Scheme(std::uint32_t length, bool shared)
        : remainder(length), mask(length - 1), step(shared ? 1 : length), shared(shared) {}
    THINC_INLINE std::size_t start(std::uint64_t key, std::uint32_t seed) const {
        const std::uint32_t h = hash32(key, seed);
        return shared ? h & mask : remainder(h);
    }
};

// Y[c] += the scores of one text.  N: the number of classes if it is small, so that the sums stay
// in registers (going through memory would cost 10 cycles for each addition), else 0.
template <int N>
THINC_INLINE void add_scores(const float* W, const std::uint64_t* keys, const float* values, std::int32_t count,
                             float* Y, std::size_t nO, const Scheme& scheme) {
    float local[N ? N : 1];
    float* y = N ? local : Y;
    for (int c = 0; c < N; ++c) local[c] = Y[c];
    for (std::int32_t i = 0; i < count; ++i)
        for (std::uint32_t seed = 0; seed < 2; ++seed) {
            const float* w = W + scheme.start(keys[i], seed);
            for (std::size_t c = 0; c < (N ? std::size_t(N) : nO); ++c) y[c] += product(values[i], w[c * scheme.step]);
        }
    for (int c = 0; c < N; ++c) Y[c] = local[c];
}

void sparse_affine(const float* W, const float* b, const std::uint64_t* keys, const float* values,
                   const std::int32_t* lengths, float* Y, std::size_t nB, std::size_t nO, std::uint32_t length,
                   bool shared) {
    const Scheme scheme(length, shared);
    for (std::size_t text = 0; text < nB; ++text, Y += nO) {
        const std::int32_t count = lengths[text];
        memcpy(Y, b, nO * sizeof(float));
        switch (nO) {
            case 1: add_scores<1>(W, keys, values, count, Y, nO, scheme); break;
            case 2: add_scores<2>(W, keys, values, count, Y, nO, scheme); break;
            case 3: add_scores<3>(W, keys, values, count, Y, nO, scheme); break;
            case 4: add_scores<4>(W, keys, values, count, Y, nO, scheme); break;
            case 5: add_scores<5>(W, keys, values, count, Y, nO, scheme); break;
            default: add_scores<0>(W, keys, values, count, Y, nO, scheme);
        }
        keys += count;
        values += count;
    }
}

// Compatibility: the hashes of a feature follow each other within each class, as upstream's do, since the classes
// of a shared scheme meet in the same weights and sums are rounded in their order.
void backprop_sparse_affine(const float* dY, const std::uint64_t* keys, const float* values,
                            const std::int32_t* lengths, float* dW, std::size_t nB, std::size_t nO,
                            std::uint32_t length, bool shared) {
    const Scheme scheme(length, shared);
    for (std::size_t text = 0; text < nB; ++text, dY += nO)
        for (std::int32_t i = 0; i < lengths[text]; ++i, ++keys, ++values) {
            float *first = dW + scheme.start(*keys, 0), *second = dW + scheme.start(*keys, 1);
            for (std::size_t c = 0; c < nO; ++c) {
                const float share = product(*values, dY[c]);
                first[c * scheme.step] += share;
                second[c * scheme.step] += share;
            }
        }
}

}  // namespace
}  // namespace lookup
}  // namespace thinc
