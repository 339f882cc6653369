"""scikit-learn: what a kernel ridge regression predicts, whose kernel is one product of 4096x2048x4096."""

import numpy as np
from answers import answer, blas_in_use, relative
from sklearn.kernel_ridge import KernelRidge

rng = np.random.default_rng(1)
known, asked = rng.standard_normal((2, 4096, 2048), dtype=np.float32)
model = KernelRidge(kernel="linear").fit(known, known @ rng.standard_normal(2048, dtype=np.float32))


def run():
    return model.predict(asked)


def error():
    exact = asked.astype(np.float64) @ known.astype(np.float64).T @ model.dual_coef_.astype(np.float64)
    return relative(run(), exact)


answer(run, error, blas_in_use)
