// Softmax over the rows of a matrix, and its derivative.
#pragma once
#include "../_chunks.hh"
#include "elementwise.hh"

namespace thinc {
namespace activation {
namespace {

constexpr std::size_t BLOCK = 2048;  // elements that stay in the first cache between two passes
constexpr int LANES = 16;

// Σ f(i) in 16 partial sums, so that it can be vectorized without reordering a given sum.
template <typename T, typename F>
THINC_INLINE T row_sum(std::size_t n, F f) {
    T lane[LANES] = {};
    std::size_t i = 0;
    for (; i + LANES <= n; i += LANES)
        for (int j = 0; j < LANES; ++j) lane[j] += f(i + j);
    T sum = 0;
    for (; i < n; ++i) sum += f(i);
    for (int half = LANES / 2; half > 0; half /= 2)
        for (int j = 0; j < half; ++j) lane[j] += lane[j + half];
    return sum + lane[0];
}

// The largest number; NaN may be passed over, since exp makes the row NaN later anyway.
template <typename T>
THINC_INLINE T row_max(const T* x, std::size_t n) {
    T best = x[0];
    std::size_t i = 0;
    if (n >= LANES) {
        T lane[LANES];
        for (int j = 0; j < LANES; ++j) lane[j] = x[j];
        for (i = LANES; i + LANES <= n; i += LANES)
            for (int j = 0; j < LANES; ++j) lane[j] = x[i + j] > lane[j] ? x[i + j] : lane[j];
        for (int j = 0; j < LANES; ++j) best = lane[j] > best ? lane[j] : best;
    }
    for (; i < n; ++i) best = x[i] > best ? x[i] : best;
    return best;
}

// Y = exp(X / temperature), over its sum in each row.  In blocks of rows, and exp over a whole
// block at once: rows are often shorter than a vector.
template <typename T>
void softmax(const T* X, T* Y, std::size_t rows, std::size_t width, T temperature) {
    const std::size_t step = width < BLOCK ? BLOCK / width : 1;
    in_chunks(rows, step * 8, [=](std::size_t begin, std::size_t end) {
        for (std::size_t first = begin; first < end; first += step) {
            const std::size_t last = first + step < end ? first + step : end;
            for (std::size_t r = first; r < last; ++r) {
                const T* x = X + r * width;
                T* y = Y + r * width;
                const T best = row_max(x, width);
                if (temperature == T(1)) {
                    THINC_INDEPENDENT
                    for (std::size_t i = 0; i < width; ++i) y[i] = x[i] - best;
                } else {
                    THINC_INDEPENDENT
                    for (std::size_t i = 0; i < width; ++i) y[i] = x[i] / temperature - best / temperature;
                }
            }
            T* block = Y + first * width;
            const std::size_t size = (last - first) * width;
            THINC_INDEPENDENT
            for (std::size_t i = 0; i < size; ++i) block[i] = math::exp_down(block[i]);
            for (std::size_t r = first; r < last; ++r) {
                T* y = Y + r * width;
                const T sum = row_sum<T>(width, [=](std::size_t i) { return y[i]; });
                const T share = T(1) / sum;
                for (std::size_t i = 0; i < width; ++i) y[i] *= share;
            }
        }
    });
}

// dX = Y·(dY − Σ(Y·dY)) / temperature, the sum over each row.
template <typename T>
void backprop_softmax(const T* Y, const T* dY, T* dX, std::size_t rows, std::size_t width, T temperature) {
    const T scale = T(1) / temperature;
    in_chunks(rows, BLOCK * 8 / (width + 1) + 1, [=](std::size_t begin, std::size_t end) {
        for (std::size_t r = begin; r < end; ++r) {
            const T *y = Y + r * width, *dy = dY + r * width;
            T* dx = dX + r * width;
            const T sum = row_sum<T>(width, [=](std::size_t i) { return y[i] * dy[i]; });
            THINC_INDEPENDENT
            for (std::size_t i = 0; i < width; ++i) dx[i] = y[i] * (dy[i] - sum) * scale;
        }
    });
}

template <typename T>
void fill_softmax(ActivationTable<T>& table) {
    table.softmax = softmax<T>;
    table.backprop_softmax = backprop_softmax<T>;
}

}  // namespace
}  // namespace activation
}  // namespace thinc
