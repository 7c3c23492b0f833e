"""Which opcode of a target's machine code is which operation, found by probes: pairs of small kernels that differ in how often
they do one thing. The opcodes whose counts differ by that number are the operation's. An instruction is 16 bytes; its low 12
bits are 9 of opcode and 3 for the kind of operands (register, constant, uniform register), so only the low 9 are compared."""
import collections
import struct

FEW, MANY = 2, 5

# Name -> the body of a kernel that does it N times. x: a float, d: a double, i: an int, all the thread's own.
PROBES = {
    "LDG": "for (int k = 0; k < N; ++k) x = __fadd_rn(x, vf[k * 77 + t]);",
    "STG": "for (int k = 0; k < N; ++k) vf[k * 77 + t] = x;",
    "LDS": "for (int k = 0; k < N; ++k) x = __fadd_rn(x, vs[k * 77 + t]);",
    "STS": "for (int k = 0; k < N; ++k) vs[k * 77 + t] = x;",
    "BAR": "for (int k = 0; k < N; ++k) __syncthreads();",
    "SHFL": "for (int k = 0; k < N; ++k) x = __shfl_xor_sync(~0u, x, 1 << k);",
    "FFMA": "for (int k = 0; k < N; ++k) x = __fmaf_rn(x, a, b);",
    "FADD": "for (int k = 0; k < N; ++k) x = __fadd_rn(x, a);",
    "FMUL": "for (int k = 0; k < N; ++k) x = __fmul_rn(x, a);",
    "DFMA": "for (int k = 0; k < N; ++k) d = __fma_rn(d, d, d);",
    "DADD": "for (int k = 0; k < N; ++k) d = __dadd_rn(d, d);",
    "DMUL": "for (int k = 0; k < N; ++k) d = __dmul_rn(d, d);",
    "IMMA": "for (int k = 0; k < N; ++k)"
    ' asm volatile("mma.sync.aligned.m16n8k32.row.col.s32.s8.s8.s32 {%0,%1,%2,%3},{%4,%4,%4,%4},{%4,%4},{%0,%1,%2,%3};"'
    ' : "+r"(c0), "+r"(c1), "+r"(c2), "+r"(c3) : "r"(i));',
    "BMMA": "\n#if __CUDA_ARCH__ < 1000\nfor (int k = 0; k < N; ++k)"
    ' asm volatile("mma.sync.aligned.m16n8k256.row.col.s32.b1.b1.s32.and.popc {%0,%1,%2,%3},{%4,%4,%4,%4},{%4,%4},{%0,%1,%2,%3};"'
    ' : "+r"(c0), "+r"(c1), "+r"(c2), "+r"(c3) : "r"(i));\n#else\nfor (int k = 0; k < 0; ++k) {}\n#endif\n',
    "IGMMA": "\n#ifdef __CUDA_ARCH_FEAT_SM90_ALL\nfor (int k = 0; k < N; ++k)"
    ' asm volatile("wgmma.mma_async.sync.aligned.m64n8k32.s32.s8.s8 {%0,%1,%2,%3},%4,%4,1;"'
    ' : "+r"(c0), "+r"(c1), "+r"(c2), "+r"(c3) : "l"(0x4000400000LL + k));\n#else\nfor (int k = 0; k < 0; ++k) {}\n#endif\n',
    "IDP": "for (int k = 0; k < N; ++k) i = __dp4a(i, i, i);",
}

KERNEL = """extern "C" __global__ void %s(float* f, double* dp, int* ip, float a, float b) {
  __shared__ float s[1024];
  const int t = threadIdx.x;
  volatile float *vf = f, *vs = s;
  float x = f[t]; double d = dp[t]; int i = ip[t], c0 = i, c1 = i, c2 = i, c3 = i;
  vs[t] = x; __syncthreads(); x = __fadd_rn(x, vs[t ^ 1]);
  constexpr int N = %d;
#pragma unroll
  %s
  f[t] = x; dp[t] = d; ip[t] = i + c0 + c1 + c2 + c3;
}
"""


def source():
    """The probes as a CUDA file: kernels NAME_2 and NAME_5 for every name."""
    return "".join(KERNEL % (f"{name}_{n}", n, body) for name, body in PROBES.items() for n in (FEW, MANY))


def sections(cubin):
    """Name and contents of every section of a 64-bit ELF file."""
    table = struct.unpack_from("<Q", cubin, 40)[0]
    size, count, names = struct.unpack_from("<HHH", cubin, 58)
    headers = [struct.unpack_from("<IIQQQQIIQQ", cubin, table + i * size) for i in range(count)]
    base = headers[names][4]
    for header in headers:
        start = base + header[0]
        yield cubin[start : cubin.index(b"\0", start)].decode(), cubin[header[4] : header[4] + header[5]]


def histograms(cubin):
    """Mangled kernel name -> number of instructions by opcode."""
    return {
        name[6:]: collections.Counter(low & 0x1FF for low, _ in struct.iter_unpack("<QQ", code[: len(code) // 16 * 16]))
        for name, code in sections(cubin)
        if name.startswith(".text.")
    }


def established(cubin):
    """Name -> opcode, from the compiled probes. A name is left out when not exactly one opcode fits it, or when it fits another
    name too."""
    kernels, found = histograms(cubin), {}
    for name in PROBES:
        few, many = kernels[f"{name}_{FEW}"], kernels[f"{name}_{MANY}"]
        found[name] = {op for op in many if many[op] - few[op] == MANY - FEW}
    # The probes of LDG and LDS also add what they load: an opcode that is already another name's is not theirs.
    sure = {name: next(iter(ops)) for name, ops in found.items() if len(ops) == 1}
    for name in set(PROBES) - set(sure):
        rest = found[name] - set(sure.values())
        if len(rest) == 1:
            sure[name] = next(iter(rest))
    return {name: sure[name] for name in PROBES if name in sure and list(sure.values()).count(sure[name]) == 1}
