"""Runs a program with the library before its BLAS."""

import os
import re
import sys

from ._build import VERSION
from ._library import PATH, require_processor

USAGE = """usage: python -m fastmm PROGRAM.py [ARGUMENT...]
       python -m fastmm -m MODULE [ARGUMENT...]

Runs a program of Python, unchanged, with a library before its BLAS that computes matrix products by fast algorithms. FASTMM_VERBOSE=1 prints
at the end which products it took; FASTMM_MODE=off, fast, accurate or always, and FASTMM_NUM_THREADS, are its other settings."""


def options_of_interpreter():
    """The words of this command between python and -m fastmm, such as -X dev."""
    words = sys.orig_argv[1 : len(sys.orig_argv) - len(sys.argv) + 1]
    if len(words) > 1 and words[-1] == __package__ and re.fullmatch(r"-[A-Za-z]*m", words[-2]):
        words, last = words[:-2], words[-2][:-1]
    else:
        words, last = words[:-1], words[-1][: -len(f"m{__package__}")]
    return words if last == "-" else [*words, last]


def preloaded():
    """The value of LD_PRELOAD with the library before all others."""
    if re.search(r"[\s:]", PATH):
        sys.exit(f"fastmm: LD_PRELOAD cannot hold {PATH}, because of a space or colon in it; install the package in another folder.")
    others = re.split(r"[\s:]+", os.environ.get("LD_PRELOAD", ""))
    return ":".join([PATH, *(other for other in others if other not in ("", PATH))])


def main():
    arguments = sys.argv[1:]
    if not arguments or arguments[0] in ("-h", "--help"):
        print(USAGE, file=sys.stdout if arguments else sys.stderr)
        sys.exit(0 if arguments else 2)
    if arguments[0] == "--version":
        print(f"fastmm {VERSION}")
        return
    try:
        require_processor()
    except ImportError as error:
        sys.exit(f"fastmm: {error}")
    command = [sys.orig_argv[0], *options_of_interpreter(), *arguments]
    try:
        # In place of this process, so that exit status, signals and terminal are the program's.
        os.execve(sys.executable, command, {**os.environ, "LD_PRELOAD": preloaded()})
    except OSError as error:
        sys.exit(f"fastmm: {sys.executable} cannot be started again ({error.strerror}).")


main()
