// Maxout fused into its matrix product: the pieces of a tile are compared in registers, so that
// the pre-activation, which is nP times larger than the result, never exists.
#pragma once
#include "../_chunks.hh"
#include "../_memory.hh"
#include "../activation/kernels.hh"
#include "packing.hh"
#include "table.hh"

namespace thinc {
namespace {

// Where the results of a tile go.
template <typename T>
struct MaxoutCorner {
    T* Y;
    std::int32_t* which;  // or null
    std::ptrdiff_t ldy;
    std::size_t columns;
};

template <typename T>
THINC_INLINE void write_which(std::int32_t* to, IVec<T> which, std::size_t n) {
    Integer<T> lane[width<T>];
    memcpy(lane, &which, sizeof lane);
    if (n == std::size_t(width<T>))
        for (int i = 0; i < width<T>; ++i) to[i] = std::int32_t(lane[i]);
    else
        for (std::size_t i = 0; i < n; ++i) to[i] = std::int32_t(lane[i]);
}

// B: for each piece K rows of V vectors.  bias: V vectors for each piece.
template <typename T, int R, int V>
THINC_NOINLINE void maxout_tile(const MaxoutCorner<T>& corner, int nP, const T* A, std::ptrdiff_t ars,
                                std::ptrdiff_t acs, const T* B, const T* bias, std::size_t K) {
    Vec<T> best[R][V];
    IVec<T> which[R][V];
    THINC_UNROLL
    for (int r = 0; r < R; ++r) {
        THINC_UNROLL
        for (int v = 0; v < V; ++v) {
            best[r][v] = splat<T>(-T(__builtin_inf()));
            which[r][v] = splat<Integer<T>>(0);
        }
    }
    for (int p = 0; p < nP; ++p, B += K * V * width<T>, bias += V * width<T>) {
        Vec<T> acc[R][V];
        THINC_UNROLL
        for (int v = 0; v < V; ++v) {
            const Vec<T> b = load<T>(bias + v * width<T>);
            THINC_UNROLL
            for (int r = 0; r < R; ++r) acc[r][v] = b;
        }
        multiply<T, R, V>(A, ars, acs, B, V * width<T>, K, acc);
        THINC_UNROLL
        for (int r = 0; r < R; ++r) {
            THINC_UNROLL
            for (int v = 0; v < V; ++v) {
                // The first NaN wins over everything, as in argmax.
                const IVec<T> wins = ~IVec<T>(acc[r][v] <= best[r][v]) & IVec<T>(best[r][v] == best[r][v]);
                best[r][v] = select<T>(wins, acc[r][v], best[r][v]);
                which[r][v] = (splat<Integer<T>>(p) & wins) | (which[r][v] & ~wins);
            }
        }
    }
    THINC_UNROLL
    for (int r = 0; r < R; ++r) {
        THINC_UNROLL
        for (int v = 0; v < V; ++v) {
            const std::size_t start = std::size_t(v) * width<T>;
            if (start >= corner.columns) continue;
            const std::size_t left = corner.columns - start, n = left < std::size_t(width<T>) ? left : width<T>;
            store_part<T>(corner.Y + r * corner.ldy + start, best[r][v], n);
            if (corner.which) write_which<T>(corner.which + r * corner.ldy + start, which[r][v], n);
        }
    }
}

template <typename T, int R, int V>
THINC_INLINE void maxout_tile_of(int rows, const MaxoutCorner<T>& corner, int nP, const T* A, std::ptrdiff_t ars,
                                 std::ptrdiff_t acs, const T* B, const T* bias, std::size_t K) {
    if constexpr (R > 0) {
        if (rows == R)
            maxout_tile<T, R, V>(corner, nP, A, ars, acs, B, bias, K);
        else
            maxout_tile_of<T, R - 1, V>(rows, corner, nP, A, ars, acs, B, bias, K);
    }
}

// All pieces of the columns [start, start + n), then their biases.
template <typename T>
void pack_pieces(T* to, const MaxoutProduct<T>& p, std::size_t start, std::size_t n) {
    const std::ptrdiff_t gap = std::ptrdiff_t(p.nP * p.nI);
    for (std::size_t piece = 0; piece < p.nP; ++piece, to += p.nI * TILE_COLUMNS<T>)
        pack_columns<T>(to, TILE_COLUMNS<T>, p.W + (start * p.nP + piece) * p.nI, 1, gap, p.nI, n);
    for (std::size_t piece = 0; piece < p.nP; ++piece, to += TILE_COLUMNS<T>)
        for (std::size_t j = 0; j < std::size_t(TILE_COLUMNS<T>); ++j)
            to[j] = j < n ? p.b[(start + j) * p.nP + piece] : T(0);
}

// The numbers of one panel: all pieces of some columns, and their biases.
template <typename T>
std::size_t panel_size(const MaxoutProduct<T>& p) {
    return (p.nI + 1) * p.nP * TILE_COLUMNS<T>;
}

// The numbers of all panels.
template <typename T>
std::size_t packed_size(const MaxoutProduct<T>& p) {
    return (p.nO + TILE_COLUMNS<T> - 1) / TILE_COLUMNS<T> * panel_size<T>(p);
}

// W and b, panel by panel.
template <typename T>
void pack_panels(T* to, const MaxoutProduct<T>& p) {
    for (std::size_t j = 0; j < p.nO; j += TILE_COLUMNS<T>, to += panel_size<T>(p)) {
        const std::size_t n = p.nO - j < std::size_t(TILE_COLUMNS<T>) ? p.nO - j : TILE_COLUMNS<T>;
        pack_pieces<T>(to, p, j, n);
    }
}

// Blocks of so many rows go through all panels, one after the other.
constexpr std::size_t MAXOUT_ROWS = 8 * TILE_ROWS;

// Rows of a piece of work for one thread: at least 4 million multiplications, which take 50 µs.
template <typename T>
std::size_t maxout_grain(const MaxoutProduct<T>& p) {
    return ((std::size_t(1) << 22) / (p.nO * p.nP * p.nI) / MAXOUT_ROWS + 1) * MAXOUT_ROWS;
}

// Rows [begin, end) of Y.  The strips of A are copied where its rows lie badly, see `copies_left`.
template <typename T>
void maxout_rows(const MaxoutProduct<T>& p, const T* packed, T* strips, std::size_t begin, std::size_t end) {
    const std::size_t panel = panel_size<T>(p);
    for (std::size_t i0 = begin; i0 < end; i0 += MAXOUT_ROWS) {
        const std::size_t M = end - i0 < MAXOUT_ROWS ? end - i0 : MAXOUT_ROWS;
        const T* A = p.X + std::ptrdiff_t(i0) * p.xrs;
        std::ptrdiff_t ars = p.xrs, acs = p.xcs, gap = p.xrs * TILE_ROWS;
        if (strips != nullptr) {
            pack_strips<T>(strips, A, ars, acs, M, p.nI);
            A = strips, ars = 1, acs = TILE_ROWS, gap = std::ptrdiff_t(TILE_ROWS * p.nI);
        }
        const T* B = packed;
        for (std::size_t j = 0; j < p.nO; j += TILE_COLUMNS<T>, B += panel) {
            const std::size_t columns = p.nO - j < std::size_t(TILE_COLUMNS<T>) ? p.nO - j : TILE_COLUMNS<T>;
            const T *a = A, *bias = B + p.nI * p.nP * TILE_COLUMNS<T>;
            for (std::size_t i = 0; i < M; i += TILE_ROWS, a += gap) {
                const std::size_t at = (i0 + i) * p.nO + j;
                const MaxoutCorner<T> corner = {p.Y + at, p.which ? p.which + at : nullptr, std::ptrdiff_t(p.nO),
                                                columns};
                const int rows = int(M - i < TILE_ROWS ? M - i : TILE_ROWS);
                maxout_tile_of<T, TILE_ROWS, TILE_VECTORS>(rows, corner, int(p.nP), a, ars, acs, B, bias, p.nI);
            }
        }
    }
}

// The numbers that the strips of a block need, one of them unfinished.
template <typename T>
std::size_t strips_size(const MaxoutProduct<T>& p) {
    return (MAXOUT_ROWS + TILE_ROWS) * p.nI + 64;
}

template <typename T>
bool maxout_by_panels(const MaxoutProduct<T>& p, bool copy) {
    Scratch<T> packed(packed_size<T>(p));
    if (packed.numbers == nullptr) return false;
    pack_panels<T>(packed.numbers, p);
    bool done = true;
    in_chunks(p.M, maxout_grain<T>(p), [&](std::size_t begin, std::size_t end) {
        Scratch<T> strips(copy ? strips_size<T>(p) : 0);
        if (strips.numbers == nullptr)
            __atomic_store_n(&done, false, __ATOMIC_RELAXED);
        else
            maxout_rows<T>(p, packed.numbers, copy ? strips.numbers : nullptr, begin, end);
    });
    return done;
}

}  // namespace
}  // namespace thinc
