#!/usr/bin/env bash
# Proves the CUDA backend on a GPU host: conformance with the CPU, sanitizer, a quickstart, benchmarks, and the PyTorch peer
# beside them in the same run. Every stage has a time limit and a failure stops nothing; the summary is printed last.
#
#   gpu/check.sh [BUNDLE [RESULTS [PEER]]]
#
# BUNDLE: the unpacked bundle (default: the folder above this script). RESULTS: new files go there (default: $OUT, else
# ./gpu-results). PEER: torch_ti_step.py; without it, or without PyTorch, its stages are skipped. DEVICE: default cuda:0.
# BUDGET: seconds for all stages together, default 570. Exit status: 0 when no stage failed.
set -uo pipefail

self=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
bundle=${1:-$self/..}
results=${2:-${OUT:-gpu-results}}
peer=${3:-$self/torch_ti_step.py}
device=${DEVICE:-cuda:0}
budget=${BUDGET:-570}
ternion=$bundle/bin/ternion
mkdir -p "$results" || exit 2
[[ -x $ternion ]] || { echo "no bin/ternion in $bundle: name the unpacked bundle" >&2; exit 2; }
summary=()
failed=0

note() {
    summary+=("$(printf '%-5s %-28s %5s s  %s' "$1" "$2" "$3" "$4")")
    echo "${summary[-1]}"
}

# stage NAME SECONDS COMMAND...: JSON or text to NAME.out, messages to NAME.err.
stage() {
    local name=$1 limit=$2 start=$SECONDS status left=$((budget - SECONDS))
    shift 2
    if ((left < 1)); then
        note SKIP "$name" 0 "the budget of $budget s is spent"
        return 0
    fi
    ((limit <= left)) || limit=$left
    timeout --kill-after=5 "$limit" "$@" >"$results/$name.out" 2>"$results/$name.err" </dev/null
    status=$?
    local took=$((SECONDS - start)) last
    last=$(tail -n 1 "$results/$name.err" | cut -c 1-100)
    if ((status == 0)); then
        note PASS "$name" "$took" "$last"
    elif ((status == 124 || status == 137)); then
        note FAIL "$name" "$took" "cut off after $limit s; $last"
        failed=1
    else
        note FAIL "$name" "$took" "status $status; $last"
        failed=1
    fi
    return "$status"
}

skip() { note SKIP "$1" 0 "$2"; }

if command -v nvidia-smi >/dev/null; then
    stage nvidia-smi 20 nvidia-smi --query-gpu=name,driver_version,memory.total,clocks.max.sm --format=csv,noheader
    cat "$results/nvidia-smi.out"
else
    skip nvidia-smi 'not installed'
fi
stage devices 30 "$ternion" devices -o json
stage doctor 30 "$ternion" doctor --data "$results/data" -o json
stage conformance 100 "$ternion" conformance --device "$device" -o json
stage quickstart 60 "$ternion" quickstart --device "$device" --data "$results/quickstart" -o json
for part in gemm attention optimizer; do
    stage "bench-$part" 40 "$ternion" bench "$part" --device "$device" --json
done

# The step and its peer take turns: the ratio is of two figures from the same minutes.
if ! command -v python3 >/dev/null || ! python3 -c 'import torch; assert torch.cuda.is_available()' 2>/dev/null; then
    peer=''
    skip peer 'no PyTorch with CUDA'
elif [[ ! -f $peer ]]; then
    peer=''
    skip peer 'torch_ti_step.py was not given'
fi
peer() {
    [[ -z $peer ]] && return
    local name=$1
    shift
    stage "peer-$name" 45 python3 "$peer" --backend cuda --warmup 3 --steps 10 "$@"
}
stage bench-step-1 60 "$ternion" bench step --device "$device" --json
peer base-32x128-tf32 --model base --batch 32 --seq 128 --precision tf32
peer base-32x128-bf16-compiled --model base --batch 32 --seq 128 --precision bf16 --compile default
peer base-32x128-fp32-ref --model base --batch 32 --seq 128 --precision fp32 --style ref
peer base-16x64-tf32 --model base --batch 16 --seq 64 --precision tf32
peer minilm-16x64-tf32 --model minilm --batch 16 --seq 64 --precision tf32
stage bench-step-2 60 "$ternion" bench step --device "$device" --json

if command -v compute-sanitizer >/dev/null; then
    for tool in memcheck racecheck; do
        stage "sanitizer-$tool" 90 compute-sanitizer --tool "$tool" --target-processes all --error-exitcode 9 \
            "$ternion" conformance --device "$device" --sizes small -o none
    done
else
    skip sanitizer 'compute-sanitizer is not installed'
fi

{
    echo
    echo "== summary: $(uname -n), $device, $(date -u +%Y-%m-%dT%H:%MZ)"
    printf '%s\n' "${summary[@]}"
    echo '== seconds of a step'
    grep -h '"step_s"' "$results"/bench-step-*.out | tr -d ' ' || true
    grep -H '"step_s"' "$results"/peer-*.out 2>/dev/null | sed -E 's/^.*peer-([^/]*)\.out:.*"step_s": ([0-9.]+).*"peak_mib": ([0-9.]+).*/\1: \2 s, \3 MiB/' || true
    if ((failed)); then echo 'verdict: FAILED'; else echo 'verdict: passed'; fi
} | tee "$results/summary.txt"
exit "$failed"
