// The kernels for x86-64 processors with AVX-512 F, BW, DQ and VL.
#define THINC_VECTOR_BYTES 64
#include "_cpu_level.hh"

void thinc::fill_v4(Table& table, const Services& services) { fill(table, services); }
