// Each activation, and what its derivative makes of a gradient, for one number.
#pragma once
#include "math.hh"

namespace thinc {
namespace activation {
namespace {

// The numbers that some of the functions need.
template <typename T>
struct Options {
    T slope, offset, low, high;
};

// forward: Y = f(X).  backward: dX from dY and what the operation remembers, X or Y.
// NaN stays NaN wherever the reference keeps it: choices are written so that it passes.

template <typename T>
struct Relu {
    THINC_INLINE static T forward(T x, const Options<T>&) { return x <= T(0) ? T(0) : x; }
    THINC_INLINE static T backward(T d, T y, const Options<T>&) { return y > T(0) ? d : T(0); }
};

// backward: low and high are the corners on the axis of X.
template <typename T>
struct ClippedLinear {
    THINC_INLINE static T forward(T x, const Options<T>& o) {
        return math::limit(x * o.slope + o.offset, o.low, o.high);
    }
    THINC_INLINE static T backward(T d, T x, const Options<T>& o) {
        const T scaled = d * o.slope, below = o.low < x ? scaled : T(0);
        return x < o.high ? below : T(0);
    }
};

template <typename T>
struct HardSwish {
    THINC_INLINE static T forward(T x, const Options<T>&) {
        return x * math::limit(x * T(0.2) + T(0.5), T(0), T(1));
    }
    THINC_INLINE static T backward(T d, T x, const Options<T>&) {
        const T outside = x > T(0) ? T(1) : T(0), inside = T(0.4) * x + T(0.5);
        return d * (math::absolute(x) <= T(2.5) ? inside : outside);
    }
};

template <typename T>
struct HardSwishMobilenet {
    THINC_INLINE static T forward(T x, const Options<T>&) {
        return x * (math::limit(x + T(3), T(0), T(6)) * (T(1) / T(6)));
    }
    THINC_INLINE static T backward(T d, T x, const Options<T>&) {
        const T outside = x > T(0) ? T(1) : T(0), inside = (T(2) * x + T(3)) * (T(1) / T(6));
        return d * (math::absolute(x) <= T(3) ? inside : outside);
    }
};

template <typename T>
struct Sigmoid {
    THINC_INLINE static T forward(T x, const Options<T>&) { return math::sigmoid(x); }
    THINC_INLINE static T backward(T d, T y, const Options<T>&) { return d * (y * (T(1) - y)); }
};

template <typename T>
struct Swish {
    THINC_INLINE static T forward(T x, const Options<T>&) { return x * math::sigmoid(x); }
    THINC_INLINE static T backward(T d, T x, T y) {
        const T E = math::exp_near(-math::limit(x, T(-20), T(20))), s = T(1) / (T(1) + E);
        return d * (s + y * (E * s));  // σ(-x) as E·s: near 1, 1 - s would lose its digits
    }
};

// U = x / √(1 + x²).  1 + U is 1 / (s·(s + |x|)) or 2 minus that, with s = √(1 + x²): for x < 0
// the sum itself would lose its digits, and x multiplies what is left.
template <typename T>
struct Dish {
    THINC_INLINE static T forward(T x, const Options<T>&) {
        const T a = math::absolute(x), s = math::square_root(T(1) + a * a), rest = T(1) / (s * (s + a));
        return T(0.5) * x * (x < T(0) ? rest : T(2) - rest);
    }
    THINC_INLINE static T backward(T d, T x, const Options<T>&) {
        const T z = math::limit(x, T(-1e9), T(1e9)), u = z / math::square_root(T(1) + z * z);
        return d * (u - T(0.5) * u * u * u + T(0.5));
    }
};

template <typename T>
struct Gelu {
    THINC_INLINE static T forward(T x, const Options<T>&) {
        T bell;
        return x * math::gaussian_cdf(x, bell);
    }
    THINC_INLINE static T backward(T d, T x, const Options<T>&) {
        T bell;
        const T z = math::limit(x, T(-40), T(40)), cdf = math::gaussian_cdf(z, bell);
        return d * (cdf + z * (T(0.39894228040143267794) * bell));
    }
};

// (1 + tanh(V)) / 2 is s = σ(2V) = 1 / (1 + E) with E = exp(-2V), which loses no digits; and
// 1 - s is taken as E·s, since near 1 the difference would lose them.
template <typename T>
struct GeluApprox {
    THINC_INLINE static T twice_V(T z) { return T(1.5957691216057307118) * (z + T(0.044715) * z * z * z); }
    THINC_INLINE static T forward(T x, const Options<T>&) {
        return x * (T(1) / (T(1) + math::exp(-twice_V(math::limit(x, T(-40), T(40))))));
    }
    THINC_INLINE static T backward(T d, T x, const Options<T>&) {
        const T z = math::limit(x, T(-40), T(40));
        const T E = math::exp_near(-math::limit(twice_V(z), T(-80), T(80))), s = T(1) / (T(1) + E);
        const T twice_dV = T(1.5957691216057307118) * (T(1) + T(3 * 0.044715) * z * z);
        return d * (s + z * (s * (E * s)) * twice_dV);
    }
};

// With E = exp(x) and N = E² + 2E: tanh(log(1 + E)) = N / (N + 2), and its derivative is
// 4·E·(1 + E) / (N + 2)².  From x = 20 on the quotient is 1; o.high is the threshold.
template <typename T>
struct Mish {
    THINC_INLINE static T forward(T x, const Options<T>& o) {
        const T E = math::exp_down(x > T(20) ? T(20) : x), N = E * (E + T(2));
        const T y = x * (N / (N + T(2)));
        return x >= o.high ? x : y;
    }
    THINC_INLINE static T backward(T d, T x, const Options<T>& o) {
        const T z = math::limit(x, T(-100), T(100)), E = math::exp_down(z > T(20) ? T(20) : z);
        const T N = E * (E + T(2)), q = T(1) / (N + T(2));
        const T slope = q * (N + T(4) * z * (E * (T(1) + E) * q));
        return d * (x >= o.high ? T(1) : slope);
    }
};

template <typename T>
struct Erf {
    THINC_INLINE static T forward(T x, const Options<T>&) { return math::erf(x); }
};

// 1 / cosh²(x) = 4·E / (1 + E)² with E = exp(-2·|x|).
template <typename T>
struct SechSquared {
    THINC_INLINE static T forward(T x, const Options<T>&) {
        const T a = math::limit(math::absolute(x), T(0), T(20)), E = math::exp_near(T(-2) * a), q = T(1) / (T(1) + E);
        return T(4) * E * q * q;
    }
};

template <typename T>
struct SigmoidSlope {
    THINC_INLINE static T forward(T y, const Options<T>&) { return y * (T(1) - y); }
};

template <typename T>
struct TanhSlope {
    THINC_INLINE static T forward(T y, const Options<T>&) { return T(1) - y * y; }
};

}  // namespace
}  // namespace activation
}  // namespace thinc
