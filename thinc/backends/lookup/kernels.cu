// Hashes, rows of tables and codes of positions on the GPU; the hashes are those of the CPU.
#include "../_cuda.hh"
#include "math.hh"

namespace thinc {
namespace lookup {

// outside[0] = 1 where an index is not in [low, high).
__global__ void find_outside(const std::int32_t* indices, std::size_t n, long long low, long long high, std::int32_t* outside) {
    THINC_EACH(i, n) {
        if (indices[i] < low || indices[i] >= high) outside[0] = 1;
    }
}

// hashes: (n, 4), the low half of each word first.
__global__ void hash(const std::uint64_t* ids, std::uint32_t* hashes, std::size_t n, std::uint32_t seed) {
    THINC_EACH(i, n) {
        std::uint64_t h1, h2;
        hash_key(ids[i], seed, h1, h2);
        hashes[4 * i] = std::uint32_t(h1);
        hashes[4 * i + 1] = std::uint32_t(h1 >> 32);
        hashes[4 * i + 2] = std::uint32_t(h2);
        hashes[4 * i + 3] = std::uint32_t(h2 >> 32);
    }
}

// rows: (n, 4), the hashes of each id modulo nV.  ids_stride: numbers between two ids.
__global__ void hash_rows(const std::uint64_t* ids, long long ids_stride, std::int32_t* rows, std::size_t n,
                          std::uint32_t seed, std::uint32_t nV) {
    THINC_EACH(i, n) {
        std::uint64_t h1, h2;
        hash_key(ids[(long long)i * ids_stride], seed, h1, h2);
        rows[4 * i] = std::int32_t(std::uint32_t(h1) % nV);
        rows[4 * i + 1] = std::int32_t(std::uint32_t(h1 >> 32) % nV);
        rows[4 * i + 2] = std::int32_t(std::uint32_t(h2) % nV);
        rows[4 * i + 3] = std::int32_t(std::uint32_t(h2 >> 32) % nV);
    }
}

__global__ void ngrams(const std::uint64_t* keys, std::uint64_t* Y, std::size_t count, std::size_t n) {
    THINC_EACH(i, count) Y[i] = hash_window(keys + i, n);
}

// Y[i] = Σ_k table[indices[i, k]], for indices that were checked; nothing outside of the table is read.
template <typename T>
__global__ void gather_add(const T* table, const std::int32_t* indices, T* Y, std::size_t n, std::size_t K, std::size_t w,
                           std::size_t rows) {
    THINC_EACH(i, n * w) {
        const std::size_t row = quotient(i, w), column = i - row * w;
        Wide<T> sum = 0;
        for (std::size_t k = 0; k < K; ++k) {
            const std::size_t place = indices[row * K + k];
            if (place < rows) sum += widen(table[place * w + column]);
        }
        put(Y[i], sum);
    }
}

// table[indices[i, k]] += values[i], for indices that were checked; nothing outside of the table is written.
// The order is not determined.
template <typename T>
__global__ void scatter_add(T* table, const std::int32_t* indices, const T* values, std::size_t n, std::size_t K,
                            std::size_t w, std::size_t rows) {
    THINC_EACH(i, n * w) {
        const std::size_t row = quotient(i, w), column = i - row * w;
        for (std::size_t k = 0; k < K; ++k) {
            const std::int32_t index = indices[row * K + k];
            const std::size_t place = index < 0 ? index + (long long)rows : index;
            if (place < rows) add_to(table + place * w + column, widen(values[i]));
        }
    }
}

// Y[i, j] = sin(i · frequencies[j] + phases[j]).
__global__ void waves(const double* frequencies, const double* phases, float* Y, std::size_t N, std::size_t D) {
    THINC_EACH(i, N * D) {
        const std::size_t row = quotient(i, D), column = i - row * D;
        Y[i] = float(sine(double(row) * frequencies[column] + phases[column]));
    }
}

// Where the weights of one feature begin, for one of its two hashes.
__device__ __forceinline__ std::size_t first_weight(std::uint64_t key, std::uint32_t seed, std::uint32_t length, bool shared) {
    const std::uint32_t h = hash32(key, seed);
    return shared ? h & (length - 1) : h % length;
}

// Y[d, c] = b[c] + Σ value · weight, over the features of text d, starts[d] to starts[d + 1], and their hashes.
template <typename T>
__global__ void sparse_affine(const T* W, const T* b, const std::uint64_t* keys, const T* values, const long long* starts,
                              T* Y, std::size_t nB, std::size_t nO, std::size_t n, std::uint32_t length, bool shared) {
    const std::size_t step = shared ? 1 : length;
    THINC_EACH(i, nB * nO) {
        const std::size_t text = quotient(i, nO), c = i - text * nO;
        Wide<T> sum = widen(b[c]);
        const auto [begin, end] = span_of(starts, text, n);
        for (std::size_t k = begin; k < end; ++k)
            for (std::uint32_t seed = 0; seed < 2; ++seed)
                sum += widen(values[k]) * widen(W[first_weight(keys[k], seed, length, shared) + c * step]);
        put(Y[i], sum);
    }
}

template <typename T>
__global__ void backprop_sparse_affine(const T* dY, const std::uint64_t* keys, const T* values, const long long* starts,
                                       T* dW, std::size_t nB, std::size_t nO, std::size_t n, std::uint32_t length, bool shared) {
    const std::size_t step = shared ? 1 : length;
    THINC_EACH(i, nB * nO) {
        const std::size_t text = quotient(i, nO), c = i - text * nO;
        const auto [begin, end] = span_of(starts, text, n);
        for (std::size_t k = begin; k < end; ++k)
            for (std::uint32_t seed = 0; seed < 2; ++seed)
                add_to(dW + first_weight(keys[k], seed, length, shared) + c * step, widen(values[k]) * widen(dY[i]));
    }
}

}  // namespace lookup
}  // namespace thinc
