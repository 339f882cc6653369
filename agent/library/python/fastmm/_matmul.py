"""Products of NumPy matrices."""

from ._library import load


def matmul(a, b, out=None):
    """
    Returns the matrix product of a and b, m x k and k x n, both of float32 or both of float64, in any strides.

    It is computed by a fast algorithm where that is worth it, else by numpy.matmul: small products, infinities and NaN, rows of very
    different scale. With out, an m x n array of the same type, the product is written there. Raises TypeError and ValueError.
    """
    import numpy as np

    a, b = np.asarray(a), np.asarray(b)
    _require_matrices(a, b)
    if out is not None:
        _require_output(out, (a.shape[0], b.shape[1]), a.dtype)
    # C is written before A and B have been read to their end.
    is_direct = out is not None and _layout(out) is not None and not np.may_share_memory(out, a) and not np.may_share_memory(out, b)
    c = out if is_direct else np.empty((a.shape[0], b.shape[1]), a.dtype)
    if not _is_taken(a, b, c):
        np.matmul(a, b, out=c)
    if out is None or c is out:
        return c
    out[...] = c
    return out


def _require_matrices(a, b):
    types = f"{a.dtype} and {b.dtype}"
    if a.dtype != b.dtype or a.dtype.char not in "fd" or not a.dtype.isnative:
        raise TypeError(f"fastmm.matmul takes two matrices of float32 or two of float64, not {types}; convert them with astype.")
    if a.ndim != 2 or b.ndim != 2:
        raise ValueError(f"fastmm.matmul takes matrices, but a has {a.ndim} dimensions and b has {b.ndim}; both must have 2.")
    if a.shape[1] != b.shape[0]:
        raise ValueError(f"fastmm.matmul cannot multiply {a.shape} by {b.shape}: a has {a.shape[1]} columns and b has {b.shape[0]} rows.")


def _require_output(out, shape, dtype):
    import numpy as np

    if not isinstance(out, np.ndarray) or out.dtype != dtype:
        given = out.dtype if isinstance(out, np.ndarray) else type(out).__name__
        raise TypeError(f"fastmm.matmul: out must be an array of {dtype}, not {given}.")
    if out.shape != shape:
        raise ValueError(f"fastmm.matmul: out has the shape {out.shape}, but the product has {shape}.")
    if not out.flags.writeable:
        raise ValueError("fastmm.matmul: out is read-only.")


def _layout(x):
    """
    Describes a matrix as a BLAS does: whether what is stored row by row is the transpose, and the distance of two stored rows in elements.
    None for other strides: steps between elements, backwards, repeated rows.
    """
    if not x.flags.aligned:
        return None
    for transposed in (0, 1):
        (rows, columns), (across, along) = (x.shape, x.strides) if not transposed else (x.shape[::-1], x.strides[::-1])
        width = max(1, columns)
        distance = across // x.itemsize if rows > 1 else width
        if (columns <= 1 or along == x.itemsize) and (rows <= 1 or across % x.itemsize == 0) and distance >= width:
            return transposed, distance
    return None


def _with_layout(x):
    import numpy as np

    return x if _layout(x) is not None else np.require(x, requirements=["C", "ALIGNED"])


def _is_taken(a, b, c):
    """Computes c, which must have a layout, by the library, unless it leaves that to others."""
    if a.size == 0 or b.size == 0:
        return False
    if _layout(c)[0]:
        # What is stored is C' = B' A'.
        a, b, c = b.T, a.T, c.T
    a, b = _with_layout(a), _with_layout(b)
    (of_a, lda), (of_b, ldb), (_, ldc) = map(_layout, (a, b, c))
    at_a, at_b, at_c = (x.ctypes.data for x in (a, b, c))
    (m, k), n, is_double = a.shape, b.shape[1], a.dtype.char == "d"
    return load().fastmm_try_product(is_double, of_a, of_b, m, n, k, 1.0, at_a, lda, at_b, ldb, 0.0, at_c, ldc) is None
