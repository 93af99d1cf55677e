// How small functions are marked, so that CPU kernels and CUDA kernels share them.
#pragma once
#ifndef __CUDACC_RTC__
#include <cstddef>
#include <cstdint>
#include <cstring>
#else
// NVRTC has no standard headers.
namespace std {
using size_t = decltype(sizeof(0));
using ptrdiff_t = long long;
using int32_t = int;
using int64_t = long long;
using uint32_t = unsigned int;
using uint64_t = unsigned long long;
}  // namespace std
#endif

// Everything in kernel headers also stands in an anonymous namespace: the same function is
// compiled for several instruction sets, and the linker must never merge these copies.
#if defined(__CUDACC__) || defined(__CUDACC_RTC__)
#define THINC_INLINE __host__ __device__ __forceinline__
#elif defined(_MSC_VER)
#define THINC_INLINE __forceinline
#else
#define THINC_INLINE inline __attribute__((always_inline))
#endif

#if defined(_MSC_VER)
#define THINC_RESTRICT __restrict
#define THINC_NOINLINE __declspec(noinline)
#else
#define THINC_RESTRICT __restrict__
#define THINC_NOINLINE __attribute__((noinline))
#endif

// In front of a loop over registers: without unrolling they would be an array in memory.
#if defined(__clang__)
#define THINC_UNROLL _Pragma("unroll")
#elif defined(__GNUC__)
#define THINC_UNROLL _Pragma("GCC unroll 64")
#else
#define THINC_UNROLL
#endif
