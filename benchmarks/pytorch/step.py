"""One training step of the upstream model in PyTorch, timed: dropout 0.1, loss, clip_grad_norm_ 1.0, AdamW. Prints one JSON object."""
import argparse
import json
import statistics
import time

import environment

environment.use_fixtures()

import torch  # noqa: E402
import losses  # noqa: E402
from upstream import VectorPredictor  # noqa: E402


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--dim", type=int, default=768)
    parser.add_argument("--seconds", type=float, default=10, help="time to measure, after a tenth of it (at least 3 steps) to warm up")
    parser.add_argument("--mode", choices=("p6", "p6b-v2.1"), default="p6", help="p6: MSE only")
    parser.add_argument("--foreach", action="store_true", help="AdamW over lists of tensors")
    parser.add_argument("--set-to-none", action="store_true", help="zero_grad drops the gradients instead of clearing them")
    parser.add_argument("--flush-denormal", action="store_true")
    arguments = parser.parse_args()

    torch.set_num_threads(arguments.threads)
    torch.manual_seed(42)
    if arguments.flush_denormal:
        torch.set_flush_denormal(True)
    model = VectorPredictor(arguments.dim).train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=5e-4, weight_decay=0.01, foreach=arguments.foreach)
    contexts = torch.nn.functional.normalize(torch.randn(arguments.batch_size, 5, arguments.dim), dim=-1)
    targets = torch.nn.functional.normalize(contexts.mean(1) + 0.02 * torch.randn(arguments.batch_size, arguments.dim), dim=-1)

    def step():
        optimizer.zero_grad(set_to_none=arguments.set_to_none)
        raw = model(contexts)
        if arguments.mode == "p6":
            loss = torch.nn.functional.mse_loss(raw, targets)
        else:
            loss, _ = losses.total_loss(arguments.mode, 1, raw, targets, contexts[:, 3])
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()

    def run(seconds, least):
        times, end = [], time.perf_counter() + seconds
        while len(times) < least or time.perf_counter() < end:
            start = time.perf_counter()
            step()
            times.append(1000 * (time.perf_counter() - start))
        return times

    run(arguments.seconds / 10, 3)
    times = run(arguments.seconds, 5)
    print(json.dumps({
        "batch": arguments.batch_size, "dim": arguments.dim, "threads": arguments.threads, "mode": arguments.mode,
        "median_ms": statistics.median(times), "min_ms": min(times), "steps": len(times),
        "foreach": arguments.foreach, "set_to_none": arguments.set_to_none, "flush_denormal": arguments.flush_denormal, **environment.describe()}))


if __name__ == "__main__":
    main()
