"""Packs libfastmm_blas.so and the Python package beside this file as a wheel. Needs nothing but Python, and no network."""

import argparse
import base64
import hashlib
import keyword
import pathlib
import re
import struct
import sys
import zipfile

NAME = "fastmm"
HERE = pathlib.Path(__file__).resolve().parent

# e_machine of the ELF header, and what Python's platform tags call it.
MACHINES = {3: "i686", 21: "ppc64le", 40: "armv7l", 62: "x86_64", 183: "aarch64", 243: "riscv64"}
# Instruction sets that a compiler uses by itself, beyond those that every processor of x86_64 has.
USED = re.compile("avx.*|bmi.|f16c|fma|s?sse(3|4[12])|movbe|popcnt|abm")

METADATA = """Metadata-Version: 2.1
Name: {name}
Version: {version}
Summary: Matrix products by fast algorithms: fastmm.matmul for NumPy, and python -m fastmm for programs that stay as they are
License: Apache-2.0
Requires-Python: >=3.10
Provides-Extra: numpy
Requires-Dist: numpy; extra == "numpy"
"""


def compact(word):
    """avx512_vnni of /proc/cpuinfo and __AVX512VNNI__ of a compiler are both avx512vnni."""
    return word.lower().replace("_", "")


def processor_flags():
    """The instruction sets that /proc/cpuinfo lists."""
    found = re.search(r"^flags\s*:(.*)$", pathlib.Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return {compact(flag) for flag in found[1].split()} if found else set()


def needed_flags(macros):
    """Those of them that the library was compiled for."""
    enabled = {compact(name) for name in re.findall(r"^#define __(\w+)__ 1$", macros, re.MULTILINE)}
    return sorted(flag for flag in enabled & processor_flags() if USED.fullmatch(flag))


def platform_tag(library, is_for_processor):
    """
    linux_x86_64 for a library that not every such processor can run: that tag is for the machine itself, and package indexes refuse it.
    Else with the oldest glibc that has all symbols, such as manylinux_2_34_x86_64.
    """
    machine = MACHINES.get(struct.unpack_from("<H", library, 18)[0])
    if machine is None:
        sys.exit("The library is for a machine whose name in Python is unknown; add it to MACHINES in make_wheel.py.")
    versions = [tuple(map(int, found)) for found in re.findall(rb"\0GLIBC_(\d+)\.(\d+)", library)]
    if is_for_processor or not versions:
        return f"linux_{machine}"
    return "manylinux_{}_{}_{}".format(*max(versions), machine)


def require_name():
    if keyword.iskeyword(NAME) or NAME in getattr(sys, "stdlib_module_names", ()) or NAME in ("numpy", "scipy", "threadpoolctl"):
        sys.exit(f'A Python package cannot be called "{NAME}"; export the library with another --name.')


def build_module(version, flags):
    return f'"""What is known since the library was compiled."""\n\nVERSION = "{version}"\n# Of /proc/cpuinfo, without underscores.\nPROCESSOR_FLAGS = {tuple(flags)}\n'


def record_line(path, content):
    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
    return f"{path},sha256={digest},{len(content)}\n"


def write(archive, path, content):
    # The same content makes the same wheel, to the byte.
    entry = zipfile.ZipInfo(path, (1980, 1, 1, 0, 0, 0))
    entry.external_attr = (0o100755 if path.endswith(".so") else 0o100644) << 16
    entry.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(entry, content)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--library", type=pathlib.Path, required=True)
    parser.add_argument("--macros", type=pathlib.Path, required=True, help="what the compiler defines with the flags of the library")
    parser.add_argument("--version", required=True)
    parser.add_argument("--for-processor", action="store_true", help="it was compiled for certain processors only")
    parser.add_argument("--out", type=pathlib.Path, required=True, help="folder to write to")
    options = parser.parse_args()
    require_name()

    library = options.library.read_bytes()
    flags = needed_flags(options.macros.read_text())
    files = {f"{NAME}/{path.name}": path.read_bytes() for path in (HERE / NAME).glob("*.py")}
    files[f"{NAME}/libfastmm_blas.so"] = library
    # Another library is another version, so that pip replaces what is installed.
    content = hashlib.sha256(b"".join(files[path] for path in sorted(files))).hexdigest()[:8]
    version = f"{options.version}+{content}"
    files[f"{NAME}/_build.py"] = build_module(version, flags).encode()

    tag = f"py3-none-{platform_tag(library, options.for_processor)}"
    distribution = re.sub(r"_+", "_", NAME).strip("_")
    info = f"{distribution}-{version}.dist-info"
    files[f"{info}/METADATA"] = METADATA.format(name=distribution, version=version).encode()
    files[f"{info}/WHEEL"] = f"Wheel-Version: 1.0\nGenerator: at-agent {options.version}\nRoot-Is-Purelib: false\nTag: {tag}\n".encode()
    record = "".join(record_line(path, files[path]) for path in sorted(files))
    files[f"{info}/RECORD"] = f"{record}{info}/RECORD,,\n".encode()

    options.out.mkdir(parents=True, exist_ok=True)
    # "pip install wheel/*.whl" means one.
    for earlier in options.out.glob(f"{distribution}-*.whl"):
        earlier.unlink()
    wheel = options.out / f"{distribution}-{version}-{tag}.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        # The folder with the metadata comes last, as the standard recommends.
        for path in sorted(files, key=lambda path: (path.startswith(info), path)):
            write(archive, path, files[path])
    print(wheel)


main()
