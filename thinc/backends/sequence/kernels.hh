// Windows over sequences, and reductions of each sequence to one row.
#pragma once
#include "../_simd.hh"
#include "../activation/math.hh"
#include "softmax.hh"
#include "table.hh"

namespace thinc {
namespace sequence {
namespace {

// dX[i] = Σ over offsets o of column block o of dY[i - o + nW], where that row is in the sequence.
template <typename T>
void backprop_seq2col(const T* dY, T* dX, const std::int32_t* lengths, std::size_t nB, std::size_t w, std::size_t nW) {
    const std::ptrdiff_t span = std::ptrdiff_t(nW), step = std::ptrdiff_t((2 * nW + 1) * w);
    for (std::size_t b = 0; b < nB; ++b) {
        const std::ptrdiff_t n = lengths[b];
        for (std::ptrdiff_t i = 0; i < n; ++i) {
            T* THINC_RESTRICT dx = dX + i * std::ptrdiff_t(w);
            const T* own = dY + i * step + span * std::ptrdiff_t(w);
            if (nW == 1 && i > 0 && i + 1 < n) {  // by far the most frequent case in one pass
                const T *before = own - step + w, *after = own + step - w;
                for (std::size_t j = 0; j < w; ++j) dx[j] = (before[j] + own[j]) + after[j];
                continue;
            }
            memcpy(dx, own, w * sizeof(T));
            for (std::ptrdiff_t o = -span; o <= span; ++o) {
                const std::ptrdiff_t row = i - o;
                if (o == 0 || row < 0 || row >= n) continue;
                const T* part = dY + row * step + (o + span) * std::ptrdiff_t(w);
                for (std::size_t j = 0; j < w; ++j) dx[j] += part[j];
            }
        }
        dX += n * std::ptrdiff_t(w);
        dY += n * step;
    }
}

constexpr std::size_t ROWS_AT_ONCE = 128;  // then a second level of sums: errors grow with √rows

// V vectors of columns, summed over `rows` rows in registers.
template <int V, typename T>
THINC_INLINE void sum_columns(const T* X, T* Y, std::size_t rows, std::size_t w) {
    Vec<T> total[V] = {};
    for (std::size_t start = 0; start < rows; start += ROWS_AT_ONCE) {
        const std::size_t stop = start + ROWS_AT_ONCE < rows ? start + ROWS_AT_ONCE : rows;
        Vec<T> sum[V] = {};
        for (std::size_t r = start; r < stop; ++r)
            for (int v = 0; v < V; ++v) sum[v] += load<T>(X + r * w + v * width<T>);
        for (int v = 0; v < V; ++v) total[v] += sum[v];
    }
    for (int v = 0; v < V; ++v) store<T>(Y + v * width<T>, total[v]);
}

template <typename T>
void reduce_sum(const T* X, T* Y, const std::int32_t* lengths, std::size_t nB, std::size_t w, bool mean) {
    for (std::size_t b = 0; b < nB; ++b) {
        const std::size_t rows = std::size_t(lengths[b]);
        std::size_t j = 0;
        for (; j + 4 * width<T> <= w; j += 4 * width<T>) sum_columns<4>(X + j, Y + j, rows, w);
        for (; j + width<T> <= w; j += width<T>) sum_columns<1>(X + j, Y + j, rows, w);
        for (; j < w; ++j) {
            T total = 0;
            for (std::size_t start = 0; start < rows; start += ROWS_AT_ONCE) {
                const std::size_t stop = start + ROWS_AT_ONCE < rows ? start + ROWS_AT_ONCE : rows;
                T sum = 0;
                for (std::size_t r = start; r < stop; ++r) sum += X[r * w + j];
                total += sum;
            }
            Y[j] = total;
        }
        if (mean && rows > 1)
            for (std::size_t i = 0; i < w; ++i) Y[i] /= T(rows);
        X += rows * w;
        Y += w;
    }
}

template <typename T>
void backprop_reduce_sum(const T* dY, T* dX, const std::int32_t* lengths, std::size_t nB, std::size_t w, bool mean) {
    for (std::size_t b = 0; b < nB; ++b, dY += w) {
        const std::size_t rows = std::size_t(lengths[b]);
        if (rows == 0) continue;
        if (mean)
            for (std::size_t j = 0; j < w; ++j) dX[j] = dY[j] / T(rows);
        else
            memcpy(dX, dY, w * sizeof(T));
        for (std::size_t r = 1; r < rows; ++r) memcpy(dX + r * w, dX, w * sizeof(T));
        dX += rows * w;
    }
}

// The first of equal rows wins, and the first NaN over everything.  Every sequence has a row.
template <typename T>
void reduce_max(const T* X, T* Y, std::int32_t* which, const std::int32_t* lengths, std::size_t nB, std::size_t w) {
    for (std::size_t b = 0; b < nB; ++b) {
        T* THINC_RESTRICT y = Y + b * w;
        std::int32_t* THINC_RESTRICT index = which + b * w;
        memcpy(y, X, w * sizeof(T));
        memset(index, 0, w * sizeof(std::int32_t));
        for (std::int32_t r = 1; r < lengths[b]; ++r) {
            const T* x = X + std::size_t(r) * w;
            for (std::size_t j = 0; j < w; ++j) {
                const T best = y[j], value = x[j];
                const std::int32_t place = index[j];
                const bool take = !(value <= best) & (best == best);
                y[j] = take ? value : best;
                index[j] = take ? r : place;
            }
        }
        X += std::size_t(lengths[b]) * w;
    }
}

// False, with dX unfinished, where `which` is outside of its sequence.
template <typename T>
bool backprop_reduce_max(const T* dY, const std::int32_t* which, T* dX, const std::int32_t* lengths, std::size_t nB,
                         std::size_t w) {
    for (std::size_t b = 0; b < nB; ++b) {
        const std::size_t rows = std::size_t(lengths[b]);
        memset(dX, 0, rows * w * sizeof(T));
        for (std::size_t j = 0; j < w; ++j) {
            const std::size_t row = std::size_t(which[b * w + j]);
            if (row >= rows) return false;
            dX[row * w + j] = dY[b * w + j];
        }
        dX += rows * w;
    }
    return true;
}

}  // namespace
}  // namespace sequence

namespace {

template <typename T>
void fill(SequenceTable<T>& table) {
    table.backprop_seq2col = sequence::backprop_seq2col<T>;
    table.reduce_sum = sequence::reduce_sum<T>;
    table.backprop_reduce_sum = sequence::backprop_reduce_sum<T>;
    table.reduce_max = sequence::reduce_max<T>;
    table.backprop_reduce_max = sequence::backprop_reduce_max<T>;
    table.softmax = sequence::softmax<T>;
    table.backprop_softmax = sequence::backprop_softmax<T>;
}

}  // namespace
}  // namespace thinc
