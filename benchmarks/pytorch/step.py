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
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--tf32", action="store_true", help="cuda: products in TF32")
    parser.add_argument("--compile", action="store_true", help="torch.compile of the model and the loss")
    arguments = parser.parse_args()

    torch.set_num_threads(arguments.threads)
    torch.manual_seed(42)
    if arguments.flush_denormal:
        torch.set_flush_denormal(True)
    on_card = arguments.device == "cuda"
    if on_card:
        torch.backends.cuda.matmul.allow_tf32 = arguments.tf32
    model = VectorPredictor(arguments.dim).train().to(arguments.device)
    choice = {"fused": True} if on_card else {"foreach": arguments.foreach}
    optimizer = torch.optim.AdamW(model.parameters(), lr=5e-4, weight_decay=0.01, **choice)
    contexts = torch.nn.functional.normalize(torch.randn(arguments.batch_size, 5, arguments.dim), dim=-1)
    targets = torch.nn.functional.normalize(contexts.mean(1) + 0.02 * torch.randn(arguments.batch_size, arguments.dim), dim=-1)

    if on_card:
        contexts, targets = contexts.pin_memory(), targets.pin_memory()

    def loss_of(batch, wanted):
        raw = model(batch)
        if arguments.mode == "p6":
            return torch.nn.functional.mse_loss(raw, wanted)
        return losses.total_loss(arguments.mode, 1, raw, wanted, batch[:, 3])[0]

    evaluate = torch.compile(loss_of) if arguments.compile else loss_of

    def step():
        optimizer.zero_grad(set_to_none=arguments.set_to_none or on_card)
        batch, wanted = (contexts.to("cuda", non_blocking=True), targets.to("cuda", non_blocking=True)) if on_card else (contexts, targets)
        evaluate(batch, wanted).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()

    def run(seconds, least):
        times, end = [], time.perf_counter() + seconds
        while len(times) < least or time.perf_counter() < end:
            start = time.perf_counter()
            for _ in range(steps_a_wait):
                step()
            if on_card:
                torch.cuda.synchronize()
            times.append(1000 * (time.perf_counter() - start) / steps_a_wait)
        return times

    # On a card PyTorch need not be waited for at every step: its best case is the time of a step in a row of them.
    steps_a_wait = 20 if on_card else 1
    run(arguments.seconds / 10, 3)
    times = run(arguments.seconds, 5)
    print(json.dumps({
        "batch": arguments.batch_size, "dim": arguments.dim, "threads": arguments.threads, "mode": arguments.mode,
        "median_ms": statistics.median(times), "min_ms": min(times), "steps": len(times) * steps_a_wait,
        "device": torch.cuda.get_device_name() if on_card else "cpu", "tf32": arguments.tf32, "compile": arguments.compile, "foreach": arguments.foreach, "set_to_none": arguments.set_to_none, "flush_denormal": arguments.flush_denormal, **environment.describe()}))


if __name__ == "__main__":
    main()
