// What all CUDA kernels share: half precision, sums over teams of threads, loops over everything.
#pragma once
#include "_inline.hh"

namespace thinc {

// float16 without CUDA's headers, which are not installed everywhere: only stored, never computed with.
struct Half {
    unsigned short bits;
};

#ifdef __CUDACC_RTC__
__device__ __forceinline__ float widen(Half x) {
    float y;
    asm("cvt.f32.f16 %0, %1;" : "=f"(y) : "h"(x.bits));
    return y;
}
__device__ __forceinline__ Half narrow(float x) {
    Half y;
    asm("cvt.rn.f16.f32 %0, %1;" : "=h"(y.bits) : "f"(x));
    return y;
}
#else
float widen(Half x);
Half narrow(float x);
#endif
__device__ __forceinline__ float widen(float x) { return x; }
__device__ __forceinline__ double widen(double x) { return x; }

// The type in which numbers of type T are computed with.
template <typename T>
struct WideOf {
    using Type = T;
};
template <>
struct WideOf<Half> {
    using Type = float;
};
template <typename T>
using Wide = typename WideOf<T>::Type;

// place += x, with other threads doing the same.
__device__ __forceinline__ void add_to(float* place, float x) { atomicAdd(place, x); }
__device__ __forceinline__ void add_to(double* place, double x) { atomicAdd(place, x); }
// Not every device can add 16 bits at once: the 32 that hold them are exchanged until nobody came in between.
__device__ __forceinline__ void add_to(Half* place, float x) {
    const std::size_t address = reinterpret_cast<std::size_t>(place);
    unsigned* const word = reinterpret_cast<unsigned*>(address & ~std::size_t(3));
    const unsigned shift = address & 2 ? 16 : 0;
    for (unsigned seen = *word, found = 0;; seen = found) {
        const Half sum = narrow(widen(Half{(unsigned short)(seen >> shift)}) + x);
        found = atomicCAS(word, seen, (seen & ~(0xffffu << shift)) | (unsigned(sum.bits) << shift));
        if (found == seen) return;
    }
}

__device__ __forceinline__ void put(float& place, float x) { place = x; }
__device__ __forceinline__ void put(double& place, double x) { place = x; }
__device__ __forceinline__ void put(Half& place, float x) { place = narrow(x); }

// Loops over n elements, or rows, by all threads, or blocks, of the launch, however many these are.
#define THINC_EACH(i, n)                                                                           \
    for (std::size_t i = std::size_t(blockIdx.x) * blockDim.x + threadIdx.x; i < (n);              \
         i += std::size_t(gridDim.x) * blockDim.x)

// i / d: 64-bit divisions take some 100 instructions, 32-bit ones a tenth of that.
__device__ __forceinline__ std::size_t quotient(std::size_t i, std::size_t d) {
    return (i | d) >> 32 ? i / d : std::uint32_t(i) / std::uint32_t(d);
}

// Numbers that one thread reads and writes at once.
template <typename T, int N>
struct alignas(sizeof(T) * N) Pack {
    T item[N];
};

template <typename T>
constexpr int PACKED = 16 / sizeof(T);

// Have all addresses the alignment of a pack?  Views of larger arrays may not.
template <typename T, typename... Pointers>
__device__ __forceinline__ bool are_packed(Pointers... pointers) {
    return ((reinterpret_cast<std::size_t>(pointers) % (sizeof(T) * PACKED<T>) == 0) && ...);
}

// A team is the threads with one threadIdx.y: blockDim.x is a power of two; above 32, it is the
// whole block.  Each row of an array is the work of one team; blockDim.y rows are of one block.
template <typename T, typename F>
__device__ __forceinline__ T over_team(T x, F combine) {
    const unsigned team = blockDim.x, lanes = team < 32 ? team : 32;
    for (unsigned step = lanes / 2; step > 0; step /= 2) x = combine(x, __shfl_xor_sync(0xffffffffu, x, step));
    if (team <= 32) return x;
    __shared__ T part[32];
    __syncthreads();  // the numbers of an earlier call have been read
    if (threadIdx.x % 32 == 0) part[threadIdx.x / 32] = x;
    __syncthreads();
    x = part[0];
    for (unsigned i = 1; i < team / 32; ++i) x = combine(x, part[i]);
    return x;
}

struct Sum {
    template <typename T>
    __device__ __forceinline__ T operator()(T a, T b) const {
        return a + b;
    }
};

struct Largest {
    template <typename T>
    __device__ __forceinline__ T operator()(T a, T b) const {
        return a < b ? b : a;
    }
};

// Loops over rows such that all threads of a block go through the same number of rounds, which
// `over_team` needs; a team beyond the end computes its last row again, and `is_row` is false.
#define THINC_EACH_ROW(row, is_row, rows)                                                          \
    for (std::size_t first_ = std::size_t(blockIdx.x) * blockDim.y; first_ < (rows);               \
         first_ += std::size_t(gridDim.x) * blockDim.y)                                            \
        if (const std::size_t wanted_ = first_ + threadIdx.y, row = wanted_ < (rows) ? wanted_ : (rows)-1; true) \
            if (const bool is_row = wanted_ < (rows); true)

// The rows of sequence b among the n that there are, whatever was written into its lengths since they were checked.
struct Span {
    std::size_t begin, end;
};
__device__ __forceinline__ Span span_of(const long long* starts, std::size_t b, std::size_t n) {
    const std::size_t first = starts[b], last = starts[b + 1], end = last < n ? last : n;
    return {first < end ? first : end, end};
}

// The sequence that holds a row: the last b with starts[b] <= row, of nB + 1 starts.
__device__ __forceinline__ std::size_t sequence_of(const long long* starts, std::size_t nB, std::size_t row) {
    std::size_t low = 0, high = nB;
    while (high - low > 1) {
        const std::size_t middle = (low + high) / 2;
        if (std::size_t(starts[middle]) <= row)
            low = middle;
        else
            high = middle;
    }
    return low;
}

}  // namespace thinc
