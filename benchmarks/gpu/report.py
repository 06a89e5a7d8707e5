"""The GPU report: device tests, launches, products and training steps of p6b beside PyTorch on the card of this machine, in turns.

Runs from the repository (built in Release) or from a folder made by pack.sh, on a machine without .NET. Writes gpu-report.json and
gpu-report.md into --out, prints the Markdown. Only Python's standard library; PyTorch's side needs a Python with torch."""
import argparse
import datetime
import json
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
FULL_SET = 431_895  # sequences of the original's training file
EPOCHS = 12
TORCH = {"eager float32": [], "eager TF32": ["--tf32"], "compiled float32": ["--compile"], "compiled TF32": ["--compile", "--tf32"]}


def say(text):
    print(text, file=sys.stderr, flush=True)


def dotnet():
    found = shutil.which("dotnet")
    if found:
        return found
    packed, home = ROOT / "dotnet.tar.xz", ROOT / "dotnet-runtime"
    if not packed.exists():
        sys.exit("report: no dotnet on the PATH and no dotnet.tar.xz beside this; make the folder with benchmarks/gpu/pack.sh.")
    if not home.exists():
        home.mkdir()
        subprocess.run(["tar", "-C", home, "-xJf", packed], check=True)
    os.environ.update(DOTNET_ROOT=str(home), DOTNET_SYSTEM_GLOBALIZATION_INVARIANT="1")
    return str(home / "dotnet")


def first(*paths):
    for path in paths:
        if (ROOT / path).exists():
            return str(ROOT / path)
    sys.exit(f"report: none of {', '.join(paths)} is there; build the solution in Release first (dotnet build -c Release).")


def run(command, timeout, environment=None):
    """(exit code, standard output, standard error); a time-out is an exit code of 124, a missing program one of 127."""
    try:
        done = subprocess.run(command, cwd=ROOT, env={**os.environ, **(environment or {})}, capture_output=True, text=True, timeout=timeout)
        return done.returncode, done.stdout, done.stderr
    except FileNotFoundError as e:
        return 127, "", str(e)
    except subprocess.TimeoutExpired as e:
        return 124, (e.stdout or b"").decode() if isinstance(e.stdout, bytes) else e.stdout or "", f"stopped after {timeout} s"


def measured(command, timeout=180):
    """The last line as JSON, or None: one failed side must not cost the report."""
    code, output, error = run(command, timeout)
    if code == 0:
        return json.loads(output.strip().splitlines()[-1])
    say(f"report: {' '.join(command)} ended with {code}: {error.strip()[-600:]}")
    return None


def card():
    code, output, _ = run(["nvidia-smi", "--query-gpu=name,driver_version,clocks.sm,clocks.max.sm,memory.total", "--format=csv,noheader"], 30)
    return output.strip() if code == 0 else "no nvidia-smi"


def devices(p6b):
    code, output, error = run([*p6b, "devices", "--json"], 60)
    if code != 0:
        sys.exit(f"report: p6b devices ended with {code}: {error.strip()}")
    return json.loads(output)


def test(arguments, chosen, dotnet_path):
    packed = ROOT / "tests.tar.xz"
    if packed.exists() and not (ROOT / "tests" / "Kernels").exists():
        subprocess.run(["tar", "-C", ROOT, "-xJf", packed], check=True)
    families = sorted({name.split(":")[0] for name in chosen})
    results = {}
    for project, filters in (("Kernels", []), ("Trainer", ["-class", "*GpuTrainingTests"])):
        library = first(f"tests/{project}/P6bNative.{project}.Tests.dll", f"tests/{project}.Tests/bin/Release/net10.0/P6bNative.{project}.Tests.dll")
        code, output, error = run([dotnet_path, library, *filters, "-noColor"], arguments.test_seconds, {"P6B_REQUIRE_DEVICE": ",".join(families)})
        total = re.search(r"Total: \d+.*", output)
        failed = [line.strip() for line in output.splitlines() if line.rstrip().endswith("[FAIL]")]
        results[project] = {"exit_code": code, "summary": total.group(0) if total else error.strip()[-300:], "failed": failed}
        say(f"report: {project}.Tests: {results[project]['summary']}")
        if failed:
            (arguments.out / f"{project}-tests.log").write_text(output)
    return results


def steps(arguments, p6b, chosen):
    """Every side in turns, `rounds` times; a side's figure is the median of its medians."""
    table = {}
    for batch in arguments.batch_sizes:
        sides = {name: [*p6b, "bench", "step", "--device", name, "--batch-size", str(batch), "--mode", "p6", "--json"] for name in chosen}
        script = [arguments.python, "benchmarks/pytorch/step.py", "--device", "cuda", "--batch-size", str(batch), "--seconds", "4", "--mode", "p6"]
        sides.update({f"PyTorch {name}": [*script, *flags] for name, flags in arguments.torch.items()})
        printed = {name: [] for name in sides}
        for number in range(arguments.rounds):
            for name, command in sides.items():
                say(f"report: batch {batch}, round {number + 1}: {name}")
                result = measured(command)
                if result:
                    printed[name].append(result)
        table[batch] = {name: {"median_ms": statistics.median(r["median_ms"] for r in rs), "min_ms": min(r["min_ms"] for r in rs), "rounds": rs}
                        for name, rs in printed.items() if rs}
    return table


def products(arguments, p6b, chosen):
    sides = {name: [*p6b, "bench", "gemm", "--device", name, "--json"] for name in chosen}
    script = [arguments.python, "benchmarks/pytorch/gemm.py", "--device", "cuda", "--cubes", "1024", "4096", "--seconds", "0.1"]
    if arguments.torch:
        sides.update({"cuBLAS float32": script, "cuBLAS TF32": [*script, "--tf32"]})
    results = {}
    for name, command in sides.items():
        say(f"report: products: {name}")
        result = measured(command)
        if result:
            results[name] = {f"{p['form']} {p['m']}x{p['n']}x{p['k']}": p["gflops"] for p in result["products"]}
    return results


def markdown(report):
    lines = [f"# GPU report, {report['date']}", "", f"Card: {report['card']}", ""]
    lines += [f"- {e['name']}: {e['description']} ({'usable' if e['is_available'] else 'not used'})" for e in report["devices"]]
    lines += ["", "## Device tests", ""] if "tests" in report else []
    for project, result in report.get("tests", {}).items():
        lines.append(f"- {project}.Tests: {result['summary']}")
        lines += [f"  - {name}" for name in result["failed"]]
    if report["launch"]:
        lines += ["", "## Launches, microseconds", "", "| device | asked for | in a row | one and a wait | replayed |", "| --- | --- | --- | --- | --- |"]
        lines += [
            f"| {r['device']} | {r['enqueue_us']:.2f} | {r['chained_us']:.2f} | {r['waited_us']:.1f} | "
            + (f"{r['replayed_us']:.2f} |" if r["replayed_us"] else "- |") for r in report["launch"]]
    for batch, sides in report["steps"].items():
        lines += ["", f"## Training step, batch {batch}", "", "| side | ms, median (best) | times faster than PyTorch eager float32 |", "| --- | --- | --- |"]
        eager = sides.get("PyTorch eager float32", {}).get("median_ms", float("nan"))
        lines += [f"| {name} | {r['median_ms']:.3f} ({r['min_ms']:.3f}) | {eager / r['median_ms']:.2f} |" for name, r in sides.items()]
    for name, r in report["steps"].get(32, {}).items():
        minutes = r["median_ms"] / 6e4 * EPOCHS * -(-FULL_SET // 32)
        lines += ["", f"{EPOCHS} epochs of {FULL_SET:,} sequences at batch 32 on {name}: {minutes:.1f} min (steps alone)."]
    if report["products"]:
        names = list(report["products"])
        lines += ["", "## Products, GFLOP/s", "", f"| product | {' | '.join(names)} |", f"| --- |{' --- |' * len(names)}"]
        for product in next(iter(report["products"].values())):
            figures = [report["products"][name].get(product) for name in names]
            lines.append(f"| {product} | {' | '.join('-' if f is None else f'{f:,.0f}' for f in figures)} |")
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--python", default=sys.executable, help="Python with torch")
    parser.add_argument("--devices", nargs="*", help="names of p6b devices (default: all usable OpenCL and CUDA ones)")
    parser.add_argument("--batch-sizes", type=int, nargs="+", default=[32, 256])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--no-tests", action="store_true", help="figures only")
    parser.add_argument("--no-torch", action="store_true", help="without PyTorch's side")
    parser.add_argument("--test-seconds", type=int, default=300, help="longest time of a test project")
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("."))
    arguments = parser.parse_args()
    arguments.torch = {} if arguments.no_torch else TORCH
    arguments.out.mkdir(parents=True, exist_ok=True)
    dotnet_path = dotnet()
    p6b = [dotnet_path, first("p6b/p6b.dll", "src/Trainer/bin/Release/net10.0/p6b.dll")]
    listed = devices(p6b)
    chosen = arguments.devices or [e["name"] for e in listed if e["is_available"] and re.match(r"(opencl|cuda):", e["name"])]
    if not chosen:
        sys.exit("report: no usable OpenCL or CUDA device; p6b devices says why.")
    report = {"date": datetime.datetime.now().isoformat(timespec="seconds"), "card": card(), "devices": listed}
    if not arguments.no_tests:
        report["tests"] = test(arguments, chosen, dotnet_path)
    report["launch"] = [r for r in (measured([*p6b, "bench", "launch", "--device", name, "--json"]) for name in chosen) if r]
    report["steps"] = steps(arguments, p6b, chosen)
    report["products"] = products(arguments, p6b, chosen)
    (arguments.out / "gpu-report.json").write_text(json.dumps(report, indent=1) + "\n")
    text = markdown(report)
    (arguments.out / "gpu-report.md").write_text(text)
    print(text)
    incomplete = [name for name in chosen if name not in report["products"] or any(name not in sides for sides in report["steps"].values())]
    for name in incomplete:
        say(f"report: {name} gave no figure for some step or product")
    return 1 if incomplete or any(r["exit_code"] for r in report.get("tests", {}).values()) else 0


if __name__ == "__main__":
    sys.exit(main())
