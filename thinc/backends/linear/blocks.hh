// C = A · B in blocks that fit the caches: B is copied to panels, and A to strips where its rows lie badly.
#pragma once
#include "../_memory.hh"
#include "packing.hh"
#include "table.hh"

namespace thinc {
namespace {

// A block of B (K_BLOCK x N_BLOCK) and one of A (M_BLOCK x K_BLOCK) fit the L2 cache together.
template <typename T> constexpr std::size_t K_BLOCK = sizeof(T) == 4 ? 256 : 192;
template <typename T> constexpr std::size_t N_BLOCK = 4096 / sizeof(T);
constexpr std::size_t M_BLOCK = 16 * TILE_ROWS;
// Up to so many columns of A its copy costs more than it saves.
constexpr std::size_t FEW_TERMS = 48;

constexpr std::size_t least(std::size_t a, std::size_t b) { return a < b ? a : b; }

// When the panels of a block are copied: all of them BEFORE the product; each WITH the first rows of C; or each
// IN_TURN, to where the one before lay, in the L1 cache, as all rows of C are computed at once.
enum Copies { BEFORE, WITH_ROWS, IN_TURN };

// One block of B, copied: K rows from k0 on, N columns from j0 on, in panels as wide as a tile.
template <typename T>
struct Block {
    const Product<T>& p;
    std::size_t k0, K, j0, N;
    T* packed;
    Copies copies;

    std::size_t columns(std::size_t j) const { return least(N - j, TILE_COLUMNS<T>); }
    // The last panel is one vector wide if that is enough.
    std::size_t vectors(std::size_t j) const { return columns(j) <= std::size_t(width<T>) ? 1 : TILE_VECTORS; }
    T* panel(std::size_t j) const { return copies == IN_TURN ? packed : packed + j * K; }
    const T* source(std::size_t j) const { return p.B + std::ptrdiff_t(k0) * p.brs + std::ptrdiff_t(j0 + j) * p.bcs; }

    void pack(std::size_t j) const {
        pack_columns<T>(panel(j), vectors(j) * width<T>, source(j), p.brs, p.bcs, K, columns(j));
    }

    // Ask for one of several parts of a panel that will be packed next.
    void fetch(std::size_t j, std::size_t part, std::size_t parts) const {
        if (j >= N) return;
        const bool rows = p.bcs == 1;
        const std::size_t lines = rows ? K : columns(j), length = rows ? columns(j) : K;
        const std::ptrdiff_t gap = rows ? p.brs : p.bcs;
        const T* from = source(j);
        for (std::size_t i = lines * part / parts; i < lines * (part + 1) / parts; ++i)
            for (std::size_t k = 0; k < length; k += LINE_BYTES / sizeof(T))
                fetch_line(from + std::ptrdiff_t(i) * gap + k);
    }
};

// Rows [i0, i0 + M) of C for one block of B.
template <typename T>
void multiply_rows(const Block<T>& block, std::size_t i0, std::size_t M, T* strips) {
    const Product<T>& p = block.p;
    const bool last = block.k0 + block.K == p.K, first = block.k0 == 0;
    const bool packs = block.copies != BEFORE && i0 == 0;
    const bool fetches = packs && M > TILE_ROWS && (p.bcs == 1 || p.brs == 1);
    const T* A = p.A + std::ptrdiff_t(i0) * p.ars + std::ptrdiff_t(block.k0) * p.acs;
    std::ptrdiff_t ars = p.ars, acs = p.acs, gap = p.ars * TILE_ROWS;
    if (strips != nullptr) {
        pack_strips<T>(strips, A, ars, acs, M, block.K);
        A = strips, ars = 1, acs = TILE_ROWS, gap = std::ptrdiff_t(TILE_ROWS * block.K);
    }
    for (std::size_t j = 0; j < block.N; j += TILE_COLUMNS<T>) {
        if (packs) block.pack(j);
        const std::size_t columns = block.columns(j), vectors = block.vectors(j);
        const bool full = columns == vectors * width<T>;
        const Tile<T> whole = tile_of<T>(TILE_ROWS, vectors, full), rest = tile_of<T>(M % TILE_ROWS, vectors, full);
        const T* a = A;
        for (std::size_t i = 0; i < M; i += TILE_ROWS, a += gap) {
            T* c = p.C + std::ptrdiff_t(i0 + i) * p.ldc + block.j0 + j;
            const Corner<T> corner = {c, p.ldc, columns, last && p.bias ? p.bias + block.j0 + j : nullptr,
                                      p.add || !first};
            if (fetches) block.fetch(j + TILE_COLUMNS<T>, i / TILE_ROWS, (M + TILE_ROWS - 1) / TILE_ROWS);
            if (corner.add) prefetch_tile<T>(c, p.ldc, least(M - i, TILE_ROWS));
            (M - i < TILE_ROWS ? rest : whole)(corner, a, ars, acs, block.panel(j), vectors * width<T>, block.K);
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

// False if there is no memory for the copies.
template <typename T>
bool multiply_blocks(const Product<T>& p) {
    const std::size_t steps = (p.K + K_BLOCK<T> - 1) / K_BLOCK<T>, kc = (p.K + steps - 1) / steps;
    const Copies copies = p.M <= M_BLOCK ? IN_TURN : WITH_ROWS;
    const std::size_t columns = (copies == IN_TURN ? 0 : least(p.N, N_BLOCK<T>)) + TILE_COLUMNS<T>;
    const bool copy = copies_left(p);
    Scratch<T> packed(columns * kc), strips(copy ? (M_BLOCK + TILE_ROWS) * kc : 0);
    if (packed.numbers == nullptr || (copy && strips.numbers == nullptr)) return false;
    for (std::size_t j0 = 0; j0 < p.N; j0 += N_BLOCK<T>)
        for (std::size_t k0 = 0; k0 < p.K; k0 += kc) {
            const Block<T> block = {p,  k0, least(p.K - k0, kc), j0, least(p.N - j0, N_BLOCK<T>), packed.numbers,
                                    copies};
            for (std::size_t i0 = 0; i0 < p.M; i0 += M_BLOCK) {
                const std::size_t rows = least(p.M - i0, M_BLOCK);
                multiply_rows<T>(block, i0, rows, copy ? strips.numbers : nullptr);
                if (p.finish && p.N <= N_BLOCK<T> && k0 + block.K == p.K)
                    p.finish(p.C + i0 * p.N, p.Y + i0 * p.N, rows * p.N, p.options);
            }
        }
    if (p.finish && p.N > N_BLOCK<T>) p.finish(p.C, p.Y, p.M * p.N, p.options);
    return true;
}

}  // namespace
}  // namespace thinc
