#!/usr/bin/env python3
"""Compiles, checks and times the CUDA programs of this folder (made by `npm run cuda:kit`) on the GPU of this machine.

Needs nvcc, cuBLAS (the toolkit's, or pip's nvidia-cublas) and Python 3.8 or newer, and no network. Prints Markdown and
writes results.json beside this file. The exit status is 0 if every program was right.
"""

import argparse
import concurrent.futures
import glob
import json
import math
import os
import random
import re
import shutil
import statistics
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
# Relative Frobenius error over which a result is wrong, by the precision of the operands (TF32 has as many bits as f16).
MAX_ERROR = {"f32": 1e-4, "f64": 2e-13, "f16": 1e-2, "bf16": 8e-2}
MODES = [("f32", "cublas"), ("f32", "cublas-tf32"), ("f64", "cublas"), ("f16", "cublas"), ("bf16", "cublas")]


def main():
    options = parse()
    with open(os.path.join(HERE, "manifest.json"), encoding="utf-8") as file:
        manifest = json.load(file)
    build = Build(options)
    harness = build.harness()
    programs = build.programs(manifest["programs"])
    device = json.loads(subprocess.run([harness, "--describe"], stdout=subprocess.PIPE, check=True).stdout)
    print(f"{device['device']} (sm_{device['capability']}), driver for CUDA {device['driver']}, cuBLAS {device['cublas']}\n")
    checked, wrong = check(harness, programs, manifest["shapes"])
    print(f"{checked - len(wrong)} passed, {len(wrong)} failed\n", flush=True)
    for complaint in wrong:
        print(complaint)
    results = {"device": device, "passed": checked - len(wrong), "failed": len(wrong), "timings": []}
    for size in options.size:
        for dtype, library in MODES:
            results["timings"] += time_mode(harness, programs, size, dtype, library, options)
            with open(os.path.join(HERE, "results.json"), "w", encoding="utf-8") as file:
                json.dump(results, file, indent=1)
    over = [row for row in results["timings"] if not row["right"]]
    for row in over:
        print(f"wrong: {row['algorithm']} of {row['size']} in {row['mode']}, relative error {row['relativeError']:.1e}")
    return 0 if checked > 0 and not wrong and not over else 1


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, action="append", help="square products to time (default: 4096 8192 16384; 0: none)")
    parser.add_argument("--rounds", type=int, default=15, help="paired rounds of each measurement")
    parser.add_argument("--sample-seconds", type=float, default=0.05, help="least time of a sample")
    parser.add_argument("--warmup-seconds", type=float, default=0.2, help="least time of the runs before the first sample")
    parser.add_argument("--cublas", help="folder with include/cublas_v2.h and lib/ (default: the toolkit's, else pip's)")
    parser.add_argument("--emulate", metavar="HEADERS", help="compile for the processor over these headers: a test without a GPU")
    options = parser.parse_args()
    options.size = [size for size in options.size or [4096, 8192, 16384] if size > 0]
    return options


class Build:
    """Compiles into build/ beside this file."""

    def __init__(self, options):
        self.folder = os.path.join(HERE, "build")
        self.native = os.path.join(HERE, "native")
        os.makedirs(self.folder, exist_ok=True)
        if options.emulate:
            self.compiler = ["g++", "-O0", "-std=c++17", f"-I{options.emulate}", "-x", "c++"]
            self.shared, self.libraries = ["-shared", "-fPIC"], []
        else:
            self.compiler = ["nvcc", "-O3", "-std=c++17", "-arch=native"]
            self.shared = ["-shared", "-Xcompiler", "-fPIC"]
            include, library = find_cublas(options.cublas)
            self.compiler.append(f"-I{include}")
            self.libraries = ["-Xlinker", library, "-Xlinker", f"-rpath={os.path.dirname(library)}"]

    def harness(self):
        matrices = os.path.join(self.folder, "matrices.o")
        run(["gcc", "-O2", "-std=gnu11", "-c", os.path.join(self.native, "matrices.c"), "-o", matrices])
        output = os.path.join(self.folder, "harness")
        harness = os.path.join(self.native, "cuda", "harness.cu")
        # g++ was told a language for what follows.
        objects = ["-x", "none", matrices] if self.compiler[0] == "g++" else [matrices]
        run([*self.compiler, harness, *objects, "-o", output, *self.libraries, "-ldl"])
        return output

    def programs(self, programs):
        def compiled(program):
            output = os.path.join(self.folder, re.sub(r"\W", "-", program["source"]) + ".so")
            source = os.path.join(HERE, program["source"])
            run([*self.compiler, *self.shared, f"-I{os.path.join(self.native, 'cuda')}", source, "-o", output])
            return {**program, "path": output}

        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            return list(pool.map(compiled, programs))


def run(command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)}\n{done.stdout}")


def find_cublas(named):
    """The folders of cuBLAS's headers and its library."""
    nvcc = shutil.which("nvcc")
    if nvcc is None:
        sys.exit("nvcc is not on the PATH.")
    said = subprocess.run([nvcc, "--dryrun", "-E", "-x", "cu", "/dev/null"], stderr=subprocess.PIPE, text=True, check=False)
    top = re.search(r"^#\$ TOP=(.*)$", said.stderr, re.M)
    roots = [named] if named else [top.group(1).strip()] if top else ["/usr/local/cuda"]
    if not named:
        for folder in [path for path in sys.path if path]:
            roots += sorted(glob.glob(os.path.join(folder, "nvidia", "cu[0-9]*"))) + [os.path.join(folder, "nvidia", "cublas")]
    for root in roots:
        libraries = [path for name in ("lib64", "lib") for path in glob.glob(os.path.join(root, name, "libcublas.so*"))]
        if libraries and os.path.exists(os.path.join(root, "include", "cublas_v2.h")):
            return os.path.join(root, "include"), sorted(libraries)[0]
    sys.exit(f"cuBLAS (include/cublas_v2.h and lib/libcublas.so) is in none of {', '.join(roots)}; name its folder with --cublas.")


class Child:
    """The measuring child (native/cuda/harness.cu): every line is answered by one of JSON."""

    def __init__(self, harness, library, dtype, shape, paths):
        m, k, n = shape
        sides = [f"{side}={path}" for side, path in paths.items()]
        command = [harness, library, dtype, m, k, n, 1, 0, 0, 0, *sides]
        self.process = subprocess.Popen(
            [str(word) for word in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )
        self.introduction = self.listen()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait()

    def ask(self, line):
        self.process.stdin.write(line + "\n")
        return self.listen()

    def listen(self):
        line = self.process.stdout.readline()
        answer = json.loads(line) if line else {"refused": "ended", "message": "The measuring program ended."}
        if isinstance(answer, dict) and "refused" in answer:
            raise Refused(answer["message"])
        return answer


class Refused(Exception):
    pass


def sides_of(programs, dtype):
    """A letter for each program of a format; B is the baseline."""
    letters = [letter for letter in "ACDEFGHIJKLMNOPQRSTUVWXYZ"]
    chosen = [program for program in programs if program["dtype"] == dtype]
    return dict(zip(letters, chosen))


def check(harness, programs, shapes):
    """Every program on every shape against exact sums of products; how many, and what was wrong."""
    checked, wrong = 0, []
    for dtype, library in MODES:
        sides = sides_of(programs, dtype)
        for index, shape in enumerate(shapes):
            m, k, n = shape["m"], shape["k"], shape["n"]
            with Child(harness, library, dtype, (m, k, n), {side: p["path"] for side, p in sides.items()}) as child:
                for side, program in sides.items():
                    bound = program["exactRanges"][library][index]
                    child.ask(f"integers {max(1, bound)}")
                    child.ask(f"run {side}")
                    a, b, c = (child.ask(f"show {matrix}") for matrix in "ABC")
                    expected = [
                        sum(a[i * k + l] * b[l * n + j] for l in range(k)) for i in range(m) for j in range(n)
                    ]
                    allowed = 0 if bound else MAX_ERROR[precision(dtype, library)] * max(1, *map(abs, expected))
                    bad = [i for i, x in enumerate(c) if not abs(x - expected[i]) <= allowed]
                    checked += 1
                    if bad:
                        what = f"{program['name']}, {dtype}, {library}, {m}x{k}x{n}"
                        wrong.append(f"wrong: {what}: element {bad[0]} is {c[bad[0]]}, not {expected[bad[0]]}")
    return checked, wrong


def precision(dtype, library):
    return "f16" if library == "cublas-tf32" else dtype


def time_mode(harness, programs, size, dtype, library, options):
    """Paired rounds in random order of the baseline and every program; rows of a table, which is printed."""
    sides = sides_of(programs, dtype)
    mode = dtype if library == "cublas" else f"{dtype} (TF32)"
    try:
        with Child(harness, library, dtype, (size, size, size), {side: p["path"] for side, p in sides.items()}) as child:
            return time_sides(child, sides, size, mode, MAX_ERROR[precision(dtype, library)], options)
    except Refused as error:
        print(f"{mode}, N = {size}: {error}\n", flush=True)
        return []


def time_sides(child, sides, size, mode, max_error, options):
    everything = ["B", *sides]
    errors = {}
    for side in everything:
        child.ask(f"run {side}")
        errors[side] = child.ask("error")["relativeError"]
    runs = {}
    for side in everything:
        seconds = child.ask(f"warmup {side} 3 {options.warmup_seconds}")["seconds"]
        runs[side] = max(1, math.ceil(options.sample_seconds / seconds))
    order, seconds = random.Random(1), {side: [] for side in everything}
    for _ in range(options.rounds):
        for side in order.sample(everything, len(everything)):
            seconds[side].append(child.ask(f"sample {side} {runs[side]}")["seconds"])
    rows = []
    for side, program in sides.items():
        ratio, low, high = speedup(seconds["B"], seconds[side])
        phases = child.ask(f"phases {side} 3")
        rows.append(
            {
                "size": size,
                "mode": mode,
                "algorithm": program["name"],
                "baselineSeconds": statistics.median(seconds["B"]),
                "seconds": statistics.median(seconds[side]),
                "speedup": ratio,
                "low": low,
                "high": high,
                "relativeError": errors[side],
                "baselineRelativeError": errors["B"],
                "right": errors[side] <= max_error,
                "shares": {name: phases[name] / phases["total"] for name in ("pack", "multiply", "combine")},
            }
        )
    show(rows, size, mode)
    return rows


def speedup(baseline, candidate):
    """exp(median of ln ratios) and its bootstrapped 95 % interval."""
    logs = [math.log(v / c) for v, c in zip(baseline, candidate)]
    draw = random.Random(2)
    medians = sorted(statistics.median(draw.choices(logs, k=len(logs))) for _ in range(2000))
    return tuple(math.exp(x) for x in (statistics.median(logs), medians[50], medians[-51]))


def show(rows, size, mode):
    baseline = rows[0]["baselineSeconds"]
    print(f"{mode}, N = {size}: cuBLAS {1e3 * baseline:.3f} ms, {2e-12 * size**3 / baseline:.1f} TFLOP/s, "
          f"relative error {rows[0]['baselineRelativeError']:.1e}\n")
    print("| algorithm | ms | speed-up (95 %) | relative error | operands / products / C |")
    print("|---|---|---|---|---|")
    for row in rows:
        shares = " / ".join(f"{100 * share:.0f} %" for share in row["shares"].values())
        print(f"| {row['algorithm']} | {1e3 * row['seconds']:.3f} | {row['speedup']:.3f} ({row['low']:.3f}–{row['high']:.3f}) "
              f"| {row['relativeError']:.1e} | {shares} |")
    print(flush=True)


if __name__ == "__main__":
    sys.exit(main())
