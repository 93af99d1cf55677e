// Optimizers on the GPU: everything that happens to all weights of a model, in one launch.
#include "../_cuda.hh"
#include "../activation/math.hh"

namespace thinc {
namespace training {

// m1 = β1·m1 + (1−β1)·g;  m2 = β2·m2 + (1−β2)·g²;  w −= rate·m1 / (mod_rate·√m2 + ε);  g = 0.
template <typename T>
__global__ void adam(T* w, T* g, T* m1, T* m2, std::size_t n, double beta1, double beta2, double eps, double rate,
                     double mod_rate) {
    using N = Wide<T>;
    THINC_EACH(i, n) {
        const N d = widen(g[i]), first = N(beta1) * widen(m1[i]) + N(1 - beta1) * d;
        const N second = N(beta2) * widen(m2[i]) + N(1 - beta2) * (d * d);
        put(m1[i], first);
        put(m2[i], second);
        put(w[i], widen(w[i]) - N(rate) * (first / (N(mod_rate) * math::square_root(second) + N(eps))));
        put(g[i], N(0));
    }
}

constexpr long long PIECE = 4096;  // numbers of one array that one block works on
enum { W, G, M1, M2, AVERAGE, SIZE };  // rows of `table`: addresses, or 0, and the number of weights
enum { RULE, CLIP, L2, BEFORE, AFTER, BETA1, BETA2, RATE, EPS, FOLLOW };  // rows of `numbers`
enum { SGD, ADAM, FIRST_MOMENT };

// squares[k] += Σ (g + L2·w)² of parameter k.  table: (6, count).  numbers: (10, count).
// pieces: (count + 1,), where the pieces of each parameter begin.
template <typename T>
__global__ void sum_squares(const std::uint64_t* table, const double* numbers, const long long* pieces, double* squares,
                            std::size_t count) {
    for (long long piece = blockIdx.x; piece < pieces[count]; piece += gridDim.x) {
        const std::size_t k = sequence_of(pieces, count, piece);
        const T *w = reinterpret_cast<const T*>(table[W * count + k]), *g = reinterpret_cast<const T*>(table[G * count + k]);
        const long long begin = (piece - pieces[k]) * PIECE, size = (long long)(table[SIZE * count + k]);
        const Wide<T> decay = numbers[L2 * count + k];
        double sum = 0;
        for (long long i = begin + threadIdx.x; i < begin + PIECE && i < size; i += blockDim.x) {
            const double d = decay == Wide<T>(0) ? widen(g[i]) : widen(g[i]) + decay * widen(w[i]);
            sum += d * d;
        }
        sum = over_team(sum, Sum());
        if (threadIdx.x == 0) atomicAdd(squares + k, sum);
    }
}

// One update of all parameters: see `Training._step_weights` for the formulas.  Without the bounds, 68
// registers of sm_70 for doubles leave room for three blocks, where four fill half of a multiprocessor.
template <typename T>
__global__ void __launch_bounds__(256, 4)
    step_weights(const std::uint64_t* table, const double* numbers, const long long* pieces, const double* squares,
                 std::size_t count) {
    using N = Wide<T>;
    for (long long piece = blockIdx.x; piece < pieces[count]; piece += gridDim.x) {
        const std::size_t k = sequence_of(pieces, count, piece);
        const auto number = [=](int row) { return N(numbers[row * count + k]); };
        const auto array = [=](int row) { return reinterpret_cast<T*>(table[row * count + k]); };
        T *w = array(W), *g = array(G), *m1 = array(M1), *m2 = array(M2), *average = array(AVERAGE);
        const N decay = number(L2), before = number(BEFORE), after = number(AFTER), beta1 = number(BETA1);
        const N beta2 = number(BETA2), rate = number(RATE), eps = number(EPS), follow = number(FOLLOW);
        const double clip = numbers[CLIP * count + k], norm = math::square_root(squares[k]);
        const N scale = clip != 0 && norm != 0 && norm >= clip ? N(clip / norm) : N(1);
        const int rule = int(numbers[RULE * count + k]);
        const long long begin = (piece - pieces[k]) * PIECE, size = (long long)(table[SIZE * count + k]);
        for (long long i = begin + threadIdx.x; i < begin + PIECE && i < size; i += blockDim.x) {
            N x = widen(w[i]), d = widen(g[i]);
            if (decay != N(0)) d += decay * x;
            d *= scale;
            x -= before * x;
            if (rule != SGD) {
                const N first = beta1 * widen(m1[i]) + (N(1) - beta1) * d;
                const N second = beta2 * widen(m2[i]) + (N(1) - beta2) * (d * d);
                put(m1[i], first);
                put(m2[i], second);
                d = rule == ADAM ? first / (math::square_root(second) + eps) : first;
            }
            x -= rate * d;
            x -= after * x;
            put(w[i], x);
            put(g[i], N(0));
            if (average != nullptr) put(average[i], widen(average[i]) - follow * (widen(average[i]) - x));
        }
    }
}

// ema −= rest·(ema − weights).
template <typename T>
__global__ void update_averages(T* ema, const T* weights, std::size_t n, double rest) {
    THINC_EACH(i, n) put(ema[i], widen(ema[i]) - Wide<T>(rest) * (widen(ema[i]) - widen(weights[i])));
}

}  // namespace training
}  // namespace thinc
