"""NumPy: product.py nn|nt MxKxN f32|f64 computes a @ b or a @ b.T; product.py small COUNT SIZE makes many small products."""

import sys

import numpy as np
from answers import answer, blas_in_use, relative

# So many rows of a product of doubles are compared: there is no faster way to more digits.
ROWS = 8

rng = np.random.default_rng(1)
kind = sys.argv[1]
if kind == "small":
    count, size = int(sys.argv[2]), int(sys.argv[3])
    a, b = rng.standard_normal((2, size, size), dtype=np.float32)

    def run():
        for _ in range(count):
            c = a @ b
        return c

else:
    m, k, n = map(int, sys.argv[2].split("x"))
    dtype = np.float32 if sys.argv[3] == "f32" else np.float64
    a = rng.standard_normal((m, k), dtype=dtype)
    b = rng.standard_normal((k, n) if kind == "nn" else (n, k), dtype=dtype)

    def run():
        return a @ b if kind == "nn" else a @ b.T


def error():
    made = run()
    other = b.T if kind == "nt" else b
    if a.dtype == np.float32:
        return relative(made, a.astype(np.float64) @ other.astype(np.float64))
    rows = slice(0, ROWS)
    return relative(made[rows], a[rows].astype(np.longdouble) @ other.astype(np.longdouble))


answer(run, error, blas_in_use)
