// The innermost loops of a matrix product: a tile of C that stays in registers.
#pragma once
#include "../_simd.hh"

namespace thinc {
namespace {

// Rows of a tile, and vectors in each of its rows: as many accumulators as there are registers
// left beside one vector of A and the vectors of B.
#if THINC_VECTOR_BYTES == 64
constexpr int TILE_ROWS = 12, TILE_VECTORS = 2;
#elif THINC_VECTOR_BYTES == 32
constexpr int TILE_ROWS = 6, TILE_VECTORS = 2;
#else
constexpr int TILE_ROWS = 4, TILE_VECTORS = 2;
#endif
template <typename T> constexpr int TILE_COLUMNS = TILE_VECTORS * width<T>;

// What a tile starts from and where it goes.
template <typename T>
struct Corner {
    T* C;
    std::ptrdiff_t ldc;
    std::size_t columns;  // of C, at most V * width
    const T* bias;        // of these columns, or null
    bool add;
};

// acc[r] += A[r, :] · B.  B: K rows of V vectors, `bs` apart.
template <typename T, int R, int V>
THINC_INLINE void multiply(const T* THINC_RESTRICT A, std::ptrdiff_t ars, std::ptrdiff_t acs,
                           const T* THINC_RESTRICT B, std::ptrdiff_t bs, std::size_t K, Vec<T> (&acc)[R][V]) {
    for (std::size_t k = 0; k < K; ++k) {
        Vec<T> b[V];
        THINC_UNROLL
        for (int v = 0; v < V; ++v) b[v] = load<T>(B + v * width<T>);
        THINC_UNROLL
        for (int r = 0; r < R; ++r) {
            const Vec<T> a = splat<T>(A[r * ars]);
            THINC_UNROLL
            for (int v = 0; v < V; ++v) acc[r][v] += a * b[v];
        }
        A += acs;
        B += bs;
    }
}

template <typename T>
THINC_INLINE void write_part(const Corner<T>& corner, T* c, std::size_t start, std::size_t n, Vec<T> y) {
    if (corner.bias) y += load_part<T>(corner.bias + start, n);
    if (corner.add) y += load_part<T>(c + start, n);
    store_part<T>(c + start, y, n);
}

template <typename T, int R, int V>
THINC_INLINE void write(const Corner<T>& corner, Vec<T> (&acc)[R][V]) {
    if (corner.columns == std::size_t(V) * width<T>) {
        if (corner.bias) {
            THINC_UNROLL
            for (int v = 0; v < V; ++v) {
                const Vec<T> bias = load<T>(corner.bias + v * width<T>);
                THINC_UNROLL
                for (int r = 0; r < R; ++r) acc[r][v] += bias;
            }
        }
        T* c = corner.C;
        THINC_UNROLL
        for (int r = 0; r < R; ++r, c += corner.ldc) {
            THINC_UNROLL
            for (int v = 0; v < V; ++v)
                store<T>(c + v * width<T>, corner.add ? acc[r][v] + load<T>(c + v * width<T>) : acc[r][v]);
        }
        return;
    }
    THINC_UNROLL
    for (int r = 0; r < R; ++r) {
        T* c = corner.C + r * corner.ldc;
        THINC_UNROLL
        for (int v = 0; v < V; ++v) {
            const std::size_t start = std::size_t(v) * width<T>;
            if (start < corner.columns) {
                const std::size_t left = corner.columns - start;
                write_part<T>(corner, c, start, left < std::size_t(width<T>) ? left : width<T>, acc[r][v]);
            }
        }
    }
}

template <typename T, int R, int V>
THINC_NOINLINE void tile(const Corner<T>& corner, const T* A, std::ptrdiff_t ars, std::ptrdiff_t acs, const T* B,
                         std::ptrdiff_t bs, std::size_t K) {
    Vec<T> acc[R][V];
    THINC_UNROLL
    for (int r = 0; r < R; ++r)
        THINC_UNROLL
        for (int v = 0; v < V; ++v) acc[r][v] = splat<T>(T(0));
    multiply<T, R, V>(A, ars, acs, B, bs, K, acc);
    write<T, R, V>(corner, acc);
}

// The tile of `rows` rows: one instance for each number up to R.
template <typename T, int R, int V>
THINC_INLINE void tile_of(int rows, const Corner<T>& corner, const T* A, std::ptrdiff_t ars, std::ptrdiff_t acs,
                          const T* B, std::ptrdiff_t bs, std::size_t K) {
    if constexpr (R > 0) {
        if (rows == R)
            tile<T, R, V>(corner, A, ars, acs, B, bs, K);
        else
            tile_of<T, R - 1, V>(rows, corner, A, ars, acs, B, bs, K);
    }
}

}  // namespace
}  // namespace thinc
