"""What threadpoolctl sees and sets of the library, which is before NumPy's BLAS. Prints a line for each step."""
import os

import numpy as np  # noqa: F401, its BLAS is the one that is limited
import threadpoolctl
from edge.threadpool import EdgeController

threadpoolctl.register(EdgeController)


def seen():
    own = [one for one in threadpoolctl.threadpool_info() if one["internal_api"] == "edge"]
    blas = [one for one in threadpoolctl.threadpool_info() if one["internal_api"] == "openblas"]
    return [(one["user_api"], one["num_threads"]) for one in own], [one["num_threads"] for one in blas]


print(seen() == ([("blas", len(os.sched_getaffinity(0)))], [len(os.sched_getaffinity(0))]))
with threadpoolctl.threadpool_limits(1):
    print(seen() == ([("blas", 1)], [1]))
before = seen()
with threadpoolctl.ThreadpoolController().select(internal_api="openblas").limit(limits=1):
    # Nothing was set for the library any more: it follows its BLAS.
    print(seen() == ([("blas", 1)], [1]))
print(seen() == before)
print(threadpoolctl.threadpool_info()[0].get("version") is not None)
