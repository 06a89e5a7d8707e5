"""What this process really runs on: versions, the BLAS that was loaded, the settings that change its speed."""
import ctypes
import json
import os
import pathlib
import sys

SETTINGS = ("OMP_NUM_THREADS", "OMP_PROC_BIND", "OMP_WAIT_POLICY", "OPENBLAS_CORETYPE", "OPENBLAS_NUM_THREADS")
THREADING = {0: "none", 1: "pthread", 2: "OpenMP"}


def use_fixtures():
    """The model and the losses are those that wrote the parity fixtures."""
    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tests" / "Fixtures"))


def loaded_libraries():
    paths = {line.split()[-1] for line in open("/proc/self/maps") if ".so" in line}
    return {path for path in paths if any(word in path.lower() for word in ("blas", "mkl_", "libgomp", "libomp", "libiomp"))}


def describe():
    import numpy
    import torch

    libraries = loaded_libraries()
    blas = {"library": None, "configuration": None, "kernel": None, "thread_layer": None}
    for path in libraries:
        if "libopenblas" in path:
            library = ctypes.CDLL(path)
            library.openblas_get_config.restype = library.openblas_get_corename.restype = ctypes.c_char_p
            blas = {
                "library": path, "configuration": library.openblas_get_config().decode(), "kernel": library.openblas_get_corename().decode(),
                "thread_layer": THREADING.get(library.openblas_get_parallel(), "unknown")}
        elif "mkl_" in path and blas["library"] is None:
            blas["library"] = path
    return {
        "torch": torch.__version__, "numpy": numpy.__version__, "python": sys.version.split()[0], "blas": blas,
        "openmp": sorted(p for p in libraries if "omp" in os.path.basename(p) and "blas" not in p),
        "settings": {name: os.environ.get(name) for name in SETTINGS}, "nice": os.getpriority(os.PRIO_PROCESS, 0)}


if __name__ == "__main__":
    print(json.dumps(describe()))
