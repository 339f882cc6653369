"""The measuring child for programs that XLA compiles. It understands the lines that protocol.h describes.

    jax_harness.py BASELINE FORMAT M K N SEED MEMORY_BYTES CPU_SECONDS CPU[,CPU...] [SIDE=PROGRAM ...]
    jax_harness.py --describe

FORMAT is f32, f64 or bf16, a PROGRAM a file of Python that defines multiply(at, a, b) (agent/src/codegen/jax). BASELINE, the
side B, is jnp.matmul, jitted as the programs are, with the same precision. Every side is compiled before the first answer.
Products of one sample are a chain, as in the benchmark of Fawzi et al. (Nature 610, 2022): each is started at once but waits
for the one before, and the time ends when the last result is there. Nothing is copied to or from the device.
"""

import ctypes
import json
import os
import signal
import sys
import time


class Refusal(Exception):
    """Ends the process with a reason: usage, load, compile, memory or system."""

    def __init__(self, reason, message):
        super().__init__(message)
        self.reason = reason


def die_with_parent():
    """Linux; elsewhere the end of the input must do."""
    try:
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)
    except (OSError, AttributeError):
        pass


def describe(jax):
    import jaxlib

    device = jax.devices()[0]
    return {
        "version": jax.__version__,
        "jaxlib": jaxlib.__version__,
        "python": sys.version.split()[0],
        "platform": device.platform,
        "kind": device.device_kind,
    }


class Runtime:
    """What a program is lent. Sums are in f32 where the format is a half; products take their operands in the format."""

    def __init__(self, jax, dtype):
        self.jnp = jax.numpy
        self.dtype = dtype
        self.work = jax.numpy.float32 if dtype.itemsize < 4 else dtype
        self.precision = jax.lax.Precision.HIGHEST

    def blocks(self, matrix, rows, columns):
        """The blocks of a matrix row by row, zeros beyond its edge."""
        height, width = (-(-size // count) for size, count in zip(matrix.shape, (rows, columns)))
        margin = [(0, count * size - whole) for count, size, whole in zip((rows, columns), (height, width), matrix.shape)]
        padded = self.jnp.pad(matrix, margin) if any(after for _, after in margin) else matrix
        return [
            padded[i * height : (i + 1) * height, j * width : (j + 1) * width]
            for i in range(rows)
            for j in range(columns)
        ]

    def join(self, blocks, columns, a, b):
        """The product of a and b from its blocks, what lies beyond its edge cut off."""
        rows = [self.jnp.concatenate(blocks[i : i + columns], axis=1) for i in range(0, len(blocks), columns)]
        return self.jnp.concatenate(rows, axis=0)[: a.shape[0], : b.shape[1]]

    def dot(self, a, b):
        return self.jnp.matmul(
            a.astype(self.dtype), b.astype(self.dtype), precision=self.precision, preferred_element_type=self.work
        )

    def baseline(self, a, b):
        return self.jnp.matmul(a, b, precision=self.precision)


class Child:
    def __init__(self, jax, baseline, dtype, m, k, n, seed, programs):
        import numpy

        self.jax, self.numpy, self.dtype, self.shape = jax, numpy, dtype, (m, k, n)
        self.random = numpy.random.default_rng(seed)
        self.c = self.kept = None
        self.fill_uniform()
        self.blank = jax.numpy.zeros((m, n), dtype)
        started = time.perf_counter()
        runtime = Runtime(jax, dtype)
        self.sides = {"B": self.compile(runtime.baseline)}
        for side, path in programs:
            self.sides[side] = self.compile(load(path, runtime, dtype))
        self.compile_seconds = time.perf_counter() - started

    def compile(self, function):
        """With the result before it as an argument that it only waits for, whatever the shapes are."""
        after = self.jax.jit(lambda a, b, previous: function(a, b), keep_unused=True)
        return after.lower(self.a, self.b, self.blank).compile()

    def workspace_bytes(self):
        analyses = [side.memory_analysis() for side in self.sides.values()]
        return max((analysis.temp_size_in_bytes for analysis in analyses if analysis is not None), default=0)

    def introduction(self, about):
        on_cpu = about["platform"] == "cpu"
        return {
            "name": "XLA dot",
            "version": about["version"],
            "configuration": f"{about['platform']}, precision highest",
            "workspaceBytes": self.workspace_bytes(),
            "hugePageKilobytes": -1,
            "accelerator": "" if on_cpu else about["kind"],
            "compileSeconds": self.compile_seconds,
        }

    def fill(self, draw):
        m, k, n = self.shape
        self.a, self.b = (self.jax.device_put(draw(shape).astype(self.dtype)) for shape in ((m, k), (k, n)))
        self.jax.block_until_ready((self.a, self.b))

    def fill_uniform(self):
        self.fill(lambda shape: self.random.uniform(-1, 1, shape))

    def fill_positive(self):
        self.fill(lambda shape: self.random.uniform(0, 1, shape))

    def fill_scaled(self):
        """As at_fill_scaled in matrices.h: the inner exponents of A are those of B the other way round."""
        m, k, n = self.shape
        limit = 2 if self.dtype.itemsize == 2 else 8
        rows, inner, columns = (self.random.integers(-limit, limit, size, endpoint=True) for size in (m, k, n))
        draw = lambda shape: self.random.uniform(-1, 1, shape)
        a = self.numpy.ldexp(draw((m, k)), rows[:, None] + inner)
        b = self.numpy.ldexp(draw((k, n)), columns - inner[:, None])
        self.a, self.b = (self.jax.device_put(x.astype(self.dtype)) for x in (a, b))
        self.jax.block_until_ready((self.a, self.b))

    def fill_integers(self, limit):
        self.fill(lambda shape: self.random.integers(-limit, limit, shape, endpoint=True))

    def find(self, side):
        if side not in self.sides:
            raise Refusal("usage", f"There is no side {side}.")
        return self.sides[side]

    def multiply(self, side, runs=1):
        """A result left from before is given up first: it could not pass for this one."""
        product, c = self.find(side), self.blank
        self.c = None
        for _ in range(runs):
            c = product(self.a, self.b, c)
        self.c = c.block_until_ready()

    def run(self, side):
        started = time.perf_counter()
        self.multiply(side)
        return {"seconds": time.perf_counter() - started}

    def warm_up(self, side, runs, seconds):
        started, count = time.perf_counter(), 0
        while count < runs or time.perf_counter() - started < seconds:
            self.multiply(side)
            count += 1
        return {"runs": count, "seconds": (time.perf_counter() - started) / count}

    def sample(self, side, runs):
        cpu, started = time.process_time(), time.perf_counter()
        self.multiply(side, runs)
        elapsed = time.perf_counter() - started
        return {"seconds": elapsed / runs, "cpuSeconds": (time.process_time() - cpu) / runs}

    def compare(self):
        c, expected = (self.numpy.asarray(x, dtype=self.numpy.float64) for x in (self.c, self.kept))
        wrong = self.numpy.argwhere(c != expected)
        row, column = (int(i) for i in wrong[0]) if len(wrong) else (0, 0)
        return {
            "different": len(wrong),
            "row": row,
            "column": column,
            "value": finite(c[row, column]) if len(wrong) else 0,
            "expected": finite(expected[row, column]) if len(wrong) else 0,
            "relativeError": self.ratio(c - expected, expected),
        }

    def errors(self):
        """As at_errors_of_c in matrices.h, the rows of A B summed in the longest format there is."""
        m, k, n = self.shape
        count = min(m, max(8, 2**26 // (k * n)))
        rows = [m * q // count for q in range(count)]
        precise = self.numpy.longdouble if self.dtype.itemsize == 8 else self.numpy.float64
        a = self.numpy.asarray(self.a)[rows].astype(precise)
        b = self.numpy.asarray(self.b).astype(precise)
        exact, magnitudes = a @ b, abs(a) @ abs(b)
        difference = self.numpy.asarray(self.c)[rows].astype(precise) - exact
        # Where both are zero there is no error.
        ratios = abs(difference) / self.numpy.where(difference == 0, 1, magnitudes)
        return {
            "relativeError": self.ratio(difference, exact),
            "componentwiseError": finite(float(ratios.max())),
            "rows": count,
        }

    def ratio(self, difference, exact):
        size = float((difference * difference).sum())
        return 0 if size == 0 else finite((size / max(float((exact * exact).sum()), 1e-300)) ** 0.5)

    def show(self, matrix):
        values = {"A": self.a, "B": self.b, "C": self.c}[matrix]
        return [finite(value) for value in self.numpy.asarray(values, dtype=self.numpy.float64).ravel().tolist()]

    def obey(self, line):
        word, *rest = line.split()
        if word == "integers":
            self.fill_integers(int(rest[0]))
        elif word == "uniform":
            self.fill_uniform()
        elif word == "positive":
            self.fill_positive()
        elif word == "scaled":
            self.fill_scaled()
        elif word == "run":
            return self.run(rest[0])
        elif word == "keep":
            self.kept = self.c
        elif word == "compare":
            return self.compare()
        elif word == "error":
            return self.errors()
        elif word == "show":
            return self.show(rest[0])
        elif word == "warmup":
            return self.warm_up(rest[0], int(rest[1]), float(rest[2]))
        elif word == "sample":
            return self.sample(rest[0], int(rest[1]))
        elif word == "phases":
            return {"total": 0, "pack": 0, "multiply": 0, "combine": 0}
        elif word == "bind":
            # XLA's threads come from the CPUs this process may use.
            return {"bound": 0}
        elif word == "peak":
            return {"gflops": 0}
        else:
            raise Refusal("usage", f"There is no command {word}.")
        return {}


def load(path, runtime, dtype):
    names = {}
    with open(path, encoding="utf-8") as file:
        exec(compile(file.read(), path, "exec"), names)
    multiply, work = names["multiply"], runtime.work
    return lambda a, b: multiply(runtime, a.astype(work), b.astype(work)).astype(dtype)


def finite(value):
    """JSON has no infinity."""
    return float(value) if abs(value) < 1e300 else 1e300


def refusal_of(error):
    """What an error of XLA means; None: a fault, to be seen in full."""
    if isinstance(error, Refusal):
        return error.reason
    if isinstance(error, MemoryError) or "RESOURCE_EXHAUSTED" in str(error):
        return "memory"
    return None


def main(reply):
    die_with_parent()
    arguments = sys.argv[1:]
    if arguments != ["--describe"]:
        if len(arguments) < 9:
            raise Refusal("usage", "Too few arguments; see jax_harness.py.")
    import jax
    import numpy
    from ml_dtypes import bfloat16

    about = describe(jax)
    if arguments == ["--describe"]:
        return reply(about)
    jax.config.update("jax_enable_x64", arguments[1] == "f64")
    dtype = numpy.dtype({"f32": numpy.float32, "f64": numpy.float64, "bf16": bfloat16}[arguments[1]])
    m, k, n, seed = (int(text) for text in arguments[2:6])
    child = Child(jax, arguments[0], dtype, m, k, n, seed, [text.split("=", 1) for text in arguments[9:]])
    reply(child.introduction(about))
    for line in sys.stdin:
        reply(child.obey(line))


if __name__ == "__main__":
    # What a library prints must not spoil the answers.
    replies = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)

    def reply(answer):
        replies.write(json.dumps(answer) + "\n")
        replies.flush()

    try:
        main(reply)
    except Exception as error:
        reason = refusal_of(error)
        if reason is None:
            raise
        reply({"refused": reason, "message": str(error)[:500]})
        sys.exit(3)
