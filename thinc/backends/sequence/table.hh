// The operations on ragged batches that every instruction set provides.
#pragma once
#include <cstddef>
#include <cstdint>

namespace thinc {

// lengths: (nB,), rows of each sequence; all sequences stand one below the other.  w: columns.
template <typename T>
struct SequenceTable {
    void (*backprop_seq2col)(const T* dY, T* dX, const std::int32_t* lengths, std::size_t nB, std::size_t w, std::size_t nW);
    void (*reduce_sum)(const T* X, T* Y, const std::int32_t* lengths, std::size_t nB, std::size_t w, bool mean);
    void (*backprop_reduce_sum)(const T* dY, T* dX, const std::int32_t* lengths, std::size_t nB, std::size_t w, bool mean);
    void (*reduce_max)(const T* X, T* Y, std::int32_t* which, const std::int32_t* lengths, std::size_t nB, std::size_t w);
    bool (*backprop_reduce_max)(const T* dY, const std::int32_t* which, T* dX, const std::int32_t* lengths,
                                std::size_t nB, std::size_t w);
    void (*softmax)(const T* X, T* Y, const std::int32_t* lengths, std::size_t nB, std::size_t w);
    void (*backprop_softmax)(const T* dY, const T* Y, T* dX, const std::int32_t* lengths, std::size_t nB, std::size_t w);
};

}  // namespace thinc
