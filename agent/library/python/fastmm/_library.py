"""The library beside this file: where it is, whether this machine can run it, its functions."""

import ctypes
import functools
import os
import re

from ._build import PROCESSOR_FLAGS

#: What LD_PRELOAD takes.
PATH = os.path.join(os.path.dirname(os.path.abspath(__file__)), "libfastmm_blas.so")


def require_processor():
    """Raises ImportError on a processor without the instructions that the library is made of; the program would be killed."""
    try:
        with open("/proc/cpuinfo") as file:
            found = re.search(r"^flags\s*:(.*)$", file.read(), re.MULTILINE)
    except OSError:
        found = None
    if found is None:
        return
    here = {flag.lower().replace("_", "") for flag in found[1].split()}
    missing = [flag for flag in PROCESSOR_FLAGS if flag not in here]
    if missing:
        raise ImportError(f"fastmm was built for a processor with {', '.join(missing)}; build the wheel on this machine with make wheel.")


@functools.cache
def load():
    """Loads the library. Raises ImportError if this machine cannot run it."""
    require_processor()
    try:
        library = ctypes.CDLL(PATH)
    except OSError as error:
        raise ImportError(f"fastmm cannot be loaded ({error}); build the wheel on this machine with make wheel.") from error
    size, pointer = ctypes.c_int64, ctypes.c_void_p
    library.fastmm_try_product.argtypes = [
        *[ctypes.c_int] * 3, *[size] * 3, ctypes.c_double, pointer, size, pointer, size, ctypes.c_double, pointer, size
    ]
    library.fastmm_try_product.restype = ctypes.c_char_p
    return library
