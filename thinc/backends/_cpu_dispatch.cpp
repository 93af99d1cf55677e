// Choose the instruction set at run time.
#include "_cpu_dispatch.hh"

#include "_parallel.hh"
#include "_pool.hh"

namespace {

// 2, 3 or 4: the last level whose instructions both the processor and the system support.
int supported_level() {
#ifdef THINC_X86_LEVELS
    __builtin_cpu_init();
    if (!(__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi") &&
          __builtin_cpu_supports("bmi2")))
        return 2;
    if (!(__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
          __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl")))
        return 3;
    return 4;
#else
    return 2;
#endif
}

}  // namespace

thinc::Table thinc::table;

const char* thinc::choose_kernels(const char* limit) {
    int level = supported_level();
    if (limit[0] != '\0') {
        const int number = limit[0] == 'v' && limit[1] && !limit[2] ? limit[1] - '0' : 0;
        if (number < 2 || number > 4) return nullptr;
        level = number < level ? number : level;
    }
    const Services services = {run_in_threads, {pool_take, pool_give}};
#ifdef THINC_X86_LEVELS
    if (level == 4) return fill_v4(table, services), "v4";
    if (level == 3) return fill_v3(table, services), "v3";
#endif
    return fill_v2(table, services), "v2";
}
