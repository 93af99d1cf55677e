// The update of weights that every instruction set provides.
#pragma once
#include <cstddef>

namespace thinc {

enum Rule { SGD, ADAM, FIRST_MOMENT };

// One update of n weights; see `Training._step_weights` for the formulas.  m1, m2: null for SGD.
// average: may be null.
template <typename T>
struct Step {
    T *w, *g, *m1, *m2, *average;
    std::size_t n;
    int rule;
    double clip, L2, before, after, beta1, beta2, rate, eps, follow;
};

template <typename T>
struct TrainingTable {
    void (*step)(const Step<T>& step);
    void (*clip)(T* gradient, std::size_t n, double limit);
    void (*follow)(T* average, const T* w, std::size_t n, double share);
    void (*log_loss)(const T* y, const T* p, T* loss, std::size_t n);
};

}  // namespace thinc
