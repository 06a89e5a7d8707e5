#!/usr/bin/env bash
# Packs all that a bare Linux x86-64 machine with a graphics card needs for the GPU report into one folder (about 50 MB): the console, the device
# tests, PyTorch's side of the benchmarks and a compressed .NET runtime. There: python3 FOLDER/benchmarks/gpu/report.py
set -euo pipefail
cd "$(dirname "$0")/../.."
out=${1:-gpu-pack}
version=$(dotnet --list-runtimes | awk '$1 == "Microsoft.NETCore.App" { version = $2 } END { print version }')
home=$(dirname "$(dotnet --list-runtimes | awk '$1 == "Microsoft.NETCore.App" { gsub(/[][]/, "", $3); folder = $3 } END { print folder }')")
home=$(dirname "$home")

rm -rf "$out"
mkdir -p "$out/tests"
dotnet publish src/Trainer -c Release -o "$out/p6b" --no-self-contained
for project in Kernels Trainer; do
    dotnet publish "tests/$project.Tests" -c Release -o "$out/tests/$project" --no-self-contained
done
cp -r src "$out/src" && find "$out/src" \( -name bin -o -name obj \) -prune -exec rm -rf {} +
cp P6bNative.sln "$out/"
mkdir -p "$out/benchmarks" "$out/tests/Fixtures"
cp -r benchmarks/gpu benchmarks/pytorch "$out/benchmarks/"
cp tests/Fixtures/*.py "$out/tests/Fixtures/"
tar -C "$home" -cJf "$out/dotnet.tar.xz" dotnet "host/fxr/$version" "shared/Microsoft.NETCore.App/$version"
find "$out" \( -name '*.pdb' -o -name '*.xml' -o -name __pycache__ -o -name 'Microsoft.CodeCoverage*' \) -prune -exec rm -rf {} +
rm -rf "$out/tests/Trainer/data"
tar -C "$out" -cJf "$out/tests.tar.xz" tests/Kernels tests/Trainer
rm -rf "$out/tests/Kernels" "$out/tests/Trainer"
du -sh "$out"
