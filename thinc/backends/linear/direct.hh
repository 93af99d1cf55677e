// C = A · B with both matrices read in place: for few rows or few terms a copy of B would take longer than
// it saves.
#pragma once
#include "tiles.hh"

namespace thinc {
namespace {

// Up to so many terms most of the time goes into writing C: row by row, if possible in whole cache lines.
constexpr std::size_t WRITTEN_TERMS = 48;
// Where C is larger than that and the terms are very few, its tiles have few rows, so that they are wide.
constexpr std::size_t WIDE_BYTES = 65536, WIDE_TERMS = 16;
constexpr std::size_t WIDE_ROWS = TILE_ROWS == 12 ? 6 : TILE_ROWS;
// Rows of B that lie in so many pages are read before the next columns are: the addresses of more pages are
// not at hand, and rows that are a power of two apart would drive each other out of the cache.
constexpr std::size_t PAGES = 64, PAGE_BYTES = 4096;
// So many terms at most are added one by one, for the bound of rounding.
constexpr std::size_t CHAIN = 192;

// n things in the fewest parts of at most `most`, the first `larger` of which have one more than the others.
struct Parts {
    std::size_t count, least, larger;
    Parts(std::size_t n, std::size_t most) : count((n + most - 1) / most), least(n / count), larger(n % count) {}
    std::size_t size(std::size_t i) const { return least + (i < larger); }
    std::size_t start(std::size_t i) const { return i * least + (i < larger ? i : larger); }
};

// Columns by which the first panel is narrower, so that the others begin at a cache line in each row of C.
template <typename T>
std::size_t columns_to_line(const Corner<T>& all, std::size_t K) {
    const std::size_t vectors = all.columns / width<T>;
    if (!HAS_MASKS || vectors < 4 || (vectors < 12 && K > 8)) return 0;
    if (std::size_t(all.ldc) * sizeof(T) % LINE_BYTES != 0) return 0;
    return reinterpret_cast<std::uintptr_t>(all.C) % LINE_BYTES / sizeof(T) % width<T>;
}

// One product in tiles of nearly the same size.
template <typename T>
struct Grid {
    const Corner<T>& all;
    const T* A;
    std::ptrdiff_t ars, acs;
    const T* B;
    std::ptrdiff_t brs;
    std::size_t K, lead;
    Parts strips, panels;
    bool split;

    Tile<T> tile_for(std::size_t rows, std::size_t columns) const {
        const std::size_t vectors = (columns + width<T> - 1) / width<T>;
        const bool whole = columns % width<T> == 0;
        return split ? tile_of<T, true>(rows, vectors, whole) : tile_of<T, false>(rows, vectors, whole);
    }

    // The panels [p, end) of strip s; all of the same width, but for the first and the last one.
    void multiply(std::size_t s, std::size_t p, std::size_t end) const {
        const std::size_t i = strips.start(s), rows = strips.size(s);
        std::size_t j = panels.start(p) * width<T>, stop = j + panels.size(p) * width<T> - lead;
        j -= j < lead ? j : lead;
        const T* a = A + std::ptrdiff_t(i) * ars;
        Corner<T> corner = {all.C + std::ptrdiff_t(i) * all.ldc + j, all.ldc, stop - j,
                            all.bias ? all.bias + j : nullptr, all.add};
        const Tile<T> whole = tile_for(rows, corner.columns);
        for (; p < end && stop <= all.columns; ++p) {
            whole(corner, a, ars, acs, B + j, brs, K);
            corner.C += corner.columns;
            if (corner.bias) corner.bias += corner.columns;
            j = stop, stop += corner.columns;
        }
        if (p == end) return;
        corner.columns = all.columns - j;
        tile_for(rows, corner.columns)(corner, a, ars, acs, B + j, brs, K);
    }

    void multiply_strip(std::size_t s) const {
        const std::size_t first = lead > 0 ? 1 : 0, next = panels.larger > first ? panels.larger : first;
        if (first) multiply(s, 0, 1);
        if (next > first) multiply(s, first, next);
        if (panels.count > next) multiply(s, next, panels.count);
    }
};

template <typename T>
void multiply_terms(const Corner<T>& all, const T* A, std::ptrdiff_t ars, std::ptrdiff_t acs, const T* B,
                    std::ptrdiff_t brs, std::size_t M, std::size_t K, bool split) {
    const bool written = K <= WRITTEN_TERMS && M > std::size_t(TILE_ROWS);
    const bool wide = written && K <= WIDE_TERMS && M * all.columns * sizeof(T) > WIDE_BYTES;
    const std::size_t lead = written ? columns_to_line(all, K) : 0;
    const Parts strips(M, wide ? WIDE_ROWS : TILE_ROWS);
    const Parts panels((all.columns + lead + width<T> - 1) / width<T>, most_vectors(int(strips.size(0))));
    const Grid<T> grid = {all, A, ars, acs, B, brs, K, lead, strips, panels, split};
    if (written) {
        for (std::size_t s = 0; s < strips.count; ++s) grid.multiply_strip(s);
        return;
    }
    for (std::size_t p = 0; p < panels.count; ++p)
        for (std::size_t s = 0; s < strips.count; ++s) grid.multiply(s, p, p + 1);
}

// All of C.  The rows of B must be contiguous: bcs = 1; without masks they must be whole vectors.  `split`: may a
// sum be added up in parts, as the shape of its tile demands?  Shapes change where a product is cut, and some with
// the address of C.
template <typename T>
void multiply_direct(const Corner<T>& all, const T* A, std::ptrdiff_t ars, std::ptrdiff_t acs, const T* B,
                     std::ptrdiff_t brs, std::size_t M, std::size_t K, bool split) {
    if (all.columns == 0) return;
    const std::size_t gap = std::size_t(brs < 0 ? -brs : brs) * sizeof(T);
    const std::size_t reach = gap == 0 ? CHAIN : PAGES * PAGE_BYTES / (gap < PAGE_BYTES ? gap : PAGE_BYTES);
    const Parts terms(K, reach < CHAIN ? reach : CHAIN);
    for (std::size_t t = 0; t < terms.count; ++t) {
        const std::ptrdiff_t k = std::ptrdiff_t(terms.start(t));
        const Corner<T> corner = {all.C, all.ldc, all.columns, t + 1 == terms.count ? all.bias : nullptr,
                                  all.add || t > 0};
        multiply_terms<T>(corner, A + k * acs, ars, acs, B + k * brs, brs, M, terms.size(t), split);
    }
}

}  // namespace
}  // namespace thinc
