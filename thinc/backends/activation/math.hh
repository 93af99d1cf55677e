// Branch-free exp, tanh, sigmoid and erf for float and double, which compilers vectorize in loops.
#pragma once

#include "../_inline.hh"

namespace thinc {
namespace math {
namespace {

// The layout of a type, the limits of exp, and ln 2 in two parts whose first has trailing zeros.
template <typename T>
struct Layout;

template <>
struct Layout<float> {
    using Int = int;
    static constexpr Int bias = 127, shift = 23;
    static constexpr float round = 12582912.0f;  // 1.5 · 2^23: adding it rounds to an integer
    static constexpr float log2e = 1.44269504f, ln2_high = 0.693359375f, ln2_low = -2.12194440e-4f;
    static constexpr float lowest = -86.6f, highest = 89.0f;  // results outside are 0 and infinity
};

template <>
struct Layout<double> {
    using Int = long long;
    static constexpr Int bias = 1023, shift = 52;
    static constexpr double round = 6755399441055744.0;  // 1.5 · 2^52
    static constexpr double log2e = 1.4426950408889634;
    static constexpr double ln2_high = 6.93147180369123816490e-01, ln2_low = 1.90821492927058770002e-10;
    static constexpr double lowest = -707.0, highest = 710.0;
};

// The number with these bits, and the bits of this number.
template <typename To, typename From>
THINC_INLINE To bits(From from) {
    static_assert(sizeof(To) == sizeof(From), "bits: types of one size");
    To to;
    memcpy(&to, &from, sizeof(to));
    return to;
}

template <typename T>
THINC_INLINE T absolute(T x) {
    return x < T(0) ? -x : x;
}

// x within [low, high]; NaN stays NaN, since both comparisons are false.
template <typename T>
THINC_INLINE T limit(T x, T low, T high) {
    x = x < low ? low : x;
    return x > high ? high : x;
}

THINC_INLINE float square_root(float x) {
#if defined(__CUDACC__)
    return sqrtf(x);
#else
    return __builtin_sqrtf(x);
#endif
}

THINC_INLINE double square_root(double x) {
#if defined(__CUDACC__)
    return ::sqrt(x);
#else
    return __builtin_sqrt(x);
#endif
}

// c[I] + c[I+1]·x + … + c[N-1]·x^(N-1-I), by Horner's rule.  A recursion, since long loops in
// loops are not unrolled early enough to be vectorized.
template <int I = 0, typename T, int N>
THINC_INLINE T polynomial(const T (&c)[N], T x) {
    if constexpr (I + 1 < N) {
        return polynomial<I + 1>(c, x) * x + c[I];
    } else {
        return c[I];
    }
}

// (exp(r) - 1 - r) / r² on |r| ≤ ln(2)/2: minimax, relative error of exp 3e-9 and 3e-18.
THINC_INLINE float exp_rest(float r) {
    constexpr float c[] = {0.5000000095f, 0.1666651884f, 0.04166620581f, 0.008368889355f, 0.001395049057f};
    return polynomial(c, r);
}

THINC_INLINE double exp_rest(double r) {
    constexpr double c[] = {
        0.500000000000001274,     0.166666666666666991,     0.0416666666665154156,    0.00833333333330720753,
        0.00138888889470165526,   0.000198412699173809033,  0.000024801489941653034,  2.75572163010544359e-6,
        2.76312805107609037e-7,   2.51178615504101023e-8};
    return polynomial(c, r);
}

// x = n·ln 2 + r with |r| ≤ ln(2)/2.  Gives n as an integer and exp(r) - 1.
template <typename T>
THINC_INLINE T reduced(T x, typename Layout<T>::Int& n) {
    using L = Layout<T>;
    const T shifted = x * L::log2e + L::round;
    n = bits<typename L::Int>(shifted) - bits<typename L::Int>(L::round);
    const T whole = shifted - L::round;
    T r = x - whole * L::ln2_high;
    r = r - whole * L::ln2_low;
    return r + r * r * exp_rest(r);
}

// 2^n for -bias < n ≤ bias.
template <typename T>
THINC_INLINE T power_of_two(typename Layout<T>::Int n) {
    return bits<T>((n + Layout<T>::bias) << Layout<T>::shift);
}

// exp(x) for |x| ≤ 80, one step cheaper than `exp`.  Error 1.2 ulp.
template <typename T>
THINC_INLINE T exp_near(T x) {
    typename Layout<T>::Int n;
    const T q = reduced(x, n);
    return (T(1) + q) * power_of_two<T>(n);
}

// exp(x), 0 where it is below the normal numbers, infinity where it is above; NaN stays.
template <typename T>
THINC_INLINE T exp(T x) {
    using L = Layout<T>;
    typename L::Int n;
    const T q = reduced(limit(x, L::lowest, L::highest), n);
    // In two steps, or 2^128 would not fit where the result still does.
    const T y = (T(1) + q) * power_of_two<T>(n - 1) * T(2);
    return x < L::lowest ? T(0) : y;
}

// exp(x) for x ≤ 88, or NaN.
template <typename T>
THINC_INLINE T exp_down(T x) {
    using L = Layout<T>;
    typename L::Int n;
    const T q = reduced(x < L::lowest ? L::lowest : x, n);
    const T y = (T(1) + q) * power_of_two<T>(n);
    return x < L::lowest ? T(0) : y;
}

// 1 / (1 + exp(-x)), with x limited to ±20.
template <typename T>
THINC_INLINE T sigmoid(T x) {
    return T(1) / (T(1) + exp_near(-limit(x, T(-20), T(20))));
}

// tanh(x) = m / (m + 2) with m = exp(2x) - 1, whose relative error stays small near 0.
template <typename T>
THINC_INLINE T tanh(T x) {
    typename Layout<T>::Int n;
    const T z = limit(x, T(-20), T(20));
    const T q = reduced(z + z, n);
    const T scale = power_of_two<T>(n);
    const T m = scale * q + (scale - T(1));
    return m / (m + T(2));
}

// (a + k) · exp(a²) · erfc(a) in t = (a - k) / (a + k), a in [0, 28].  The form is that of
// Shepherd and Laframboise 1981, Math. Comp. 36; minimax, relative error 2e-8 and 6e-17.
THINC_INLINE float erfc_rest(float a) {
    constexpr float c[] = {1.021582713f,   -0.6871609217f,  0.2794715575f,   -0.03643596255f, -0.02150324408f,
                           0.00643539575f, 0.003044522941f, -0.0007260103721f, -0.0005310695869f, -4.79816356e-5f};
    const float u = 1.0f / (a + 2.0f);
    return u * polynomial(c, (a - 2.0f) * u);
}

THINC_INLINE double erfc_rest(double a) {
    constexpr double c[] = {
        1.07400690708833972,      -0.883394453169882139,    0.590228357104095832,     -0.310467261900718164,
        0.119527761287642781,     -0.0268272346199751385,   -0.00121241663475959625,  0.00303406193899881109,
        -0.000548309613093668568, -0.000276777368438881422, 0.000107561032939850592,  0.0000303959207923256237,
        -0.0000174690355700605496, -4.74249512497120933e-6, 2.76238011369955516e-6,   9.85794242130951414e-7,
        -4.04837786982849557e-7,  -2.17242333639321765e-7,  4.51244411966903689e-8,   3.8350317555318699e-8,
        -2.11033128629322115e-9,  -3.42184658463287801e-9};
    const double u = 1.0 / (a + 3.0);
    return u * polynomial(c, (a - 3.0) * u);
}

// erf(x) / x in z = x² ≤ 1/4: minimax, relative error 1e-9 and 2e-20.
THINC_INLINE float erf_slope(float z) {
    constexpr float c[] = {1.128379166f, -0.3761260857f, 0.1128282281f, -0.02675718426f, 0.004717990066f};
    return polynomial(c, z);
}

THINC_INLINE double erf_slope(double z) {
    constexpr double c[] = {
        1.12837916709551257,     -0.376126389031837505,    0.11283791670954864,     -0.0268661706449976469,
        0.005223977621974444,    -0.000854832650582918704, 0.000120552858705432775, -0.000014922990284218229,
        1.63709558389057571e-6,  -1.46184412833436515e-7};
    return polynomial(c, z);
}

// erf(x): a series near 0, where 1 - erfc(x) would lose digits.
template <typename T>
THINC_INLINE T erf(T x) {
    const T a = limit(absolute(x), T(0), T(9));
    const T far = T(1) - exp_down(-a * a) * erfc_rest(a);
    const T near = a * erf_slope(a * a < T(0.25) ? a * a : T(0.25));
    const T y = a < T(0.5) ? near : far;
    return x < T(0) ? -y : y;
}

// Φ(x) = P(N(0, 1) < x), and exp(-x²/2) for its derivative; |x| is limited to 38.
template <typename T>
THINC_INLINE T gaussian_cdf(T x, T& bell) {
    const T a = limit(absolute(x), T(0), T(38));
    bell = exp_down(T(-0.5) * a * a);
    const T tail = T(0.5) * bell * erfc_rest(a * T(0.70710678118654752));
    return x < T(0) ? tail : T(1) - tail;
}

}  // namespace
}  // namespace math
}  // namespace thinc
