// Dropout masks: each number comes from its place and the seed alone, so that any part can be
// drawn by any thread, and the same seed gives the same mask on every machine.
#pragma once
#include "../_chunks.hh"
#include "../activation/elementwise.hh"
#include "math.hh"
#include "table.hh"

namespace thinc {
namespace dropout {
namespace {

// 0 with probability `drop`, else 1 / (1 - drop).
void mask(float* Y, std::size_t n, double drop, std::uint64_t seed) {
    const std::int32_t limit = std::int32_t(drop * 2147483647.0);
    const float kept = float(1.0 / (1.0 - drop));
    in_chunks(n, 1 << 14, [=](std::size_t begin, std::size_t end) {
        for (std::size_t start = begin; start < end;) {
            // Counters have 32 bits: from there on another half of the seed goes on.
            const std::size_t stop = end >> 32 == start >> 32 ? end : ((start >> 32) + 1) << 32;
            const std::uint32_t before = std::uint32_t(seed), between = std::uint32_t(seed >> 32) + std::uint32_t(start >> 32);
            const std::uint32_t first = std::uint32_t(start), count = std::uint32_t(stop - start);
            float* y = Y + start;
            THINC_INDEPENDENT
            for (std::uint32_t i = 0; i < count; ++i) y[i] = draw(first + i, before, between) < limit ? 0.0f : kept;
            start = stop;
        }
    });
}

}  // namespace
}  // namespace dropout

namespace {

void fill(DropoutTable& table) { table.mask = dropout::mask; }

}  // namespace
}  // namespace thinc
