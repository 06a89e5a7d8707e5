"""The matrix products of one training step through torch.mm, timed. Prints one JSON object; forms are those of a linear layer."""
import argparse
import itertools
import json
import statistics
import time

import torch

import environment

# (in, out) of the model's linear layers
LAYERS = ((768, 512), (512, 512), (512, 1536), (512, 2048), (2048, 512))


def products(rows, device):
    """(form, m, n, k, left, right): NT forward x·Wᵀ, NN backward dY·W, TN weight gradient dYᵀ·x, operands as a linear layer stores them."""
    for inner, outer in LAYERS:
        x, d_y, weight = (torch.randn(*shape, device=device) for shape in ((rows, inner), (rows, outer), (outer, inner)))
        yield "NT", rows, outer, inner, x, weight.t()
        yield "NN", rows, inner, outer, d_y, weight
        yield "TN", outer, inner, rows, d_y.t(), x


def cubes(sizes, device):
    for size in sizes:
        left, right = torch.randn(size, size, device=device), torch.randn(size, size, device=device)
        yield "NT", size, size, size, left, right.t()
        yield "NN", size, size, size, left, right
        yield "TN", size, size, size, left.t(), right


def measure(left, right, seconds):
    out = torch.empty(left.size(0), right.size(1), device=left.device)
    calls = 20 if left.is_cuda else 1
    times, end = [], time.perf_counter() + seconds * 1.25
    while len(times) < 20 or time.perf_counter() < end:
        start = time.perf_counter()
        for _ in range(calls):
            torch.mm(left, right, out=out)
        if left.is_cuda:
            torch.cuda.synchronize()
        times.append(1000 * (time.perf_counter() - start) / calls)
    return times[len(times) // 5 :]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rows", type=int, nargs="+", default=[160, 1280])
    parser.add_argument("--cubes", type=int, nargs="*", default=[], help="sizes of square products, e.g. 1024 4096")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--tf32", action="store_true", help="cuda: products in TF32")
    parser.add_argument("--seconds", type=float, default=0.4, help="time a product is measured, after a quarter of it to warm up")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(42)
    torch.backends.cuda.matmul.allow_tf32 = arguments.tf32
    results = []
    for form, m, n, k, left, right in itertools.chain(*(products(rows, arguments.device) for rows in arguments.rows), cubes(arguments.cubes, arguments.device)):
        times = measure(left, right, arguments.seconds)
        median = statistics.median(times)
        results.append({
            "form": form, "m": m, "n": n, "k": k, "median_ms": median, "min_ms": min(times), "gflops": 2e-6 * m * n * k / median})
    print(json.dumps({"threads": arguments.threads, "products": results, **environment.describe()}))


if __name__ == "__main__":
    main()
