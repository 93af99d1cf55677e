// The gradient of maxout's weights: rows are sorted by the pieces that have won them.
#pragma once
#include "stripes.hh"
#include "table.hh"

namespace thinc {
namespace {

// Up to so many pieces two outputs are taken together: a row of X is loaded once for both of its winners.
constexpr std::size_t FEW_PIECES = 4;
// So many sets of outputs are sorted at once, if there is room for no more wins than these.
constexpr std::size_t SETS = 16, LIST = std::size_t(1) << 15;

// A row of a block, and its gradients for Q outputs.
template <typename T, int Q>
struct Win {
    T dY[Q];
    std::int32_t row;
};

// The wins of a block of rows for sets of Q outputs, by the pieces of a set: nP or nP · nP lists for each.
template <typename T, int Q>
struct Wins {
    std::size_t rows, lists, sets;
    Scratch<Win<T, Q>> list;       // `rows` for each list of each set
    Scratch<std::int32_t> count;  // of each list
    Scratch<T> sums;              // of dY, for each piece

    Wins(std::size_t rows, std::size_t nP)
        : rows(rows), lists(Q == 1 ? nP : nP * nP), sets(sets_of(rows * lists)), list(sets * lists * rows),
          count(sets * lists), sums(sets * Q * nP) {}

    static std::size_t sets_of(std::size_t wins) {
        const std::size_t fit = LIST / wins;
        return fit > SETS ? SETS : fit ? fit : 1;
    }
    bool fits() const { return list.numbers && count.numbers && sums.numbers; }
};

// Sort the rows [m0, m0 + rows) for n sets of outputs from `first` on.
template <typename T, int Q>
void sort_wins(const MaxoutGradient<T>& g, Wins<T, Q>& wins, std::size_t m0, std::size_t rows, std::size_t first,
               std::size_t n) {
    memset(wins.count.numbers, 0, n * wins.lists * sizeof(std::int32_t));
    for (std::size_t m = 0; m < rows; ++m) {
        const T* dY = g.dY + (m0 + m) * g.nO + first;
        const std::int32_t* which = g.which + (m0 + m) * g.nO + first;
        for (std::size_t set = 0, at = 0; set < n; ++set, at += wins.lists, dY += Q, which += Q) {
            Win<T, Q> win;
            memcpy(win.dY, dY, sizeof win.dY);
            win.row = std::int32_t(m);
            const std::size_t list = at + (Q == 1 ? which[0] : which[0] * g.nP + which[Q - 1]);
            wins.list.numbers[list * wins.rows + std::size_t(wins.count.numbers[list]++)] = win;
        }
    }
}

// db of n outputs from `first` on += the sums over the rows [m0, m0 + rows).  sums: (nP, n).
template <typename T>
void add_bias(const MaxoutGradient<T>& g, T* sums, std::size_t m0, std::size_t rows, std::size_t first, std::size_t n) {
    memset(sums, 0, n * g.nP * sizeof(T));
    for (std::size_t m = m0; m < m0 + rows; ++m) {
        const T* THINC_RESTRICT dY = g.dY + m * g.nO + first;
        const std::int32_t* THINC_RESTRICT which = g.which + m * g.nO + first;
        T* THINC_RESTRICT sum = sums;
        for (std::int32_t piece = 0; piece < std::int32_t(g.nP); ++piece, sum += n)
            for (std::size_t o = 0; o < n; ++o) {
                const T d = dY[o];
                sum[o] += which[o] == piece ? d : T(0);
            }
    }
    for (std::size_t o = 0; o < n; ++o)
        for (std::size_t piece = 0; piece < g.nP; ++piece) g.db[(first + o) * g.nP + piece] += sums[piece * n + o];
}

// dW[q, stripe] += the sum over the wins of dY[q] · X[row, stripe].
template <typename T, int V, int Q>
THINC_NOINLINE void add_wins(const Win<T, Q>* wins, std::size_t n, const T* X, std::ptrdiff_t gap, T* const (&dW)[Q],
                             std::size_t columns) {
    Vec<T> acc[Q][V], sum[V];
    THINC_UNROLL
    for (int q = 0; q < Q; ++q)
        THINC_UNROLL
        for (int v = 0; v < V; ++v) acc[q][v] = splat<T>(T(0));
    for (std::size_t i = 0; i < n; ++i) {
        const T* row = X + wins[i].row * gap;
        Vec<T> d[Q];
        THINC_UNROLL
        for (int q = 0; q < Q; ++q) d[q] = splat<T>(wins[i].dY[q]);
        THINC_UNROLL
        for (int v = 0; v < V; ++v) {
            Vec<T> x = load<T>(row + v * width<T>);
            if constexpr (Q > 1) stay_in_register(x);
            THINC_UNROLL
            for (int q = 0; q < Q; ++q) acc[q][v] += d[q] * x;
        }
    }
    THINC_UNROLL
    for (int q = 0; q < Q; ++q) {
        load_stripe<T, V>(sum, dW[q], columns);
        THINC_UNROLL
        for (int v = 0; v < V; ++v) sum[v] += acc[q][v];
        store_stripe<T, V>(dW[q], sum, columns);
    }
}

// dW of n sets of outputs from `first` on, for one stripe.  X: the block of rows that was sorted.
template <typename T, int V, int Q>
void add_sets(const MaxoutGradient<T>& g, const Wins<T, Q>& wins, const T* X, std::ptrdiff_t gap, std::size_t first,
              std::size_t n, std::size_t start, std::size_t columns) {
    const Win<T, Q>* list = wins.list.numbers;
    const std::int32_t* count = wins.count.numbers;
    T* dW[Q];
    const auto add_list = [&]() {
        if (*count) add_wins<T, V, Q>(list, std::size_t(*count), X + start, gap, dW, columns);
        list += wins.rows, ++count;
    };
    for (std::size_t set = 0; set < n; ++set) {
        for (std::size_t row = Q * g.nP; set + 1 < n && row < 2 * Q * g.nP; ++row)  // of the next set
            fetch_stripe(g.dW + ((first + set * Q) * g.nP + row) * g.nI + start, columns);
        T* const of_set = g.dW + (first + set * Q) * g.nP * g.nI + start;
        for (std::size_t piece = 0; piece < g.nP; ++piece) {
            dW[0] = of_set + piece * g.nI;
            if constexpr (Q == 1)
                add_list();
            else
                for (std::size_t other = 0; other < g.nP; ++other) dW[1] = of_set + (g.nP + other) * g.nI, add_list();
        }
    }
}

// Are the rows of X whole stripes, which lie at the start of cache lines and in different sets of the cache?
template <typename T>
bool lies_well(const MaxoutGradient<T>& g, const Stripes<T>& stripes) {
    const std::ptrdiff_t gap = g.xrs * std::ptrdiff_t(sizeof(T));
    return g.nI % stripes.numbers() == 0 && (std::uintptr_t(g.X) | std::uintptr_t(gap)) % THINC_VECTOR_BYTES == 0 &&
           gap % 1024 != 0;
}

// dW and db of the outputs [begin, end), Q at a time; false if there is no memory.
template <typename T, int V, int Q>
bool add_outputs(const MaxoutGradient<T>& g, const Stripes<T>& stripes, std::size_t begin, std::size_t end) {
    if (begin == end) return true;
    const std::size_t blocks = (g.M + stripes.rows() - 1) / stripes.rows(), rows = (g.M + blocks - 1) / blocks;
    const bool in_place = lies_well<T>(g, stripes);
    // An odd number of vectors, so that rows lie in different sets of the cache.
    const std::size_t stride = (stripes.count * V | 1) * width<T>;
    Wins<T, Q> wins(rows, g.nP);
    Scratch<T> copy(in_place ? 1 : rows * stride);
    if (!wins.fits() || !copy.numbers) return false;
    for (std::size_t m0 = 0; m0 < g.M; m0 += rows) {
        const std::size_t n = g.M - m0 < rows ? g.M - m0 : rows;
        const T* X = g.X + std::ptrdiff_t(m0) * g.xrs;
        if (!in_place) copy_stripe<T>(copy.numbers, stride, X, g.xrs, n, g.nI);
        for (std::size_t o = begin; o < end; o += wins.sets * Q) {
            const std::size_t left = (end - o) / Q, sets = left < wins.sets ? left : wins.sets;
            sort_wins<T, Q>(g, wins, m0, n, o, sets);
            add_bias<T>(g, wins.sums.numbers, m0, n, o, sets * Q);
            for (std::size_t s = 0; s < stripes.count; ++s)
                add_sets<T, V, Q>(g, wins, in_place ? X : copy.numbers, in_place ? g.xrs : std::ptrdiff_t(stride), o,
                                  sets, s * stripes.numbers(), stripes.columns(s));
        }
    }
    return true;
}

template <typename T, int V>
bool weight_gradient(const MaxoutGradient<T>& g, const Stripes<T>& stripes, std::size_t begin, std::size_t end) {
    const std::size_t pairs = g.nP > FEW_PIECES ? begin : end - (end - begin) % 2;
    return add_outputs<T, V, 2>(g, stripes, begin, pairs) && add_outputs<T, V, 1>(g, stripes, pairs, end);
}

}  // namespace
}  // namespace thinc
