"""The P6 and P6b losses, written from the published formulas with torch's own functions and autograd."""
import torch
from torch.nn import functional as F

GAMMA = {"p6b-v1": 8.0, "p6b-v2": 4.0, "p6b-v2.1": 4.0, "p6b-v2.2": 4.0, "p6b-v2.3": 4.0}
LAMBDA_MAX = {"p6b-v1": 5e-2, "p6b-v2": 2e-2, "p6b-v2.1": 2e-2, "p6b-v2.2": 3e-2, "p6b-v2.3": 1.8e-2}
LAMBDA_MIN = 1e-4
MARGIN_RATIO = 0.05
# (last epoch of the stage, 1-based; margin of the gap; fraction or target rho; cap of rho)
STAGES = {
    "p6b-v1": [(2, 0.02, 0.10, None), (5, 0.04, 0.20, None), (99, 0.05, 0.25, None)],
    "p6b-v2": [(3, 0.02, 0.10, None), (6, 0.03, 0.15, None), (9, 0.04, 0.20, None), (99, 0.05, 0.25, None)],
    "p6b-v2.1": [(3, 0.02, 0.10, 0.25), (6, 0.03, 0.15, 0.25), (9, 0.04, 0.20, 0.25), (99, 0.05, 0.25, 0.25)],
    "p6b-v2.2": [(2, 0.02, 0.15, 0.35), (4, 0.04, 0.25, 0.45), (8, 0.06, 0.35, 0.50), (99, 0.07, 0.35, 0.50)],
    "p6b-v2.3": [(4, 0.02, 0.15, 0.30), (7, 0.03, 0.20, 0.35), (99, 0.04, 0.25, 0.40)],
}
# tau and weight of the positive floor, weight of the norm penalty, weight of the orthogonality penalty
PENALTIES = {"p6b-v2.1": (0.10, 1e-3, 1e-3, 0.0), "p6b-v2.2": (0.12, 2e-3, 1e-3, 5e-4), "p6b-v2.3": (0.10, 1e-3, 1e-3, 1e-4)}


def stage(mode, epoch):
    """(margin_gap, frac, rho_cap) in force in a 1-based epoch."""
    return next(row[1:] for row in STAGES[mode] if epoch <= row[0])


def unit(x, smallest=1e-8):
    return x / x.norm(dim=-1, keepdim=True).clamp_min(smallest)


def smooth_hinge(value, margin, gamma):
    return F.softplus(gamma * (margin - value)) / gamma


def gradient_ratio(weighted, mse_loss, raw):
    """|gradient of the weighted directional term| / |gradient of the MSE|, both with respect to raw, over the whole batch."""
    of_term, of_mse = (torch.autograd.grad(loss, raw, retain_graph=True)[0].norm() for loss in (weighted, mse_loss))
    return of_term / of_mse if of_term > 0 else torch.zeros(())


# p6b-v3: wanted margin, step of the pressure, largest pressure, largest gradient ratio
DUAL = (0.05, 0.01, 0.6, 0.8)


def dual_loss(state, mse_loss, numbers, raw):
    """p6b-v3 after a state of (running cosine, running gap, pressure), or None before the first step: mse - lambda * mean gap."""
    margin, rate, most, cap = DUAL
    pos, gap = numbers["pos"].item(), numbers["gap"].item()
    cosine, running, pressure = state or (pos, gap, 0.0)
    cosine, running = max(0.9 * cosine + 0.1 * pos, 0.05), 0.9 * running + 0.1 * gap
    pressure = min(max(pressure + rate * (margin - running), 0.0), most)
    lam = 2 * cosine * pressure / raw.shape[-1]
    directional = -numbers["gap"]
    ratio = gradient_ratio(lam * directional, mse_loss, raw).item()
    applied = lam * min(1.0, cap / ratio) if ratio else lam
    out = {name: value.item() for name, value in numbers.items()}
    rho = lam * abs(gap) / (out["mse"] + 1e-12)
    out.update(dir=-gap, lambda_eff=applied, rho=rho, skip=0, margin_gap=margin, frac=rho * applied / lam if lam else 0.0, gradient_ratio=min(ratio, cap))
    return mse_loss + applied * directional, out


# p6-nce: temperature, largest lambda, largest gradient ratio
CONTRAST = (0.05, 1.0, 1.0)


def info_nce(raw, target, candidates, counts):
    """InfoNCE over cosines, the target first; candidates [B, K, D], of which each sample has its first counts[b]."""
    temperature = CONTRAST[0]
    terms = []
    for r, t, rest, count in zip(raw, target, candidates, counts):
        others = torch.cat([t[None], rest[:count]])
        logits = F.cosine_similarity(r[None], others, dim=-1, eps=1e-12) / temperature
        terms.append(F.cross_entropy(logits[None], torch.zeros(1, dtype=torch.long)))
    return torch.stack(terms).mean()


def contrast_loss(mse_loss, numbers, raw, target, candidates, counts):
    """p6-nce: mse + lambda * InfoNCE with lambda at its largest value or the gradient ratio at its cap."""
    _, most, cap = CONTRAST
    term = info_nce(raw, target, candidates, counts)
    ratio = gradient_ratio(most * term, mse_loss, raw).item()
    applied = most * min(1.0, cap / ratio) if ratio else most
    out = {name: value.item() for name, value in numbers.items()}
    value = term.item()
    rho = applied * value / (out["mse"] + 1e-12)
    out.update(dir=value, lambda_eff=applied, rho=rho, skip=0, frac=rho, gradient_ratio=min(ratio, cap))
    return mse_loss + applied * term, out


def total_loss(mode, epoch, raw, target, negative, measure_gradient=False, dual=None, candidates=None, counts=None):
    """The loss tensor to differentiate, and every number on the way to it."""
    mse_loss = F.mse_loss(raw, target)
    predicted = F.normalize(raw, dim=-1, eps=1e-12)
    p, n, q = unit(predicted), unit(target), unit(negative)
    pos, neg = (p * n).sum(-1), (p * q).sum(-1)
    gap = pos - neg
    ratio = gap / (pos.abs() + neg.abs() + 1e-6)
    means = {"pos": pos.mean(), "neg": neg.mean(), "gap": gap.mean(), "ratio": ratio.mean()}
    numbers = {"mse": mse_loss, **means, "raw_norm": raw.norm(dim=-1).mean()}
    if mode == "p6":
        return mse_loss, {name: value.item() for name, value in numbers.items()}

    if mode == "p6b-v3":
        return dual_loss(dual, mse_loss, numbers, raw)

    if mode == "p6-nce":
        return contrast_loss(mse_loss, numbers, raw, target, candidates, counts)

    margin_gap, frac, rho_cap = stage(mode, epoch)
    gamma = GAMMA[mode]
    gap_loss = smooth_hinge(gap, margin_gap, gamma).mean()
    directional = gap_loss
    if mode in PENALTIES:
        ratio_loss = smooth_hinge(ratio, MARGIN_RATIO, gamma).mean()
        numbers.update(gap_loss=gap_loss, ratio_loss=ratio_loss)
        directional = (0.7 * smooth_hinge(gap, margin_gap, gamma) + 0.3 * smooth_hinge(ratio, MARGIN_RATIO, gamma)).mean()

    mse, dirv = mse_loss.detach().clamp_min(1e-8), directional.detach().clamp_min(1e-8)
    top = LAMBDA_MAX[mode]
    lam = (mse * frac / dirv).clamp(LAMBDA_MIN, top)
    rho = lam * dirv / (mse + 1e-12)
    capped = False
    if mode in ("p6b-v2.2", "p6b-v2.3") and rho < 0.8 * frac:
        lam = (lam * frac / rho.clamp_min(1e-6)).clamp(LAMBDA_MIN, top)
    elif rho_cap is not None and rho > rho_cap:
        lam, capped = lam * rho_cap / rho, True
    if mode == "p6b-v2.3":
        confidence = ((means["pos"].detach() - 0.30) / 0.15).clamp(0, 1)
        lam = lam * confidence
        numbers["confidence"] = confidence

    pos_mean, neg_mean = means["pos"].item(), means["neg"].item()
    if mode == "p6b-v1":
        skip = False
    elif mode == "p6b-v2":
        skip = pos_mean < 0 or neg_mean < 0
    else:
        skip = pos_mean < 0 or (pos_mean < 0.05 and neg_mean < -0.05)

    loss = mse_loss if skip else mse_loss + lam * directional
    if mode in PENALTIES:
        tau, floor_weight, norm_weight, orthogonal_weight = PENALTIES[mode]
        floor = F.relu(tau - pos).square().mean()
        norm_penalty = (predicted.norm(dim=-1) - 1).square().mean()
        loss = loss + floor_weight * floor + norm_weight * norm_penalty
        numbers.update(floor=floor, norm_penalty=norm_penalty)
        if orthogonal_weight:
            orthogonal = neg.square().mean()
            loss = loss + orthogonal_weight * orthogonal
            numbers["orthogonality"] = orthogonal
    numbers.update(dir=directional, lambda_eff=lam, rho=rho)
    if measure_gradient and mse_loss > 0:
        numbers["gradient_ratio"] = torch.zeros(()) if skip else gradient_ratio(lam * directional, mse_loss, raw)
    out = {name: value.item() for name, value in numbers.items()}
    frac_of_mse = 0.0 if skip else out["lambda_eff"] * out["dir"] / (out["mse"] + 1e-8)
    out.update(rho_capped=int(capped), skip=int(skip), margin_gap=margin_gap, frac=frac_of_mse)
    return loss, out
