#!/usr/bin/env bash
# Trains every mode of the original on the same windows from the same seed, and compares the runs: benchmarks/story.sh TRAIN.npz VAL.npz OUT [flags of train]
# A run that is already there is kept, one that was cut off is resumed.
set -euo pipefail
if [ $# -lt 3 ]; then
    echo "usage: benchmarks/story.sh TRAIN.npz VAL.npz OUT [flags of train]" >&2
    exit 1
fi
train=$1 val=$2 out=$3
shift 3
root=$(cd "$(dirname "$0")/.." && pwd)
dotnet build "$root/src/Trainer" -c Release --nologo -v quiet
p6b() { dotnet "$root/src/Trainer/bin/Release/net10.0/p6b.dll" "$@"; }

runs=()
for mode in p6 p6b-v1 p6b-v2 p6b-v2.1 p6b-v2.2 p6b-v2.3; do
    run=$out/$mode
    if [ -f "$run/last.state" ]; then
        p6b train --resume "$run"
    else
        p6b train --data "$train" --val "$val" --mode "$mode" --output-dir "$run" "$@"
    fi
    runs+=("$run")
done
p6b compare "${runs[@]}" --json "$out/story.json" --csv "$out/story.csv" --svg "$out/story.svg"
p6b compare "${runs[@]}"
