// All kernels of all families, compiled for one instruction set by the file that includes this.
#include "_cpu_table.hh"
#include "activation/kernels.hh"

namespace thinc {
namespace {

template <typename T>
void fill(Kernels<T>& kernels) {
    fill(kernels.activation);
}

void fill(Table& table, Parallel parallel) {
    run_parallel = parallel;
    fill(table.f32);
    fill(table.f64);
}

}  // namespace
}  // namespace thinc
