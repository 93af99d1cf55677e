// Rows of a matrix in stripes that fit the registers, and blocks of them that fit the L1 cache.
#pragma once
#include "../_memory.hh"
#include "../_simd.hh"

namespace thinc {
namespace {

// At most so many vectors of a row stay in registers; a block of rows of that width fits the L1 cache.
constexpr int STRIPE_VECTORS = 8;
constexpr std::size_t BLOCK_BYTES = std::size_t(1) << 15;

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

// Keep GCC from reading x from memory again for each instruction that uses it.
template <typename X>
THINC_INLINE void stay_in_register(X& x) {
#if defined(__GNUC__) && defined(__x86_64__) && !defined(THINC_PLAIN_VECTORS)
    asm("" : "+v"(x));
#else
    (void)x;
#endif
}

template <typename T, int V>
THINC_INLINE void load_stripe(Vec<T> (&x)[V], const T* from, std::size_t columns) {
    if (columns >= std::size_t(V) * width<T>) {
        THINC_UNROLL
        for (int v = 0; v < V; ++v) x[v] = load<T>(from + v * width<T>);
        return;
    }
    THINC_UNROLL
    for (int v = 0; v < V; ++v) {
        const std::size_t start = std::size_t(v) * width<T>;
        const std::size_t left = columns > start ? columns - start : 0;
        x[v] = left >= std::size_t(width<T>) ? load<T>(from + start) : load_part<T>(from + (left ? start : 0), left);
    }
}

template <typename T, int V>
THINC_INLINE void store_stripe(T* to, const Vec<T> (&x)[V], std::size_t columns) {
    if (columns >= std::size_t(V) * width<T>) {
        THINC_UNROLL
        for (int v = 0; v < V; ++v) store<T>(to + v * width<T>, x[v]);
        return;
    }
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

// Ask for the first `columns` numbers of a row.
template <typename T>
THINC_INLINE void fetch_stripe(const T* row, std::size_t columns) {
    for (std::size_t j = 0; j < columns; j += 64 / sizeof(T)) fetch_line(row + j);
}

// to[r, :] = from[r, 0 … columns), and 0 up to the width of a stripe.
template <typename T>
void copy_stripe(T* to, std::size_t stride, const T* from, std::ptrdiff_t gap, std::size_t rows, std::size_t columns) {
    for (std::size_t r = 0; r < rows; ++r, to += stride, from += gap) {
        std::size_t j = 0;
        for (; j + width<T> <= columns; j += width<T>) store<T>(to + j, load<T>(from + j));
        for (; j < stride; ++j) to[j] = j < columns ? from[j] : T(0);
    }
}

}  // namespace
}  // namespace thinc
