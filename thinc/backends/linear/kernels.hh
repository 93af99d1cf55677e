// Matrix products: which copies are worth making, and in which order the tiles are computed.
#pragma once
#include "../_chunks.hh"
#include "../_memory.hh"
#include "dots.hh"
#include "maxout.hh"
#include "packing.hh"
#include "repeated.hh"
#include "table.hh"
#include "windows.hh"
#include "winners.hh"

namespace thinc {
namespace {

// A block of B (K_BLOCK x N_BLOCK) and one of A (M_BLOCK x K_BLOCK) fit the L2 cache together.
constexpr std::size_t K_BLOCK = 384, N_BLOCK = 1024, M_BLOCK = 16 * TILE_ROWS, CACHE_LINE = 64;
// Up to so many rows a copy of B costs more than it saves.
constexpr std::size_t FEW_ROWS = 2 * TILE_ROWS;
// Up to so many columns of A its copy, and that of B, costs more than it saves.
constexpr std::size_t FEW_TERMS = 48;

constexpr std::size_t least(std::size_t a, std::size_t b) { return a < b ? a : b; }

// The columns [start, start + columns) of a block of B, as the tiles read them.
template <typename T>
struct Panel {
    const T* B;
    std::ptrdiff_t stride;
    std::size_t columns;
};

// When the panels of a block are copied: all of them BEFORE the product; each WITH the first rows of C; or each
// IN_TURN, to where the one before lay, in the L1 cache, as all rows of C are computed at once.
enum Copies { BEFORE, WITH_ROWS, IN_TURN };

// One block of B: K rows from k0 on, N columns from j0 on; copied to panels, or used in place.
template <typename T>
struct Block {
    const Product<T>& p;
    std::size_t k0, K, j0, N;
    T* packed;
    bool direct;
    Copies copies;

    // The last panel is one vector wide if that is enough.
    std::size_t stride(std::size_t columns) const {
        return columns <= std::size_t(width<T>) ? width<T> : TILE_COLUMNS<T>;
    }
    std::size_t columns(std::size_t j) const { return least(N - j, TILE_COLUMNS<T>); }
    const T* source(std::size_t j) const { return p.B + std::ptrdiff_t(k0) * p.brs + std::ptrdiff_t(j0 + j) * p.bcs; }
    bool in_place(std::size_t j) const { return direct && columns(j) == std::size_t(TILE_COLUMNS<T>); }
    T* place(std::size_t j) const { return copies == IN_TURN ? packed : packed + j * K; }

    void pack(std::size_t j) const {
        if (!in_place(j)) pack_columns<T>(place(j), stride(columns(j)), source(j), p.brs, p.bcs, K, columns(j));
    }

    // Ask for one of several parts of a panel that will be packed next.
    void fetch(std::size_t j, std::size_t part, std::size_t parts) const {
        if (j >= N || in_place(j)) return;
        const bool rows = p.bcs == 1;
        const std::size_t lines = rows ? K : columns(j), length = rows ? columns(j) : K;
        const std::ptrdiff_t gap = rows ? p.brs : p.bcs;
        const T* from = source(j);
        for (std::size_t i = lines * part / parts; i < lines * (part + 1) / parts; ++i)
            for (std::size_t k = 0; k < length; k += CACHE_LINE / sizeof(T)) fetch_line(from + std::ptrdiff_t(i) * gap + k);
    }

    Panel<T> panel(std::size_t j) const {
        if (in_place(j)) return {source(j), p.brs, columns(j)};
        return {place(j), std::ptrdiff_t(stride(columns(j))), columns(j)};
    }
};

// Rows [i0, i0 + M) of C for one block of B.
template <typename T>
void multiply_rows(const Block<T>& block, std::size_t i0, std::size_t M, T* strips) {
    const Product<T>& p = block.p;
    const bool last = block.k0 + block.K == p.K, first = block.k0 == 0;
    const bool packs = block.copies != BEFORE && i0 == 0, fetches = packs && M > TILE_ROWS && (p.bcs == 1 || p.brs == 1);
    const T* A = p.A + std::ptrdiff_t(i0) * p.ars + std::ptrdiff_t(block.k0) * p.acs;
    std::ptrdiff_t ars = p.ars, acs = p.acs, gap = p.ars * TILE_ROWS;
    if (strips != nullptr) {
        pack_strips<T>(strips, A, ars, acs, M, block.K);
        A = strips, ars = 1, acs = TILE_ROWS, gap = std::ptrdiff_t(TILE_ROWS * block.K);
    }
    for (std::size_t j = 0; j < block.N; j += TILE_COLUMNS<T>) {
        if (packs) block.pack(j);
        const Panel<T> panel = block.panel(j);
        const T* a = A;
        for (std::size_t i = 0; i < M; i += TILE_ROWS, a += gap) {
            T* c = p.C + std::ptrdiff_t(i0 + i) * p.ldc + block.j0 + j;
            const Corner<T> corner = {c, p.ldc, panel.columns, last && p.bias ? p.bias + block.j0 + j : nullptr,
                                      p.add || !first};
            const int rows = int(least(M - i, TILE_ROWS));
            if (fetches) block.fetch(j + TILE_COLUMNS<T>, i / TILE_ROWS, (M + TILE_ROWS - 1) / TILE_ROWS);
            if (panel.columns > std::size_t(width<T>))
                tile_of<T, TILE_ROWS, TILE_VECTORS>(rows, corner, a, ars, acs, panel.B, panel.stride, block.K);
            else
                tile_of<T, TILE_ROWS, 1>(rows, corner, a, ars, acs, panel.B, panel.stride, block.K);
        }
    }
}

// Is it worth copying A?  Tiles read its rows side by side.
template <typename T>
bool copies_left(const Product<T>& p) {
    if (p.N <= std::size_t(TILE_COLUMNS<T>)) return false;
    if (p.acs != 1) return p.K > FEW_TERMS || p.ars != 1;
    return lies_badly<T>(p.ars);
}

template <typename T>
bool multiply_blocks(const Product<T>& p) {
    const std::size_t steps = (p.K + K_BLOCK - 1) / K_BLOCK, kc = (p.K + steps - 1) / steps;
    const bool direct = p.bcs == 1 && (p.M <= FEW_ROWS || p.K <= FEW_TERMS), copy = copies_left(p);
    const Copies copies = p.M <= M_BLOCK ? IN_TURN : WITH_ROWS;
    const std::size_t columns = (copies == IN_TURN ? 0 : least(p.N, N_BLOCK)) + TILE_COLUMNS<T>;
    Scratch<T> packed(columns * kc), strips(copy ? (M_BLOCK + TILE_ROWS) * kc : 0);
    if (packed.numbers == nullptr || (copy && strips.numbers == nullptr)) return false;
    for (std::size_t j0 = 0; j0 < p.N; j0 += N_BLOCK)
        for (std::size_t k0 = 0; k0 < p.K; k0 += kc) {
            const Block<T> block = {p, k0, least(p.K - k0, kc), j0, least(p.N - j0, N_BLOCK), packed.numbers, direct, copies};
            for (std::size_t i0 = 0; i0 < p.M; i0 += M_BLOCK) {
                const std::size_t rows = least(p.M - i0, M_BLOCK);
                multiply_rows<T>(block, i0, rows, copy ? strips.numbers : nullptr);
                if (p.finish && p.N <= N_BLOCK && k0 + block.K == p.K)
                    p.finish(p.C + i0 * p.N, p.Y + i0 * p.N, rows * p.N, p.options);
            }
        }
    if (p.finish && p.N > N_BLOCK) p.finish(p.C, p.Y, p.M * p.N, p.options);
    return true;
}

// C = bias, or 0, where there is nothing to add up.
template <typename T>
void multiply_nothing(const Product<T>& p) {
    for (std::size_t i = 0; i < p.M; ++i)
        for (std::size_t j = 0; j < p.N; ++j) {
            T* c = p.C + std::ptrdiff_t(i) * p.ldc + j;
            *c = (p.add ? *c : T(0)) + (p.bias ? p.bias[j] : T(0));
        }
}

// Dots need both matrices contiguous along K; they win where copies of B would dominate.
template <typename T>
bool multiply_part(const Product<T>& p, bool few) {
    if (few && p.acs == 1 && p.brs == 1) {
        const Corner<T> all = {p.C, p.ldc, p.N, p.bias, p.add};
        multiply_by_dots<T>(all, p.A, p.ars, p.B, p.bcs, p.M, p.K);
        if (p.finish) p.finish(p.C, p.Y, p.M * p.N, p.options);
        return true;
    }
    return multiply_blocks<T>(p);
}

// Rows or columns of C that are computed apart.  By columns every number of B is copied once, but
// all of A by every part if at all; by rows every part copies B, so that it must have many rows.
template <typename T>
bool multiply_in_chunks(const Product<T>& p) {
    const bool few = p.M <= TILE_ROWS;
    const std::size_t least_work = std::size_t(1) << 22;  // multiplications: 50 µs
    bool done = true;
    if (p.M * p.N * p.K < 2 * least_work) return multiply_part<T>(p, few);
    if (p.M > p.N && (p.N < 4 * TILE_COLUMNS<T> || copies_left(p))) {
        const std::size_t rows = (least_work / (p.N * p.K) / M_BLOCK + 4) * M_BLOCK;
        in_chunks(p.M, rows, [&](std::size_t begin, std::size_t end) {
            Product<T> part = p;
            part.A += std::ptrdiff_t(begin) * p.ars, part.C += std::ptrdiff_t(begin) * p.ldc, part.M = end - begin;
            if (p.finish) part.Y += std::ptrdiff_t(begin) * p.ldc;
            if (!multiply_part<T>(part, few)) __atomic_store_n(&done, false, __ATOMIC_RELAXED);
        });
        return done;
    }
    const std::size_t columns = (least_work / (p.M * p.K) / TILE_COLUMNS<T> + 2) * TILE_COLUMNS<T>;
    if (columns >= p.N) return multiply_part<T>(p, few);
    bool whole = false;
    in_chunks(p.N, columns, [&](std::size_t begin, std::size_t end) {
        if (begin == 0 && end == p.N) {  // one thread: `finish` finds C in the cache
            whole = true, done = multiply_part<T>(p, few);
            return;
        }
        Product<T> part = p;
        part.B += std::ptrdiff_t(begin) * p.bcs, part.C += begin, part.N = end - begin;
        part.bias = p.bias ? p.bias + begin : nullptr;
        part.finish = nullptr;
        if (!multiply_part<T>(part, few)) __atomic_store_n(&done, false, __ATOMIC_RELAXED);
    });
    if (done && p.finish && !whole) p.finish(p.C, p.Y, p.M * p.N, p.options);
    return done;
}

template <typename T>
bool gemm(const Product<T>& p) {
    if (p.M == 0 || p.N == 0) return true;
    if (p.K == 0) {
        multiply_nothing<T>(p);
        if (p.finish) p.finish(p.C, p.Y, p.M * p.N, p.options);
        return true;
    }
    return multiply_in_chunks<T>(p);
}

template <typename T>
bool maxout_product(const MaxoutProduct<T>& p) {
    if (p.M == 0 || p.nO == 0) return true;
    if (p.M > TILE_ROWS && p.nI > 0) return maxout_by_best_panels<T>(p);
    // For a few rows the copy of W would be more work than the product.
    const std::size_t columns = p.nO * p.nP;
    Scratch<T> Z(p.M * columns);
    if (Z.numbers == nullptr) return false;
    const Product<T> product = {Z.numbers, std::ptrdiff_t(columns), p.X, p.xrs, p.xcs, p.W, 1, std::ptrdiff_t(p.nI),
                                p.M, columns, p.nI, p.b, false, nullptr, nullptr, nullptr};
    if (!gemm<T>(product)) return false;
    activation::maxout<T>(Z.numbers, p.Y, p.which, p.M * p.nO, int(p.nP));
    return true;
}

// Rows of X that are equal are computed once.  X: dense; `which` is not written.
template <typename T>
bool predict_maxout(const MaxoutProduct<T>& p) {
    if (p.M >= Repeated<T>::PROBE && p.M >> 32 == 0 && p.nO * p.nP >= 64) {
        Repeated<T> repeated(p.M);
        if (repeated.find(p.X, p.nI)) {
            Scratch<T> X(repeated.distinct * p.nI), Y(repeated.distinct * p.nO);
            if (X.numbers == nullptr || Y.numbers == nullptr) return false;
            take_rows<T>(X.numbers, p.X, repeated.rows.numbers, repeated.distinct, p.nI);
            MaxoutProduct<T> distinct = p;
            distinct.X = X.numbers, distinct.Y = Y.numbers, distinct.M = repeated.distinct;
            if (!maxout_by_best_panels<T>(distinct)) return false;
            take_rows<T>(p.Y, Y.numbers, repeated.same.numbers, p.M, p.nO);
            return true;
        }
    }
    if (p.M > TILE_ROWS || p.M == 0 || p.nO == 0) return maxout_product<T>(p);
    Scratch<std::int32_t> which(p.M * p.nO);
    MaxoutProduct<T> few = p;
    few.which = which.numbers;
    return which.numbers != nullptr && maxout_product<T>(few);
}

// For a few rows the windows are written out, as the copy of W would be more work than the product.
template <typename T>
bool encode_windows(const WindowProduct<T>& p) {
    MaxoutProduct<T> product = p.maxout;
    if (product.M == 0 || product.nO == 0) return true;
    if (product.M > TILE_ROWS) {
        const bool copy = lies_badly<T>(std::ptrdiff_t(product.nO));
        return !copy && is_for_wide<T>(product.nO) ? encode_by_panels<T, Wide>(p, false)
                                                   : encode_by_panels<T, Narrow>(p, copy);
    }
    Scratch<T> windows(product.M * product.nI), rows((product.M + 2 * p.nW) * product.nO);
    Scratch<std::int32_t> which(product.M * product.nO);
    if (windows.numbers == nullptr || rows.numbers == nullptr || which.numbers == nullptr) return false;
    const T* first = copy_rows<T>(rows.numbers, p, 0, product.M);
    for (std::size_t i = 0; i < product.M; ++i)
        memcpy(windows.numbers + i * product.nI, first + i * product.nO, product.nI * sizeof(T));
    product.X = windows.numbers, product.xrs = std::ptrdiff_t(product.nI), product.xcs = 1;
    product.which = which.numbers;
    if (!maxout_product<T>(product)) return false;
    finish_rows<T>(p, 0, product.M);
    return true;
}

template <typename T>
void add_column_sums(const T* X, T* sums, std::size_t rows, std::size_t columns) {
    std::size_t j = 0;
    for (; j + 4 * width<T> <= columns; j += 4 * width<T>) {
        Vec<T> s[4];
        for (int v = 0; v < 4; ++v) s[v] = splat<T>(T(0));
        for (std::size_t i = 0; i < rows; ++i)
            for (int v = 0; v < 4; ++v) s[v] += load<T>(X + i * columns + j + v * width<T>);
        for (int v = 0; v < 4; ++v) store<T>(sums + j + v * width<T>, load<T>(sums + j + v * width<T>) + s[v]);
    }
    for (; j < columns; ++j) {
        T s = T(0);
        for (std::size_t i = 0; i < rows; ++i) s += X[i * columns + j];
        sums[j] += s;
    }
}

template <typename T>
void fill(LinearTable<T>& table) {
    table.gemm = gemm<T>;
    table.maxout = maxout_product<T>;
    table.predict_maxout = predict_maxout<T>;
    table.encode_windows = encode_windows<T>;
    table.backprop_maxout = backprop_winners<T>;
    table.are_below = are_below;
    table.add_column_sums = add_column_sums<T>;
}

}  // namespace
}  // namespace thinc
