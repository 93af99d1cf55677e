// C = A · Bᵀ for few rows: dot products of rows as they lie in memory, since copying B into
// panels would take longer than the product itself.
#pragma once
#include "packing.hh"

namespace thinc {
namespace {

// Dot products that are added up side by side.
#if THINC_VECTOR_BYTES == 64
constexpr int DOTS = 16, DOT_ROWS = 4;
#else
constexpr int DOTS = 8, DOT_ROWS = 2;
#endif

// Lanes without the bit D: a[i] + a[i + D]; the others: b[i − D] + b[i].  One shuffle and one blend.
template <typename T, int D>
THINC_INLINE Vec<T> add_pair(Vec<T> a, Vec<T> b) {
    IVec<T> takes_b, other;
    THINC_UNROLL
    for (int i = 0; i < width<T>; ++i) {
        takes_b[i] = i & D ? -1 : 0;
        other[i] = i & D ? width<T> + i - D : i + D;
    }
#if defined(__GNUC__) && !defined(__clang__) && !defined(THINC_PLAIN_VECTORS)
    const Vec<T> moved = __builtin_shuffle(a, b, other);
#else
    Vec<T> moved;
    for (int i = 0; i < width<T>; ++i) moved[i] = i & D ? b[i - D] : a[i + D];
#endif
    return select<T>(takes_b, b, a) + moved;
}

// Lane i of the first vector becomes the sum over all lanes of x[i].
template <typename T, int D = 1>
THINC_INLINE void add_lanes(Vec<T>* x) {
    if constexpr (D < width<T>) {
        THINC_UNROLL
        for (int i = 0; i < width<T>; i += 2 * D) x[i] = add_pair<T, D>(x[i], x[i + D]);
        add_lanes<T, 2 * D>(x);
    }
}

// C[r, c] (+)= A[r, :] · B[c, :] (+ bias[c]) for `rows` <= R rows and `columns` <= DOTS / R.
template <typename T, int R>
THINC_NOINLINE void dots(const Corner<T>& corner, std::size_t rows, const T* A, std::ptrdiff_t ars, const T* B,
                         std::ptrdiff_t bcs, std::size_t K) {
    constexpr int Q = DOTS / R;
    const T *a[R], *b[Q];  // rows that are missing: the last one again
    for (int r = 0; r < R; ++r) a[r] = A + (std::size_t(r) < rows ? r : std::ptrdiff_t(rows) - 1) * ars;
    for (int c = 0; c < Q; ++c)
        b[c] = B + (std::size_t(c) < corner.columns ? c : std::ptrdiff_t(corner.columns) - 1) * bcs;
    Vec<T> acc[DOTS];
    THINC_UNROLL
    for (int i = 0; i < DOTS; ++i) acc[i] = splat<T>(T(0));
    std::size_t k = 0;
    for (; k + width<T> <= K; k += width<T>) {
        Vec<T> x[R];
        THINC_UNROLL
        for (int r = 0; r < R; ++r) x[r] = load<T>(a[r] + k);
        THINC_UNROLL
        for (int c = 0; c < Q; ++c) {
            const Vec<T> y = load<T>(b[c] + k);
            THINC_UNROLL
            for (int r = 0; r < R; ++r) acc[r * Q + c] += x[r] * y;
        }
    }
    if (k < K) {
        THINC_UNROLL
        for (int c = 0; c < Q; ++c) {
            const Vec<T> y = load_part<T>(b[c] + k, K - k);
            THINC_UNROLL
            for (int r = 0; r < R; ++r) acc[r * Q + c] += load_part<T>(a[r] + k, K - k) * y;
        }
    }
    T sums[DOTS];
    THINC_UNROLL
    for (int i = 0; i < DOTS; i += width<T>) {
        add_lanes<T>(acc + i);
        store<T>(sums + i, acc[i]);
    }
    if (rows == R && corner.columns == Q && !corner.add) {
        T bias[Q] = {};
        if (corner.bias) memcpy(bias, corner.bias, sizeof bias);
        THINC_UNROLL
        for (int r = 0; r < R; ++r) {
            T* to = corner.C + r * corner.ldc;
            for (int c = 0; c < Q; ++c) to[c] = sums[r * Q + c] + bias[c];
        }
        return;
    }
    for (std::size_t r = 0; r < rows; ++r) {
        T* to = corner.C + std::ptrdiff_t(r) * corner.ldc;
        for (std::size_t c = 0; c < corner.columns; ++c) {
            const T y = corner.bias ? sums[r * Q + c] + corner.bias[c] : sums[r * Q + c];
            to[c] = corner.add ? to[c] + y : y;
        }
    }
}

template <typename T, int R>
THINC_INLINE void dots_of_columns(const Corner<T>& all, std::size_t i, std::size_t rows, const T* A,
                                  std::ptrdiff_t ars, const T* B, std::ptrdiff_t bcs, std::size_t K) {
    constexpr std::size_t Q = DOTS / R;
    for (std::size_t j = 0; j < all.columns; j += Q) {
        const Corner<T> corner = {all.C + std::ptrdiff_t(i) * all.ldc + j, all.ldc,
                                  all.columns - j < Q ? all.columns - j : Q, all.bias ? all.bias + j : nullptr,
                                  all.add};
        dots<T, R>(corner, rows, A + std::ptrdiff_t(i) * ars, ars, B + std::ptrdiff_t(j) * bcs, bcs, K);
    }
}

// All of C.  The rows of A and of Bᵀ must be contiguous: acs = 1, brs = 1.
template <typename T>
void multiply_by_dots(const Corner<T>& all, const T* A, std::ptrdiff_t ars, const T* B, std::ptrdiff_t bcs,
                      std::size_t M, std::size_t K) {
    for (std::size_t i = 0; i < M; i += DOT_ROWS) {
        const std::size_t rows = M - i < DOT_ROWS ? M - i : DOT_ROWS;
        if (rows == 1)
            dots_of_columns<T, 1>(all, i, rows, A, ars, B, bcs, K);
        else if (rows == 2)
            dots_of_columns<T, 2>(all, i, rows, A, ars, B, bcs, K);
        else
            dots_of_columns<T, DOT_ROWS>(all, i, rows, A, ars, B, bcs, K);
    }
}

}  // namespace
}  // namespace thinc
