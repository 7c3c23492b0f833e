#!/usr/bin/env python3
"""What the compiler says of every CUDA kernel: registers, spills, shared memory, stack; and how many of its instructions are
integer tensor-core products.

  src/gpu/kernel_report.py [TARGET ...]     targets as in sm_90a; default 80 90a

Needs nvcc, c++filt and a configured build (target/native/generated). Prints a Markdown table. An instruction is 16 bytes, its
opcode the low 12 bits; 0x237 is IMMA: the opcode that mma.sync of s8 compiles to, found with a probe kernel of one such
instruction. Nothing else is decoded.
"""
import pathlib
import re
import struct
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
INCLUDES = ["native/include", "native/cuda", "native/cuda/device", "target/native/generated"]
IMMA = 0x237


def sections(cubin):
    """Name and contents of every section of a 64-bit ELF file."""
    table, size, count, names = (struct.unpack_from("<Q", cubin, 40)[0], *struct.unpack_from("<HHH", cubin, 58))
    headers = [struct.unpack_from("<IIQQQQIIQQ", cubin, table + i * size) for i in range(count)]
    base = headers[names][4]
    for header in headers:
        start = base + header[0]
        yield cubin[start : cubin.index(b"\0", start)].decode(), cubin[header[4] : header[4] + header[5]]


def imma_counts(cubin):
    """Integer tensor-core instructions by mangled kernel name."""
    counts = {}
    for name, code in sections(cubin):
        if name.startswith(".text."):
            words = struct.iter_unpack("<QQ", code[: len(code) // 16 * 16])
            counts[name[6:]] = sum(1 for low, _ in words if low & 0xFFF == IMMA)
    return counts


def short(mangled):
    """The kernel's name with its template arguments, without namespace and parameters."""
    name = subprocess.run(["c++filt", mangled], capture_output=True, text=True, check=True).stdout.strip()
    name = re.sub(r"^void ", "", name).replace("ternion::", "").replace("(anonymous namespace)::", "")
    depth = 0
    for i, c in enumerate(name):
        depth += (c == "<") - (c == ">")
        if c == "(" and depth == 0:
            name = name[:i]
            break
    return re.sub(r"\{lambda.*?\}", "lambda", name)


def report(source, target):
    """One row for each kernel of a file."""
    with tempfile.NamedTemporaryFile(suffix=".cubin") as out:
        command = ["nvcc", "-std=c++17", f"-arch=sm_{target}", "-fmad=false", "-cubin", "--resource-usage"]
        command += ["-DTERNION_OPEN=ternion_open_cuda", "-o", out.name, str(source)]
        command += [f"-I{ROOT / folder}" for folder in INCLUDES]
        said = subprocess.run(command, capture_output=True, text=True)
        if said.returncode:
            sys.exit(said.stderr)
        cubin = pathlib.Path(out.name).read_bytes()
    imma = imma_counts(cubin) if cubin else {}
    text = said.stdout + said.stderr
    pattern = r"Compiling entry function '(\S+)'.*?(\d+) bytes stack frame, (\d+) bytes spill stores, (\d+) bytes spill loads.*?Used (\d+) registers([^\n]*)"
    for name, stack, stores, loads, registers, rest in re.findall(pattern, text, re.S):
        shared = re.search(r"(\d+) bytes smem", rest)
        yield (short(name), int(registers), int(stores) + int(loads), int(stack), int(shared[1]) if shared else 0, imma.get(name, 0))


def main():
    targets = sys.argv[1:] or ["80", "90a"]
    print("| file | kernel | " + " | ".join(f"sm_{t}" for t in targets) + " |")
    print("|---|---|" + "---|" * len(targets))
    kernels = spilled = 0
    for source in sorted((ROOT / "native/cuda").glob("*.cu")):
        rows = {}
        for target in targets:
            for name, registers, spills, stack, shared, imma in report(source, target):
                cell = f"{registers} r"
                cell += f", {shared} B shared" if shared else ""
                cell += f", {stack} B stack" if stack else ""
                cell += f", {spills} B spilled" if spills else ""
                cell += f", {imma} IMMA" if imma else ""
                spilled += spills > 0
                rows.setdefault(name, {})[target] = cell
        for name, cells in rows.items():
            kernels += 1
            print(f"| {source.stem} | `{name}` | " + " | ".join(cells.get(t, "") for t in targets) + " |")
    print(f"\n{kernels} kernels, {spilled} with spills.")


main()
