"""
edge.matmul of arrays in every layout, with and without out, against sums in a wider format; its errors; and the threads that threadpoolctl sees. Prints
what is wrong, then how many products there were.
"""
import sys

import edge
import numpy as np

rng = np.random.default_rng(0)
products = 0


def check(holds, what):
    if not holds:
        print("wrong:", what)


def layouts(matrix):
    """The same numbers row by row, column by column, inside a larger matrix, with steps, backwards, and at odd addresses."""
    rows, columns = matrix.shape
    inside, steps = np.zeros((2 * rows, columns + 3), matrix.dtype), np.zeros((rows, 2 * columns), matrix.dtype)
    inside[::2, 1 : columns + 1], steps[:, ::2] = matrix, matrix
    odd = np.frombuffer(b"." + matrix.tobytes(), np.uint8)[1:].view(matrix.dtype).reshape(rows, columns)
    backwards = np.ascontiguousarray(matrix[::-1])[::-1]
    return [matrix, np.asfortranarray(matrix), inside[::2, 1 : columns + 1], steps[:, ::2], backwards, odd]


def outputs(m, n, dtype):
    """None, and arrays that hold NaN, which must not be read."""
    return [None, *(layout.T for layout in (np.full((n, m), np.nan, dtype), np.full((2 * n, m + 3), np.nan, dtype)[::2, 1 : m + 1])),
            np.full((m, n), np.nan, dtype), np.full((m, 2 * n), np.nan, dtype)[:, ::2]]


for dtype, allowed in ((np.float32, 3e-6), (np.float64, 1e-14)):
    for m, k, n in ((120, 130, 140), (1, 1, 1), (1, 50, 3), (3, 50, 1), (0, 3, 4), (3, 0, 4), (3, 4, 0)):
        a, b = rng.standard_normal((m, k)).astype(dtype), rng.standard_normal((k, n)).astype(dtype)
        exact = a.astype(np.longdouble) @ b.astype(np.longdouble)
        for i, x in enumerate(layouts(a)):
            for j, y in enumerate(layouts(b)):
                for out in outputs(m, n, dtype)[:: 1 if i == j else 4]:
                    result = edge.matmul(x, y, out=out)
                    products += 1
                    check(out is None or result is out, "out is what comes back")
                    check(result.shape == (m, n) and np.all(np.abs(result - exact) <= allowed * 8 * max(1, k) ** 0.5), f"{dtype.__name__} {m} {k} {n} {i} {j}")

square = rng.standard_normal((120, 120)).astype(np.float32)
expected = square @ square
check(np.allclose(edge.matmul(square, square, out=square), expected, atol=1e-4), "out may be an operand")
large = np.ones((120, 120), np.float32)
large[3, 5] = np.inf
infinities = np.isinf(edge.matmul(large, np.eye(120, dtype=np.float32) + 1))
check(infinities[3].all() and infinities.sum() == 120, "an infinity spreads no further than in a plain product")

for arguments, out, error in (
    ((square, square.astype(float)), None, "TypeError"),
    ((square, [1, 2]), None, "TypeError"),
    ((square, square[0]), None, "ValueError"),
    ((square, square[:9]), None, "ValueError"),
    ((square, square), [1], "TypeError"),
    ((square, square), np.zeros((120, 120)), "TypeError"),
    ((square, square), np.zeros((3, 3), np.float32), "ValueError"),
    ((square, square), np.broadcast_to(np.float32(0), (120, 120)), "ValueError"),
):
    try:
        edge.matmul(*arguments, out=out)
        print("wrong: no error")
    except (TypeError, ValueError) as found:
        text = str(found)
        check(type(found).__name__ == error and text.startswith("edge.matmul") and text.endswith(".") and "\n" not in text, text)
print(products, "products")
