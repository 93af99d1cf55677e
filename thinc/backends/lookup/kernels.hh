// Hash keys and add up rows of tables.
#pragma once
#include "../_chunks.hh"
#include "scatter.hh"
#include "sparse.hh"
#include "table.hh"

namespace thinc {
namespace lookup {
namespace {

constexpr std::size_t ROWS = 256;  // per piece of work

// hashes: (n, 4), the low half of each word first.
void hash(const std::uint64_t* ids, std::uint32_t* hashes, std::size_t n, std::uint32_t seed) {
    in_chunks(n, ROWS * 16, [=](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i) {
            std::uint64_t h1, h2;
            hash_key(ids[i], seed, h1, h2);
            hashes[4 * i] = std::uint32_t(h1);
            hashes[4 * i + 1] = std::uint32_t(h1 >> 32);
            hashes[4 * i + 2] = std::uint32_t(h2);
            hashes[4 * i + 3] = std::uint32_t(h2 >> 32);
        }
    });
}

// rows: (n, 4), the hashes of each id modulo nV.  stride: bytes between two ids.
void hash_rows(const char* ids, std::ptrdiff_t stride, std::int32_t* rows, std::size_t n, std::uint32_t seed,
               std::uint32_t nV) {
    const Remainder remainder(nV);
    in_chunks(n, ROWS * 4, [=](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i) {
            std::uint64_t key, h1, h2;
            memcpy(&key, ids + std::ptrdiff_t(i) * stride, sizeof key);
            hash_key(key, seed, h1, h2);
            rows[4 * i] = std::int32_t(remainder(std::uint32_t(h1)));
            rows[4 * i + 1] = std::int32_t(remainder(std::uint32_t(h1 >> 32)));
            rows[4 * i + 2] = std::int32_t(remainder(std::uint32_t(h2)));
            rows[4 * i + 3] = std::int32_t(remainder(std::uint32_t(h2 >> 32)));
        }
    });
}

// MurmurHash64A, seed 0, of n neighbouring keys each.
void ngrams(const std::uint64_t* keys, std::uint64_t* Y, std::size_t count, std::size_t n) {
    in_chunks(count, ROWS * 16, [=](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i) Y[i] = hash_window(keys + i, n);
    });
}

// The smallest and the largest index; n > 0.
void range(const std::int32_t* indices, std::size_t n, std::int32_t* low, std::int32_t* high) {
    std::int32_t least = indices[0], most = indices[0];
    for (std::size_t i = 1; i < n; ++i) {
        least = indices[i] < least ? indices[i] : least;
        most = indices[i] > most ? indices[i] : most;
    }
    *low = least;
    *high = most;
}

// Y[i] = Σ_k table[indices[i, k]], added up in the order of k.
template <typename T>
void gather_add(const T* table, const std::int32_t* indices, T* Y, std::size_t n, std::size_t K, std::size_t w,
                std::size_t ldy) {
    in_chunks(n, ROWS, [=](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i) {
            T* THINC_RESTRICT y = Y + i * ldy;
            const std::int32_t* index = indices + i * K;
            std::size_t k = 0;
            if (K >= 4) {
                const T *a = table + index[0] * w, *b = table + index[1] * w;
                const T *c = table + index[2] * w, *d = table + index[3] * w;
                for (std::size_t j = 0; j < w; ++j) y[j] = ((a[j] + b[j]) + c[j]) + d[j];
                k = 4;
            } else if (K > 0) {
                memcpy(y, table + index[0] * w, w * sizeof(T));
                k = 1;
            } else {
                memset(y, 0, w * sizeof(T));
            }
            for (; k < K; ++k) {
                const T* a = table + index[k] * w;
                for (std::size_t j = 0; j < w; ++j) y[j] += a[j];
            }
        }
    });
}

// Y[i, j] = sin(i · frequencies[j] + phases[j]).
void waves(const double* frequencies, const double* phases, float* Y, std::size_t N, std::size_t D) {
    in_chunks(N, 1 + 16384 / (D + 1), [=](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i) {
            float* THINC_RESTRICT y = Y + i * D;
            for (std::size_t j = 0; j < D; ++j) y[j] = float(sine(double(i) * frequencies[j] + phases[j]));
        }
    });
}

}  // namespace
}  // namespace lookup

namespace {

template <typename T>
void fill(LookupTable<T>& table) {
    table.gather_add = lookup::gather_add<T>;
    table.scatter_add = lookup::scatter_add<T>;
}

void fill(HashTable& table) {
    table.hash = lookup::hash;
    table.hash_rows = lookup::hash_rows;
    table.ngrams = lookup::ngrams;
    table.sparse_affine = lookup::sparse_affine;
    table.backprop_sparse_affine = lookup::backprop_sparse_affine;
    table.range = lookup::range;
    table.waves = lookup::waves;
}

}  // namespace
}  // namespace thinc
