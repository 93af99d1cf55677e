// Copies of matrix blocks in the order in which the tiles read them.
#pragma once
#include "tiles.hh"

namespace thinc {
namespace {

// Exchange, in each pair of vectors that are D apart, the lanes that are D apart: with D = 1, 2,
// 4 … in turn this transposes a square of `width` vectors.
template <typename T, int D>
THINC_INLINE void exchange(Vec<T>& a, Vec<T>& b) {
#if defined(__GNUC__) && !defined(__clang__) && !defined(THINC_PLAIN_VECTORS)
    IVec<T> low, high;
    THINC_UNROLL
    for (int i = 0; i < width<T>; ++i) {
        low[i] = i & D ? width<T> + i - D : i;
        high[i] = i & D ? width<T> + i : i + D;
    }
    const Vec<T> x = __builtin_shuffle(a, b, low), y = __builtin_shuffle(a, b, high);
#else
    Vec<T> x, y;
    THINC_UNROLL
    for (int i = 0; i < width<T>; ++i) {
        x[i] = i & D ? b[i - D] : a[i];
        y[i] = i & D ? b[i] : a[i + D];
    }
#endif
    a = x;
    b = y;
}

template <typename T, int D = 1>
THINC_INLINE void transpose(Vec<T> (&square)[width<T>]) {
    if constexpr (D < width<T>) {
        THINC_UNROLL
        for (int i = 0; i < width<T>; ++i)
            if (!(i & D)) exchange<T, D>(square[i], square[i + D]);
        transpose<T, 2 * D>(square);
    }
}

// to[k · stride + j] = from[j · gap + k] for j < n <= width and k < K <= width; 0 for the other j.
template <typename T>
THINC_NOINLINE void pack_part(T* to, std::size_t stride, const T* from, std::ptrdiff_t gap, std::size_t n,
                              std::size_t K) {
    Vec<T> square[width<T>];
    THINC_UNROLL
    for (int j = 0; j < width<T>; ++j)
        square[j] = std::size_t(j) < n ? load_part<T>(from + j * gap, K) : splat<T>(T(0));
    transpose<T>(square);
    THINC_UNROLL
    for (int i = 0; i < width<T>; ++i)
        if (std::size_t(i) < K) store<T>(to + i * stride, square[i]);
}

// The same for all k < K: rows become columns.
template <typename T>
THINC_NOINLINE void pack_rows(T* THINC_RESTRICT to, std::size_t stride, const T* THINC_RESTRICT from,
                              std::ptrdiff_t gap, std::size_t n, std::size_t K) {
    std::size_t k = 0;
    if (n >= std::size_t(width<T>))
        for (; k + width<T> <= K; k += width<T>) {
            Vec<T> square[width<T>];
            THINC_UNROLL
            for (int j = 0; j < width<T>; ++j) square[j] = load<T>(from + j * gap + k);
            transpose<T>(square);
            THINC_UNROLL
            for (int i = 0; i < width<T>; ++i) store<T>(to + (k + i) * stride, square[i]);
        }
    for (; k < K; k += width<T>)
        pack_part<T>(to + k * stride, stride, from + k, gap, n, K - k < std::size_t(width<T>) ? K - k : width<T>);
}

// to[k · stride + j] = B[k, j] for j < n, and 0 up to `stride`, which is a multiple of the width.
template <typename T>
void pack_columns(T* THINC_RESTRICT to, std::size_t stride, const T* THINC_RESTRICT B, std::ptrdiff_t brs,
                  std::ptrdiff_t bcs, std::size_t K, std::size_t n) {
    if (brs == 1) {
        for (std::size_t j = 0; j < stride; j += width<T>)
            pack_rows<T>(to + j, stride, B + std::ptrdiff_t(j) * bcs, bcs, n > j ? n - j : 0, K);
        return;
    }
    std::size_t j = 0;
    if (bcs == 1)
        for (; j + width<T> <= n; j += width<T>)
            for (std::size_t k = 0; k < K; ++k) store<T>(to + k * stride + j, load<T>(B + std::ptrdiff_t(k) * brs + j));
    if (j == stride) return;
    for (std::size_t k = 0; k < K; ++k) {
        T* row = to + k * stride;
        for (std::size_t i = j; i < n; ++i) row[i] = B[std::ptrdiff_t(k) * brs + std::ptrdiff_t(i) * bcs];
        for (std::size_t i = n; i < stride; ++i) row[i] = T(0);
    }
}

// to[k · TILE_ROWS + r] = from[r · gap + k] for r < rows.  Whole vectors are stored, so that those
// of one column overlap the next one, which is stored later; the last needs room for `width` more.
template <typename T>
THINC_NOINLINE void pack_strip(T* to, const T* from, std::ptrdiff_t gap, std::size_t rows, std::size_t K) {
    constexpr int W = width<T>, GROUPS = (TILE_ROWS + W - 1) / W;
    std::size_t k = 0;
    for (; k + W <= K; k += W)
        for (int g = GROUPS - 1; g >= 0; --g) {  // a group's surplus lies where the first one is stored next
            Vec<T> square[W];
            THINC_UNROLL
            for (int j = 0; j < W; ++j) {
                const std::size_t r = g * W + j;
                square[j] = load<T>(from + std::ptrdiff_t(r < rows ? r : 0) * gap + k);
            }
            transpose<T>(square);
            THINC_UNROLL
            for (int i = 0; i < W; ++i) store<T>(to + (k + i) * TILE_ROWS + g * W, square[i]);
        }
    for (; k < K; ++k)
        for (std::size_t r = 0; r < rows; ++r) to[k * TILE_ROWS + r] = from[std::ptrdiff_t(r) * gap + k];
}

// Do the addresses of rows that are `gap` apart fall into few sets of the cache?
template <typename T>
bool lies_badly(std::ptrdiff_t gap) {
    return gap * std::ptrdiff_t(sizeof(T)) % 1024 == 0;
}

// A's rows in strips of TILE_ROWS, strip by strip; rows that are missing hold any numbers.
template <typename T>
void pack_strips(T* to, const T* A, std::ptrdiff_t ars, std::ptrdiff_t acs, std::size_t M, std::size_t K) {
    for (std::size_t i = 0; i < M; i += TILE_ROWS, to += TILE_ROWS * K, A += TILE_ROWS * ars) {
        const std::size_t rows = M - i < TILE_ROWS ? M - i : TILE_ROWS;
        if (acs == 1) {
            pack_strip<T>(to, A, ars, rows, K);
        } else if (ars == 1 && rows == TILE_ROWS) {
            for (std::size_t k = 0; k < K; ++k)
                memcpy(to + k * TILE_ROWS, A + std::ptrdiff_t(k) * acs, TILE_ROWS * sizeof(T));
        } else {
            for (std::size_t r = 0; r < rows; ++r)
                for (std::size_t k = 0; k < K; ++k)
                    to[k * TILE_ROWS + r] = A[std::ptrdiff_t(r) * ars + std::ptrdiff_t(k) * acs];
        }
    }
}

}  // namespace
}  // namespace thinc
