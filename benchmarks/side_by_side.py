"""p6b and PyTorch on this machine, in turns: the training step and its matrix products. Installs nothing; writes results/, prints Markdown."""
import argparse
import datetime
import glob
import json
import os
import pathlib
import platform
import re
import shlex
import statistics
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent
BUILT = pathlib.Path("src/Trainer/bin/Release/net10.0/p6b.dll")
WITHOUT_TORCH = "--python {}: cannot import torch and numpy. Debian: apt install python3-torch; elsewhere: a Python that has them, by --python."
WITHOUT_OPENMP = (
    "PyTorch uses the system's OpenBLAS, but its OpenMP build is not installed; the pthread build fights PyTorch's own threads and would flatter "
    "p6b. Debian: apt install libopenblas0-openmp, or name its folder by --openblas.")


def stop(message):
    sys.exit(f"side_by_side: {message}")


def cpu_fields():
    try:
        lines = pathlib.Path("/proc/cpuinfo").read_text().split("\n\n")[0].splitlines()
        return {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in lines)}
    except OSError:
        return {}


def machine():
    cpu = cpu_fields()
    flags = cpu.get("flags", "").split()
    return {
        "cpu": cpu.get("model name") or platform.processor() or platform.machine(), "family": cpu.get("cpu family"), "model": cpu.get("model"),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "vector": [f for f in ("avx2", "fma", "avx512f") if f in flags], "system": platform.platform()}


def child(command, environment):
    result = subprocess.run(
        command, cwd=ROOT, env={**os.environ, **environment}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if result.returncode != 0:
        stop(f"{shlex.join(map(str, command))} ended with {result.returncode}: {result.stderr.strip()[-500:]}")
    return json.loads(result.stdout.strip().splitlines()[-1])


def p6b_command(arguments):
    if arguments.p6b:
        return shlex.split(arguments.p6b)
    if (ROOT / BUILT).exists():
        return ["dotnet", "exec", str(BUILT)]
    return ["dotnet", "run", "-c", "Release", "--project", "src/Trainer", "--"]


def pytorch_sides(arguments):
    """(name, environment) of every PyTorch set-up to run; the first is the fair one."""
    probe = [arguments.python, "benchmarks/pytorch/environment.py"]
    if subprocess.run(probe, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode != 0:
        stop(WITHOUT_TORCH.format(arguments.python))
    threads = {"OMP_NUM_THREADS": str(arguments.threads)}
    installed = child(probe, threads)["blas"]
    fair = dict(threads)
    if "libopenblas" in (installed["library"] or ""):
        folder = arguments.openblas or next(iter(sorted(glob.glob("/usr/lib/*/openblas-openmp"))), None)
        if folder is None:
            stop(WITHOUT_OPENMP)
        fair["LD_LIBRARY_PATH"] = folder
        # OpenBLAS 0.3.21 takes its AVX2 kernels on AVX-512 processors that it does not know.
        if "avx512f" in machine()["vector"]:
            fair["OPENBLAS_CORETYPE"] = "SKYLAKEX"
        loaded = child(probe, fair)["blas"]
        if loaded["thread_layer"] != "OpenMP":
            stop(f"{folder}: PyTorch loaded {loaded['library']} ({loaded['thread_layer']}); an OpenMP build of OpenBLAS is needed there.")
    sides = [("PyTorch", fair)]
    if arguments.as_installed:
        sides.append(("PyTorch as installed", {}))
    return sides


def in_turns(sides, rounds):
    """A B A B ..: each side a list of what its runs printed."""
    printed = {name: [] for name, _ in sides}
    for number in range(rounds):
        for name, run in sides:
            print(f"  round {number + 1} of {rounds}: {name}", file=sys.stderr)
            load = os.getloadavg()[0]
            printed[name].append({"load_before": load, **run()})
    return printed


def step_summary(printed):
    ours = printed["p6b"]
    rows = []
    for name, runs in printed.items():
        rows.append({
            "side": name, "median_ms": statistics.median(r["median_ms"] for r in runs), "min_ms": min(r["min_ms"] for r in runs),
            "p6b_faster_by": statistics.median(r["median_ms"] / o["median_ms"] for r, o in zip(runs, ours)),
            "p6b_faster_by_best": min(r["min_ms"] for r in runs) / min(o["min_ms"] for o in ours)})
    return rows


def products(run):
    return {(p["form"], p["m"], p["n"], p["k"]): p["median_ms"] for p in run["products"]}


def gemm_summary(printed):
    """GFLOP/s of all layers together, by number of token rows and form: total work over total time, median of the rounds."""
    shared = set.intersection(*(set(products(run)) for runs in printed.values() for run in runs))
    if not shared:
        stop("p6b bench gemm and benchmarks/pytorch/gemm.py have no product (form, m, n, k) in common.")
    rows = []
    for tokens in sorted({k if form == "TN" else m for form, m, _, k in shared}):
        for form in ("NT", "NN", "TN"):
            keys = [key for key in shared if key[0] == form and (key[3] if form == "TN" else key[1]) == tokens]
            work = sum(2e-6 * m * n * k for _, m, n, k in keys)
            rates = {
                name: statistics.median(work / sum(products(run)[key] for key in keys) for run in runs) for name, runs in printed.items()}
            rows.append({"tokens": tokens, "form": form, "gflops": rates})
    return {"peak_gflops": statistics.median(run["peak_gflops"] for run in printed["p6b"]), "rows": rows}


def print_step(batch, rows):
    print(f"\n| training step, batch {batch} | ms, median of rounds (best) | p6b is faster by (best/best) |\n| --- | --- | --- |")
    for row in rows:
        print(f"| {row['side']} | {row['median_ms']:.1f} ({row['min_ms']:.1f}) | {row['p6b_faster_by']:.2f} ({row['p6b_faster_by_best']:.2f}) |")


def print_gemm(summary):
    names = list(summary["rows"][0]["gflops"])
    print(f"\n| products, GFLOP/s (FMA peak {summary['peak_gflops']:.0f}) | {' | '.join(names)} | p6b, of peak |")
    print(f"| --- |{' --- |' * (len(names) + 1)}")
    for row in summary["rows"]:
        rates = row["gflops"]
        figures = " | ".join(f"{rates[name]:.0f}" for name in names)
        print(f"| {row['form']}, {row['tokens']} tokens | {figures} | {100 * rates['p6b'] / summary['peak_gflops']:.0f} % |")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--p6b", help="command that runs p6b (default: the Release build, else dotnet run)")
    parser.add_argument("--python", default=sys.executable, help="Python with torch (default: the one that runs this)")
    parser.add_argument("--openblas", help="folder of an OpenMP build of OpenBLAS (default: Debian's)")
    parser.add_argument("--only", choices=("step", "gemm"))
    parser.add_argument("--batch-sizes", type=int, nargs="+", default=[32, 256])
    parser.add_argument("--threads", type=int, default=machine()["cores"])
    parser.add_argument("--mode", choices=("p6", "p6b-v2.1"), default="p6", help="loss of both sides")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=8, help="PyTorch's time a run; p6b has its own")
    parser.add_argument("--as-installed", action="store_true", help="also PyTorch with the environment as it is")
    parser.add_argument("--out", type=pathlib.Path, default=HERE / "results")
    arguments = parser.parse_args()
    if arguments.rounds < 3:
        stop(f"--rounds {arguments.rounds}: a median needs at least 3.")

    p6b, torch_sides, threads = p6b_command(arguments), pytorch_sides(arguments), ["--threads", str(arguments.threads)]
    result = {
        "date": datetime.datetime.now().isoformat(timespec="seconds"), "machine": machine(), "threads": arguments.threads, "mode": arguments.mode,
        "p6b": shlex.join(p6b), "pytorch": dict(torch_sides)}

    def sides(ours, script, *flags):
        yield "p6b", lambda: child([*p6b, "bench", *ours, *threads, "--json"], {})
        for name, environment in torch_sides:
            command = [arguments.python, f"benchmarks/pytorch/{script}", *flags, *threads]
            yield name, lambda command=command, environment=environment: child(command, environment)

    if arguments.only != "gemm":
        result["step"] = []
        for batch in arguments.batch_sizes:
            size = ["--batch-size", str(batch), "--mode", arguments.mode]
            printed = in_turns(list(sides(["step", *size], "step.py", *size, "--seconds", str(arguments.seconds))), arguments.rounds)
            rows = step_summary(printed)
            result["step"].append({"batch": batch, "summary": rows, "rounds": printed})
            print_step(batch, rows)
    if arguments.only != "step":
        printed = in_turns(list(sides(["gemm"], "gemm.py")), arguments.rounds)
        result["gemm"] = {"summary": gemm_summary(printed), "rounds": printed}
        print_gemm(result["gemm"]["summary"])

    name = re.sub(r"[^a-z0-9]+", "-", result["machine"]["cpu"].lower()).strip("-")
    arguments.out.mkdir(parents=True, exist_ok=True)
    path = arguments.out / f"{name}-{result['date'][:10]}.json"
    path.write_text(json.dumps(result, indent=1) + "\n")
    print(f"\n{path}", file=sys.stderr)


if __name__ == "__main__":
    main()
