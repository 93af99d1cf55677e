// All kernels of all families, compiled for one instruction set by the file that includes this.
#include "_cpu_table.hh"
#include "activation/kernels.hh"
#include "dropout/kernels.hh"
#include "linear/kernels.hh"
#include "lookup/kernels.hh"
#include "normalization/kernels.hh"
#include "recurrent/kernels.hh"
#include "sequence/kernels.hh"
#include "training/kernels.hh"

namespace thinc {
namespace {

template <typename T>
void fill(Kernels<T>& kernels) {
    fill(kernels.activation);
    fill(kernels.linear);
    fill(kernels.lookup);
    fill(kernels.normalization);
    fill(kernels.recurrent);
    fill(kernels.sequence);
    fill(kernels.training);
}

void fill(Table& table, const Services& services) {
    run_parallel = services.parallel;
    memory = services.memory;
    fill(table.f32);
    fill(table.f64);
    fill(table.hashes);
    fill(table.dropout);
}

}  // namespace
}  // namespace thinc
