"""
A controller for threadpoolctl, so that it sees and limits the threads of the library:

    import threadpoolctl
    from fastmm.threadpool import FastmmController
    threadpoolctl.register(FastmmController)
"""

import ctypes

from threadpoolctl import LibController


class FastmmController(LibController):
    """The library, whether it is preloaded or loaded by fastmm.matmul."""

    user_api = "blas"
    internal_api = "fastmm"
    filename_prefixes = ("libfastmm_blas",)
    check_symbols = ("fastmm_get_num_threads", "fastmm_set_num_threads", "fastmm_default_num_threads", "fastmm_version")

    # How many threads there were while none had been set.
    _default = None

    def get_num_threads(self):
        threads = self.dynlib.fastmm_get_num_threads()
        if threads == 0:
            # As many as the BLAS that it stands before.
            threads = self._default = self.dynlib.fastmm_default_num_threads()
        return threads

    def set_num_threads(self, num_threads):
        # The end of a limit restores what was there before: it follows the BLAS again.
        self.dynlib.fastmm_set_num_threads(0 if num_threads == self._default else num_threads)

    def get_version(self):
        version = self.dynlib.fastmm_version
        version.restype = ctypes.c_char_p
        return version().decode()
