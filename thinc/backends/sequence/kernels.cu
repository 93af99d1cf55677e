// Windows over ragged sequences, and reductions of each sequence to one row, on the GPU.
// starts: [0, cumsum(lengths)], the first row of each of nB sequences, and the end.
#include "../_cuda.hh"
#include "../activation/math.hh"

namespace thinc {
namespace sequence {

constexpr std::size_t ROWS_AT_ONCE = 128;  // then a second level of sums: errors grow with √rows

// Loops over columns of one sequence: blocks in y and threads, so that neighbours read neighbours.
#define THINC_EACH_COLUMN(j, w)                                                                      \
    for (std::size_t j = std::size_t(blockIdx.y) * blockDim.x + threadIdx.x; j < (w);                \
         j += std::size_t(gridDim.y) * blockDim.x)
#define THINC_EACH_PIECE(b, n) for (std::size_t b = blockIdx.x; b < (n); b += gridDim.x)

// Y[i] = X[i - nW] ... X[i + nW] side by side; zeros beyond the ends of a sequence.
template <typename T>
__global__ void seq2col(const T* X, T* Y, const long long* starts, std::size_t nB, std::size_t n, std::size_t w, int nW) {
    const std::size_t span = (2 * nW + 1) * w;
    THINC_EACH_PIECE(i, n) {
        const auto [begin, end] = span_of(starts, sequence_of(starts, nB, i), n);
        THINC_EACH_COLUMN(j, span) {
            const std::size_t block = quotient(j, w);
            const long long row = (long long)(i) + (long long)(block) - nW;
            const bool inside = row >= (long long)(begin) && row < (long long)(end);
            put(Y[i * span + j], inside ? widen(X[row * w + (j - block * w)]) : Wide<T>(0));
        }
    }
}

// dX[i] = Σ over offsets o of column block o of dY[i - o + nW], where that row is in the sequence.
template <typename T>
__global__ void backprop_seq2col(const T* dY, T* dX, const long long* starts, std::size_t nB, std::size_t n,
                                 std::size_t w, int nW) {
    const std::size_t span = (2 * nW + 1) * w;
    THINC_EACH_PIECE(i, n) {
        const auto [begin, end] = span_of(starts, sequence_of(starts, nB, i), n);
        THINC_EACH_COLUMN(j, w) {
            Wide<T> sum = 0;
            for (int o = -nW; o <= nW; ++o) {
                const long long row = (long long)(i)-o;
                if (row >= (long long)(begin) && row < (long long)(end)) sum += widen(dY[row * span + (o + nW) * w + j]);
            }
            put(dX[i * w + j], sum);
        }
    }
}

// Y[b] = Σ rows of sequence b, over their number if `mean`.
template <typename T>
__global__ void reduce_sum(const T* X, T* Y, const long long* starts, std::size_t nB, std::size_t n, std::size_t w, bool mean) {
    THINC_EACH_PIECE(b, nB) {
        const auto [begin, end] = span_of(starts, b, n);
        THINC_EACH_COLUMN(j, w) {
            Wide<T> total = 0;
            for (std::size_t start = begin; start < end; start += ROWS_AT_ONCE) {
                const std::size_t stop = start + ROWS_AT_ONCE < end ? start + ROWS_AT_ONCE : end;
                Wide<T> sum = 0;
                for (std::size_t r = start; r < stop; ++r) sum += widen(X[r * w + j]);
                total += sum;
            }
            put(Y[b * w + j], mean && end > begin ? total / Wide<T>(end - begin) : total);
        }
    }
}

template <typename T>
__global__ void backprop_reduce_sum(const T* dY, T* dX, const long long* starts, std::size_t nB, std::size_t n, std::size_t w,
                                    bool mean) {
    THINC_EACH_PIECE(b, nB) {
        const auto [begin, end] = span_of(starts, b, n);
        THINC_EACH_COLUMN(j, w) {
            const Wide<T> d = widen(dY[b * w + j]), share = mean && end > begin ? d / Wide<T>(end - begin) : d;
            for (std::size_t r = begin; r < end; ++r) put(dX[r * w + j], share);
        }
    }
}

// The first of equal rows wins, and the first NaN over everything.  Every sequence has a row.
template <typename T>
__global__ void reduce_max(const T* X, T* Y, std::int32_t* which, const long long* starts, std::size_t nB, std::size_t n,
                           std::size_t w) {
    THINC_EACH_PIECE(b, nB) {
        const auto [begin, end] = span_of(starts, b, n);
        if (begin == end) continue;
        THINC_EACH_COLUMN(j, w) {
            std::size_t best_row = begin;
            Wide<T> best = widen(X[best_row * w + j]);
            for (std::size_t r = begin + 1; r < end; ++r) {
                const Wide<T> x = widen(X[r * w + j]);
                const bool take = !(x <= best) && best == best;
                best = take ? x : best;
                best_row = take ? r : best_row;
            }
            Y[b * w + j] = X[best_row * w + j];
            which[b * w + j] = std::int32_t(best_row - begin);
        }
    }
}

// outside[0] = 1 where `which` is outside of its sequence.
template <typename T>
__global__ void backprop_reduce_max(const T* dY, const std::int32_t* which, T* dX, const long long* starts,
                                    std::size_t nB, std::size_t n, std::size_t w, std::int32_t* outside) {
    THINC_EACH_PIECE(b, nB) {
        const auto [begin, end] = span_of(starts, b, n);
        THINC_EACH_COLUMN(j, w) {
            const std::int32_t row = which[b * w + j];
            if (row < 0 || row >= std::int32_t(end - begin)) outside[0] = 1;
            for (std::size_t r = begin; r < end; ++r)
                put(dX[r * w + j], row == std::int32_t(r - begin) ? widen(dY[b * w + j]) : Wide<T>(0));
        }
    }
}

// Y = exp(x) over the sum of that in its sequence, per column, x limited to ±20; Y may be X.
template <typename T>
__global__ void softmax(const T* X, T* Y, const long long* starts, std::size_t nB, std::size_t n, std::size_t w) {
    using W = Wide<T>;
    THINC_EACH_PIECE(b, nB) {
        const auto [begin, end] = span_of(starts, b, n);
        THINC_EACH_COLUMN(j, w) {
            W sum = 0;
            for (std::size_t r = begin; r < end; ++r)
                sum += math::exp_near(math::limit(W(widen(X[r * w + j])), W(-20), W(20)));
            for (std::size_t r = begin; r < end; ++r)
                put(Y[r * w + j], math::exp_near(math::limit(W(widen(X[r * w + j])), W(-20), W(20))) / sum);
        }
    }
}

// dX = Y·(dY − Σ(Y·dY)).
template <typename T>
__global__ void backprop_softmax(const T* dY, const T* Y, T* dX, const long long* starts, std::size_t nB, std::size_t n,
                                 std::size_t w) {
    THINC_EACH_PIECE(b, nB) {
        const auto [begin, end] = span_of(starts, b, n);
        THINC_EACH_COLUMN(j, w) {
            Wide<T> sum = 0;
            for (std::size_t r = begin; r < end; ++r) sum += widen(Y[r * w + j]) * widen(dY[r * w + j]);
            for (std::size_t r = begin; r < end; ++r)
                put(dX[r * w + j], widen(Y[r * w + j]) * (widen(dY[r * w + j]) - sum));
        }
    }
}

// Y[i, r] = row r of sequence i, or zeros.  addresses: where each sequence is; words: numbers per row.
template <typename T>
__global__ void pad(const std::uint64_t* addresses, const long long* lengths, T* Y, std::size_t n, std::size_t longest,
                    std::size_t w) {
    THINC_EACH_PIECE(place, n * longest) {
        const std::size_t i = quotient(place, longest), r = place - i * longest;
        const T* x = reinterpret_cast<const T*>(addresses[i]);
        THINC_EACH_COLUMN(j, w) put(Y[place * w + j], (long long)(r) < lengths[i] ? widen(x[r * w + j]) : Wide<T>(0));
    }
}

}  // namespace sequence
}  // namespace thinc
