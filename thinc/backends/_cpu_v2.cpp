// The kernels for every x86-64 processor, and for every other architecture.
#define THINC_VECTOR_BYTES 16
#include "_cpu_level.hh"

void thinc::fill_v2(Table& table, const Services& services) { fill(table, services); }
