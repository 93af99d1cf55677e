// Dropout masks, as every instruction set provides them.
#pragma once
#include <cstddef>
#include <cstdint>

namespace thinc {

struct DropoutTable {
    void (*mask)(float* Y, std::size_t n, double drop, std::uint64_t seed);
};

}  // namespace thinc
