"""Cuts the bundled sample from a store of all State of the Union speeches.

    python3 make_sample.py SOURCE.npz sotu-sample.npz [ARTICLES]

SOURCE has vectors (N,D), article_indices and chunk_indices (N,), article_titles (number of articles,), not centred. Whole speeches are
taken, evenly spaced over the years, the last one included. The mean of the training speeches (all but the last tenth of the article
ids, the trainer's own split) is subtracted from every vector, and the vectors are normalised again. Needs numpy only.
"""
import sys

import numpy as np


def make(source, output, articles):
    store = np.load(source)
    titles = store["article_titles"]
    chosen = np.unique(np.round(np.linspace(0, len(titles) - 1, articles)).astype(int))
    rows = np.flatnonzero(np.isin(store["article_indices"], chosen))
    vectors = normalised(store["vectors"][rows].astype(np.float64))
    article = np.searchsorted(chosen, store["article_indices"][rows]).astype(np.int32)

    validation = max(1, int(0.1 * len(chosen)))
    mean = vectors[article < len(chosen) - validation].mean(axis=0)
    np.savez_compressed(
        output,
        vectors=normalised(vectors - mean).astype(np.float16),
        article_indices=article,
        chunk_indices=store["chunk_indices"][rows].astype(np.int32),
        article_titles=titles[chosen],
        mean_vector=mean.astype(np.float32),
        source_dataset=np.array("state_of_the_union_use_lite_sample"),
    )
    print(f"{len(chosen)} articles ({validation} for validation), {len(rows)} rows of {vectors.shape[1]}")


def normalised(vectors):
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


make(sys.argv[1], sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 73)
