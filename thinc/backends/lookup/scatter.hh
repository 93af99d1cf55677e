// Add to rows of tables.
#pragma once
#include "../_memory.hh"

// Memory that will soon be changed, where the compiler can ask for it.
#if defined(__GNUC__)
#define THINC_FETCH(pointer) __builtin_prefetch(pointer, 1)
#else
#define THINC_FETCH(pointer) ((void)(pointer))
#endif

namespace thinc {
namespace lookup {
namespace {

template <typename T>
THINC_INLINE void add_row(T* THINC_RESTRICT row, const T* THINC_RESTRICT value, std::size_t w) {
    for (std::size_t j = 0; j < w; ++j) row[j] += value[j];
}

// Each row of the table is taken once, with all that is added to it.  It costs a pass over the rows.
// next: (rows + 1 + n·K,).
template <typename T>
void scatter_by_row(T* table, const std::int32_t* indices, const T* values, std::size_t n, std::size_t K,
                    std::size_t w, std::size_t rows, std::uint32_t* next) {
    std::uint32_t* order = next + rows + 1;  // the values of each row, one row after the other
    memset(next, 0, (rows + 1) * sizeof *next);
    for (std::size_t e = 0; e < n * K; ++e) ++next[indices[e] + 1];
    for (std::size_t r = 0; r < rows; ++r) next[r + 1] += next[r];
    for (std::size_t k = 0; k < K; ++k)
        for (std::size_t i = 0; i < n; ++i) order[next[indices[i * K + k]]++] = std::uint32_t(i);
    std::size_t e = 0;
    for (std::size_t r = 0; r < rows; ++r) {
        T* THINC_RESTRICT row = table + r * w;
        const std::size_t end = next[r];
        for (; e + 3 < end; e += 4) {
            const T *a = values + order[e] * w, *b = values + order[e + 1] * w;
            const T *c = values + order[e + 2] * w, *d = values + order[e + 3] * w;
            for (std::size_t j = 0; j < w; ++j) row[j] = (((row[j] + a[j]) + b[j]) + c[j]) + d[j];
        }
        for (; e < end; ++e) add_row(row, values + order[e] * w, w);
    }
}

// table[indices[i, k]] += values[i].  Not in pieces: two of them could meet in one row.
// Compatibility: all of one k before the next, as in upstream's gradient, so that sums are rounded alike.
// Measured for K = 4: one k after the other takes up to 1.5 times as long as all k of an i at once; sorted by row
// it takes as long, if most rows get something; fetching rows early makes up for it where few do.
template <typename T>
void scatter_add(T* table, const std::int32_t* indices, const T* values, std::size_t n, std::size_t K, std::size_t w,
                 std::size_t rows) {
    const std::size_t room = rows + 1 + n * K;
    if (K > 1 && n * K > rows + rows / 2 && room < UINT32_MAX) {
        Scratch<std::uint32_t> next(room);
        if (next.numbers) return scatter_by_row(table, indices, values, n, K, w, rows, next.numbers);
    }
    constexpr std::size_t EARLY = 4;
    const auto row_of = [=](std::size_t i, std::size_t k) {
        const std::int32_t index = indices[i * K + k];
        return table + (index < 0 ? std::size_t(index + std::int64_t(rows)) : std::size_t(index)) * w;
    };
    for (std::size_t k = 0; k < K; ++k)
        for (std::size_t i = 0; i < n; ++i) {
            if (i + EARLY < n) {
                const T* ahead = row_of(i + EARLY, k);
                for (std::size_t j = 0; j < w; j += 64 / sizeof(T)) THINC_FETCH(ahead + j);
            }
            add_row(row_of(i, k), values + i * w, w);
        }
}

}  // namespace
}  // namespace lookup
}  // namespace thinc
