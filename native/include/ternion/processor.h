// Instruction sets of this processor. Not for files that are compiled for one of them: the linker could keep their copy.
#pragma once

namespace ternion {

#if defined(__x86_64__)
/// With FMA.
inline bool has_avx2() { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"); }

/// F, BW, VL and DQ.
inline bool has_avx512() {
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
         __builtin_cpu_supports("avx512dq");
}
inline bool has_avx512vnni() { return has_avx512() && __builtin_cpu_supports("avx512vnni"); }
inline bool has_avx512vpopcntdq() { return has_avx512() && __builtin_cpu_supports("avx512vpopcntdq"); }
#else
inline bool has_avx2() { return false; }
inline bool has_avx512() { return false; }
inline bool has_avx512vnni() { return false; }
inline bool has_avx512vpopcntdq() { return false; }
#endif

}  // namespace ternion
