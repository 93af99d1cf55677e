// The hashes and look-ups that every instruction set provides.
#pragma once
#include <cstddef>
#include <cstdint>

namespace thinc {

template <typename T>
struct LookupTable {
    // Rows of Y are ldy apart.
    void (*gather_add)(const T* table, const std::int32_t* indices, T* Y, std::size_t n, std::size_t K, std::size_t w,
                       std::size_t ldy);
    void (*scatter_add)(T* table, const std::int32_t* indices, const T* values, std::size_t n, std::size_t K,
                        std::size_t w, std::size_t rows);
};

struct HashTable {
    void (*hash)(const std::uint64_t* ids, std::uint32_t* hashes, std::size_t n, std::uint32_t seed);
    void (*hash_rows)(const char* ids, std::ptrdiff_t stride, std::int32_t* rows, std::size_t n, std::uint32_t seed,
                      std::uint32_t nV);
    void (*ngrams)(const std::uint64_t* keys, std::uint64_t* Y, std::size_t count, std::size_t n);
    void (*sparse_affine)(const float* W, const float* b, const std::uint64_t* keys, const float* values,
                          const std::int32_t* lengths, float* Y, std::size_t nB, std::size_t nO, std::uint32_t length,
                          bool shared);
    void (*backprop_sparse_affine)(const float* dY, const std::uint64_t* keys, const float* values,
                                   const std::int32_t* lengths, float* dW, std::size_t nB, std::size_t nO,
                                   std::uint32_t length, bool shared);
    void (*range)(const std::int32_t* indices, std::size_t n, std::int32_t* low, std::int32_t* high);
    void (*waves)(const double* frequencies, const double* phases, float* Y, std::size_t N, std::size_t D);
};

}  // namespace thinc
