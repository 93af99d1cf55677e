// Activations, softmax and maxout on the GPU; the functions are those of the CPU.
#include "../_cuda.hh"
#include "functions.hh"

namespace thinc {
namespace activation {

template <template <typename> class F, typename T>
__device__ __forceinline__ void apply(T x, T& y, const Options<Wide<T>>& o) {
    put(y, F<Wide<T>>::forward(widen(x), o));
}

// Y = F(X); Y may be X.
template <template <typename> class F, typename T>
__global__ void forward(const T* X, T* Y, std::size_t n, double slope, double offset, double low, double high) {
    using W = Wide<T>;
    const Options<W> o = {W(slope), W(offset), W(low), W(high)};
    constexpr int P = PACKED<T>;
    const std::size_t packs = are_packed<T>(X, Y) ? n / P : 0;
    THINC_EACH(i, packs) {
        const Pack<T, P> x = reinterpret_cast<const Pack<T, P>*>(X)[i];
        Pack<T, P> y;
        for (int j = 0; j < P; ++j) apply<F>(x.item[j], y.item[j], o);
        reinterpret_cast<Pack<T, P>*>(Y)[i] = y;
    }
    THINC_EACH(i, n - packs * P) apply<F>(X[packs * P + i], Y[packs * P + i], o);
}

// dX = dY · F'(S), S being X or Y; dX may be dY or S.
template <template <typename> class F, typename T>
__global__ void backward(const T* dY, const T* S, T* dX, std::size_t n, double slope, double offset, double low,
                         double high) {
    using W = Wide<T>;
    const Options<W> o = {W(slope), W(offset), W(low), W(high)};
    constexpr int P = PACKED<T>;
    const std::size_t packs = are_packed<T>(dY, S, dX) ? n / P : 0;
    THINC_EACH(i, packs) {
        const Pack<T, P> d = reinterpret_cast<const Pack<T, P>*>(dY)[i], s = reinterpret_cast<const Pack<T, P>*>(S)[i];
        Pack<T, P> dx;
        for (int j = 0; j < P; ++j) put(dx.item[j], F<W>::backward(widen(d.item[j]), widen(s.item[j]), o));
        reinterpret_cast<Pack<T, P>*>(dX)[i] = dx;
    }
    THINC_EACH(i, n - packs * P) {
        const std::size_t k = packs * P + i;
        put(dX[k], F<W>::backward(widen(dY[k]), widen(S[k]), o));
    }
}

template <typename T>
__global__ void backprop_swish(const T* dY, const T* X, const T* Y, T* dX, std::size_t n) {
    THINC_EACH(i, n) put(dX[i], Swish<Wide<T>>::backward(widen(dY[i]), widen(X[i]), widen(Y[i])));
}

// Y = exp(X / temperature) over its sum in each row; Y may be X.
template <typename T>
__global__ void softmax(const T* X, T* Y, std::size_t rows, std::size_t width, double temperature) {
    using W = Wide<T>;
    const W scale = W(1.0 / temperature);
    THINC_EACH_ROW(row, is_row, rows) {
        const T* x = X + row * width;
        T* y = Y + row * width;
        W best = widen(x[0]), sum = 0;
        for (std::size_t i = threadIdx.x; i < width; i += blockDim.x) best = Largest()(best, widen(x[i]));
        best = over_team(best, Largest());
        for (std::size_t i = threadIdx.x; i < width; i += blockDim.x) sum += math::exp_down((widen(x[i]) - best) * scale);
        sum = over_team(sum, Sum());
        for (std::size_t i = threadIdx.x; i < width && is_row; i += blockDim.x)
            put(y[i], math::exp_down((widen(x[i]) - best) * scale) / sum);
    }
}

// dX = Y·(dY − Σ(Y·dY)) / temperature, the sum over each row.
template <typename T>
__global__ void backprop_softmax(const T* Y, const T* dY, T* dX, std::size_t rows, std::size_t width,
                                 double temperature) {
    using W = Wide<T>;
    const W scale = W(1.0 / temperature);
    THINC_EACH_ROW(row, is_row, rows) {
        const T *y = Y + row * width, *dy = dY + row * width;
        W sum = 0;
        for (std::size_t i = threadIdx.x; i < width; i += blockDim.x) sum += widen(y[i]) * widen(dy[i]);
        sum = over_team(sum, Sum());
        for (std::size_t i = threadIdx.x; i < width && is_row; i += blockDim.x)
            put(dX[row * width + i], widen(y[i]) * (widen(dy[i]) - sum) * scale);
    }
}

// The first of equals wins, and the first NaN over everything, as in NumPy's argmax.
template <typename T>
__global__ void maxout(const T* X, T* best, std::int32_t* which, std::size_t n, int P) {
    THINC_EACH(i, n) {
        const T* x = X + i * P;
        int w = 0;
        Wide<T> b = widen(x[0]);
        for (int p = 1; p < P; ++p) {
            const Wide<T> value = widen(x[p]);
            const bool take = !(value <= b) && b == b;
            b = take ? value : b;
            w = take ? p : w;
        }
        best[i] = x[w];
        which[i] = w;
    }
}

// dX[i, p] = dY[i] where which[i] = p, else 0.  The caller has checked that which is in [0, P).
template <typename T>
__global__ void backprop_maxout(const T* dY, const std::int32_t* which, T* dX, std::size_t n, int P) {
    THINC_EACH(i, n * P) {
        const std::size_t k = quotient(i, P);
        put(dX[i], which[k] == int(i - k * P) ? widen(dY[k]) : Wide<T>(0));
    }
}

}  // namespace activation
}  // namespace thinc
