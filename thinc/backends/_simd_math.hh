// exp, log and tanh of vectors, within 2 units in the last place (tanh: 4).
//
// The polynomials are Chebyshev fits in 40 digits: of (exp(r) − 1 − r) / r² on ±ln(2)/2, of
// (atanh(s)/s − 1) / s² for 1/√2 ≤ (1 + s)/(1 − s) ≤ √2, and of (tanh(x)/x − 1) / x² on ±0.625.
#pragma once
#include "_simd.hh"

namespace thinc {
namespace {

template <typename T> struct Constants;

template <> struct Constants<float> {
    static constexpr int mantissa = 23, bias = 127;
    // Below `lowest` exp is taken as 0; from `overflow` on it is infinite.
    static constexpr float lowest = -86.6f, highest = 88.75f, overflow = 88.72284f, shift = 12582912.0f;
    static constexpr float ln2_high = 0.693145751953125f, ln2_low = 1.42860682030941723e-6f;
    static constexpr float exp[] = {0.00139261835877134945f, 0.00836317905272257737f, 0.0416665546172045742f,
                                    0.166665769896987757f, 0.5f};
    static constexpr float log[] = {0.116658072359217496f, 0.142753893165959827f, 0.200000611059053247f,
                                    0.333333332770210062f};
    static constexpr float tanh[] = {-0.00609671416590819757f, 0.0209971789990747506f, -0.0538509095785135808f,
                                     0.133327697369763279f, -0.333333289441342546f};
    static constexpr float smallest = 1.17549435e-38f, scale = 33554432.0f, scale_log2 = 25.0f;
};

template <> struct Constants<double> {
    static constexpr int mantissa = 52, bias = 1023;
    static constexpr double lowest = -707.7, highest = 709.8, overflow = 709.782712893384, shift = 6755399441055744.0;
    static constexpr double ln2_high = 0.69314718036912381649, ln2_low = 1.9082149292705878161e-10;
    static constexpr double exp[] = {2.51003854955103191e-8, 2.76200884454097482e-7, 2.75572684599970648e-6,
                                     0.0000248015212959543751, 0.000198412698630536169, 0.00138888889172137169,
                                     0.00833333333333006183, 0.0416666666666241279, 0.166666666666666675, 0.5};
    static constexpr double log[] = {0.0654401742546377694, 0.0663431918463341194, 0.076931223688108333,
                                     0.0909089777376056812, 0.111111111962905225, 0.142857142853998925,
                                     0.200000000000004416, 0.333333333333333332};
    static constexpr double tanh[] = {6.47965258390945874e-6, -0.0000311897743443133427, 0.0000925611288660400516,
                                      -0.000237585639808842535, 0.000589659108363505604, -0.00145577510509642376,
                                      0.00359212171222664072, -0.00886323510017403319, 0.0218694885188679212,
                                      -0.053968253967893711, 0.133333333333330386, -0.333333333333333329};
    static constexpr double smallest = 2.2250738585072014e-308, scale = 18014398509481984.0, scale_log2 = 54.0;
};

// Horner's rule; coefficients of the highest power first.
template <typename T, int N> THINC_INLINE Vec<T> polynomial(const T (&coefficients)[N], Vec<T> x) {
    Vec<T> y = splat<T>(coefficients[0]);
    for (int i = 1; i < N; ++i) y = y * x + splat<T>(coefficients[i]);
    return y;
}

// exp(x) = 2ⁿ · exp(r), with n the nearest integer to x / ln 2.  NaN stays NaN.
template <typename T> THINC_INLINE Vec<T> exp(Vec<T> x) {
    typedef Constants<T> K;
    const Vec<T> limited = larger<T>(splat<T>(K::lowest), smaller<T>(splat<T>(K::highest), x));
    // Adding 1.5 · 2^mantissa rounds to an integer, which then stands in the low bits.
    const Vec<T> shifted = limited * splat<T>(T(1.44269504088896340736)) + splat<T>(K::shift);
    const Vec<T> n = shifted - splat<T>(K::shift);
    const Vec<T> r = (limited - n * splat<T>(K::ln2_high)) - n * splat<T>(K::ln2_low);
    const Vec<T> e = polynomial<T>(K::exp, r) * (r * r) + (r + splat<T>(T(1)));
    // 2ⁿ as 2ⁿ⁻¹ · 2, since n may be bias + 1.
    const IVec<T> bits = as_integers<T>(shifted) - as_integers<T>(splat<T>(K::shift));
    const IVec<T> power = (bits + splat<Integer<T>>(Integer<T>(K::bias - 1))) << K::mantissa;
    const Vec<T> y = e * as_floats<T>(power) * splat<T>(T(2));
    const Vec<T> infinity = splat<T>(T(__builtin_inf()));
    return select<T>(x < splat<T>(K::lowest), splat<T>(T(0)), select<T>(x > splat<T>(K::overflow), infinity, y));
}

// log(x) = n · ln 2 + 2 · atanh(s), with x = 2ⁿ · m, 1/√2 ≤ m ≤ √2 and s = (m − 1) / (m + 1).
template <typename T> THINC_INLINE Vec<T> log(Vec<T> x) {
    typedef Constants<T> K;
    const IVec<T> tiny = x < splat<T>(K::smallest);
    const Vec<T> normal = select<T>(tiny, x * splat<T>(K::scale), x);
    // Subtracting the bits of 1/√2 makes the exponent field step where m does.
    const Vec<T> root = splat<T>(T(0.70710678118654752440));
    const IVec<T> steps = (as_integers<T>(normal) - as_integers<T>(root)) >> K::mantissa;
    const Vec<T> m = as_floats<T>(as_integers<T>(normal) - (steps << K::mantissa));
    Vec<T> n = as_floats<T>(steps + as_integers<T>(splat<T>(K::shift))) - splat<T>(K::shift);
    n = select<T>(tiny, n - splat<T>(K::scale_log2), n);
    const Vec<T> one = splat<T>(T(1)), f = m - one, s = f / (m + one), z = s * s;
    const Vec<T> tail = z * polynomial<T>(K::log, z);
    // 2s + 2s·tail = f − s·(f − 2·tail), which is exact in its first term.
    const Vec<T> small = n * splat<T>(K::ln2_low) - s * (f - (tail + tail));
    const Vec<T> y = n * splat<T>(K::ln2_high) + (f + small);
    const Vec<T> zero = splat<T>(T(0)), infinity = splat<T>(T(__builtin_inf()));
    const Vec<T> bad = select<T>(x == zero, -infinity, splat<T>(T(__builtin_nan(""))));
    return select<T>(x > zero, select<T>(x == infinity, infinity, y), bad);
}

// tanh(x) = 1 − 2 / (exp(2x) + 1), near 0 the odd polynomial.
template <typename T> THINC_INLINE Vec<T> tanh(Vec<T> x) {
    const Vec<T> a = absolute<T>(x), one = splat<T>(T(1)), two = splat<T>(T(2)), z = x * x;
    const Vec<T> far = one - two / (exp<T>(a + a) + one);
    const Vec<T> near = a + a * z * polynomial<T>(Constants<T>::tanh, z);
    return with_sign<T>(select<T>(a < splat<T>(T(0.625)), near, far), x);
}

}  // namespace
}  // namespace thinc
