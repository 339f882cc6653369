"""Products as NumPy and SciPy make them, in every layout, against sums in a wider format. Prints how many are wrong."""
import numpy as np
import scipy.linalg.blas as blas

rng = np.random.default_rng(0)
wrong = 0
for dtype, gemm, allowed in ((np.float32, blas.sgemm, 3e-6), (np.float64, blas.dgemm, 1e-14)):
    for m, n, k in ((130, 141, 120), (111, 200, 177)):
        a = rng.standard_normal((m, k)).astype(dtype)
        b = rng.standard_normal((k, n)).astype(dtype)
        exact = a.astype(np.longdouble) @ b.astype(np.longdouble)
        largest = np.abs(exact).max()
        for x in (a, np.asfortranarray(a)):
            for y in (b, np.asfortranarray(b)):
                wrong += np.abs(x @ y - exact).max() > allowed * largest
        for of_a in (0, 1):
            for of_b in (0, 1):
                c = np.asfortranarray(rng.standard_normal((m, n)).astype(dtype))
                x, y = (a.T.copy() if of_a else a), (b.T.copy() if of_b else b)
                result = gemm(2.0, x, y, beta=-1.5, c=c, trans_a=of_a, trans_b=of_b)
                wrong += np.abs(result - (2 * exact - 1.5 * c)).max() > 3 * allowed * largest
print(int(wrong), "wrong")
