"""Makes the .npz files of this folder. Run once; the files are checked in.

    python3 make_fixtures.py P6_SEQUENCES.npz P6_COMPAT.npz STORE_F16.npz

The three inputs are State of the Union data (public domain); small pieces are cut from them. Everything else is made here.
Written with numpy 1.24.
"""
import pickle
import sys
import zipfile

import numpy as np


def ramp(shape, dtype):
    return (np.arange(int(np.prod(shape, dtype=int)), dtype=np.float64) * 0.5 - 1).reshape(shape).astype(dtype)


def kinds():
    arrays = {}
    for dtype in ("f2", "f4", "f8", ">f2", ">f4", ">f8"):
        arrays["ramp_" + dtype.replace(">", "big_")] = ramp((3, 4), dtype)
    for dtype in ("i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", ">i2", ">i4", ">i8"):
        arrays["count_" + dtype.replace(">", "big_")] = (np.arange(6) * 3).astype(dtype)
    arrays["negative_i1"] = np.array([-128, -1, 127], "i1")
    arrays["negative_i4"] = np.array([-2**31, -1, 2**31 - 1], "i4")
    arrays["negative_i8"] = np.array([-2**63, -1, 2**63 - 1], "i8")
    arrays["flags"] = np.array([True, False, True])
    arrays["text"] = np.array(["plain", "", "grün", "\U0001F600 end"])
    arrays["big_text"] = np.array(["plain", "grün"]).astype(">U5")
    arrays["scalar_float"] = np.array(2.5)
    arrays["scalar_int"] = np.array(7)
    arrays["scalar_text"] = np.array("state_of_the_union")
    arrays["scalar_bool"] = np.array(True)
    arrays["fortran_2"] = np.asfortranarray(ramp((3, 4), "f4"))
    arrays["fortran_3"] = np.asfortranarray(ramp((2, 5, 3), "f8"))
    arrays["fortran_int"] = np.asfortranarray(np.arange(6).reshape(2, 3))
    arrays["empty"] = np.zeros((0, 4), "f4")
    arrays["complex"] = np.array([1 + 2j])
    arrays["structured"] = np.array([(1, 2.0)], dtype=[("a", "i4"), ("b", "f4")])
    return arrays


def metadata(count):
    items = np.empty(count, dtype=object)
    for i in range(count):
        items[i] = {
            "article_index": i // 4,
            "target_chunk_index": np.int64(i % 4 + 6),
            "target_cpe_id": "made-%d" % i,
            "crosses_article": i % 2 == 0,
            "score": -0.25 * i,
            "nothing": None,
            "large": 2 ** 40 + i,
            "negative": -i - 70000,
            "numpy_float": np.float32(0.5),
            "numpy_bool": np.bool_(True),
            "numpy_text": np.str_("grün"),
            "list": [1, "two", (3.0,)],
            "tuple": (1, 2, 3, 4),
            "pair": (1, 2),
            "empty": [{}, [], ()],
            "text of more than 255 characters": "x" * 300,
        }
    return items


def write_pickled(path, protocols):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for protocol in protocols:
            array = metadata(9)
            with archive.open("protocol_%d.npy" % protocol, "w", force_zip64=True) as member:
                np.lib.format.write_array_header_1_0(member, np.lib.format.header_data_from_array_1_0(array))
                pickle.dump(array, member, protocol=protocol)
            with archive.open("alone_%d.npy" % protocol, "w", force_zip64=True) as member:
                single = np.array({"article_id": 3}, dtype=object)
                np.lib.format.write_array_header_1_0(member, np.lib.format.header_data_from_array_1_0(single))
                pickle.dump(single, member, protocol=protocol)


def write_versions(path):
    with zipfile.ZipFile(path, "w") as archive:
        for version in (1, 2, 3):
            with archive.open("version_%d.npy" % version, "w") as member:
                np.lib.format.write_array(member, ramp((3, 4), "f4"), version=(version, 0))


def write_zip64(path, arrays):
    # Every size and offset above 1 byte goes to the zip64 fields, as in files above 4 GiB.
    limit = zipfile.ZIP64_LIMIT
    zipfile.ZIP64_LIMIT = 1
    try:
        np.savez(path, **arrays)
    finally:
        zipfile.ZIP64_LIMIT = limit


def main():
    np.savez("kinds_stored.npz", **kinds())
    np.savez_compressed("kinds_deflated.npz", **kinds())
    write_zip64("kinds_zip64.npz", kinds())
    write_versions("versions.npz")
    write_pickled("pickles.npz", (2, 3, 4, 5))

    source = np.load(sys.argv[1], allow_pickle=True)
    articles = np.array([m["article_index"] for m in source["metadata"]])
    first = np.unique(articles)[:3]
    rows = np.concatenate([np.flatnonzero(articles == a)[:3] for a in first])
    pieces = {key: source[key][rows] if source[key].ndim else source[key] for key in source.files}
    pieces["num_sequences"] = np.array(len(rows))
    np.savez_compressed("p6_sequences.npz", **pieces)
    np.savez("p6_sequences_stored.npz", **{key: pieces[key][:4] for key in ("context_sequences", "target_vectors", "metadata")})

    source = np.load(sys.argv[2])
    rows = np.concatenate([np.flatnonzero(source["article_ids"] == a)[:2] for a in np.unique(source["article_ids"])[:3]])
    np.savez_compressed("p6_compat.npz", **{key: source[key][rows] for key in source.files})

    source = np.load(sys.argv[3])
    rows = np.concatenate([np.flatnonzero(source["article_indices"] == a)[:n] for a, n in ((3, 8), (5, 6), (9, 12))])
    np.savez("store_f16.npz", **{key: source[key][rows] for key in ("vectors", "article_indices", "chunk_indices")},
             article_titles=source["article_titles"][[3, 5, 9]])


main()
