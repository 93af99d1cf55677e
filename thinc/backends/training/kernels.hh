// Optimizers: everything that happens to a weight in one pass over memory.
#pragma once
#include "../_chunks.hh"
#include "../_simd.hh"
#include "table.hh"

namespace thinc {
namespace {

// Σ (g + L2 · w)²: lanes are added up in double every 4096 numbers.
template <typename T>
double squared_norm(const Step<T>& s) {
    const Vec<T> L2 = splat<T>(T(s.L2));
    double total = 0;
    for (std::size_t start = 0; start < s.n; start += 4096) {
        const std::size_t end = s.n - start < 4096 ? s.n : start + 4096;
        Vec<T> sum[4] = {splat<T>(T(0)), splat<T>(T(0)), splat<T>(T(0)), splat<T>(T(0))};
        int lane = 0;
        for (std::size_t i = start; i < end; i += width<T>, lane = (lane + 1) & 3) {
            const std::size_t n = end - i < std::size_t(width<T>) ? end - i : width<T>;
            Vec<T> g = load_part<T>(s.g + i, n);
            if (s.L2 != 0) g += L2 * load_part<T>(s.w + i, n);
            sum[lane] += g * g;
        }
        T lanes[width<T>];
        store<T>(lanes, (sum[0] + sum[1]) + (sum[2] + sum[3]));
        for (int i = 0; i < width<T>; ++i) total += double(lanes[i]);
    }
    return total;
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
            const Vec<T> m1 = load_part<T>(s.m1 + i, n) * beta1 + g * rest1;
            const Vec<T> m2 = load_part<T>(s.m2 + i, n) * beta2 + g * g * rest2;
            store_part<T>(s.m1 + i, m1, n);
            store_part<T>(s.m2 + i, m2, n);
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
    T scale = T(1);
    if (s.clip != 0) {
        const double norm = __builtin_sqrt(squared_norm<T>(s));
        if (norm >= s.clip && norm != 0) scale = T(s.clip / norm);
    }
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
}

}  // namespace
}  // namespace thinc
