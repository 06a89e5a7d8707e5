"""Makes made_*.npz: a small article store, and the sequence files that the original's tools would cut from it.

    python3 make_sequences.py

Written from the description of the formats (p6b-facts 2.2 and 2.3) without the program under test: windows of stride 1 over all rows in
file order, across articles; P6 looks the next chunk up in the store. Checked in; a second run writes the same arrays. numpy 1.24.
"""
import numpy as np

CONTEXT = 5
LENGTHS = {3: 9, 4: 7, 7: 4, 8: 12, 11: 6, 12: 3, 15: 10}


def objects(items, shape):
    array = np.empty(int(np.prod(shape)), dtype=object)
    array[:] = items
    return array.reshape(shape)


def make_store():
    article = np.repeat(list(LENGTHS), list(LENGTHS.values()))
    # Chunk 5 of article 8 is missing: no window may take chunk 6 for its successor.
    chunk = np.concatenate([[c for c in range(n + (a == 8)) if not (a == 8 and c == 5)] for a, n in LENGTHS.items()])
    vectors = np.random.default_rng(7).normal(size=(len(article), 6))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return {
        "vectors": vectors.astype(np.float32),
        "article_indices": article.astype(np.int32),
        "chunk_indices": chunk.astype(np.int32),
        "cpe_ids": np.array([f"chunk-{a}/{c}" for a, c in zip(article, chunk)]),
        "concept_texts": objects([f"Text {c} of article {a}, in grün." for a, c in zip(article, chunk)], (len(article),)),
        "source_dataset": np.array("wikipedia"),
    }


def base(store, kept, limit=None, excluded="none"):
    rows = np.flatnonzero(kept)
    count = len(rows) - CONTEXT
    count = count if limit is None else min(count, limit)
    windows = np.array([rows[i:i + CONTEXT] for i in range(count)])
    targets = np.array([rows[i + CONTEXT] for i in range(count)])
    article, chunk = store["article_indices"], store["chunk_indices"]
    return {
        "context_sequences": store["vectors"][windows],
        "target_vectors": store["vectors"][targets],
        "context_texts": store["concept_texts"][windows],
        "target_texts": store["concept_texts"][targets],
        "metadata": objects([{
            "article_index": int(article[t]),
            "last_context_article": int(article[w[-1]]),
            "target_chunk_index": int(chunk[t]),
            "target_cpe_id": str(store["cpe_ids"][t]),
            "crosses_article": bool(article[w[-1]] != article[t]),
        } for w, t in zip(windows, targets)], (count,)),
        "context_length": CONTEXT,
        "num_sequences": count,
        "vector_dim": 6,
        "source_dataset": "wikipedia",
        "excluded_articles": excluded,
    }


def p6(store, sequences):
    place = {(int(a), int(c)): row for row, (a, c) in enumerate(zip(store["article_indices"], store["chunk_indices"]))}
    kept, rows, metadata = [], [], []
    for i, entry in enumerate(sequences["metadata"]):
        row = place.get((entry["article_index"], entry["target_chunk_index"] + 1))
        if row is not None:
            kept.append(i)
            rows.append(row)
            metadata.append({**entry, "target_chunk_index": entry["target_chunk_index"] + 1, "target_cpe_id": str(store["cpe_ids"][row]), "p6_offset": 1})
    return {
        "context_sequences": sequences["context_sequences"][kept],
        "target_vectors": store["vectors"][rows],
        "metadata": objects(metadata, (len(kept),)),
        "context_length": CONTEXT,
        "num_sequences": len(kept),
        "vector_dim": 6,
        "source_dataset": "wikipedia_p6_next_token",
        "p6_mode": True,
        "p6_offset": 1,
    }


def main():
    store = make_store()
    article = store["article_indices"]
    np.savez_compressed("made_store.npz", **store)
    for name, kept, limit, excluded in (
            ("all", article >= 0, None, "none"),
            ("excluded", ~((article >= 7) & (article <= 8)), None, "[(7, 8)]"),
            ("ood", (article >= 4) & (article <= 11), 15, "all but [(4, 11)]")):
        sequences = base(store, kept, limit, excluded)
        np.savez_compressed(f"made_base_{name}.npz", **sequences)
        np.savez_compressed(f"made_p6_{name}.npz", **p6(store, sequences))


main()
