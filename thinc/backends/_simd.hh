// Vectors of float or double, as wide as the instruction set this file is compiled for.
#pragma once
#include "_inline.hh"

#if !defined(THINC_PLAIN_VECTORS) && (defined(__x86_64__) || defined(__i386__))
#include <immintrin.h>
#endif

#ifndef THINC_VECTOR_BYTES
#define THINC_VECTOR_BYTES 16
#endif

namespace thinc {
namespace {

template <typename T> struct IntegerOf;
template <> struct IntegerOf<float> { typedef std::int32_t type; };
template <> struct IntegerOf<double> { typedef std::int64_t type; };
template <> struct IntegerOf<std::int32_t> { typedef std::int32_t type; };
template <> struct IntegerOf<std::int64_t> { typedef std::int64_t type; };
template <typename T> using Integer = typename IntegerOf<T>::type;

#if !defined(THINC_PLAIN_VECTORS) && (defined(__GNUC__) || defined(__clang__))

template <typename T> struct NativeOf;
template <> struct NativeOf<float> { typedef float type __attribute__((vector_size(THINC_VECTOR_BYTES))); };
template <> struct NativeOf<double> { typedef double type __attribute__((vector_size(THINC_VECTOR_BYTES))); };
template <> struct NativeOf<std::int32_t> { typedef std::int32_t type __attribute__((vector_size(THINC_VECTOR_BYTES))); };
template <> struct NativeOf<std::int64_t> { typedef std::int64_t type __attribute__((vector_size(THINC_VECTOR_BYTES))); };

#else  // Arrays with the same operators, for compilers without vector types.

template <typename T> struct Lanes {
    static constexpr int size = THINC_VECTOR_BYTES / sizeof(T);
    T lane[size];
    THINC_INLINE T& operator[](int i) { return lane[i]; }
    THINC_INLINE const T& operator[](int i) const { return lane[i]; }
};
#define THINC_LANEWISE(R, NAME, EXPRESSION)                                  \
    template <typename T> THINC_INLINE Lanes<R> NAME(Lanes<T> a, Lanes<T> b) { \
        Lanes<R> y;                                                          \
        for (int i = 0; i < Lanes<T>::size; ++i) y.lane[i] = EXPRESSION;     \
        return y;                                                            \
    }
THINC_LANEWISE(T, operator+, a.lane[i] + b.lane[i])
THINC_LANEWISE(T, operator-, a.lane[i] - b.lane[i])
THINC_LANEWISE(T, operator*, a.lane[i] * b.lane[i])
THINC_LANEWISE(T, operator/, a.lane[i] / b.lane[i])
THINC_LANEWISE(T, operator&, a.lane[i] & b.lane[i])
THINC_LANEWISE(T, operator|, a.lane[i] | b.lane[i])
THINC_LANEWISE(Integer<T>, operator<, a.lane[i] < b.lane[i] ? -1 : 0)
THINC_LANEWISE(Integer<T>, operator>, a.lane[i] > b.lane[i] ? -1 : 0)
THINC_LANEWISE(Integer<T>, operator<=, a.lane[i] <= b.lane[i] ? -1 : 0)
THINC_LANEWISE(Integer<T>, operator>=, a.lane[i] >= b.lane[i] ? -1 : 0)
THINC_LANEWISE(Integer<T>, operator==, a.lane[i] == b.lane[i] ? -1 : 0)
#undef THINC_LANEWISE
template <typename T> THINC_INLINE Lanes<T> operator<<(Lanes<T> a, int n) {
    for (int i = 0; i < Lanes<T>::size; ++i) a.lane[i] <<= n;
    return a;
}
template <typename T> THINC_INLINE Lanes<T> operator>>(Lanes<T> a, int n) {
    for (int i = 0; i < Lanes<T>::size; ++i) a.lane[i] >>= n;
    return a;
}
template <typename T> THINC_INLINE Lanes<T> operator-(Lanes<T> a) {
    for (int i = 0; i < Lanes<T>::size; ++i) a.lane[i] = -a.lane[i];
    return a;
}
template <typename T> THINC_INLINE Lanes<T>& operator+=(Lanes<T>& a, Lanes<T> b) { return a = a + b; }
template <typename T> THINC_INLINE Lanes<T>& operator-=(Lanes<T>& a, Lanes<T> b) { return a = a - b; }
template <typename T> THINC_INLINE Lanes<T>& operator*=(Lanes<T>& a, Lanes<T> b) { return a = a * b; }
template <typename T> struct NativeOf { typedef Lanes<T> type; };

#endif

// Vec<T>: arithmetic and comparisons by operators, lane by lane.  IVec<T>: integers of the same
// width; also what comparisons give (-1 where true, 0 elsewhere).
template <typename T> using Vec = typename NativeOf<T>::type;
template <typename T> using IVec = typename NativeOf<Integer<T>>::type;
template <typename T> constexpr int width = THINC_VECTOR_BYTES / int(sizeof(T));

template <typename T> THINC_INLINE Vec<T> splat(T x) {
#if !defined(THINC_PLAIN_VECTORS) && (defined(__GNUC__) || defined(__clang__))
    return x - Vec<T>{};  // one broadcast; x − 0 is x, also for −0 and NaN
#else
    Vec<T> y;
    for (int i = 0; i < width<T>; ++i) y[i] = x;
    return y;
#endif
}

template <typename T> THINC_INLINE Vec<T> load(const T* p) {
    Vec<T> y;
    memcpy(&y, p, sizeof y);
    return y;
}

template <typename T> THINC_INLINE void store(T* p, Vec<T> x) { memcpy(p, &x, sizeof x); }

// Keep x in a register: where it is used more than once, g++ would load it again for each use.
template <typename T> THINC_INLINE void keep(Vec<T>& x) {
#if !defined(THINC_PLAIN_VECTORS) && defined(__GNUC__) && defined(__AVX__)
    __asm__("" : "+v"(x));
#else
    (void)x;
#endif
}

// a where the mask is true, else b.
template <typename T> THINC_INLINE Vec<T> select(IVec<T> mask, Vec<T> a, Vec<T> b) {
#if !defined(THINC_PLAIN_VECTORS) && (defined(__GNUC__) || defined(__clang__))
    return mask ? a : b;
#else
    Vec<T> y;
    for (int i = 0; i < width<T>; ++i) y[i] = mask[i] ? a[i] : b[i];
    return y;
#endif
}

// Are the first n elements loaded and stored by one instruction?
#if defined(THINC_PLAIN_VECTORS)
constexpr bool HAS_MASKS = false;
#elif defined(__AVX512F__) && THINC_VECTOR_BYTES == 64 || defined(__AVX2__) && THINC_VECTOR_BYTES == 32
constexpr bool HAS_MASKS = true;
#else
constexpr bool HAS_MASKS = false;
#endif

// The first n <= width elements; the other lanes are `rest`.
template <typename T> THINC_INLINE Vec<T> load_part(const T* p, std::size_t n, T rest = T(0)) {
#if !defined(THINC_PLAIN_VECTORS) && defined(__AVX512F__) && THINC_VECTOR_BYTES == 64
    const unsigned mask = (1u << n) - 1;
    if constexpr (sizeof(T) == 4) return (Vec<T>)_mm512_mask_loadu_ps(_mm512_set1_ps(rest), __mmask16(mask), p);
    else return (Vec<T>)_mm512_mask_loadu_pd(_mm512_set1_pd(rest), __mmask8(mask), p);
#elif !defined(THINC_PLAIN_VECTORS) && defined(__AVX2__) && THINC_VECTOR_BYTES == 32
    IVec<T> lane;
    for (int i = 0; i < width<T>; ++i) lane[i] = i;
    const IVec<T> mask = lane < splat<Integer<T>>(Integer<T>(n));
    Vec<T> y;
    if constexpr (sizeof(T) == 4) y = (Vec<T>)_mm256_maskload_ps(p, (__m256i)mask);
    else y = (Vec<T>)_mm256_maskload_pd(p, (__m256i)mask);
    return rest == T(0) ? y : select<T>(mask, y, splat<T>(rest));
#else
    if (n >= std::size_t(width<T>)) return load<T>(p);
    T buffer[width<T>];
    for (int i = 0; i < width<T>; ++i) buffer[i] = std::size_t(i) < n ? p[i] : rest;
    return load<T>(buffer);
#endif
}

template <typename T> THINC_INLINE void store_part(T* p, Vec<T> x, std::size_t n) {
#if !defined(THINC_PLAIN_VECTORS) && defined(__AVX512F__) && THINC_VECTOR_BYTES == 64
    const unsigned mask = (1u << n) - 1;
    if constexpr (sizeof(T) == 4) _mm512_mask_storeu_ps(p, __mmask16(mask), (__m512)x);
    else _mm512_mask_storeu_pd(p, __mmask8(mask), (__m512d)x);
#else
    if (n >= std::size_t(width<T>)) return store<T>(p, x);
    T buffer[width<T>];
    store<T>(buffer, x);
    for (std::size_t i = 0; i < n; ++i) p[i] = buffer[i];
#endif
}

// The same bits as another type.
template <typename T> THINC_INLINE Vec<T> as_floats(IVec<T> x) {
    Vec<T> y;
    memcpy(&y, &x, sizeof y);
    return y;
}

template <typename T> THINC_INLINE IVec<T> as_integers(Vec<T> x) {
    IVec<T> y;
    memcpy(&y, &x, sizeof y);
    return y;
}

// a > b ? a : b and a < b ? a : b: where one is NaN, the result is b.
template <typename T> THINC_INLINE Vec<T> larger(Vec<T> a, Vec<T> b) { return select<T>(a > b, a, b); }
template <typename T> THINC_INLINE Vec<T> smaller(Vec<T> a, Vec<T> b) { return select<T>(a < b, a, b); }

template <typename T> THINC_INLINE Vec<T> absolute(Vec<T> x) {
    const Integer<T> all_but_sign = Integer<T>(~(std::uint64_t(1) << (8 * sizeof(T) - 1)));
    return as_floats<T>(as_integers<T>(x) & splat<Integer<T>>(all_but_sign));
}

// `magnitude` with the sign bit of `sign`; magnitude must not be negative.
template <typename T> THINC_INLINE Vec<T> with_sign(Vec<T> magnitude, Vec<T> sign) {
    const Integer<T> only_sign = Integer<T>(std::uint64_t(1) << (8 * sizeof(T) - 1));
    return as_floats<T>(as_integers<T>(magnitude) | (as_integers<T>(sign) & splat<Integer<T>>(only_sign)));
}

template <typename T> THINC_INLINE Vec<T> square_root(Vec<T> x) {
#if defined(THINC_PLAIN_VECTORS) || !defined(__GNUC__) || !defined(__x86_64__)
    for (int i = 0; i < width<T>; ++i) x[i] = sizeof(T) == 4 ? T(__builtin_sqrtf(float(x[i]))) : T(__builtin_sqrt(x[i]));
    return x;
#elif THINC_VECTOR_BYTES == 64
    if constexpr (sizeof(T) == 4) return (Vec<T>)_mm512_maskz_sqrt_ps(0xffff, (__m512)x);
    else return (Vec<T>)_mm512_maskz_sqrt_pd(0xff, (__m512d)x);
#elif THINC_VECTOR_BYTES == 32
    if constexpr (sizeof(T) == 4) return (Vec<T>)_mm256_sqrt_ps((__m256)x);
    else return (Vec<T>)_mm256_sqrt_pd((__m256d)x);
#else
    if constexpr (sizeof(T) == 4) return (Vec<T>)_mm_sqrt_ps((__m128)x);
    else return (Vec<T>)_mm_sqrt_pd((__m128d)x);
#endif
}

// Over the lanes of one vector, pairwise.
template <typename T> THINC_INLINE T sum_lanes(Vec<T> x) {
    T lane[width<T>];
    store<T>(lane, x);
    for (int half = width<T> / 2; half > 0; half /= 2)
        for (int i = 0; i < half; ++i) lane[i] += lane[i + half];
    return lane[0];
}

template <typename T> THINC_INLINE T max_lanes(Vec<T> x) {
    T lane[width<T>];
    store<T>(lane, x);
    for (int half = width<T> / 2; half > 0; half /= 2)
        for (int i = 0; i < half; ++i) lane[i] = lane[i] > lane[i + half] ? lane[i] : lane[i + half];
    return lane[0];
}

// Y[i] = f(X[i]) for vectors; X and Y may be the same memory.
template <typename T, typename F> THINC_INLINE void map(const T* X, T* Y, std::size_t n, F f) {
    std::size_t i = 0;
    for (; i + width<T> <= n; i += width<T>) store<T>(Y + i, f(load<T>(X + i)));
    if (i < n) store_part<T>(Y + i, f(load_part<T>(X + i, n - i)), n - i);
}

// Z[i] = f(X[i], Y[i]); Z may be the memory of X or Y.
template <typename T, typename F> THINC_INLINE void map(const T* X, const T* Y, T* Z, std::size_t n, F f) {
    std::size_t i = 0;
    for (; i + width<T> <= n; i += width<T>) store<T>(Z + i, f(load<T>(X + i), load<T>(Y + i)));
    if (i < n) store_part<T>(Z + i, f(load_part<T>(X + i, n - i), load_part<T>(Y + i, n - i)), n - i);
}

}  // namespace
}  // namespace thinc
