// The way back through maxout and its matrix product: only the winning pieces have a gradient, so
// that of nP products one is left, and dZ, nP times larger than dY, never exists.
#pragma once
#include "../_chunks.hh"
#include "wins.hh"

namespace thinc {
namespace {

// Up to so many rows W is read in place.
constexpr std::size_t FEW_WINNERS = 8;

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

// Blocks of so many rows: a stripe of their dX, which is added to for each group of outputs, stays in the L2 cache.
constexpr std::size_t GRADIENT_ROWS = 256;

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

template <typename T, int V>
bool backprop_in_chunks(const MaxoutGradient<T>& g, const Stripes<T>& stripes) {
    bool done = true;
    const bool copies = g.M > FEW_WINNERS || g.nI % stripes.numbers() != 0;
    const std::size_t block = stripes.rows() * stripes.numbers(), panel = g.nP * stripes.numbers();
    const std::size_t row_work = g.nO * g.nI, pair_work = 2 * g.M * g.nI, least_work = std::size_t(1) << 22;
    in_chunks((g.nO + 1) / 2, least_work / pair_work + 4, [&](std::size_t begin, std::size_t end) {
        const std::size_t stop = 2 * end < g.nO ? 2 * end : g.nO;
        if (!weight_gradient<T, V>(g, stripes, 2 * begin, stop)) __atomic_store_n(&done, false, __ATOMIC_RELAXED);
    });
    in_chunks(g.M, least_work / row_work + 64, [&](std::size_t begin, std::size_t end) {
        Scratch<T> packed(copies ? (block > panel ? block : panel) : 1);
        if (!packed.numbers)
            __atomic_store_n(&done, false, __ATOMIC_RELAXED);
        else
            for (std::size_t m = begin; m < end; m += GRADIENT_ROWS)
                input_gradient<T, V>(g, stripes, copies ? packed.numbers : nullptr, m,
                                     end - m < GRADIENT_ROWS ? end : m + GRADIENT_ROWS);
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
