"""Loss, guard decisions and the gradient with respect to raw, by torch autograd in double precision: loss_cases.json. See README.md."""
import pathlib

import numpy as np
import torch

import formats
import losses

CASES = []


def add(name, raw, target, negative, mode="p6b-v2.1", epoch=1, undecided=(), dual=None, candidates=None, counts=None):
    """Inputs are rounded to float32 first, so that single and double precision start from the same numbers."""
    raw, target, negative = (np.asarray(x, np.float32) for x in (raw, target, negative))
    leaf = torch.tensor(raw, dtype=torch.float64, requires_grad=True)
    drawn = {}
    if candidates is not None:
        candidates = np.asarray(candidates, np.float32)
        drawn = {"candidates": short(candidates), "counts": list(counts)}
    loss, numbers = losses.total_loss(
        mode, epoch, leaf, torch.tensor(target, dtype=torch.float64), torch.tensor(negative, dtype=torch.float64), measure_gradient=True, dual=dual,
        candidates=None if candidates is None else torch.tensor(candidates, dtype=torch.float64), counts=counts)
    loss.backward()
    gradient = [float(f"{x:.12g}") for x in leaf.grad.flatten().tolist()]
    CASES.append({
        "name": name, "mode": mode, "epoch": epoch, "batch": raw.shape[0], "dim": raw.shape[1], "undecided": list(undecided), **({"dual": list(dual)} if dual else {}), **drawn,
        "raw": short(raw), "target": short(target), "negative": short(negative), "expected": {"loss": loss.item(), **numbers}, "gradient": gradient})
    return numbers


def short(x):
    return [float(f"{v:.9g}") for v in x.flatten().tolist()]


def unit_rows(x):
    return x / np.linalg.norm(x, axis=-1, keepdims=True)


def correlated(rng, batch, dim, pos, neg, noise=0.3, scale=1.0):
    """raw, target, negative with mean cosines near pos and neg; a scale of 0.2 gives few dimensions the mse that lets lambda move freely."""
    raw = unit_rows(rng.standard_normal((batch, dim)))

    def at(cosine):
        other = rng.standard_normal((batch, dim))
        other = unit_rows(other - (other * raw).sum(-1, keepdims=True) * raw)
        c = np.clip(cosine + noise * rng.uniform(-0.5, 0.5, (batch, 1)), -1, 1)
        return c * raw + np.sqrt(1 - c * c) * other

    return scale * raw * rng.uniform(0.3, 0.8, (batch, 1)), scale * at(pos), at(neg)


def edges(rng, mode):
    """The corners of a mode's controller that v2.1 has below, for the other modes."""
    add(f"{mode}: batch of one", *correlated(rng, 1, 9, 0.5, 0.45, scale=0.2), mode=mode)
    raw, target, negative = correlated(rng, 7, 9, -0.5, -0.6, 0.1)
    numbers = add(f"{mode}: all cosines negative", raw, target, negative, mode=mode)
    assert numbers["skip"] == (mode != "p6b-v1") and numbers["pos"] < 0 and numbers["neg"] < 0
    assert add(f"{mode}: pos below 0", *correlated(rng, 7, 9, -0.2, 0.3), mode=mode)["skip"] == (mode != "p6b-v1")
    small = add(f"{mode}: pos small, neg below -0.05", *correlated(rng, 7, 9, 0.03, -0.2, 0.05), mode=mode)
    assert small["skip"] == (mode != "p6b-v1")
    assert add(f"{mode}: both cosines positive", *correlated(rng, 7, 9, 0.5, 0.3, 0.1), mode=mode)["skip"] == 0

    raw, target, negative = correlated(rng, 7, 9, 0.6, 0.5, 0.1)
    confident = add(f"{mode}: lambda at the lower clamp", raw / 64, target / 64, negative, mode=mode)
    assert confident["rho"] > (0.35 if mode in losses.PENALTIES else 0.2)
    assert confident["rho_capped"] == (mode in losses.PENALTIES)
    assert confident["lambda_eff"] == losses.LAMBDA_MIN or mode in losses.PENALTIES
    numbers = add(f"{mode}: lambda at the upper clamp", 3 * raw, target, negative, mode=mode, epoch=12)
    assert numbers["lambda_eff"] == losses.LAMBDA_MAX[mode]


def main():
    rng = np.random.default_rng(2101)
    for batch in (1, 2, 7, 32):
        for epoch in (1, 4, 7, 10):
            undecided = ["rho_capped"] if epoch == 10 else []
            rows = correlated(rng, batch, 5 + 2 * (batch % 3), 0.5, 0.5, scale=0.2)
            add(f"plain batch {batch} epoch {epoch}", *rows, epoch=epoch, undecided=undecided)
    add("wide", *correlated(rng, 2, 257, 0.55, 0.45))

    assert add("skip: pos below 0", *correlated(rng, 7, 9, -0.2, 0.3))["skip"] == 1
    assert add("skip: all cosines negative", *correlated(rng, 7, 9, -0.5, -0.6, 0.1))["skip"] == 1
    assert add("skip: pos small, neg below -0.05", *correlated(rng, 7, 9, 0.03, -0.2, 0.05))["skip"] == 1
    assert add("no skip: pos small, neg above -0.05", *correlated(rng, 7, 9, 0.03, -0.02, 0.02))["skip"] == 0
    assert add("no skip: pos above 0.05, neg very negative", *correlated(rng, 7, 9, 0.10, -0.6, 0.05))["skip"] == 0
    assert add("no skip: one sample negative, mean positive", *correlated(rng, 2, 5, 0.2, 0.4, 0.9))["skip"] == 0

    raw, target, negative = correlated(rng, 7, 9, 0.5, 0.5)
    numbers = add("lambda at the lower clamp, rho capped", raw / 64, target / 64, negative)
    assert numbers["rho_capped"] == 1 and numbers["lambda_eff"] < losses.LAMBDA_MIN
    # The raw and target of this scale have mse = 7e-4·dir: below 1e-3·dir lambda is clamped, from 4e-4·dir on rho is not capped.
    scale = (7e-4 * numbers["dir"] / (numbers["mse"] * 64**2)) ** 0.5
    numbers = add("lambda at the lower clamp, rho not capped", raw * scale, target * scale, negative)
    assert numbers["lambda_eff"] == losses.LAMBDA_MIN and numbers["rho_capped"] == 0
    numbers = add("lambda at the upper clamp", 3 * raw, target, negative, epoch=10)
    assert numbers["lambda_eff"] == 2e-2 and numbers["rho"] < 0.25
    numbers = add("mse below its floor of 1e-8", target * 1e-5, target * 1e-5, negative)
    assert numbers["mse"] < 1e-8

    add("zero gap: the negative is the target", raw, target, target)
    add("raw is the target", target, target, negative)
    # Norm 10 and first component 1: the cosine is 0.1 to the last bit, exactly at the floor.
    at_floor = np.array([[1.0, 9.0, 4.0, 1.0, 1.0]])
    add("pos exactly at the floor", at_floor, [[1, 0, 0, 0, 0]], [[0, 1, 0, 0, 0]])
    around = [[1, 0.01, 0, 0, 0], [1, -0.01, 0, 0, 0]]
    add("pos below and above the floor", np.repeat(at_floor, 2, 0) * [[0.5], [0.25]], around, [[0, 1, 1, 0, 0]] * 2)
    add("pos exactly 0", [[0, 0.5, 0.5]], [[1, 0, 0]], [[0, 0, 1]])
    add("neg exactly 0", [[0.25, 0.5, 0]], [[0, 1, 0]], [[0, 0, 1]])
    add("pos and neg exactly 0", [[0, 0, 0.5]], [[1, 0, 0]], [[0, 1, 0]])
    add("not unit: target and negative of any length", raw, target * rng.uniform(0.5, 2, (7, 1)), negative * rng.uniform(0.1, 3, (7, 1)))
    add("one dimension", [[0.5], [0.25]], [[1], [1]], [[1], [-1]])

    for mode in ("p6b-v1", "p6b-v2", "p6b-v2.2", "p6b-v2.3"):
        edges(rng, mode)
    for mode, epochs in (("p6", (1,)), ("p6b-v1", (1, 3, 6)), ("p6b-v2", (1, 4)), ("p6b-v2.2", (1, 3, 5, 9)), ("p6b-v2.3", (1, 5, 8))):
        for epoch in epochs:
            add(f"{mode} epoch {epoch}", *correlated(rng, 7, 9, 0.4, 0.45, scale=0.2), mode=mode, epoch=epoch)
    assert add("p6b-v2: neg below 0 skips", *correlated(rng, 7, 9, 0.3, -0.2, 0.1), mode="p6b-v2")["skip"] == 1
    assert add("p6b-v1: never skips", *correlated(rng, 7, 9, -0.3, -0.2, 0.1), mode="p6b-v1")["skip"] == 0
    add("p6b-v2.2: rho too low, lambda at its upper clamp", 3 * raw, target, negative, mode="p6b-v2.2", epoch=9)
    numbers = add("p6b-v2.2: rho above its cap", raw / 64, target / 64, negative, mode="p6b-v2.2")
    assert numbers["rho_capped"] == 1
    assert add("p6b-v2.3: no confidence", *correlated(rng, 7, 9, 0.2, 0.3, 0.1), mode="p6b-v2.3")["confidence"] == 0
    assert 0 < add("p6b-v2.3: some confidence", *correlated(rng, 7, 9, 0.38, 0.3, 0.05), mode="p6b-v2.3")["confidence"] < 1
    assert add("p6b-v2.3: full confidence", *correlated(rng, 7, 9, 0.6, 0.3, 0.05), mode="p6b-v2.3")["confidence"] == 1

    rows = correlated(rng, 7, 9, 0.4, 0.45, scale=0.2)
    assert add("p6b-v3: the first step", *rows, mode="p6b-v3")["lambda_eff"] > 0
    add("p6b-v3: under pressure", *rows, mode="p6b-v3", dual=(0.55, -0.02, 0.15))
    add("p6b-v3: margin reached, pressure lets go", *rows, mode="p6b-v3", dual=(0.55, 0.3, 0.15))
    assert add("p6b-v3: no pressure left", *rows, mode="p6b-v3", dual=(0.55, 0.9, 0.001))["lambda_eff"] == 0
    assert add("p6b-v3: pressure at its cap", *correlated(rng, 7, 9, 0.2, 0.5, 0.1), mode="p6b-v3", dual=(0.2, -1.5, 0.599))["gradient_ratio"] < 0.8
    assert add("p6b-v3: gradient ratio at its cap", rows[0] / 4, rows[1] / 8, rows[2], mode="p6b-v3", dual=(0.9, -1.5, 0.599))["gradient_ratio"] == 0.8
    add("p6b-v3: all cosines negative", *correlated(rng, 7, 9, -0.5, -0.6, 0.1), mode="p6b-v3", dual=(0.06, 0.0, 0.3))
    add("p6b-v3: batch of one", *correlated(rng, 1, 9, 0.5, 0.45, scale=0.2), mode="p6b-v3", dual=(0.5, 0.0, 0.3))

    most = 24

    def contrast(name, rows, counts, spread=1.0):
        """Candidates around the raw output, a wider spread farther from it."""
        raw = np.asarray(rows[0])
        drawn = unit_rows(raw)[:, None] * 0.6 + spread * rng.standard_normal((raw.shape[0], most, raw.shape[1])) / raw.shape[1] ** 0.5
        return add(f"p6-nce: {name}", *rows, mode="p6-nce", candidates=drawn * rng.uniform(0.5, 2, (raw.shape[0], most, 1)), counts=counts)

    rows = correlated(rng, 5, 9, 0.5, 0.45)
    assert contrast("all negatives, gradient ratio at its cap", rows, [most] * 5)["gradient_ratio"] == 1.0
    assert contrast("target far nearer than every negative", correlated(rng, 5, 9, 0.95, 0.3, 0.02, scale=0.2), [most] * 5, 0.1)["gradient_ratio"] == 1.0
    contrast("fewer negatives than asked for, and none", rows, [24, 1, 0, 7, 2])
    contrast("no negatives at all", rows, [0] * 5)
    contrast("batch of one", correlated(rng, 1, 9, 0.5, 0.45), [most])
    contrast("all cosines negative", correlated(rng, 5, 9, -0.5, -0.6, 0.1), [most] * 5)
    assert contrast("lambda below its cap", [1000 * rows[0], rows[1], rows[2]], [most] * 5)["lambda_eff"] == 1

    path = pathlib.Path(__file__).parent / "loss_cases.json"
    formats.write_json(path, CASES)
    print(f"{len(CASES)} cases, {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
