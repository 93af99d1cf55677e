// C = A · Bᵀ for few rows: dot products of rows as they lie in memory, since copying B into
// panels would take longer than the product itself.
#pragma once
#include "packing.hh"

namespace thinc {
namespace {

// Rows whose dot products are added up side by side, and columns for each number of rows: as many sums as
// there are registers left beside the vectors of B and one of A.  Fewer would wait for loads.
#if THINC_VECTOR_BYTES == 64
constexpr int DOT_ROWS = 6, MOST_DOT_ROWS = 3 * DOT_ROWS;
constexpr int dot_columns(int rows) { return rows == 1 ? 16 : rows <= 3 ? 8 : rows == 4 ? 6 : 4; }
#else
constexpr int DOT_ROWS = 3, MOST_DOT_ROWS = 4 * DOT_ROWS;
constexpr int dot_columns(int rows) { return rows == 1 ? 8 : 4; }
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

// Each lane and the one whose number differs in the bit D.
template <typename T, int D>
THINC_INLINE Vec<T> add_other_half(Vec<T> a) {
#if defined(__GNUC__) && !defined(__clang__) && !defined(THINC_PLAIN_VECTORS)
    IVec<T> other;
    THINC_UNROLL
    for (int i = 0; i < width<T>; ++i) other[i] = i ^ D;
    return a + __builtin_shuffle(a, other);
#else
    Vec<T> moved;
    for (int i = 0; i < width<T>; ++i) moved[i] = a[i ^ D];
    return a + moved;
#endif
}

// Lane i < N of the first vector becomes the sum over all lanes of x[i].
template <typename T, int N, int D = 1>
THINC_INLINE void add_lanes(Vec<T>* x) {
    if constexpr (D < width<T>) {
        THINC_UNROLL
        for (int i = 0; i < N; i += 2 * D)
            x[i] = i + D < N ? add_pair<T, D>(x[i], x[i + D < N ? i + D : i]) : add_other_half<T, D>(x[i]);
        add_lanes<T, N, 2 * D>(x);
    }
}

// acc[r · Q + c] = the lanes' parts of A[r, :] · B[c, :].
template <typename T, int R, int Q>
THINC_INLINE void add_products(const T* A, std::ptrdiff_t ars, const T* B, std::ptrdiff_t bcs, std::size_t K,
                               Vec<T> (&acc)[R * Q]) {
    THINC_UNROLL
    for (int i = 0; i < R * Q; ++i) acc[i] = splat<T>(T(0));
    std::size_t k = 0;
    for (; k + width<T> <= K; k += width<T>) {
        Vec<T> y[Q];
        THINC_UNROLL
        for (int c = 0; c < Q; ++c) {
            y[c] = load<T>(B + c * bcs + k);
            if (R > 1) keep<T>(y[c]);
        }
        THINC_UNROLL
        for (int r = 0; r < R; ++r) {
            const Vec<T> x = load<T>(A + r * ars + k);
            THINC_UNROLL
            for (int c = 0; c < Q; ++c) acc[r * Q + c] += x * y[c];
        }
    }
    if (k < K) {
        Vec<T> x[R];
        THINC_UNROLL
        for (int r = 0; r < R; ++r) x[r] = load_part<T>(A + r * ars + k, K - k);
        THINC_UNROLL
        for (int c = 0; c < Q; ++c) {
            const Vec<T> y = load_part<T>(B + c * bcs + k, K - k);
            THINC_UNROLL
            for (int r = 0; r < R; ++r) acc[r * Q + c] += x[r] * y;
        }
    }
}

// C[r, c] (+)= A[r, :] · B[c, :] (+ bias[c]) for R rows and Q columns.
template <typename T, int R, int Q>
THINC_NOINLINE void dots(T* C, std::ptrdiff_t ldc, const T* bias, bool add, const T* A, std::ptrdiff_t ars, const T* B,
                         std::ptrdiff_t bcs, std::size_t K) {
    constexpr int N = R * Q, W = width<T>;
    Vec<T> acc[N];
    add_products<T, R, Q>(A, ars, B, bcs, K, acc);
    T sums[(N + W - 1) / W * W];
    THINC_UNROLL
    for (int i = 0; i < N / W * W; i += W) {
        add_lanes<T, W>(acc + i);
        store<T>(sums + i, acc[i]);
    }
    if constexpr (N % W != 0) {
        add_lanes<T, N % W>(acc + N / W * W);
        store<T>(sums + N / W * W, acc[N / W * W]);
    }
    if (bias != nullptr || add) {
        THINC_UNROLL
        for (int r = 0; r < R; ++r)
            for (int c = 0; c < Q; ++c) {
                const T y = bias ? sums[r * Q + c] + bias[c] : sums[r * Q + c];
                C[r * ldc + c] = add ? C[r * ldc + c] + y : y;
            }
        return;
    }
    THINC_UNROLL
    for (int r = 0; r < R; ++r) memcpy(C + r * ldc, sums + r * Q, Q * sizeof(T));
}

// The columns [j, end), Q at a time, then half as many.
template <typename T, int R, int Q>
THINC_INLINE void dots_of_columns(const Corner<T>& all, std::size_t j, std::size_t end, const T* A,
                                  std::ptrdiff_t ars, const T* B, std::ptrdiff_t bcs, std::size_t K) {
    for (; j + Q <= end; j += Q)
        dots<T, R, Q>(all.C + j, all.ldc, all.bias ? all.bias + j : nullptr, all.add, A, ars,
                      B + std::ptrdiff_t(j) * bcs, bcs, K);
    if constexpr (Q > 1)
        if (j < end) dots_of_columns<T, R, Q / 2>(all, j, end, A, ars, B, bcs, K);
}

template <typename T, int R>
THINC_INLINE void dots_of_rows(std::size_t rows, const Corner<T>& all, std::size_t j, std::size_t end, const T* A,
                               std::ptrdiff_t ars, const T* B, std::ptrdiff_t bcs, std::size_t K) {
    if constexpr (R > 1)
        if (rows < R) return dots_of_rows<T, R - 1>(rows, all, j, end, A, ars, B, bcs, K);
    dots_of_columns<T, R, dot_columns(R)>(all, j, end, A, ars, B, bcs, K);
}

template <typename T>
void dots_of_terms(const Corner<T>& all, const T* A, std::ptrdiff_t ars, const T* B, std::ptrdiff_t bcs,
                      std::size_t M, std::size_t K) {
    constexpr std::size_t COLUMNS = 12;  // rows of B that stay in the cache for the next rows of A
    const std::size_t strips = (M + DOT_ROWS - 1) / DOT_ROWS, block = strips == 1 ? all.columns : COLUMNS;
    for (std::size_t j = 0; j < all.columns; j += block) {
        const std::size_t end = all.columns - j < block ? all.columns : j + block;
        for (std::size_t s = 0, i = 0; s < strips; ++s) {
            const std::size_t rows = M / strips + (s < M % strips);
            const Corner<T> corner = {all.C + std::ptrdiff_t(i) * all.ldc, all.ldc, all.columns, all.bias, all.add};
            dots_of_rows<T, DOT_ROWS>(rows, corner, j, end, A + std::ptrdiff_t(i) * ars, ars, B, bcs, K);
            i += rows;
        }
    }
}

// All of C.  The rows of A and of Bᵀ must be contiguous: acs = 1, brs = 1.
template <typename T>
void multiply_by_dots(const Corner<T>& all, const T* A, std::ptrdiff_t ars, const T* B, std::ptrdiff_t bcs,
                      std::size_t M, std::size_t K) {
    constexpr std::size_t TERMS = LONG_CHAIN * width<T>;
    if (K <= TERMS) return dots_of_terms<T>(all, A, ars, B, bcs, M, K);
    for (std::size_t k = 0; k < K; k += TERMS) {
        const bool last = K - k <= TERMS;
        const Corner<T> corner = {all.C, all.ldc, all.columns, last ? all.bias : nullptr, all.add || k > 0};
        dots_of_terms<T>(corner, A + k, ars, B + k, bcs, M, last ? K - k : TERMS);
    }
}

}  // namespace
}  // namespace thinc
