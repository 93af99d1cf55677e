// Dropout masks on the GPU: the same numbers as on the CPU for the same seed.
#include "../_cuda.hh"
#include "math.hh"

namespace thinc {
namespace dropout {

// 0 with probability `drop`, else 1 / (1 - drop).
__global__ void mask(float* Y, std::size_t n, double drop, std::uint64_t seed) {
    const std::int32_t limit = std::int32_t(drop * 2147483647.0);
    const float kept = float(1.0 / (1.0 - drop));
    THINC_EACH(i, n) {
        const std::uint32_t between = std::uint32_t(seed >> 32) + std::uint32_t(std::uint64_t(i) >> 32);
        Y[i] = draw(std::uint32_t(i), std::uint32_t(seed), between) < limit ? 0.0f : kept;
    }
}

}  // namespace dropout
}  // namespace thinc
