"""Scalar products of every 16th validation window of a pair of article stores with its ridge prediction: forecast_windows.json.

usage: make_forecast_windows.py TRAIN_STORE.npz VAL_STORE.npz
Numbers only, of mu (ridge, lambda 50, from the five contexts), target and ctx3, all but mu of unit length:
mu.mu, mu.target, mu.ctx3, target.ctx3.
"""
import json
import sys

import numpy as np


def windows(path):
    store = np.load(path, allow_pickle=True)
    vectors = store["vectors"].astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    articles, first = store["article_indices"], np.arange(len(vectors) - 6)
    first = first[articles[first] == articles[first + 6]]
    return vectors, first


def contexts(vectors, first):
    return np.concatenate([vectors[first + i] for i in range(5)], axis=1)


vectors, first = windows(sys.argv[1])
width = 5 * vectors.shape[1]
gram, cross = np.zeros((width, width)), np.zeros((width, vectors.shape[1]))
for start in range(0, len(first), 4096):
    part = first[start : start + 4096]
    x = contexts(vectors, part)
    gram += x.T @ x
    cross += x.T @ vectors[part + 6]
weights = np.linalg.solve(gram + 50 * np.eye(width), cross)

vectors, first = windows(sys.argv[2])
first = first[::16]
mu, target, negative = contexts(vectors, first).astype(float) @ weights, vectors[first + 6].astype(float), vectors[first + 3].astype(float)
rows = np.stack([(mu * mu).sum(1), (mu * target).sum(1), (mu * negative).sum(1), (target * negative).sum(1)], axis=1)
result = {"dimension": vectors.shape[1], "windows": [[round(float(x), 5) for x in row] for row in rows]}
with open("forecast_windows.json", "w", newline="\n") as file:
    json.dump(result, file)
    file.write("\n")
