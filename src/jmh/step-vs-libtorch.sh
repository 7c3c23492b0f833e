#!/usr/bin/env bash
# Seconds and memory of one TI-QAT step against libtorch, alternating A B A B in one run.
#   src/jmh/step-vs-libtorch.sh [PAIRS] [MODEL BATCH LENGTH] [PEER.java] [fp32|bf16]
# Needs a built project (./mvnw package) and the peer's source, by default ../shared/peers/TorchTiStep.java.
# Each run has 2 warm-up and 5 counted steps, 2 threads, dropout 0.1; the peer runs with passive OpenMP waiting, the better
# of the two policies for it in fp32. Prints one JSON line per run, then the ratio of each pair and their median.
set -euo pipefail
cd "$(dirname "$0")/../.."
pairs=${1:-7} model=${2:-minilm} batch=${3:-16} length=${4:-64} peer=${5:-../shared/peers/TorchTiStep.java} precision=${6:-fp32}
out=target/bench
mkdir -p "$out/ours" "$out/peer"
ours="target/classes:target/lib/*"
javac --release 17 -proc:none -cp "$ours" -d "$out/ours" src/jmh/java/dev/ternion/bench/StepMain.java
[ -s "$out/peer.cp" ] || ./mvnw -q -f src/jmh/peer/pom.xml dependency:build-classpath -Dmdep.outputFile="$PWD/$out/peer.cp"
theirs=$(cat "$out/peer.cp")
javac --release 17 -proc:none -cp "$theirs" -d "$out/peer" "$peer"
run_ours() {
  java -Xmx512m -Dorg.bytedeco.javacpp.maxbytes=0 -Dorg.bytedeco.javacpp.maxphysicalbytes=0 \
    -cp "$out/ours:$ours" dev.ternion.bench.StepMain "$model" "$batch" "$length" 2 5 "$precision" | tail -1
}
run_peer() {
  OMP_WAIT_POLICY=PASSIVE OMP_NUM_THREADS=2 java -Djava.library.path=/nonexistent \
    -cp "$out/peer:$theirs" TorchTiStep "$model" "$batch" "$length" 2 2 5 0.1 "$precision" | tail -1
}
value() { sed -E "s/.*\"$2\": ([0-9.]+).*/\1/" <<<"$1"; }
: >"$out/ratios"
for ((i = 1; i <= pairs; i++)); do
  a=$(run_ours)
  b=$(run_peer)
  echo "$a"
  echo "$b"
  awk -v a="$(value "$a" step_s)" -v b="$(value "$b" step_s)" -v p="$(value "$a" peak_mib)" -v q="$(value "$b" peak_mib)" \
    'BEGIN { printf "%.3f %.3f\n", a / b, p / q }' | tee -a "$out/ratios"
done
echo "step ratio ternion/libtorch: median $(sort -n "$out/ratios" | awk '{v[NR]=$1} END {print v[int((NR+1)/2)], "min", v[1], "max", v[NR]}')"
echo "memory ratio: median $(sort -k2 -n "$out/ratios" | awk '{v[NR]=$2} END {print v[int((NR+1)/2)]}')"
