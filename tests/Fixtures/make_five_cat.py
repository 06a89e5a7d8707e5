"""Writes five_cat/: stores, a sequence file, a small model and every figure of the 5CAT.

With --model it computes every figure for real files instead, and with --compare RESULT.json prints where `p6b evaluate` differs most.
"""
import argparse
import json
import pathlib

import numpy as np
import torch

import five_cat
import formats
from upstream import VectorPredictor

HERE = pathlib.Path(__file__).parent / "five_cat"


def article(rng, dim, length, memory):
    """Unit vectors of one article: topic, slow walk and noise; `memory` decides how alike neighbours are."""
    topic, walk, rows = rng.standard_normal(dim), rng.standard_normal(dim), []
    for _ in range(length):
        walk = 0.9 * walk + 0.45 * rng.standard_normal(dim)
        rows.append(memory * (0.6 * topic + 0.8 * walk) + (1 - memory) * rng.standard_normal(dim))
    return np.array(rows) / np.linalg.norm(rows, axis=1, keepdims=True)


def make_store(path, rng, dim, lengths, dtype):
    """Article ids in no order; rows of an article in no order; chunk indices that begin anywhere."""
    vectors, ids, chunks = [], [], []
    for number, length in enumerate(lengths):
        rows = article(rng, dim, length, rng.uniform(0.45, 0.75))
        if length > 12:
            rows[9] = rows[8]
        order, first = rng.permutation(length), int(rng.integers(0, 4))
        vectors.append(rows[order])
        ids += [(number * 7 + 3) % 101] * length
        chunks += (first + order).tolist()
    np.savez(path, vectors=np.concatenate(vectors).astype(dtype), article_indices=np.array(ids, np.int32), chunk_indices=np.array(chunks, np.int32))


def make_sequences(path, store_path):
    """Windows of a store as a sequence file; targets keep their place in the store."""
    npz = np.load(store_path)
    chunk_of = {}
    store = five_cat.Store(npz)
    for (identity, chunk), place in store.place.items():
        chunk_of[identity, place] = chunk
    windows = list(store.windows())[::-1]
    np.savez(
        path, context_sequences=np.array([w.stored_context for w in windows], np.float32), target_vectors=np.array([w.stored_target for w in windows], np.float32),
        article_ids=np.array([w.article for w in windows]), target_indices=np.array([chunk_of[w.article, w.place] for w in windows]))


def train_model(path, samples, dim, seed, steps):
    torch.manual_seed(seed)
    model = VectorPredictor(dim, 16, 2, 1, 32, dropout=0.0)
    contexts = torch.tensor(np.array([s.stored_context for s in samples]), dtype=torch.float32)
    targets = torch.tensor(np.array([s.stored_target for s in samples]), dtype=torch.float32)
    optimizer = torch.optim.Adam(model.parameters(), 3e-3)
    for step in range(steps):
        optimizer.zero_grad()
        rows = slice(step * 32 % len(samples), step * 32 % len(samples) + 32)
        torch.nn.functional.mse_loss(model(contexts[rows]), targets[rows]).backward()
        optimizer.step()
    formats.write_safetensors(path, {k: v.detach().numpy() for k, v in model.state_dict().items()}, {"nhead": "2"})


def make_fixture():
    HERE.mkdir(exist_ok=True)
    rng, dim = np.random.default_rng(20), 20
    make_store(HERE / "train.npz", rng, dim, [30] * 16, np.float32)
    make_store(HERE / "val.npz", rng, dim, [9, 26, 14, 5, 33, 11, 7, 18, 24, 8, 15], np.float32)
    make_store(HERE / "ood.npz", rng, dim, [20, 6, 12, 31, 10, 7, 16, 4], np.float16)
    make_sequences(HERE / "val_sequences.npz", HERE / "val.npz")
    train, val, ood = (five_cat.load(HERE / f"{name}.npz") for name in ("train", "val", "ood"))
    train_model(HERE / "model.safetensors", train, dim, 1, 400)
    train_model(HERE / "p6.safetensors", train, dim, 2, 800)
    model, p6 = (five_cat.load_model(HERE / f"{name}.safetensors") for name in ("model", "p6"))
    cases = {
        "stores": dict(train=True, val="val.npz", ood="ood.npz", articles=None, max_samples=70, horizon=5, seed=42),
        "sequences": dict(train=False, val="val_sequences.npz", ood="val_sequences.npz", articles="val.npz", max_samples=5000, horizon=3, seed=7),
    }
    for name, case in cases.items():
        articles = case["articles"] and HERE / case["articles"]
        result = five_cat.result_of(
            model, train if case["train"] else None, five_cat.load(HERE / case["val"], articles), five_cat.load(HERE / case["ood"], articles),
            case["max_samples"], case["horizon"], case["seed"], p6)
        formats.write_json(HERE / f"{name}.json", {"case": case, "expected": result})


def main():
    parser = argparse.ArgumentParser()
    for flag in ("model", "p6", "val-npz", "ood-npz", "articles-npz", "train-npz", "compare"):
        parser.add_argument(f"--{flag}")
    parser.add_argument("--max-samples", type=int, default=5000)
    parser.add_argument("--horizon", type=int, default=5)
    parser.add_argument("--seed", type=int, default=42)
    args = parser.parse_args()
    torch.set_num_threads(1)
    if args.model is None:
        make_fixture()
        return
    result = five_cat.result_of(
        five_cat.load_model(args.model), five_cat.load(args.train_npz) if args.train_npz else None, five_cat.load(args.val_npz, args.articles_npz),
        five_cat.load(args.ood_npz, args.articles_npz) if args.ood_npz else None, args.max_samples, args.horizon, args.seed,
        five_cat.load_model(args.p6) if args.p6 else None)
    if args.compare is None:
        print(json.dumps(result, indent=1))
        return
    with open(args.compare) as file:
        found = sorted(five_cat.differences(result, json.load(file)), reverse=True)
    print(f"{len(found)} figures; largest differences:")
    for difference, path in found[:8]:
        print(f"{difference:.3g}  {path}")


if __name__ == "__main__":
    main()
