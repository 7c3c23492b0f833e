#!/usr/bin/env python3
"""What the compiler says of every CUDA kernel: registers, spills, shared memory, stack; and how many of its instructions are
tensor-core products of bytes (IMMA; wgmma: IGMMA) or bits (BMMA). With --opcodes, a second table for the last target: instructions by operation.

  src/gpu/kernel_report.py [--opcodes] [TARGET ...]     targets as in sm_90a; default 80 90a

Needs nvcc, c++filt and a configured build (target/native/generated). Prints Markdown. Opcodes are found by the probes of
kernel_opcodes.py; an operation whose probe is not clear is not listed.
"""
import pathlib
import re
import subprocess
import sys
import tempfile

import kernel_opcodes

ROOT = pathlib.Path(__file__).resolve().parents[2]
INCLUDES = ["native/include", "native/cuda", "native/cuda/device", "target/native/generated"]
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


def compile_cuda(source, target, folder):
    """The cubin, the PTX and what the compiler said."""
    command = ["nvcc", "-std=c++17", f"-arch=sm_{target}", "-fmad=false", "-cubin", "--resource-usage", "-diag-suppress=177"]
    command += ["-DTERNION_OPEN=ternion_open_cuda", f"--keep-dir={folder}", "--keep", "-o", f"{folder}/out.cubin", str(source)]
    command += [f"-I{ROOT / include}" for include in INCLUDES]
    said = subprocess.run(command, capture_output=True, text=True)
    if said.returncode:
        sys.exit(said.stderr)
    ptx = pathlib.Path(folder, source.stem + ".ptx").read_text()
    return pathlib.Path(folder, "out.cubin").read_bytes(), ptx, said.stdout + said.stderr


def opcodes_of(target):
    """Operation -> opcode on a target, by the probes."""
    with tempfile.TemporaryDirectory() as folder:
        probes = pathlib.Path(folder, "probes.cu")
        probes.write_text(kernel_opcodes.source())
        return kernel_opcodes.established(compile_cuda(probes, target, folder)[0])


def float_forms(ptx):
    """Mangled kernel name -> what its PTX asks for in floating point: explicit fused multiply-adds; divisions and square roots,
    which the assembler expands into fused ones; operations that the assembler may fuse by itself."""
    forms = {}
    for entry in re.split(r"\.entry ", ptx)[1:]:
        count = lambda pattern: len(re.findall(pattern, entry))
        forms[entry[: entry.index("(")]] = {
            "fma": count(r"\bfma\.rn\.f(?:32|64)"),
            "div, sqrt": count(r"\b(?:div|sqrt|rcp)\.rn\.f(?:32|64)"),
            "fusible": count(r"\b(?:mul|add|sub)\.f(?:32|64)"),
        }
    return forms


def report(source, target, opcodes):
    """For each kernel of a file its name, registers, spills, stack, shared memory, instructions and floating-point forms."""
    with tempfile.TemporaryDirectory() as folder:
        cubin, ptx, text = compile_cuda(source, target, folder)
    instructions, forms = kernel_opcodes.histograms(cubin), float_forms(ptx)
    pattern = r"Compiling entry function '(\S+)'.*?(\d+) bytes stack frame, (\d+) bytes spill stores, (\d+) bytes spill loads.*?Used (\d+) registers([^\n]*)"
    for name, stack, stores, loads, registers, rest in re.findall(pattern, text, re.S):
        shared = re.search(r"(\d+) bytes smem", rest)
        counts = {operation: instructions[name][opcode] for operation, opcode in opcodes.items()}
        yield (short(name), int(registers), int(stores) + int(loads), int(stack), int(shared[1]) if shared else 0, counts, forms[name])


def print_opcodes(rows, target):
    """Second table: instructions of each kernel, and what its PTX says of fused operations."""
    operations, forms = list(rows[0][2]), list(rows[0][3])
    print(f"\nsm_{target}: " + ", ".join(operations) + " are instructions; " + ", ".join(forms) + " are counted in the PTX.\n")
    print("| file | kernel | " + " | ".join(operations + forms) + " |")
    print("|---|---|" + "---|" * len(operations + forms))
    for file, name, counts, of_ptx in rows:
        values = [*counts.values(), *of_ptx.values()]
        print(f"| {file} | `{name}` | " + " | ".join(str(v or "") for v in values) + " |")


def main():
    targets = [argument for argument in sys.argv[1:] if argument != "--opcodes"] or ["80", "90a"]
    opcodes = {target: opcodes_of(target) for target in targets}
    print("| file | kernel | " + " | ".join(f"sm_{t}" for t in targets) + " |")
    print("|---|---|" + "---|" * len(targets))
    kernels = spilled = 0
    last = []
    for source in sorted((ROOT / "native/cuda").glob("*.cu")):
        rows = {}
        for target in targets:
            for name, registers, spills, stack, shared, counts, forms in report(source, target, opcodes[target]):
                cell = f"{registers} r"
                cell += f", {shared} B shared" if shared else ""
                cell += f", {stack} B stack" if stack else ""
                cell += f", {spills} B spilled" if spills else ""
                for product in ("IMMA", "BMMA", "IGMMA"):
                    cell += f", {counts[product]} {product}" if counts.get(product) else ""
                spilled += spills > 0
                rows.setdefault(name, {})[target] = cell
                if target == targets[-1]:
                    last.append((source.stem, name, counts, forms))
        for name, cells in rows.items():
            kernels += 1
            print(f"| {source.stem} | `{name}` | " + " | ".join(cells.get(t, "") for t in targets) + " |")
    print(f"\n{kernels} kernels, {spilled} with spills.")
    if "--opcodes" in sys.argv:
        print_opcodes(last, targets[-1])
        print("\nOpcodes (low 9 bits): " + ", ".join(f"{name} {op:#05x}" for name, op in opcodes[targets[-1]].items()))


main()
