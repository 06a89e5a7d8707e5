#!/usr/bin/env bash
# What a margin costs and what is of use: p6, p6b-v3 and p6-nce from one start, then every model judged on the same windows, in and out of domain:
# benchmarks/use.sh TRAIN.npz VAL.npz OOD.npz OUT [flags of train]      All three are article stores.
# A run that is already there is kept, one that was cut off is resumed. p6 here has the learning rate of p6b-v3, so that the runs differ in the loss alone.
set -euo pipefail
if [ $# -lt 4 ]; then
    echo "usage: benchmarks/use.sh TRAIN.npz VAL.npz OOD.npz OUT [flags of train]" >&2
    exit 1
fi
train=$1 val=$2 ood=$3 out=$4
shift 4
root=$(cd "$(dirname "$0")/.." && pwd)
dotnet build "$root/src/Trainer" -c Release --nologo -v quiet
p6b() { dotnet "$root/src/Trainer/bin/Release/net10.0/p6b.dll" "$@"; }

run() {
    local name=$1
    shift
    if [ -f "$out/$name/last.state" ]; then
        p6b train --resume "$out/$name"
    else
        p6b train --data "$train" --val "$val" --last-slot-noise 0 --output-dir "$out/$name" "$@"
    fi
}

mkdir -p "$out"
echo '{ "mode": "p6", "mode_constants": { "constant_rate_share": 0.25 } }' >"$out/p6.json"
run p6-plain --config "$out/p6.json" --init pca --epochs 3 "$@"
run p6 --config "$out/p6.json" --slot-skips --init pca --epochs 3 "$@"
run v3 --mode p6b-v3 --slot-skips --init pca --epochs 3 "$@"
run nce --mode p6-nce --slot-skips --init pca --epochs 3 "$@"
trained=(--slot-skips --init "$out/p6/last.safetensors" --epochs 1)
run nce-g5 --mode p6-nce --gradient-cap 5 "${trained[@]}" "$@"
run ctx0 --mode p6b-v3 --negative ctx0 --margin 0.5 --s-max 0.3 "${trained[@]}" "$@"
run v3-absurd --mode p6b-v3 --margin 0.5 "${trained[@]}" "$@"
run v3-pressure --mode p6b-v3 --margin 0.5 --s-max 10 "${trained[@]}" "$@"
for name in p6-plain p6 v3 nce nce-g5 ctx0; do
    # Exit code 2 means that a gate of the original failed, as for every known model.
    p6b evaluate --model "$out/$name/last.safetensors" --p6 "$out/p6/last.safetensors" --train-npz "$train" --val-npz "$val" --ood-npz "$ood" \
        --out "$out/$name/evaluation.json" || [ $? -eq 2 ]
done
p6b compare "$out"/{p6-plain,p6,v3,nce,nce-g5,ctx0} --json "$out/use.json" --csv "$out/use.csv"
