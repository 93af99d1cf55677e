// The innermost loops of a matrix product: a tile of C that stays in registers.
#pragma once
#include "../_simd.hh"

namespace thinc {
namespace {

// Rows of a tile, and vectors in each of its rows where B is copied: as many accumulators as there are
// registers left beside one vector of A and the vectors of B.
#if THINC_VECTOR_BYTES == 64
constexpr int TILE_ROWS = 12, TILE_VECTORS = 2;
#elif THINC_VECTOR_BYTES == 32
constexpr int TILE_ROWS = 6, TILE_VECTORS = 2;
#else
constexpr int TILE_ROWS = 4, TILE_VECTORS = 2;
#endif
template <typename T> constexpr int TILE_COLUMNS = TILE_VECTORS * width<T>;

constexpr std::size_t LINE_BYTES = 64;  // of the cache
// So many terms at most are added one by one where the sums of parts have to leave the registers: of many terms
// that are alike all roundings may go the same way, and their error grows with the number, not with its root.
constexpr std::size_t LONG_CHAIN = 512;

// Vectors in each row of a tile of so many rows, at most: a tile of few rows must be wide, since an addition
// takes 4 cycles in which other sums are to be added to.
constexpr int most_vectors(int rows) {
#if THINC_VECTOR_BYTES == 64
    return rows <= 2 ? 8 : rows <= 4 ? 6 : rows == 5 ? 5 : rows == 6 ? 4 : rows <= 9 ? 3 : 2;
#else
    return rows == 1 ? 8 : rows == 2 ? 4 : rows <= 4 ? 3 : 2;
#endif
}

// Where there are few sums all the same, each can be added up in so many parts.
constexpr int parts_of_sums(int sums) { return sums >= 8 ? 1 : sums >= 4 ? 2 : 4; }

// What a tile starts from and where it goes.
template <typename T>
struct Corner {
    T* C;
    std::ptrdiff_t ldc;
    std::size_t columns;  // of C, at most V * width
    const T* bias;        // of these columns, or null
    bool add;
};

// R rows of A, three to a pointer: so their addresses fit into the registers.
template <typename T, int R>
struct Rows {
    const T* third[(R + 2) / 3];
    std::ptrdiff_t ars;
    THINC_INLINE Rows(const T* A, std::ptrdiff_t ars) : ars(ars) {
        THINC_UNROLL
        for (int i = 0; i < (R + 2) / 3; ++i) third[i] = A + 3 * i * ars;
    }
    THINC_INLINE Vec<T> operator[](int r) const { return splat<T>(third[r / 3][r % 3 * ars]); }
    THINC_INLINE void step(std::ptrdiff_t acs) {
        THINC_UNROLL
        for (int i = 0; i < (R + 2) / 3; ++i) third[i] += acs;
    }
};

// acc[r] += A[r, k] · B[k, :] for one k; with PART the last vector of B has n numbers.
template <typename T, int R, int V, bool PART>
THINC_INLINE void add_outer(const Rows<T, R>& A, const T* B, std::size_t n, Vec<T> (&acc)[R][V]) {
    Vec<T> b[V];
    THINC_UNROLL
    for (int v = 0; v < V; ++v) {
        b[v] = PART && v == V - 1 ? load_part<T>(B + v * width<T>, n) : load<T>(B + v * width<T>);
        if (R > 1) keep<T>(b[v]);
    }
    THINC_UNROLL
    for (int r = 0; r < R; ++r) {
        Vec<T> a = A[r];
        if (V > 1) keep<T>(a);
        THINC_UNROLL
        for (int v = 0; v < V; ++v) acc[r][v] += a * b[v];
    }
}

// acc[r] += A[r, :] · B, in U parts.  B: K rows of V vectors, `bs` apart.
template <typename T, int R, int V, bool PART = false, int U = 1>
THINC_INLINE void multiply(const T* A, std::ptrdiff_t ars, std::ptrdiff_t acs, const T* B, std::ptrdiff_t bs,
                           std::size_t K, Vec<T> (&acc)[R][V], std::size_t n = 0) {
    Rows<T, R> rows(A, ars);
    std::size_t k = 0;
    if constexpr (U > 1) {
        Vec<T> other[U - 1][R][V];
        THINC_UNROLL
        for (int u = 0; u < (U - 1) * R * V; ++u) other[u / (R * V)][u / V % R][u % V] = splat<T>(T(0));
        for (; k + U <= K; k += U) {
            add_outer<T, R, V, PART>(rows, B, n, acc);
            rows.step(acs), B += bs;
            THINC_UNROLL
            for (int u = 0; u < U - 1; ++u) {
                add_outer<T, R, V, PART>(rows, B, n, other[u]);
                rows.step(acs), B += bs;
            }
        }
        THINC_UNROLL
        for (int u = 0; u < (U - 1) * R * V; ++u) acc[u / V % R][u % V] += other[u / (R * V)][u / V % R][u % V];
    }
    for (; k < K; ++k) {
        add_outer<T, R, V, PART>(rows, B, n, acc);
        rows.step(acs), B += bs;
    }
}

template <typename T, bool PART>
THINC_INLINE Vec<T> load_last(const T* p, std::size_t n) {
    return PART ? load_part<T>(p, n) : load<T>(p);
}

template <typename T, int R, int V, bool PART>
THINC_INLINE void write(const Corner<T> corner, Vec<T> (&acc)[R][V]) {
    const std::size_t n = corner.columns - (V - 1) * width<T>;
    T* c = corner.C;
    if (corner.bias) {
        THINC_UNROLL
        for (int v = 0; v < V; ++v) {
            const T* from = corner.bias + v * width<T>;
            const Vec<T> bias = v == V - 1 ? load_last<T, PART>(from, n) : load<T>(from);
            THINC_UNROLL
            for (int r = 0; r < R; ++r) acc[r][v] += bias;
        }
    }
    if (corner.add) {
        THINC_UNROLL
        for (int r = 0; r < R; ++r) {
            THINC_UNROLL
            for (int v = 0; v < V; ++v) {
                const T* from = c + r * corner.ldc + v * width<T>;
                acc[r][v] += v == V - 1 ? load_last<T, PART>(from, n) : load<T>(from);
            }
        }
    }
    THINC_UNROLL
    for (int r = 0; r < R; ++r, c += corner.ldc) {
        THINC_UNROLL
        for (int v = 0; v < V; ++v) {
            if (PART && v == V - 1)
                store_part<T>(c + v * width<T>, acc[r][v], n);
            else
                store<T>(c + v * width<T>, acc[r][v]);
        }
    }
}

// Fetch the numbers that a tile of a copy of B is added to.
template <typename T>
THINC_INLINE void prefetch_tile(const T* C, std::ptrdiff_t ldc, std::size_t rows) {
#if defined(__GNUC__)
    for (std::size_t r = 0; r < rows; ++r, C += ldc)
        for (int v = 1; v <= TILE_VECTORS; ++v) __builtin_prefetch(C + v * width<T> - 1, 1);
#endif
}

// B: K rows, `bs` apart, of V vectors, or with PART of as many numbers as C has columns.
template <typename T, int R, int V, bool PART, int U>
THINC_NOINLINE void tile(const Corner<T>& corner, const T* A, std::ptrdiff_t ars, std::ptrdiff_t acs, const T* B,
                         std::ptrdiff_t bs, std::size_t K) {
    Vec<T> acc[R][V];
    THINC_UNROLL
    for (int r = 0; r < R; ++r)
        THINC_UNROLL
        for (int v = 0; v < V; ++v) acc[r][v] = splat<T>(T(0));
    multiply<T, R, V, PART && HAS_MASKS, U>(A, ars, acs, B, bs, K, acc, corner.columns - (V - 1) * width<T>);
    write<T, R, V, PART>(corner, acc);
}

template <typename T>
using Tile = void (*)(const Corner<T>&, const T*, std::ptrdiff_t, std::ptrdiff_t, const T*, std::ptrdiff_t,
                      std::size_t);

// The tile of so many rows and vectors; `whole`: no part of a vector.  Where masks cost nothing, or only copies of B
// have parts of vectors, there is one instance for both.
template <typename T, bool SPLIT = false, int R = TILE_ROWS, int V = most_vectors(R)>
Tile<T> tile_of(std::size_t rows, std::size_t vectors, bool whole) {
    constexpr int U = SPLIT ? parts_of_sums(R * V) : 1;
    if constexpr (R > 1)
        if (rows < R) return tile_of<T, SPLIT, R - 1>(rows, vectors, whole);
    if constexpr (V > 1)
        if (vectors < V) return tile_of<T, SPLIT, R, V - 1>(rows, vectors, whole);
    if constexpr (HAS_MASKS && THINC_VECTOR_BYTES < 64)
        if (whole) return tile<T, R, V, false, U>;
    return tile<T, R, V, true, U>;
}

}  // namespace
}  // namespace thinc
