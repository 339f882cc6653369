"""What the Python programs have in common: a line on the standard input is a question, a line on the standard output its answer."""

import sys
import time

import numpy as np


def answer(run, error, kernels):
    """run makes the products once; error gives the relative error of what it makes; kernels names those in use."""
    for question in sys.stdin:
        if question.strip() == "time":
            start = time.perf_counter()
            made = run()
            print(time.perf_counter() - start, flush=True)
            del made
        elif question.strip() == "error":
            print(error(), flush=True)
        else:
            print(kernels(), flush=True)


def relative(made, exact):
    """The Frobenius norm of the difference over that of what is exact."""
    return float(np.linalg.norm((made - exact).ravel()) / np.linalg.norm(exact.ravel()))


def blas_in_use():
    from threadpoolctl import threadpool_info

    return "; ".join(
        f"{one['internal_api']} {one['version']} {one.get('architecture')}, {one['num_threads']} threads"
        for one in threadpool_info()
        if one["user_api"] == "blas"
    )
