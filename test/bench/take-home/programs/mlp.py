"""PyTorch: mlp.py forward|training|product. The gated MLP block of a language model, 2048 tokens, 2048 x 5504; and a @ b at 2048."""

import ctypes
import os
import re
import sys
import tempfile

import torch
from answers import answer, relative

TOKENS, WIDTH, HIDDEN = 2048, 2048, 5504

kind = sys.argv[1]
torch.manual_seed(1)
torch.set_grad_enabled(kind == "training")


class Block(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.gate = torch.nn.Linear(WIDTH, HIDDEN, bias=False)
        self.up = torch.nn.Linear(WIDTH, HIDDEN, bias=False)
        self.down = torch.nn.Linear(HIDDEN, WIDTH, bias=False)

    def forward(self, x):
        return self.down(torch.nn.functional.silu(self.gate(x)) * self.up(x))


block = Block()
x = torch.randn(TOKENS, WIDTH, requires_grad=kind == "training")
a, b = torch.randn(2, 2048, 2048)


def made_by(block, x, a, b):
    """What is computed, as one array."""
    if kind == "product":
        return a @ b
    y = block(x)
    if kind == "forward":
        return y
    block.zero_grad()
    x.grad = None
    y.square().mean().backward()
    return torch.cat([p.grad.flatten() for p in [x, *block.parameters()]]).detach()


def run():
    if kind != "training":
        return made_by(block, x, a, b)
    block.zero_grad()
    x.grad = None
    block(x).square().mean().backward()


def error():
    made = made_by(block, x, a, b).double().numpy()
    wide = Block().double()
    wide.load_state_dict(block.state_dict())
    wide_x = x.detach().double().requires_grad_(kind == "training")
    return relative(made, made_by(wide, wide_x, a.double(), b.double()).numpy())


def kernels():
    """What MKL prints of itself, which it does on the C library's standard output."""
    with tempfile.TemporaryFile() as file:
        sys.stdout.flush()
        kept = os.dup(1)
        os.dup2(file.fileno(), 1)
        with torch.backends.mkl.verbose(torch.backends.mkl.VERBOSE_ON):
            a @ b
        ctypes.CDLL(None).fflush(None)
        os.dup2(kept, 1)
        file.seek(0)
        said = file.read().decode()
    found = re.search(r"^MKL_VERBOSE (.* for Intel.*?),? Lnx", said, re.MULTILINE)
    return f"{found[1] if found else 'not MKL'}, {torch.get_num_threads()} threads"


answer(run, error, kernels)
