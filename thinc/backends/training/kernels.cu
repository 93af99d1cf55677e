// Steps of Adam on the GPU: of one array, or of all arrays of a model in one launch.
#include "../_cuda.hh"
#include "../activation/math.hh"

namespace thinc {
namespace training {

// m1 = β1·m1 + (1−β1)·g;  m2 = β2·m2 + (1−β2)·g²;  w −= rate·m1 / (mod_rate·√m2 + ε);  g = 0.
template <typename T>
__device__ __forceinline__ void adam_step(T& w, T& g, T& m1, T& m2, Wide<T> scale, Wide<T> beta1, Wide<T> beta2,
                                          Wide<T> eps, Wide<T> rate, Wide<T> mod_rate) {
    using W = Wide<T>;
    const W d = widen(g) * scale;
    const W first = beta1 * widen(m1) + (W(1) - beta1) * d, second = beta2 * widen(m2) + (W(1) - beta2) * (d * d);
    put(m1, first);
    put(m2, second);
    put(w, widen(w) - rate * (first / (mod_rate * math::square_root(second) + eps)));
    put(g, W(0));
}

template <typename T>
__global__ void adam(T* w, T* g, T* m1, T* m2, std::size_t n, double beta1, double beta2, double eps, double rate,
                     double mod_rate) {
    THINC_EACH(i, n) adam_step(w[i], g[i], m1[i], m2[i], Wide<T>(1), beta1, beta2, eps, rate, mod_rate);
}

constexpr long long PIECE = 4096;  // numbers of one array that one block works on

// table: (5, count) addresses of w, g, m1 and m2 of each array, and its size.  pieces: (count + 1,),
// where the pieces of each array begin.  squares: (count,), Σ g² of each array, starting from 0.
template <typename T>
__global__ void sum_squares(const std::uint64_t* table, const long long* pieces, double* squares, std::size_t count) {
    for (long long piece = blockIdx.x; piece < pieces[count]; piece += gridDim.x) {
        const std::size_t k = sequence_of(pieces, count, piece);
        const T* g = reinterpret_cast<const T*>(table[count + k]);
        const long long begin = (piece - pieces[k]) * PIECE, size = (long long)(table[4 * count + k]);
        double sum = 0;
        for (long long i = begin + threadIdx.x; i < begin + PIECE && i < size; i += blockDim.x)
            sum += double(widen(g[i])) * double(widen(g[i]));
        sum = over_team(sum, Sum());
        if (threadIdx.x == 0) atomicAdd(squares + k, sum);
    }
}

// rates: (count,), the learning rate of each array.  limit: of the norm of each gradient; 0 for none.
template <typename T>
__global__ void adam_many(const std::uint64_t* table, const long long* pieces, const double* squares, const double* rates,
                          std::size_t count, double limit, double beta1, double beta2, double eps) {
    for (long long piece = blockIdx.x; piece < pieces[count]; piece += gridDim.x) {
        const std::size_t k = sequence_of(pieces, count, piece);
        T *w = reinterpret_cast<T*>(table[k]), *g = reinterpret_cast<T*>(table[count + k]);
        T *m1 = reinterpret_cast<T*>(table[2 * count + k]), *m2 = reinterpret_cast<T*>(table[3 * count + k]);
        const double norm = limit > 0 ? math::square_root(squares[k]) : 0.0;
        const Wide<T> scale = norm > 0 && norm >= limit ? limit / norm : 1.0;
        const long long begin = (piece - pieces[k]) * PIECE, size = (long long)(table[4 * count + k]);
        for (long long i = begin + threadIdx.x; i < begin + PIECE && i < size; i += blockDim.x)
            adam_step(w[i], g[i], m1[i], m2[i], scale, Wide<T>(beta1), Wide<T>(beta2), Wide<T>(eps), Wide<T>(rates[k]),
                      Wide<T>(1));
    }
}

// ema −= rest·(ema − weights).
template <typename T>
__global__ void update_averages(T* ema, const T* weights, std::size_t n, double rest) {
    THINC_EACH(i, n) put(ema[i], widen(ema[i]) - Wide<T>(rest) * (widen(ema[i]) - widen(weights[i])));
}

}  // namespace training
}  // namespace thinc
