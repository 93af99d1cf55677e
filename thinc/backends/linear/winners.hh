// The way back through maxout and its matrix product: only the winning pieces have a gradient, so
// that of nP products one is left, and dZ, nP times larger than dY, never exists.
#pragma once
#include "../_chunks.hh"
#include "../_memory.hh"
#include "../_simd.hh"
#include "table.hh"

namespace thinc {
namespace {

// At most so many vectors of a row stay in registers; a block of rows of that width fits the L1 cache.
constexpr int STRIPE_VECTORS = 8;
constexpr std::size_t BLOCK_BYTES = std::size_t(1) << 15;
// So many wins are kept at once, also in the cache.
constexpr std::size_t LIST = std::size_t(1) << 15;
// Up to so many rows W is read in place.
constexpr std::size_t FEW_WINNERS = 8;

// The nI columns in stripes of the same number of vectors; the last one may be shorter.
template <typename T>
struct Stripes {
    std::size_t nI, count;
    int vectors;
    explicit Stripes(std::size_t nI) : nI(nI) {
        const std::size_t all = (nI + width<T> - 1) / width<T>;
        count = (all + STRIPE_VECTORS - 1) / STRIPE_VECTORS;
        vectors = int((all + count - 1) / count);
        count = (all + vectors - 1) / vectors;
    }
    std::size_t numbers() const { return std::size_t(vectors) * width<T>; }
    std::size_t columns(std::size_t s) const {
        const std::size_t left = nI - s * numbers();
        return left < numbers() ? left : numbers();
    }
    // So many rows of a stripe fit a block.
    std::size_t rows() const { return BLOCK_BYTES / (numbers() * sizeof(T)); }
};

template <typename T, int V>
THINC_INLINE void load_stripe(Vec<T> (&x)[V], const T* from, std::size_t columns) {
    THINC_UNROLL
    for (int v = 0; v < V; ++v) {
        const std::size_t start = std::size_t(v) * width<T>;
        const std::size_t left = columns > start ? columns - start : 0;
        x[v] = left >= std::size_t(width<T>) ? load<T>(from + start) : load_part<T>(from + (left ? start : 0), left);
    }
}

template <typename T, int V>
THINC_INLINE void store_stripe(T* to, const Vec<T> (&x)[V], std::size_t columns) {
    THINC_UNROLL
    for (int v = 0; v < V; ++v) {
        const std::size_t start = std::size_t(v) * width<T>;
        const std::size_t left = columns > start ? columns - start : 0;
        if (left >= std::size_t(width<T>))
            store<T>(to + start, x[v]);
        else if (left)
            store_part<T>(to + start, x[v], left);
    }
}

// to[r, :] = from[r, 0 … columns), and 0 up to the width of a stripe.
template <typename T>
void copy_stripe(T* to, std::size_t stride, const T* from, std::ptrdiff_t gap, std::size_t rows, std::size_t columns) {
    for (std::size_t r = 0; r < rows; ++r, to += stride, from += gap) {
        memcpy(to, from, columns * sizeof(T));
        for (std::size_t j = columns; j < stride; ++j) to[j] = T(0);
    }
}

// Rows of W, all pieces of an output one after the other; copied, or those of W itself.
template <typename T>
struct Winners {
    const T* W;
    std::ptrdiff_t gap;
    std::size_t begin, end;  // outputs
};

// dX[m, stripe] (+)= the sum over o of dY[m, o] · W[o, which[m, o], stripe], for R rows.
template <typename T, int V, int R>
THINC_INLINE void sum_winners(const MaxoutGradient<T>& g, const Winners<T>& w, std::size_t m, std::size_t start,
                              std::size_t columns) {
    Vec<T> acc[R][V];
    const T* dY = g.dY + m * g.nO;
    const std::int32_t* which = g.which + m * g.nO;
    THINC_UNROLL
    for (int r = 0; r < R; ++r) {
        if (w.begin == 0) {
            THINC_UNROLL
            for (int v = 0; v < V; ++v) acc[r][v] = splat<T>(T(0));
        } else {
            load_stripe<T, V>(acc[r], g.dX + (m + r) * g.nI + start, columns);
        }
    }
    const T* W = w.W;
    for (std::size_t o = w.begin; o < w.end; ++o, W += std::ptrdiff_t(g.nP) * w.gap) {
        THINC_UNROLL
        for (int r = 0; r < R; ++r) {
            const Vec<T> d = splat<T>(dY[r * g.nO + o]);
            const T* row = W + which[r * g.nO + o] * w.gap;
            THINC_UNROLL
            for (int v = 0; v < V; ++v) acc[r][v] += d * load<T>(row + v * width<T>);
        }
    }
    THINC_UNROLL
    for (int r = 0; r < R; ++r) store_stripe<T, V>(g.dX + (m + r) * g.nI + start, acc[r], columns);
}

// Two rows at a time where the registers suffice: a sum of few vectors waits for itself.
template <typename T, int V>
THINC_NOINLINE void sum_winners_of_rows(const MaxoutGradient<T>& g, const Winners<T>& w, std::size_t begin,
                                        std::size_t end, std::size_t start, std::size_t columns) {
    constexpr int R = V <= 6 || THINC_VECTOR_BYTES == 64 ? 2 : 1;
    std::size_t m = begin;
    for (; m + R <= end; m += R) sum_winners<T, V, R>(g, w, m, start, columns);
    for (; m < end; ++m) sum_winners<T, V, 1>(g, w, m, start, columns);
}

template <typename T, int V>
void input_gradient(const MaxoutGradient<T>& g, const Stripes<T>& stripes, T* packed, std::size_t begin,
                    std::size_t end) {
    const std::size_t numbers = stripes.numbers(), fit = stripes.rows() / g.nP, outputs = fit ? fit : 1;
    for (std::size_t s = 0; s < stripes.count; ++s) {
        const std::size_t start = s * numbers, columns = stripes.columns(s);
        for (std::size_t o = 0; o < g.nO; o += outputs) {
            const std::size_t stop = g.nO - o < outputs ? g.nO : o + outputs;
            const T* W = g.W + o * g.nP * g.nI + start;
            Winners<T> w = {W, std::ptrdiff_t(g.nI), o, stop};
            if (packed != nullptr) {
                copy_stripe<T>(packed, numbers, W, g.nI, (stop - o) * g.nP, columns);
                w.W = packed, w.gap = std::ptrdiff_t(numbers);
            }
            sum_winners_of_rows<T, V>(g, w, begin, end, start, columns);
        }
    }
}

// A row that a piece has won, by its place in a block, and the gradient there.
template <typename T>
struct Win {
    T dY;
    Integer<T> at;
};

// The wins of the pieces of the outputs [begin, end) in a block of rows.
template <typename T>
struct Wins {
    Win<T>* list;      // `rows` for each piece
    std::int32_t* count;  // of each piece
    std::size_t rows;
};

template <typename T>
void sort_wins(const MaxoutGradient<T>& g, const Wins<T>& wins, std::size_t m0, std::size_t rows, std::size_t numbers,
               std::size_t begin, std::size_t end) {
    memset(wins.count, 0, (end - begin) * g.nP * sizeof(std::int32_t));
    for (std::size_t m = 0; m < rows; ++m) {
        const T* dY = g.dY + (m0 + m) * g.nO;
        const std::int32_t* which = g.which + (m0 + m) * g.nO;
        for (std::size_t o = begin, piece = 0; o < end; ++o, piece += g.nP) {
            const std::size_t at = piece + std::size_t(which[o]);
            const Win<T> win = {dY[o], Integer<T>(m * numbers)};
            wins.list[at * wins.rows + std::size_t(wins.count[at]++)] = win;
        }
    }
}

// dW[piece, stripe] += the sum over the piece's wins of dY · X[row, stripe].
template <typename T, int V>
THINC_NOINLINE void add_wins(const Win<T>* wins, std::size_t n, const T* X, T* dW, std::size_t columns) {
    constexpr int U = V <= 6 || THINC_VECTOR_BYTES == 64 ? 2 : 1;
    Vec<T> acc[U][V], sum[V];
    THINC_UNROLL
    for (int u = 0; u < U; ++u)
        THINC_UNROLL
        for (int v = 0; v < V; ++v) acc[u][v] = splat<T>(T(0));
    std::size_t i = 0;
    for (; i + U <= n; i += U) {
        THINC_UNROLL
        for (int u = 0; u < U; ++u) {
            const Vec<T> d = splat<T>(wins[i + u].dY);
            const T* row = X + wins[i + u].at;
            THINC_UNROLL
            for (int v = 0; v < V; ++v) acc[u][v] += d * load<T>(row + v * width<T>);
        }
    }
    if (i < n) {
        const Vec<T> d = splat<T>(wins[i].dY);
        THINC_UNROLL
        for (int v = 0; v < V; ++v) acc[0][v] += d * load<T>(X + wins[i].at + v * width<T>);
    }
    load_stripe<T, V>(sum, dW, columns);
    THINC_UNROLL
    for (int v = 0; v < V; ++v) sum[v] += U == 2 ? acc[0][v] + acc[U - 1][v] : acc[0][v];
    store_stripe<T, V>(dW, sum, columns);
}

// dW and db of the outputs [begin, end).
template <typename T, int V>
void weight_gradient(const MaxoutGradient<T>& g, const Stripes<T>& stripes, const Wins<T>& wins, T* X,
                     std::size_t begin, std::size_t end) {
    const std::size_t numbers = stripes.numbers(), pieces = (end - begin) * g.nP;
    for (std::size_t m0 = 0; m0 < g.M; m0 += wins.rows) {
        const std::size_t rows = g.M - m0 < wins.rows ? g.M - m0 : wins.rows;
        sort_wins<T>(g, wins, m0, rows, numbers, begin, end);
        for (std::size_t piece = 0; piece < pieces; ++piece) {
            T sum = T(0);
            for (std::int32_t i = 0; i < wins.count[piece]; ++i) sum += wins.list[piece * wins.rows + i].dY;
            g.db[begin * g.nP + piece] += sum;
        }
        for (std::size_t s = 0; s < stripes.count; ++s) {
            const std::size_t start = s * numbers, columns = stripes.columns(s);
            copy_stripe<T>(X, numbers, g.X + std::ptrdiff_t(m0) * g.xrs + start, g.xrs, rows, columns);
            T* dW = g.dW + begin * g.nP * g.nI + start;
            for (std::size_t piece = 0; piece < pieces; ++piece, dW += g.nI)
                if (wins.count[piece])
                    add_wins<T, V>(wins.list + piece * wins.rows, std::size_t(wins.count[piece]), X, dW, columns);
        }
    }
}

template <typename T, int V>
bool backprop_in_chunks(const MaxoutGradient<T>& g, const Stripes<T>& stripes) {
    bool done = true;
    const bool copies = g.M > FEW_WINNERS || g.nI % stripes.numbers() != 0;
    const std::size_t block = stripes.rows() * stripes.numbers(), panel = g.nP * stripes.numbers();
    const std::size_t row_work = g.nO * g.nI, output_work = g.M * g.nI, least_work = std::size_t(1) << 22;
    in_chunks(g.nO, least_work / output_work + 8, [&](std::size_t begin, std::size_t end) {
        const std::size_t rows = g.M < stripes.rows() ? g.M : stripes.rows(), fit = LIST / (g.nP * rows);
        const std::size_t outputs = fit ? fit : 1;
        Scratch<T> X(block);
        Scratch<Win<T>> list(outputs * g.nP * rows);
        Scratch<std::int32_t> count(outputs * g.nP);
        if (!X.numbers || !list.numbers || !count.numbers) return __atomic_store_n(&done, false, __ATOMIC_RELAXED);
        const Wins<T> wins = {list.numbers, count.numbers, rows};
        for (std::size_t o = begin; o < end; o += outputs)
            weight_gradient<T, V>(g, stripes, wins, X.numbers, o, end - o < outputs ? end : o + outputs);
    });
    in_chunks(g.M, least_work / row_work + 64, [&](std::size_t begin, std::size_t end) {
        Scratch<T> packed(copies ? (block > panel ? block : panel) : 1);
        if (!packed.numbers)
            __atomic_store_n(&done, false, __ATOMIC_RELAXED);
        else
            input_gradient<T, V>(g, stripes, copies ? packed.numbers : nullptr, begin, end);
    });
    return done;
}

template <typename T, int V>
bool backprop_with(const MaxoutGradient<T>& g, const Stripes<T>& stripes) {
    if constexpr (V > 1)
        if (stripes.vectors < V) return backprop_with<T, V - 1>(g, stripes);
    return backprop_in_chunks<T, V>(g, stripes);
}

// False if there is no memory; dW and db may have been changed then.
template <typename T>
bool backprop_winners(const MaxoutGradient<T>& g) {
    if (g.nO == 0 || g.nI == 0 || g.M == 0) return true;
    return backprop_with<T, STRIPE_VECTORS>(g, Stripes<T>(g.nI));
}

// Are all numbers in [0, limit)?
inline bool are_below(const std::int32_t* numbers, std::size_t n, std::int32_t limit) {
    std::uint32_t outside = 0;
    for (std::size_t i = 0; i < n; ++i) outside |= std::uint32_t(numbers[i]) >= std::uint32_t(limit);
    return !outside;
}

}  // namespace
}  // namespace thinc
