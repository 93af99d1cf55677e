// What the kernels of every instruction set get from the rest of the library.
#pragma once
#include "_chunks.hh"
#include "_memory.hh"

namespace thinc {

struct Services {
    Parallel parallel;
    Memory memory;
};

}  // namespace thinc
