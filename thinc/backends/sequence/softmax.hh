// Softmax over the rows of each sequence, for each column.
#pragma once
#include "../activation/elementwise.hh"

namespace thinc {
namespace sequence {
namespace {

constexpr std::size_t TILE = 64;  // columns at once, so that their sums stay in the first cache

// Y = exp(x) over the sum of that in its sequence, x limited to ±20.
template <typename T>
void softmax(const T* X, T* Y, const std::int32_t* lengths, std::size_t nB, std::size_t w) {
    for (std::size_t b = 0; b < nB; ++b) {
        const std::size_t rows = std::size_t(lengths[b]);
        for (std::size_t start = 0; start < w; start += TILE) {
            const std::size_t n = w - start < TILE ? w - start : TILE;
            T sums[TILE] = {};
            for (std::size_t r = 0; r < rows; ++r) {
                const T* x = X + r * w + start;
                T* y = Y + r * w + start;
                THINC_INDEPENDENT
                for (std::size_t j = 0; j < n; ++j) {
                    const T e = math::exp_near(math::limit(x[j], T(-20), T(20)));
                    y[j] = e;
                    sums[j] += e;
                }
            }
            for (std::size_t j = 0; j < n; ++j) sums[j] = T(1) / sums[j];
            for (std::size_t r = 0; r < rows; ++r) {
                T* THINC_RESTRICT y = Y + r * w + start;
                for (std::size_t j = 0; j < n; ++j) y[j] *= sums[j];
            }
        }
        X += rows * w;
        Y += rows * w;
    }
}

// dX = Y·(dY − Σ(Y·dY)).
template <typename T>
void backprop_softmax(const T* dY, const T* Y, T* dX, const std::int32_t* lengths, std::size_t nB, std::size_t w) {
    for (std::size_t b = 0; b < nB; ++b) {
        const std::size_t rows = std::size_t(lengths[b]);
        for (std::size_t start = 0; start < w; start += TILE) {
            const std::size_t n = w - start < TILE ? w - start : TILE;
            T sums[TILE] = {};
            for (std::size_t r = 0; r < rows; ++r) {
                const T *y = Y + r * w + start, *dy = dY + r * w + start;
                for (std::size_t j = 0; j < n; ++j) sums[j] += y[j] * dy[j];
            }
            for (std::size_t r = 0; r < rows; ++r) {
                const T *y = Y + r * w + start, *dy = dY + r * w + start;
                T* THINC_RESTRICT dx = dX + r * w + start;
                for (std::size_t j = 0; j < n; ++j) dx[j] = y[j] * (dy[j] - sums[j]);
            }
        }
        dY += rows * w;
        Y += rows * w;
        dX += rows * w;
    }
}

}  // namespace
}  // namespace sequence
}  // namespace thinc
