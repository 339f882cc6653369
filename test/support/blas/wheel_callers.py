"""
NumPy's products from 8 threads at once, and from processes that are forked while a thread multiplies: the same bits as alone. Prints how many
are other.
"""
import multiprocessing
import sys
import threading

import numpy as np

rng = np.random.default_rng(0)
operands = []
for dtype in (np.float32, np.float64):
    for m, k, n in ((200, 190, 210), (130, 160, 140)):
        a, b = rng.standard_normal((m, k)).astype(dtype), rng.standard_normal((n, k)).astype(dtype)
        operands += [(a, b.T), (np.asfortranarray(a), b.T)]
alone = [(a @ b).tobytes() for a, b in operands]


def wrong(start, rounds):
    order = [(start + i) % len(operands) for i in range(rounds)]
    return sum((operands[i][0] @ operands[i][1]).tobytes() != alone[i] for i in order)


found = []
threads = [threading.Thread(target=lambda i=i: found.append(wrong(i, 16))) for i in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(found), "threads,", sum(found), "other")

is_over = threading.Event()


def go_on():
    while not is_over.is_set():
        found.append(wrong(0, 8))


thread = threading.Thread(target=go_on)
thread.start()
with multiprocessing.get_context("fork").Pool(4) as pool:
    counts = pool.starmap(wrong, [(i, 16) for i in range(8)])
is_over.set()
thread.join()
print(len(counts), "tasks,", sum(counts) + sum(found), "other")
