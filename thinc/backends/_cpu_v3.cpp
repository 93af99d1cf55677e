// The kernels for x86-64 processors with AVX2, FMA and BMI2.
#define THINC_VECTOR_BYTES 32
#include "_cpu_level.hh"

void thinc::fill_v3(Table& table, const Services& services) { fill(table, services); }
