// Matrix products: which way is the fastest, and in which pieces they are computed.
#pragma once
#include "../_chunks.hh"
#include "blocks.hh"
#include "direct.hh"
#include "dots.hh"
#include "maxout.hh"
#include "repeated.hh"
#include "table.hh"
#include "windows.hh"
#include "winners.hh"

namespace thinc {
namespace {

// Ways to multiply.  Dots need both matrices contiguous along K; they win where copies of B would dominate, and
// direct tiles, for which the rows of B must be contiguous, where B stays in the cache, or C is most of the work.
enum Way { BY_DOTS, DIRECTLY, IN_BLOCKS };
constexpr std::size_t FEW_COLUMNS = 12, FEW_PRODUCTS = 100000, FEW_ROWS = 48, CACHED_BYTES = 40960;

// For all of a product, before it is cut: its parts must give the same numbers.
template <typename T>
Way way_of(const Product<T>& p) {
    const std::size_t products = p.M * p.N * p.K;
    if (p.acs == 1 && p.brs == 1)
        if (p.M <= std::size_t(MOST_DOT_ROWS) || p.N <= FEW_COLUMNS || products <= FEW_PRODUCTS) return BY_DOTS;
    if (p.bcs == 1)
        if (p.M <= FEW_ROWS || p.K <= FEW_TERMS || p.K * p.N * sizeof(T) <= (p.acs == 1 ? 2 : 1) * CACHED_BYTES)
            return DIRECTLY;
    return IN_BLOCKS;
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

// The product for some columns of C, without what is applied to it.
template <typename T>
Product<T> columns_of(const Product<T>& p, std::size_t begin, std::size_t end) {
    Product<T> part = p;
    part.B += std::ptrdiff_t(begin) * p.bcs, part.C += begin, part.N = end - begin;
    part.bias = p.bias ? p.bias + begin : nullptr;
    part.finish = nullptr;
    return part;
}

// `split`: this is all of a product of few rows.
template <typename T>
bool multiply_part(const Product<T>& p, Way way, bool split = false) {
    if (way == IN_BLOCKS) return multiply_blocks<T>(p);
    if (way == BY_DOTS) {
        multiply_by_dots<T>({p.C, p.ldc, p.N, p.bias, p.add}, p.A, p.ars, p.B, p.bcs, p.M, p.K);
    } else {
        const std::size_t whole = HAS_MASKS ? p.N : p.N / width<T> * width<T>;
        multiply_direct<T>({p.C, p.ldc, whole, p.bias, p.add}, p.A, p.ars, p.acs, p.B, p.brs, p.M, p.K, split);
        if (whole < p.N) {  // the columns that are no whole vector
            if (!multiply_blocks<T>(columns_of(p, whole, p.N))) return false;
        }
    }
    if (p.finish) p.finish(p.C, p.Y, p.M * p.N, p.options);
    return true;
}

// Rows or columns of C that are computed apart.  By columns every number of B is copied once, but
// all of A by every part if at all; by rows every part copies B, so that it must have many rows.
template <typename T>
bool multiply_in_chunks(const Product<T>& p) {
    const Way way = way_of(p);
    const std::size_t least_work = std::size_t(1) << 22;  // multiplications: 50 µs
    bool done = true;
    if (p.M * p.N * p.K < 2 * least_work) return multiply_part<T>(p, way, p.M <= TILE_ROWS);
    if (p.M > p.N && (p.N < 4 * TILE_COLUMNS<T> || copies_left(p))) {
        const std::size_t rows = (least_work / (p.N * p.K) / M_BLOCK + 4) * M_BLOCK;
        in_chunks(p.M, rows, [&](std::size_t begin, std::size_t end) {
            Product<T> part = p;
            part.A += std::ptrdiff_t(begin) * p.ars, part.C += std::ptrdiff_t(begin) * p.ldc, part.M = end - begin;
            if (p.finish) part.Y += std::ptrdiff_t(begin) * p.ldc;
            if (!multiply_part<T>(part, way)) __atomic_store_n(&done, false, __ATOMIC_RELAXED);
        });
        return done;
    }
    const std::size_t columns = (least_work / (p.M * p.K) / TILE_COLUMNS<T> + 2) * TILE_COLUMNS<T>;
    if (columns >= p.N) return multiply_part<T>(p, way);
    bool whole = false;
    in_chunks(p.N, columns, [&](std::size_t begin, std::size_t end) {
        if (begin == 0 && end == p.N) {  // one thread: `finish` finds C in the cache
            whole = true, done = multiply_part<T>(p, way);
            return;
        }
        if (!multiply_part<T>(columns_of(p, begin, end), way)) __atomic_store_n(&done, false, __ATOMIC_RELAXED);
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

// sums += the sums of the columns; those of blocks of rows first, for the sake of rounding.
template <typename T>
void add_column_sums(const T* X, T* sums, std::size_t rows, std::size_t columns) {
    constexpr int V = 4;
    std::size_t j = 0;
    for (; j + V * width<T> <= columns; j += V * width<T>) {
        Vec<T> total[V];
        for (int v = 0; v < V; ++v) total[v] = splat<T>(T(0));
        for (std::size_t i = 0; i < rows;) {
            Vec<T> s[V];
            for (int v = 0; v < V; ++v) s[v] = splat<T>(T(0));
            for (const std::size_t end = i + least(rows - i, LONG_CHAIN); i < end; ++i)
                for (int v = 0; v < V; ++v) s[v] += load<T>(X + i * columns + j + v * width<T>);
            for (int v = 0; v < V; ++v) total[v] += s[v];
        }
        for (int v = 0; v < V; ++v) store<T>(sums + j + v * width<T>, load<T>(sums + j + v * width<T>) + total[v]);
    }
    for (; j < columns; ++j) {
        T total = T(0);
        for (std::size_t i = 0; i < rows;) {
            T s = T(0);
            for (const std::size_t end = i + least(rows - i, LONG_CHAIN); i < end; ++i) s += X[i * columns + j];
            total += s;
        }
        sums[j] += total;
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
