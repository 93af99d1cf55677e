// The LSTM through time: one small matrix product and one pass over the gates for each step.
#pragma once
#include "../_simd_math.hh"
#include "../linear/kernels.hh"
#include "table.hh"

namespace thinc {
namespace {

template <typename T> THINC_INLINE Vec<T> logistic(Vec<T> x) {
    const Vec<T> one = splat<T>(T(1));
    return one / (one + exp<T>(-x));
}

// Call f(j, n) for all vectors of a row: n lanes from j on, fewer than the width in the last.
template <typename T, typename F> THINC_INLINE void each_vector(std::size_t columns, F f) {
    for (std::size_t j = 0; j < columns; j += width<T>) f(j, least(columns - j, width<T>));
}

// The gates of one row, in place; the new cells and hidden state.
// c = f · c + i · g;  h = o · tanh(c).
template <typename T>
THINC_NOINLINE void step_row(T* a, T* c, T* h, std::size_t nH) {
    each_vector<T>(nH, [=](std::size_t j, std::size_t n) {
        const Vec<T> f = logistic<T>(load_part<T>(a + j, n)), i = logistic<T>(load_part<T>(a + nH + j, n));
        const Vec<T> o = logistic<T>(load_part<T>(a + 2 * nH + j, n)), g = tanh<T>(load_part<T>(a + 3 * nH + j, n));
        const Vec<T> cell = f * load_part<T>(c + j, n) + i * g;
        store_part<T>(a + j, f, n), store_part<T>(a + nH + j, i, n);
        store_part<T>(a + 2 * nH + j, o, n), store_part<T>(a + 3 * nH + j, g, n);
        store_part<T>(c + j, cell, n);
        store_part<T>(h + j, o * tanh<T>(cell), n);
    });
}

// A matrix that stays the same over all steps, in panels: C += A · B.
template <typename T>
struct Weights {
    Product<T> p;
    Scratch<T> panels;
    Weights(const T* B, std::ptrdiff_t brs, std::ptrdiff_t bcs, std::size_t N, std::size_t K)
        : p{nullptr, std::ptrdiff_t(N), nullptr, std::ptrdiff_t(K), 1, B, brs, bcs, 0, N, K, nullptr, false, nullptr,
            nullptr, nullptr},
          panels((N + TILE_COLUMNS<T>) * K) {
        for (std::size_t j = 0; j < N && panels.numbers != nullptr; j += TILE_COLUMNS<T>) block().pack(j);
    }
    Block<T> block() const { return {p, 0, p.K, 0, p.N, panels.numbers, BEFORE}; }

    void multiply(T* C, const T* A, std::size_t rows, bool add) {
        p.C = C, p.A = A, p.M = rows, p.add = add;
        multiply_rows<T>(block(), 0, rows, nullptr);
    }
};

template <typename T>
void repeat(T* to, const T* row, std::size_t rows, std::size_t columns) {
    for (std::size_t r = 0; r < rows; ++r) memcpy(to + r * columns, row, columns * sizeof(T));
}

template <typename T>
bool walk(const Walk<T>& w) {
    const std::size_t nH = w.nH, nG = 4 * nH;
    if (nH == 0 || w.nB == 0) return true;
    Weights<T> weights(w.Wh, 1, std::ptrdiff_t(nH), nG, nH);
    Scratch<T> h(w.nB * nH), c(w.nB * nH);
    if (weights.panels.numbers == nullptr || h.numbers == nullptr || c.numbers == nullptr) return false;
    repeat<T>(h.numbers, w.h0, w.nB, nH);
    repeat<T>(c.numbers, w.c0, w.nB, nH);
    for (std::size_t s = 0; s < w.nS; ++s) {
        const std::ptrdiff_t start = w.steps[2 * s], rows = w.steps[2 * s + 1] - start;
        weights.multiply(w.gates + start * std::ptrdiff_t(nG), h.numbers, std::size_t(rows), true);
        for (std::ptrdiff_t r = 0; r < rows; ++r) {
            T *state = h.numbers + r * std::ptrdiff_t(nH), *cell = c.numbers + r * std::ptrdiff_t(nH);
            step_row<T>(w.gates + (start + r) * std::ptrdiff_t(nG), cell, state, nH);
            memcpy(w.hidden + (start + r) * w.gap, state, nH * sizeof(T));
            if (w.cells) memcpy(w.cells + (start + r) * std::ptrdiff_t(nH), cell, nH * sizeof(T));
        }
    }
    return true;
}

// One row of the way back: da from dh, which holds what later steps gave, and dc, which becomes
// what the earlier step gets.
template <typename T>
THINC_NOINLINE void step_back_row(const T* a, const T* cell, const T* before, const T* dH, const T* dh, T* dc, T* da,
                                  std::size_t nH) {
    each_vector<T>(nH, [=](std::size_t j, std::size_t n) {
        const Vec<T> one = splat<T>(T(1));
        const Vec<T> f = load_part<T>(a + j, n), i = load_part<T>(a + nH + j, n);
        const Vec<T> o = load_part<T>(a + 2 * nH + j, n), g = load_part<T>(a + 3 * nH + j, n);
        const Vec<T> t = tanh<T>(load_part<T>(cell + j, n));
        const Vec<T> d_hidden = load_part<T>(dH + j, n) + load_part<T>(dh + j, n);
        const Vec<T> d_cell = load_part<T>(dc + j, n) + d_hidden * o * (one - t * t);
        store_part<T>(da + j, d_cell * load_part<T>(before + j, n) * f * (one - f), n);
        store_part<T>(da + nH + j, d_cell * g * i * (one - i), n);
        store_part<T>(da + 2 * nH + j, d_hidden * t * o * (one - o), n);
        store_part<T>(da + 3 * nH + j, d_cell * i * (one - g * g), n);
        store_part<T>(dc + j, d_cell * f, n);
    });
}

template <typename T>
bool walk_back(const WalkBack<T>& w) {
    const std::ptrdiff_t nH = std::ptrdiff_t(w.nH), nG = 4 * nH;
    if (nH == 0 || w.nB == 0) return true;
    Weights<T> weights(w.Wh, nH, 1, w.nH, std::size_t(nG));
    Scratch<T> dh(w.nB * w.nH), dc(w.nB * w.nH);
    if (weights.panels.numbers == nullptr || dh.numbers == nullptr || dc.numbers == nullptr) return false;
    memset(dh.numbers, 0, dh.bytes);
    memset(dc.numbers, 0, dc.bytes);
    for (std::size_t s = w.nS; s-- > 0;) {
        const std::ptrdiff_t start = w.steps[2 * s], rows = w.steps[2 * s + 1] - start;
        const std::ptrdiff_t earlier = s ? w.steps[2 * s - 2] : 0, known = s ? w.steps[2 * s - 1] - earlier : 0;
        for (std::ptrdiff_t r = 0; r < rows; ++r) {
            const std::ptrdiff_t at = start + r;
            // A sequence that joins at this step comes from the initial state.
            const T* before = r < known ? w.cells + (earlier + r) * nH : w.c0;
            memcpy(w.previous + at * nH, r < known ? w.hidden + (earlier + r) * nH : w.h0, w.nH * sizeof(T));
            step_back_row<T>(w.gates + at * nG, w.cells + at * nH, before, w.dH + at * w.gap, dh.numbers + r * nH,
                             dc.numbers + r * nH, w.dA + at * nG, w.nH);
        }
        weights.multiply(dh.numbers, w.dA + start * nG, std::size_t(rows), false);
    }
    return true;
}

template <typename T>
void fill(RecurrentTable<T>& table) {
    table.walk = walk<T>;
    table.walk_back = walk_back<T>;
}

}  // namespace
}  // namespace thinc
