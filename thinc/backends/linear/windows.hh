// A maxout layer over windows of rows, its layer normalization and its residual, block by block: a
// window is read where its rows lie, and what a block gives stays in the cache until it is finished.
#pragma once
#include "../normalization/kernels.hh"
#include "maxout.hh"

namespace thinc {
namespace {

// The rows that the windows of [i0, i0 + M) read, with zeros in place of those that X doesn't have.
template <typename T>
const T* copy_rows(T* to, const WindowProduct<T>& p, std::size_t i0, std::size_t M) {
    const std::size_t w = p.maxout.nO;
    T* row = to;
    for (std::size_t i = i0; i < i0 + M + 2 * p.nW; ++i, row += w)  // row i of the copy is row i - nW of X
        if (i < p.nW || i - p.nW >= p.maxout.M)
            memset(row, 0, w * sizeof(T));
        else
            memcpy(row, p.maxout.X + (i - p.nW) * w, w * sizeof(T));
    return to;
}

// Y = X + (Y - mean) · scale · G + shift for the rows [begin, end).
template <typename T>
void finish_rows(const WindowProduct<T>& p, std::size_t begin, std::size_t end) {
    const std::size_t w = p.maxout.nO;
    const T *THINC_RESTRICT G = p.G, *THINC_RESTRICT shift = p.shift;
    for (std::size_t r = begin; r < end; ++r) {
        const T* THINC_RESTRICT x = p.maxout.X + r * w;
        T* THINC_RESTRICT y = p.maxout.Y + r * w;
        T scale;
        const T mean = normalization::measure_row<T>(y, w, p.epsilon, scale);
        for (std::size_t i = 0; i < w; ++i) y[i] = x[i] + ((y[i] - mean) * scale * G[i] + shift[i]);
    }
}

// Rows [begin, end).  Only the blocks at the ends of X copy their rows.
template <typename T, typename Panels>
void encode_rows(const WindowProduct<T>& p, const T* packed, T* strips, T* edge, std::size_t begin, std::size_t end) {
    const std::size_t w = p.maxout.nO;
    for (std::size_t i0 = begin; i0 < end; i0 += Panels::ROWS) {
        const std::size_t M = end - i0 < Panels::ROWS ? end - i0 : Panels::ROWS;
        const bool inside = i0 >= p.nW && i0 + M + p.nW <= p.maxout.M;
        MaxoutProduct<T> block = p.maxout;
        block.X = inside ? p.maxout.X + (i0 - p.nW) * w : copy_rows<T>(edge, p, i0, M);
        block.xrs = std::ptrdiff_t(w), block.xcs = 1;
        block.Y += i0 * w, block.which = nullptr;
        Panels::run(block, packed, strips, 0, M);
        finish_rows<T>(p, i0, i0 + M);
    }
}

template <typename T, typename S>
bool encode_by_panels(const WindowProduct<T>& p, bool copy) {
    using Panels = MaxoutPanels<T, S>;
    const MaxoutProduct<T>& product = p.maxout;
    Scratch<T> packed(Panels::size(product));
    if (packed.numbers == nullptr) return false;
    Panels::pack(packed.numbers, product);
    bool done = true;
    in_chunks(product.M, Panels::grain(product), [&](std::size_t begin, std::size_t end) {
        Scratch<T> edge((Panels::ROWS + 2 * p.nW) * product.nO), strips(copy ? Panels::strips_size(product) : 0);
        if (edge.numbers == nullptr || strips.numbers == nullptr)
            __atomic_store_n(&done, false, __ATOMIC_RELAXED);
        else
            encode_rows<T, Panels>(p, packed.numbers, copy ? strips.numbers : nullptr, edge.numbers, begin, end);
    });
    return done;
}

}  // namespace
}  // namespace thinc
