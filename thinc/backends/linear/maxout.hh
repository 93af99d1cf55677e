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

// Rows of a tile, and vectors in each of its rows.
template <int R, int V>
struct Shape {
    static constexpr int ROWS = R, VECTORS = V;
    template <typename T> static constexpr int COLUMNS = V * width<T>;
};

using Narrow = Shape<TILE_ROWS, TILE_VECTORS>;
#if THINC_VECTOR_BYTES == 64
// Fewer loads for each sum: 190 GF/s where narrow tiles have 180.
using Wide = Shape<9, 3>;
#else
using Wide = Narrow;
#endif

// Would wide tiles leave no more columns empty than narrow ones?
template <typename T>
bool is_for_wide(std::size_t nO) {
    constexpr std::size_t wide = Wide::COLUMNS<T>, narrow = Narrow::COLUMNS<T>;
    return (nO + wide - 1) / wide * wide <= (nO + narrow - 1) / narrow * narrow;
}

// acc[r] += A[r, :] · B for many terms, in parts.  B: K rows of V vectors.
template <typename T, int R, int V>
THINC_NOINLINE void multiply_long(const T* A, std::ptrdiff_t ars, std::ptrdiff_t acs, const T* B, std::size_t K,
                                  Vec<T> (&acc)[R][V]) {
    for (std::size_t k = 0; k < K; k += LONG_CHAIN) {
        const std::size_t n = K - k < LONG_CHAIN ? K - k : LONG_CHAIN;
        Vec<T> sums[R][V];
        THINC_UNROLL
        for (int i = 0; i < R * V; ++i) sums[i / V][i % V] = splat<T>(T(0));
        multiply<T, R, V>(A + std::ptrdiff_t(k) * acs, ars, acs, B + k * V * width<T>, V * width<T>, n, sums);
        THINC_UNROLL
        for (int i = 0; i < R * V; ++i) acc[i / V][i % V] += sums[i / V][i % V];
    }
}

// B: for each piece K rows of V vectors.  bias: V vectors for each piece.
template <typename T, int R, int V>
THINC_NOINLINE void maxout_tile(const MaxoutCorner<T>& corner, int nP, const T* A, std::ptrdiff_t ars,
                                std::ptrdiff_t acs, const T* B, const T* bias, std::size_t K) {
    Vec<T> best[R][V];
    IVec<T> which[R][V];
    const bool keep_which = corner.which != nullptr;
    for (int p = 0; p < nP; ++p, B += K * V * width<T>, bias += V * width<T>) {
        Vec<T> acc[R][V];
        THINC_UNROLL
        for (int v = 0; v < V; ++v) {
            const Vec<T> b = load<T>(bias + v * width<T>);
            THINC_UNROLL
            for (int r = 0; r < R; ++r) acc[r][v] = b;
        }
        if (K <= LONG_CHAIN) {
            multiply<T, R, V>(A, ars, acs, B, V * width<T>, K, acc);
        } else {
            Vec<T> sums[R][V];  // so that the others need not lie in memory
            memcpy(sums, acc, sizeof sums);
            multiply_long<T, R, V>(A, ars, acs, B, K, sums);
            memcpy(acc, sums, sizeof sums);
        }
        THINC_UNROLL
        for (int r = 0; r < R; ++r) {
            THINC_UNROLL
            for (int v = 0; v < V; ++v) {
                if (p == 0) {
                    best[r][v] = acc[r][v];
                    which[r][v] = splat<Integer<T>>(0);
                    continue;
                }
                // The first NaN wins over everything, as in argmax.
                const IVec<T> wins = ~IVec<T>(acc[r][v] <= best[r][v]) & IVec<T>(best[r][v] == best[r][v]);
                best[r][v] = select<T>(wins, acc[r][v], best[r][v]);
                if (keep_which) which[r][v] = (splat<Integer<T>>(p) & wins) | (which[r][v] & ~wins);
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
            if (keep_which) write_which<T>(corner.which + r * corner.ldy + start, which[r][v], n);
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

// A maxout product by tiles of one shape.  Each panel holds all pieces of the columns of a tile, then
// their biases; blocks of rows go through all panels, one after the other.
template <typename T, typename S>
struct MaxoutPanels {
    static constexpr std::size_t ROWS = 8 * S::ROWS, COLUMNS = S::template COLUMNS<T>;

    // The numbers of one panel, of all of them, and of the strips of a block, one of these unfinished.
    static std::size_t panel_size(const MaxoutProduct<T>& p) { return (p.nI + 1) * p.nP * COLUMNS; }
    static std::size_t size(const MaxoutProduct<T>& p) { return (p.nO + COLUMNS - 1) / COLUMNS * panel_size(p); }
    static std::size_t strips_size(const MaxoutProduct<T>& p) { return (ROWS + S::ROWS) * p.nI + 64; }

    // Rows of a piece of work for one thread: at least 4 million multiplications, which take 50 µs.
    static std::size_t grain(const MaxoutProduct<T>& p) {
        return ((std::size_t(1) << 22) / (p.nO * p.nP * p.nI) / ROWS + 1) * ROWS;
    }

    // The columns [start, start + n).
    static void pack_panel(T* to, const MaxoutProduct<T>& p, std::size_t start, std::size_t n) {
        const std::ptrdiff_t gap = std::ptrdiff_t(p.nP * p.nI);
        for (std::size_t piece = 0; piece < p.nP; ++piece, to += p.nI * COLUMNS)
            pack_columns<T>(to, COLUMNS, p.W + (start * p.nP + piece) * p.nI, 1, gap, p.nI, n);
        for (std::size_t piece = 0; piece < p.nP; ++piece, to += COLUMNS)
            for (std::size_t j = 0; j < COLUMNS; ++j) to[j] = j < n ? p.b[(start + j) * p.nP + piece] : T(0);
    }

    static void pack(T* to, const MaxoutProduct<T>& p) {
        for (std::size_t j = 0; j < p.nO; j += COLUMNS, to += panel_size(p))
            pack_panel(to, p, j, p.nO - j < COLUMNS ? p.nO - j : COLUMNS);
    }

    // Rows [begin, end) of Y.  The strips of A are copied where its rows lie badly, see `copies_left`.
    static void run(const MaxoutProduct<T>& p, const T* packed, T* strips, std::size_t begin, std::size_t end) {
        for (std::size_t i0 = begin; i0 < end; i0 += ROWS) {
            const std::size_t M = end - i0 < ROWS ? end - i0 : ROWS;
            const Left left(p, i0, M, strips);
            const T* B = packed;
            for (std::size_t j = 0; j < p.nO; j += COLUMNS, B += panel_size(p)) run_panel(p, B, left, i0, M, j);
        }
    }

    // Rows of X as the tiles read them.
    struct Left {
        const T* A;
        std::ptrdiff_t ars, acs, gap;

        Left(const MaxoutProduct<T>& p, std::size_t i0, std::size_t M, T* strips)
            : A(p.X + std::ptrdiff_t(i0) * p.xrs), ars(p.xrs), acs(p.xcs), gap(p.xrs * S::ROWS) {
            if (strips == nullptr) return;
            pack_strips<T>(strips, A, ars, acs, M, p.nI);
            A = strips, ars = 1, acs = S::ROWS, gap = std::ptrdiff_t(S::ROWS * p.nI);
        }
    };

    static void run_panel(const MaxoutProduct<T>& p, const T* B, const Left& left, std::size_t i0, std::size_t M,
                          std::size_t j) {
        const T *A = left.A, *bias = B + p.nI * p.nP * COLUMNS;
        for (std::size_t i = 0; i < M; i += S::ROWS, A += left.gap) {
            const std::size_t at = (i0 + i) * p.nO + j;
            const MaxoutCorner<T> corner = {p.Y + at, p.which ? p.which + at : nullptr, std::ptrdiff_t(p.nO),
                                            p.nO - j < COLUMNS ? p.nO - j : COLUMNS};
            const int rows = int(M - i < S::ROWS ? M - i : S::ROWS);
            maxout_tile_of<T, S::ROWS, S::VECTORS>(rows, corner, int(p.nP), A, left.ars, left.acs, B, bias, p.nI);
        }
    }
};

// Each panel is copied just before all rows are multiplied with it, to where the one before lay.
template <typename T, typename S>
bool maxout_in_turn(const MaxoutProduct<T>& p, bool copy) {
    using Panels = MaxoutPanels<T, S>;
    Scratch<T> strips(copy ? (p.M + S::ROWS) * p.nI + 64 : 0);
    if (strips.numbers == nullptr) return false;
    const typename Panels::Left left(p, 0, p.M, copy ? strips.numbers : nullptr);
    const std::size_t C = Panels::COLUMNS, grain = (std::size_t(1) << 22) / (p.M * p.nP * p.nI * C) + 1;
    bool done = true;
    in_chunks((p.nO + C - 1) / C, grain, [&](std::size_t begin, std::size_t end) {
        Scratch<T> panel(Panels::panel_size(p));
        if (panel.numbers == nullptr) return __atomic_store_n(&done, false, __ATOMIC_RELAXED);
        for (std::size_t j = begin * C; j < p.nO && j < end * C; j += C) {
            Panels::pack_panel(panel.numbers, p, j, p.nO - j < C ? p.nO - j : C);
            Panels::run_panel(p, panel.numbers, left, 0, p.M, j);
        }
    });
    return done;
}

template <typename T, typename S>
bool maxout_by_panels(const MaxoutProduct<T>& p, bool copy) {
    using Panels = MaxoutPanels<T, S>;
    if (p.M <= 2 * Panels::ROWS) return maxout_in_turn<T, S>(p, copy);
    Scratch<T> packed(Panels::size(p));
    if (packed.numbers == nullptr) return false;
    Panels::pack(packed.numbers, p);
    bool done = true;
    in_chunks(p.M, Panels::grain(p), [&](std::size_t begin, std::size_t end) {
        Scratch<T> strips(copy ? Panels::strips_size(p) : 0);
        if (strips.numbers == nullptr)
            __atomic_store_n(&done, false, __ATOMIC_RELAXED);
        else
            Panels::run(p, packed.numbers, copy ? strips.numbers : nullptr, begin, end);
    });
    return done;
}

template <typename T>
bool maxout_by_best_panels(const MaxoutProduct<T>& p) {
    const bool copy = p.xcs != 1 || lies_badly<T>(p.xrs);  // strips are copied for narrow tiles
    return !copy && is_for_wide<T>(p.nO) ? maxout_by_panels<T, Wide>(p, false) : maxout_by_panels<T, Narrow>(p, copy);
}

}  // namespace
}  // namespace thinc
