// Layer normalization row by row, while the row is in the cache.
#pragma once
#include "../_chunks.hh"
#include "../activation/softmax.hh"
#include "table.hh"

namespace thinc {
namespace normalization {
namespace {

// The mean of a row of w numbers, and 1 / √(variance + epsilon).
template <typename T>
THINC_INLINE T measure_row(const T* x, std::size_t w, T epsilon, T& scale) {
    using activation::row_sum;
    const T mean = row_sum<T>(w, [=](std::size_t i) { return x[i]; }) / T(w);
    const T variance = row_sum<T>(w, [=](std::size_t i) { return (x[i] - mean) * (x[i] - mean); }) / T(w);
    scale = T(1) / math::square_root(variance + epsilon);
    return mean;
}

template <typename T>
void layernorm(const T* X, const T* G, const T* b, T* Y, T* mu, T* s, std::size_t n, std::size_t w, T epsilon) {
    in_chunks(n, 1 + 16384 / w, [=](std::size_t begin, std::size_t end) {
        for (std::size_t r = begin; r < end; ++r) {
            const T* THINC_RESTRICT x = X + r * w;
            T* THINC_RESTRICT y = Y + r * w;
            T scale;
            const T mean = measure_row<T>(x, w, epsilon, scale);
            mu[r] = mean;
            s[r] = scale;
            for (std::size_t i = 0; i < w; ++i) y[i] = (x[i] - mean) * scale * G[i] + b[i];
        }
    });
}

// Sums of columns are taken over 64 rows, then over these sums: errors grow with √rows.
template <typename T>
void backprop_layernorm(const T* dY, const T* X, const T* mu, const T* s, const T* G, T* dX, T* dG, T* db, T* scratch,
                        std::size_t n, std::size_t w) {
    using activation::row_sum;
    T *THINC_RESTRICT part_G = scratch, *THINC_RESTRICT part_b = scratch + w;
    memset(dG, 0, w * sizeof(T));
    memset(db, 0, w * sizeof(T));
    for (std::size_t start = 0; start < n; start += 64) {
        const std::size_t stop = start + 64 < n ? start + 64 : n;
        memset(scratch, 0, 2 * w * sizeof(T));
        for (std::size_t r = start; r < stop; ++r) {
            const T *THINC_RESTRICT dy = dY + r * w, *THINC_RESTRICT x = X + r * w;
            T* THINC_RESTRICT dx = dX + r * w;
            const T mean = mu[r], scale = s[r];
            for (std::size_t i = 0; i < w; ++i) {
                const T d = dy[i];
                part_b[i] += d;
                part_G[i] += d * ((x[i] - mean) * scale);
            }
            const T sum = row_sum<T>(w, [=](std::size_t i) { return dy[i] * G[i]; }) / T(w);
            const T slope =
                row_sum<T>(w, [=](std::size_t i) { return dy[i] * G[i] * ((x[i] - mean) * scale); }) / T(w);
            for (std::size_t i = 0; i < w; ++i)
                dx[i] = (dy[i] * G[i] - sum - (x[i] - mean) * scale * slope) * scale;
        }
        for (std::size_t i = 0; i < w; ++i) {
            dG[i] += part_G[i];
            db[i] += part_b[i];
        }
    }
}

}  // namespace
}  // namespace normalization

namespace {

template <typename T>
void fill(NormalizationTable<T>& table) {
    table.layernorm = normalization::layernorm<T>;
    table.backprop_layernorm = normalization::backprop_layernorm<T>;
}

}  // namespace
}  // namespace thinc
