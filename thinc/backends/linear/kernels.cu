// What follows a matrix product: bias and activation, or bias and maxout, in one pass on the GPU.
#include "../_cuda.hh"
#include "../activation/functions.hh"

namespace thinc {
namespace linear {

// Z += b in every row of nO numbers, and Y = F(Z); Y may be Z itself, which then is lost.
template <template <typename> class F, typename T>
__global__ void forward(T* Z, const T* b, T* Y, std::size_t n, std::size_t nO) {
    using W = Wide<T>;
    const activation::Options<W> o = {W(0), W(0), W(0), W(20)};  // the threshold of mish
    THINC_EACH(i, n * nO) {
        put(Z[i], widen(Z[i]) + widen(b[i - quotient(i, nO) * nO]));
        put(Y[i], F<W>::forward(widen(Z[i]), o));  // of Z as it is kept, rounded
    }
}

// Y += b in every row of nO numbers.
template <typename T>
__global__ void add_bias(T* Y, const T* b, std::size_t n, std::size_t nO) {
    THINC_EACH(i, n * nO) put(Y[i], widen(Y[i]) + widen(b[i - quotient(i, nO) * nO]));
}

// The best of P pieces of Z + b, and which it was; the first of equals wins, and the first NaN.
template <typename T>
__global__ void maxout(const T* Z, const T* b, T* best, std::int32_t* which, std::size_t n, std::size_t nO, int P) {
    using W = Wide<T>;
    THINC_EACH(i, n * nO) {
        const T *z = Z + i * P, *bias = b + (i - quotient(i, nO) * nO) * P;
        T sum;
        W top = 0;
        int w = 0;
        for (int p = 0; p < P; ++p) {
            put(sum, widen(z[p]) + widen(bias[p]));
            const W value = widen(sum);
            const bool take = p == 0 || (!(value <= top) && top == top);
            top = take ? value : top;
            w = take ? p : w;
        }
        put(best[i], top);
        which[i] = w;
    }
}

}  // namespace linear
}  // namespace thinc
