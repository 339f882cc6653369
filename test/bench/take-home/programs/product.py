"""NumPy: product.py nn|nt MxKxN f32|f64 computes a @ b or a @ b.T; product.py small COUNT SIZE makes many small products."""

import sys

import numpy as np
from answers import answer, blas_in_use, relative

# So many rows of a product of doubles are compared: there is no faster way to more digits.
ROWS = 8

# Bytes of a cache line.
LINE = 64


def in_line(matrix):
    """Copies a matrix to where a cache line begins. Any library or variable more moves what malloc gives by a part of one, and with it the
    time of a small product."""
    memory = np.empty(matrix.size + LINE // matrix.itemsize, matrix.dtype)
    first = -memory.ctypes.data % LINE // matrix.itemsize
    placed = memory[first : first + matrix.size].reshape(matrix.shape)
    placed[...] = matrix
    return placed


rng = np.random.default_rng(1)
kind = sys.argv[1]
if kind == "small":
    count, size = int(sys.argv[2]), int(sys.argv[3])
    a, b = (in_line(rng.standard_normal((size, size), dtype=np.float32)) for _ in "ab")
    c = in_line(np.empty_like(a))

    def run():
        for _ in range(count):
            np.matmul(a, b, out=c)
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
