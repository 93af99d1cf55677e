// All kernels as function pointers: one table per instruction set, filled by its _cpu_*.cpp.
#pragma once
#include "_services.hh"
#include "activation/table.hh"
#include "dropout/table.hh"
#include "linear/table.hh"
#include "lookup/table.hh"
#include "normalization/table.hh"
#include "recurrent/table.hh"
#include "sequence/table.hh"
#include "training/table.hh"

namespace thinc {

template <typename T>
struct Kernels {
    ActivationTable<T> activation;
    LinearTable<T> linear;
    LookupTable<T> lookup;
    NormalizationTable<T> normalization;
    RecurrentTable<T> recurrent;
    SequenceTable<T> sequence;
    TrainingTable<T> training;
};

struct Table {
    Kernels<float> f32;
    Kernels<double> f64;
    HashTable hashes;
    DropoutTable dropout;
};

// Each is the only symbol of its file, so that no function compiled for one instruction set
// can be taken by the linker for a copy of another.
void fill_v2(Table& table, const Services& services);
#ifdef THINC_X86_LEVELS
void fill_v3(Table& table, const Services& services);
void fill_v4(Table& table, const Services& services);
#endif

}  // namespace thinc
