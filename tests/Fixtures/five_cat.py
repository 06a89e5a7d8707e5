"""The full 5CAT and its corrected measures, one sample and one forward at a time in double precision; shares no code with src/."""
import json
import math
import random

import numpy as np
import torch

import formats
from upstream import VectorPredictor

REACH, RIDGE_PENALTY, RESAMPLES = 3, 50.0, 1000
BETA, ALPHAS = 0.4, (-4.0, 1.0)
USE = ["A0:cosine", "A0:margin(ctx4)"] + [f"B0:{name}{suffix}" for suffix in ("", "(no ctx)") for name in ("R@1", "R@5", "MRR")]
NAN = float("nan")


# ---- files ----

def l2(x):
    return x / (np.linalg.norm(x) + 1e-9)


def stored_vectors(array):
    """float16 vectors are normalised when they are read; others are taken as they are."""
    vectors = np.asarray(array, np.float64)
    if array.dtype == np.float16:
        vectors /= np.linalg.norm(vectors, axis=-1, keepdims=True)
    return vectors.astype(np.float32).astype(np.float64)


class Store:
    """Articles in the order of their first row; the rows of each by chunk index."""

    def __init__(self, npz):
        self.vectors = stored_vectors(npz["vectors"])
        chunks = npz["chunk_indices"].tolist()
        self.rows, self.place = {}, {}
        for row, article in enumerate(npz["article_indices"].tolist()):
            self.rows.setdefault(article, []).append(row)
        for article, rows in self.rows.items():
            rows.sort(key=lambda row: chunks[row])
            for place, row in enumerate(rows):
                self.place[article, chunks[row]] = place

    def row(self, article, place):
        return l2(self.vectors[self.rows[article][place]])

    def windows(self):
        for article, rows in self.rows.items():
            for i in range(len(rows) - 6):
                yield Sample(self, self.vectors[rows[i : i + 5]], self.vectors[rows[i + 6]], article, i + 6)


class Sample:
    def __init__(self, store, context, target, article, place):
        self.store, self.article, self.place = store, article, place
        self.stored_context, self.stored_target = context, target
        self.context, self.target = np.array([l2(c) for c in context]), l2(target)

    def has(self, first, last):
        return self.place + first >= 0 and self.place + last < len(self.store.rows[self.article])

    def row(self, offset):
        return self.store.row(self.article, self.place + offset)

    def pool(self):
        return range(len(self.store.rows[self.article]))

    def coherence(self):
        return np.mean([self.context[i] @ self.context[i + 1] for i in range(4)])


def load(path, articles=None):
    npz = np.load(path)
    if "vectors" in npz:
        return list(Store(npz).windows())
    store = Store(np.load(articles))
    contexts, targets = stored_vectors(npz["context_sequences"]), stored_vectors(npz["target_vectors"])
    ids, chunks = npz["article_ids"].tolist(), npz["target_indices"].tolist()
    return [Sample(store, contexts[i], targets[i], ids[i], store.place[ids[i], chunks[i]]) for i in range(len(ids))]


# ---- what is judged: context (5,D), truth (D) -> prediction (D) ----

def load_model(path):
    tensors = formats.read_safetensors(path)
    with open(path, "rb") as file:
        meta = json.loads(file.read(int.from_bytes(file.read(8), "little"))).get("__metadata__", {})
    d_model, dim = tensors["input_proj.weight"].shape
    layers = len({name.split(".")[2] for name in tensors if name.startswith("transformer_decoder.layers.")})
    ff = tensors["transformer_decoder.layers.0.linear1.weight"].shape[0]
    model = VectorPredictor(dim, d_model, int(meta.get("nhead", 8)), layers, ff, dropout=0.0)
    model.load_state_dict({k: torch.from_numpy(v) for k, v in tensors.items()}, strict=False)
    model.to_double().eval()

    skips = tensors.get("slot_skips", np.zeros(5)).astype(np.float64)

    def predict(context, truth):
        with torch.no_grad():
            return model(torch.from_numpy(np.array(context)[None]))[0].numpy() + skips @ np.array(context)

    return predict


def fit_ridge(samples):
    gram = cross = 0.0
    for start in range(0, len(samples), 2000):
        x = np.array([s.stored_context.ravel() for s in samples[start : start + 2000]])
        y = np.array([s.stored_target for s in samples[start : start + 2000]])
        gram, cross = gram + x.T @ x, cross + x.T @ y
    weights = np.linalg.solve(gram + RIDGE_PENALTY * np.eye(len(gram)), cross)
    return lambda context, truth: np.ravel(context) @ weights


def normalised(predict):
    def run(context, truth):
        raw = predict(context, truth)
        return l2(raw / max(np.linalg.norm(raw), 1e-12))

    return run


# ---- the original's tests ----

def take(samples, limit, accepts):
    """The samples in file order that a test accepts, with their number in the file, until the limit is reached."""
    taken = []
    for number, sample in enumerate(samples):
        if len(taken) == limit:
            break
        if accepts(sample):
            taken.append((number, sample))
    return taken


def offset_key(k, prefix):
    return f"{prefix}:k={k:+d}" if k else f"{prefix}:k=0"


def permutations(count):
    generator = random.Random(17)
    result = []
    for _ in range(count):
        order = [0, 1, 2, 3, 4]
        generator.shuffle(order)
        result.append(order)
    return result


def rollout(predict, sample, horizon):
    window, predictions = list(sample.context), []
    for h in range(horizon):
        predictions.append(predict(window, sample.row(h)))
        window = window[1:] + [predictions[-1]]
    return predictions


def rank_of(prediction, sample, without_contexts=False):
    true = prediction @ sample.row(0)
    rank, pool = 1, 1
    for place in sample.pool():
        row = sample.store.row(sample.article, place)
        if place == sample.place or (without_contexts and max(row @ c for c in sample.context) >= 1 - 1e-5):
            continue
        pool += 1
        rank += prediction @ row > true
    return rank, pool


def changes(predict, sample, order):
    """Change of the cosine to the target under each ablation."""
    c = list(sample.context)
    cosine = lambda context: predict(context, sample.target) @ sample.target
    intact = cosine(c)
    return {
        "shuffled": cosine([c[i] for i in order]) - intact,
        "reverse": cosine(c[::-1]) - intact,
        "loo": [cosine(c[:i] + c[i + 1 :] + [c[4]]) - intact for i in range(5)],
        "repeat": cosine([c[4]] * 5) - intact,
        "first": cosine(c[:4] + [c[0]]) - intact,
    }


def mean(values):
    return float(np.mean(values)) if len(values) else NAN


def original(predict, samples, limit, horizon):
    result = {}
    chosen = take(samples, limit, lambda s: s.has(-REACH, REACH))
    sweep = []
    for _, s in chosen:
        p = predict(s.context, s.target)
        sweep.append([p @ s.row(k) for k in range(-REACH, REACH + 1)])
    sweep = np.mean(sweep, axis=0)
    for k in range(-REACH, REACH + 1):
        result[offset_key(k, "A")] = sweep[k + REACH]
    result["A:margin(+1)"] = sweep[REACH + 1] - max(np.delete(sweep, REACH + 1))
    result["A:samples"] = len(chosen)

    chosen = take(samples, limit, lambda s: len(s.pool()) >= 6)
    ranks = [rank_of(predict(s.context, s.target), s)[0] for _, s in chosen]
    result["B:R@1"], result["B:R@5"] = mean([r <= 1 for r in ranks]), mean([r <= 5 for r in ranks])
    result["B:MRR"], result["B:samples"] = mean([1 / r for r in ranks]), len(chosen)

    chosen = take(samples, limit, lambda s: True)
    orders = permutations(len(chosen))
    found = [changes(predict, s, orders[number]) for number, s in chosen]
    result["C:shuffled"] = mean([f["shuffled"] for f in found])
    result["C:reverse"] = mean([f["reverse"] for f in found])
    result["C:loo_avg"] = mean([np.mean(f["loo"]) for f in found])
    result["C:repeat_pad"] = mean([f["repeat"] for f in found])
    result["C:cross_article"] = mean([f["first"] for f in found])
    result["C:samples"] = len(chosen)

    chosen = take(samples, limit, lambda s: s.has(1, horizon))
    result[f"D:avg_cos@H={horizon}"] = mean(
        [np.mean([p @ s.row(h + 1) for h, p in enumerate(rollout(predict, s, horizon))]) for _, s in chosen])
    result["D:samples"] = len(chosen)

    bins = {"low": [], "normal": []}
    for _, s in take(samples, limit, lambda s: True):
        name = "low" if s.coherence() < 0.45 else "normal" if s.coherence() <= 0.55 else None
        if name:
            bins[name].append(predict(s.context, s.target) @ s.target)
    for name, values in bins.items():
        result[f"E:{name}_mean"] = mean(values)
    for name, values in bins.items():
        result[f"E:{name}_n"] = len(values)
    return result


def mini(predict, samples, limit):
    margins, hits = [], []
    for _, s in take(samples, min(limit, 320), lambda s: True):
        p = predict(s.context, s.target)
        p /= max(np.linalg.norm(p), 1e-12)
        bank = [p @ c for c in s.stored_context] + [p @ s.stored_target]
        margins.append(bank[5] - bank[4])
        hits.append(sum(b >= bank[5] for b in bank) <= 5)
    return {"margin": mean(margins), "R@5": mean(hits), "samples": len(hits)}


def gates(val, ood, horizon):
    both = ((val, 0), (ood, 1))
    return {
        "offset_sweep": all(m["A:k=+1"] >= (0.50, 0.48)[o] and m["A:margin(+1)"] >= (0.12, 0.10)[o] for m, o in both),
        "retrieval_rank": all(m["B:R@1"] >= (0.60, 0.55)[o] and m["B:R@5"] >= (0.95, 0.92)[o] and m["B:MRR"] >= (0.80, 0.75)[o] for m, o in both),
        "ablations": all(
            m["C:shuffled"] <= -0.15 + 1e-6 and m["C:reverse"] <= -0.10 + 1e-6 and m["C:loo_avg"] <= -0.08 + 1e-6
            and m["C:repeat_pad"] <= 0.05 and m["C:cross_article"] <= 0.05 for m, _ in both),
        "rollout": all(m[f"D:avg_cos@H={horizon}"] >= (0.45, 0.42)[o] for m, o in both),
        "bins_delta": abs(val["E:normal_mean"] - ood["E:normal_mean"]) <= 0.05,
    }


# ---- the corrected measures ----

def choose(count, limit, seed):
    """Fisher-Yates with counter-based draws, then the first `limit`, in file order."""
    key = formats.mix(formats.mix(formats.mix(seed, 1), 0x5348554646), 0)
    order = list(range(count))
    for i in range(count - 1, 0, -1):
        j = formats.mix(key, i) * (i + 1) >> 64
        order[i], order[j] = order[j], order[i]
    return sorted(order[:limit])


def partners(articles, seed):
    if len(set(articles)) < 2:
        return None
    result = []
    for i in range(len(articles)):
        key, draw = formats.mix(formats.mix(seed, 2), i), 0
        while articles[j := formats.mix(key, draw) * len(articles) >> 64] == articles[i]:
            draw += 1
        result.append(j)
    return result


def corrected_columns(predict, samples, limit, horizon, seed, only_intact=False):
    """Per sample, NaN where a measure does not look; and the chance levels. Only A0 and B0 where all is from unchanged contexts."""
    chosen = choose(len(samples), limit, seed)
    orders = permutations(chosen[-1] + 1)
    other = partners([samples[n].article for n in chosen], seed)
    columns, pools = {}, {"": [], "(no ctx)": []}

    def put(key, value):
        columns.setdefault(key, []).append(value)

    intact = [predict(samples[n].context, samples[n].target) for n in chosen]
    for i, n in enumerate(chosen):
        s, p = samples[n], intact[i]
        cosine = p @ s.target
        put("A0:cosine", cosine)
        put("A0:margin(ctx4)", cosine - p @ s.context[4])
        for k in range(-REACH, REACH + 1):
            put(offset_key(k, "A0"), p @ s.row(k) if s.has(-REACH, REACH) else NAN)
        for suffix in pools:
            rank, pool = rank_of(p, s, suffix != "")
            put("B0:R@1" + suffix, float(rank <= 1))
            put("B0:R@5" + suffix, float(rank <= 5))
            put("B0:MRR" + suffix, 1 / rank)
            pools[suffix].append(pool)
        if only_intact:
            continue
        change = changes(predict, s, orders[n])
        put("C0:shuffled", change["shuffled"])
        put("C0:reverse", change["reverse"])
        put("C0:leave_one_out", np.mean(change["loo"][:4]))
        put("C0:repeat_last", change["repeat"])
        put("C0:first_for_last", change["first"])
        put("C0:cross_article", intact[other[i]] @ s.target - cosine if other else NAN)
        steps = [q @ s.row(h) for h, q in enumerate(rollout(predict, s, horizon))] if s.has(0, horizon - 1) else [NAN] * horizon
        put(f"D0:avg_cos@H={horizon}", np.mean(steps))
        for h, step in enumerate(steps):
            put(f"D0:cos@h={h + 1}", step)
        put("E0:low", cosine if s.coherence() < 0.45 else NAN)
        put("E0:normal", cosine if 0.45 <= s.coherence() <= 0.55 else NAN)
    chance = {}
    for suffix, sizes in pools.items():
        chance["B0:R@1" + suffix] = mean([1 / n for n in sizes])
        chance["B0:R@5" + suffix] = mean([min(5 / n, 1) for n in sizes])
        chance["B0:MRR" + suffix] = mean([sum(1 / r for r in range(1, n + 1)) / n for n in sizes])
    return {key: np.array(values, float) for key, values in columns.items()}, chance, [samples[n].article for n in chosen]


class Bootstrap:
    def __init__(self, articles, seed):
        numbers = {}
        self.article = np.array([numbers.setdefault(a, len(numbers)) for a in articles])
        count = len(numbers)
        self.draws = np.zeros((RESAMPLES, count)) if count > 1 else None
        for resample in range(RESAMPLES if count > 1 else 0):
            key = formats.mix(seed, resample)
            for draw in range(count):
                self.draws[resample, formats.mix(key, draw) * count >> 64] += 1

    def means(self, values):
        known = ~np.isnan(values)
        sums = np.bincount(self.article[known], values[known], self.draws.shape[1])
        counts = np.bincount(self.article[known], minlength=self.draws.shape[1])
        with np.errstate(invalid="ignore"):
            return (self.draws @ sums) / (self.draws @ counts)

    def interval(self, statistic, *columns):
        if self.draws is None:
            return {"low": NAN, "high": NAN}
        results = statistic(*[self.means(c) for c in columns])
        low, high = (NAN, NAN) if np.isnan(results).any() else np.percentile(results, [2.5, 97.5])
        return {"low": float(low), "high": float(high)}


def margin_to_max(*sweep):
    return sweep[REACH] - np.max(np.array(sweep[:REACH] + sweep[REACH + 1 :]), axis=0)


def known_mean(values):
    return mean(values[~np.isnan(values)])


def corrected(columns, chance, bootstrap, model_columns=None):
    result = {}
    for key, values in columns.items():
        entry = {"value": known_mean(values), **bootstrap.interval(lambda m: m, values), "samples": int((~np.isnan(values)).sum())}
        if key in chance:
            entry["chance"] = chance[key]
        if model_columns is not None:
            difference = model_columns[key] - values
            entry["model_minus"] = {"value": known_mean(difference), **bootstrap.interval(lambda m: m, difference)}
        result[key] = entry
    sweep = [columns[offset_key(k, "A0")] for k in range(-REACH, REACH + 1)]
    result["A0:margin(max)"] = {
        "value": float(margin_to_max(*[known_mean(c) for c in sweep])), **bootstrap.interval(margin_to_max, *sweep),
        "samples": int((~np.isnan(sweep[0])).sum())}
    return result


# ---- corrections of raw predictions ----

def minus_last(raw, alpha):
    return lambda context, truth: raw(context, truth) - alpha * context[4]


def plus_last_minus_first(raw):
    return lambda context, truth: raw(context, truth) + BETA * (context[4] - context[0])


def find_alpha(raw, samples, margin):
    """The weight of ctx[4] whose mean margin is `margin`, by halving an interval, and the margins at the ends of the range."""
    m, t, q = (np.array(v) for v in zip(*[(raw(s.context, s.target), s.target, s.context[4]) for s in samples]))

    def at(alpha):
        p = m - alpha * q
        return float(np.mean(np.sum(p * (t - q), axis=1) / np.linalg.norm(p, axis=1)))

    ends = at(ALPHAS[0]), at(ALPHAS[1])
    low, high = (0.0, ALPHAS[1]) if margin >= at(0.0) else (ALPHAS[0], 0.0)
    if not at(low) <= margin <= at(high):
        return None, ends
    while high - low > 1e-13:
        middle = (low + high) / 2
        low, high = (middle, high) if at(middle) < margin else (low, middle)
    return high, ends


def use_row(columns, references, name, bootstrap):
    row = {key: known_mean(columns[key]) for key in USE}
    for reference in ("copy_last", "ridge"):
        if reference != name and reference in references:
            difference = columns[USE[-1]] - references[reference][USE[-1]]
            row["minus_" + reference] = {"value": known_mean(difference), **bootstrap.interval(lambda m: m, difference)}
    return row


# ---- all of it ----

def evaluate(raw, samples, limit, horizon, seed):
    """Every figure of a split: (original, corrected, mini5cat, baselines, use). `raw`: predictors that are not normalised yet."""
    sources = {name: normalised(run) for name, run in raw.items()}
    full = [name for name in sources if name != "p6"]
    originals = {name: original(sources[name], samples, limit, horizon) for name in full}
    parts = {name: corrected_columns(run, samples, limit, horizon, seed, name == "p6") for name, run in sources.items()}
    columns, chance, articles = parts["model"]
    bootstrap = Bootstrap(articles, seed)
    chosen = [samples[n] for n in choose(len(samples), limit, seed)]

    facts, unreached = {}, {}
    for of in ("ridge", "p6"):
        if of in raw:
            alpha, ends = find_alpha(raw[of], chosen, known_mean(columns["A0:margin(ctx4)"]))
            if alpha is None:
                unreached[of + "_minus_ctx4"] = {"alpha": NAN, "lowest_margin": ends[0], "highest_margin": ends[1], "corrected": NAN}
            else:
                facts[of + "_minus_ctx4"] = ({"alpha": alpha}, minus_last(raw[of], alpha))
    for of in ("ridge", "p6", "model"):
        if of in raw:
            facts[of + "_plus_ctx4_minus_ctx0"] = ({"beta": BETA}, plus_last_minus_first(raw[of]))
    for name, (_, run) in facts.items():
        parts[name] = corrected_columns(normalised(run), samples, limit, horizon, seed, only_intact=True)

    model = {**corrected(columns, chance, bootstrap), "samples": len(articles), "articles": len(set(articles))}
    baselines = dict(unreached)
    for name in parts:
        if name != "model":
            of_name = {"original": originals[name]} if name in originals else facts[name][0] if name in facts else {}
            known = {key: columns[key] for key in parts[name][0]}
            baselines[name] = {**of_name, "corrected": corrected(parts[name][0], chance, bootstrap, known)}
    columns_of = {name: part[0] for name, part in parts.items() if name != "oracle"}
    use = {name: use_row(of_name, columns_of, name, bootstrap) for name, of_name in columns_of.items()}
    use["chance"] = {key: chance[key] for key in USE if key in chance}
    return originals["model"], model, mini(sources["model"], samples, limit), baselines, use


def result_of(model, train, val, ood, limit, horizon, seed, p6=None):
    sources = {
        "model": model,
        "copy_last": lambda context, truth: context[4],
        "context_mean": lambda context, truth: np.mean(context, axis=0),
        "oracle": lambda context, truth: truth,
    }
    if train is not None:
        sources["ridge"] = fit_ridge(train)
    if p6 is not None:
        sources["p6"] = p6
    splits = {"VAL": evaluate(sources, val, limit, horizon, seed)}
    if ood is not None:
        splits["OOD"] = evaluate(sources, ood, limit, horizon, seed)
    result = {name: split[0] for name, split in splits.items()}
    if ood is not None:
        result["gates"] = gates(result["VAL"], result["OOD"], horizon)
    for at, part in enumerate(("corrected", "mini5cat", "baselines", "use"), 1):
        result[part] = {name: split[at] for name, split in splits.items()}
    return without_nan(result)


def without_nan(value):
    if isinstance(value, dict):
        return {k: without_nan(v) for k, v in value.items()}
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    if isinstance(value, (int, np.integer)):
        return int(value)
    return None if math.isnan(value) else float(value)


def differences(expected, actual, path=""):
    if isinstance(expected, dict):
        for key, value in expected.items():
            yield from differences(value, actual[key], f"{path}/{key}")
    elif expected is None or actual is None or isinstance(expected, bool):
        yield (0.0 if expected == actual else math.inf), path
    else:
        yield abs(expected - actual), path
