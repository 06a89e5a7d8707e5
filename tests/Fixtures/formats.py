"""Files and numbers shared by the fixture makers: safetensors, compact JSON, the counter-based hash."""
import json

import numpy as np

WORD = np.uint64(0xFFFFFFFF)


def write_safetensors(path, tensors, metadata=None):
    header, blobs, offset = {"__metadata__": metadata} if metadata else {}, [], 0
    for name, array in tensors.items():
        blob = np.ascontiguousarray(array, "<f4").tobytes()
        header[name] = {"dtype": "F32", "shape": list(array.shape), "data_offsets": [offset, offset + len(blob)]}
        blobs.append(blob)
        offset += len(blob)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(len(text).to_bytes(8, "little") + text + b"".join(blobs))


def read_safetensors(path):
    with open(path, "rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
        data = file.read()
    tensors = {}
    for name, entry in header.items():
        if name != "__metadata__":
            start, end = entry["data_offsets"]
            tensors[name] = np.frombuffer(data[start:end], "<f4").reshape(entry["shape"]).copy()
    return tensors


def write_json(path, value):
    """Leaf lists, flat objects and whatever is short take one line each: files stay small and differences readable."""
    with open(path, "w", newline="\n") as file:
        file.write(_text(value, 0) + "\n")


def _text(value, depth):
    line = json.dumps(value, allow_nan=False)
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    if len(line) <= 120 or not any(isinstance(item, (dict, list)) for item in items):
        return line
    pad, end = " " * (depth + 1), " " * depth
    if isinstance(value, dict):
        return "{\n" + ",\n".join(f"{pad}{json.dumps(k)}: {_text(v, depth + 1)}" for k, v in value.items()) + "\n" + end + "}"
    return "[\n" + ",\n".join(pad + _text(v, depth + 1) for v in value) + "\n" + end + "]"


def mix(key, word):
    """CounterRandom.Mix: SplitMix64's finaliser over key + (word + 1) * golden."""
    mask = (1 << 64) - 1
    z = (key + (word + 1) * 0x9E3779B97F4A7C15) & mask
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & mask
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & mask
    return z ^ (z >> 31)


def bits(index, key):
    """CounterRandom.Bits(index, low word of key, high word of key) of an array of indices."""
    x = (np.asarray(index, np.uint64) + np.uint64(key & 0xFFFFFFFF)) & WORD
    x ^= x >> np.uint64(16)
    x = (x * np.uint64(0x7FEB352D)) & WORD
    x ^= ((x >> np.uint64(15)) + np.uint64(key >> 32)) & WORD
    x = (x * np.uint64(0x846CA68B)) & WORD
    return x ^ (x >> np.uint64(16))


def uniform(index, key):
    """[-1, 1) in steps of 2^-31, exact in double precision."""
    return bits(index, key).astype(np.float64) / 2.0**31 - 1.0
