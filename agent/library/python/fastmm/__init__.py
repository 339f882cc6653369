"""
Matrix products by fast algorithms.

    python -m fastmm app.py         runs a program with them in place of its BLAS, without changing it
    fastmm.matmul(a, b)             the product of two NumPy matrices
    fastmm.threadpool               a controller for threadpoolctl
"""

from ._build import VERSION as __version__
from ._library import PATH
from ._matmul import matmul

__all__ = ["PATH", "__version__", "matmul"]
