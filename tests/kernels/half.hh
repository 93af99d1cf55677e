// float16 on the CPU, for the emulation.
namespace thinc {

inline float widen(Half x) {
    _Float16 half;
    std::memcpy(&half, &x, sizeof half);
    return float(half);
}

inline Half narrow(float x) {
    const _Float16 half = _Float16(x);
    Half y;
    std::memcpy(&y, &half, sizeof half);
    return y;
}

}  // namespace thinc
