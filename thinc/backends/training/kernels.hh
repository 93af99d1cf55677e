// Optimizers: everything that happens to a weight in one pass over memory.
#pragma once
#include "../_chunks.hh"
#include "../_simd.hh"
#include "../_simd_math.hh"
#include "table.hh"

namespace thinc {
namespace {

// The sum of all lanes, in double.
template <typename T>
THINC_INLINE double wide_sum(Vec<T> x) {
    T lanes[width<T>];
    store<T>(lanes, x);
    double total = 0;
    for (int i = 0; i < width<T>; ++i) total += double(lanes[i]);
    return total;
}

// Σ (g + L2 · w)²: lanes are added up in double every 4096 numbers.  w: null for L2 = 0.
template <typename T>
double squared_norm(const T* g, const T* w, T L2, std::size_t n) {
    constexpr int ROWS = 8;  // sums side by side, so that none waits for the one before
    const Vec<T> decay = splat<T>(L2);
    double total = 0;
    for (std::size_t i = 0; i < n;) {
        const std::size_t end = n - i < 4096 ? n : i + 4096;
        Vec<T> sum[ROWS];
        for (int r = 0; r < ROWS; ++r) sum[r] = splat<T>(T(0));
        for (; i + ROWS * width<T> <= end; i += ROWS * width<T>) {
            THINC_UNROLL
            for (int r = 0; r < ROWS; ++r) {
                Vec<T> x = load<T>(g + i + r * width<T>);
                if (w != nullptr) x += decay * load<T>(w + i + r * width<T>);
                sum[r] += x * x;
            }
        }
        while (i < end) {
            const std::size_t left = end - i < std::size_t(width<T>) ? end - i : width<T>;
            Vec<T> x = load_part<T>(g + i, left);
            if (w != nullptr) x += decay * load_part<T>(w + i, left);
            sum[0] += x * x;
            i += left;
        }
        for (int r = 1; r < ROWS; ++r) sum[0] += sum[r];
        total += wide_sum<T>(sum[0]);
    }
    return total;
}

// What makes the norm `limit`, or 1 if it is smaller; a NaN is left alone.
template <typename T>
T clipping_factor(const T* g, const T* w, T L2, std::size_t n, double limit) {
    const double norm = __builtin_sqrt(squared_norm<T>(g, w, L2, n));
    return norm >= limit && norm != 0 ? T(limit / norm) : T(1);
}

template <typename T>
void clip(T* g, std::size_t n, double limit) {
    const T factor = clipping_factor<T>(g, nullptr, T(0), n, limit);
    if (factor == T(1)) return;
    const Vec<T> factors = splat<T>(factor);
    map<T>(g, g, n, [=](Vec<T> x) { return x * factors; });
}

// average −= follow · (average − w).
template <typename T>
void follow(T* average, const T* w, std::size_t n, double share) {
    const Vec<T> shares = splat<T>(T(share));
    in_chunks(n, std::size_t(1) << 15, [=](std::size_t begin, std::size_t end) {
        map<T>(average + begin, w + begin, average + begin, end - begin,
               [=](Vec<T> a, Vec<T> x) { return a - shares * (a - x); });
    });
}

// −(y · log(p + 1e-8) + (1 − y) · log(1 − p + 1e-8)).
template <typename T>
void log_loss(const T* y, const T* p, T* loss, std::size_t n) {
    const Vec<T> one = splat<T>(T(1)), tiny = splat<T>(T(1e-8));
    in_chunks(n, std::size_t(1) << 13, [=](std::size_t begin, std::size_t end) {
        map<T>(y + begin, p + begin, loss + begin, end - begin, [=](Vec<T> t, Vec<T> q) {
            return -(t * log<T>(q + tiny) + (one - t) * log<T>((one - q) + tiny));
        });
    });
}

// 0 for numbers that are too small for all their digits.  The momentum of a weight without gradient
// decays to the smallest number and stays there, and the processor takes 100 times longer for those.
template <typename T>
THINC_INLINE Vec<T> without_denormals(Vec<T> x) {
    return select<T>(absolute<T>(x) < splat<T>(Constants<T>::smallest), splat<T>(T(0)), x);
}

// `rule` is a constant here, so that the loop has no branch on it.
template <typename T, int rule>
THINC_NOINLINE void step_range(const Step<T>& s, T scale, std::size_t begin, std::size_t end) {
    const Vec<T> beta1 = splat<T>(T(s.beta1)), rest1 = splat<T>(T(1 - s.beta1)), beta2 = splat<T>(T(s.beta2));
    const Vec<T> rest2 = splat<T>(T(1 - s.beta2)), rate = splat<T>(T(s.rate)), eps = splat<T>(T(s.eps));
    const Vec<T> L2 = splat<T>(T(s.L2)), before = splat<T>(T(s.before)), after = splat<T>(T(s.after));
    const Vec<T> follow = splat<T>(T(s.follow)), factor = splat<T>(scale);
    for (std::size_t i = begin; i < end; i += width<T>) {
        const std::size_t n = end - i < std::size_t(width<T>) ? end - i : width<T>;
        Vec<T> w = load_part<T>(s.w + i, n), g = load_part<T>(s.g + i, n);
        if (s.L2 != 0) g += L2 * w;
        g *= factor;
        if (s.before != 0) w -= before * w;
        if constexpr (rule == SGD) {
            w -= rate * g;
        } else {
            const Vec<T> m1 = without_denormals<T>(load_part<T>(s.m1 + i, n) * beta1 + g * rest1);
            const Vec<T> m2 = load_part<T>(s.m2 + i, n) * beta2 + g * g * rest2;
            store_part<T>(s.m1 + i, m1, n);
            // Not as long as there is momentum, which would be divided by ε alone.
            store_part<T>(s.m2 + i, select<T>(m1 == splat<T>(T(0)), without_denormals<T>(m2), m2), n);
            if constexpr (rule == ADAM)
                w -= rate * (m1 / (square_root<T>(m2) + eps));
            else
                w -= rate * m1;
        }
        if (s.after != 0) w -= after * w;
        store_part<T>(s.w + i, w, n);
        store_part<T>(s.g + i, splat<T>(T(0)), n);
        if (s.average != nullptr) {
            const Vec<T> average = load_part<T>(s.average + i, n);
            store_part<T>(s.average + i, average - follow * (average - w), n);
        }
    }
}

template <typename T>
void step(const Step<T>& s) {
    const T* decayed = s.L2 != 0 ? s.w : nullptr;
    const T scale = s.clip != 0 ? clipping_factor<T>(s.g, decayed, T(s.L2), s.n, s.clip) : T(1);
    const Step<T>* p = &s;
    in_chunks(s.n, std::size_t(1) << 15, [=](std::size_t begin, std::size_t end) {
        if (p->rule == SGD)
            step_range<T, SGD>(*p, scale, begin, end);
        else if (p->rule == ADAM)
            step_range<T, ADAM>(*p, scale, begin, end);
        else
            step_range<T, FIRST_MOMENT>(*p, scale, begin, end);
    });
}

template <typename T>
void fill(TrainingTable<T>& table) {
    table.step = step<T>;
    table.clip = clip<T>;
    table.follow = follow<T>;
    table.log_loss = log_loss<T>;
}

}  // namespace
}  // namespace thinc
