"""Times training steps of the trainer's network in PyTorch, eagerly, on one fixed batch. torch-step.ts calls it.

Usage: torch_step.py FILE SECONDS, with FILE in safetensors format: the weights, and the batch under names that begin with "batch/".
Its metadata is the network's shape. Prints one JSON object: the losses of the first step, and how many steps took how long.
"""

import json
import math
import struct
import sys
import time

import torch
import torch.nn.functional as F


def read(path):
    with open(path, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(length))
        data = bytearray(file.read())
    tensors = {}
    for name, entry in header.items():
        first, last = entry["data_offsets"]
        flat = torch.frombuffer(data, dtype=torch.float32, count=(last - first) // 4, offset=first)
        tensors[name] = flat.reshape(entry["shape"]).clone()
    return tensors


def planes(x):
    one = x.clamp(-1, 1)
    more = x.clamp(-2, 2) - one
    return torch.cat([one, more, one.abs(), more.abs()], -1)


class Net:
    def __init__(self, weights, shape):
        self.shape = shape
        # As torch keeps the weights of its linear layers: [outputs, inputs].
        self.weights = {
            name: (w.T.contiguous() if name.endswith("/w") and name != "policy/token/w" else w).requires_grad_()
            for name, w in weights.items()
        }

    def linear(self, name, x):
        return F.linear(x, self.weights[f"{name}/w"], self.weights[f"{name}/b"])

    def norm(self, name, x):
        return F.layer_norm(x, x.shape[-1:], self.weights[f"{name}/scale"], self.weights[f"{name}/shift"], 1e-5)

    def feed_forward(self, name, x):
        return x + self.linear(f"{name}/out", F.relu(self.linear(f"{name}/in", self.norm(f"{name}/norm", x))))

    def attention(self, name, x, y, heads, mask=None):
        def split(part, z):
            z = self.linear(f"{name}/{part}", z)
            return z.reshape(z.shape[0], z.shape[1], heads, -1).transpose(1, 2)

        mixed = F.scaled_dot_product_attention(split("queries", x), split("keys", y), split("values", y), mask)
        mixed = mixed.transpose(1, 2)
        return self.linear(f"{name}/out", mixed.reshape(mixed.shape[0], mixed.shape[1], -1))

    def torso(self, tensors, scalars):
        shape = self.shape["torso"]
        grids = []
        for first in range(3):
            second, third = (first + 1) % 3, (first + 2) % 3
            cells = tensors.permute(0, 2 + first, 2 + second, 2 + third, 1)
            batch, rows, columns = cells.shape[:3]
            name = f"torso/embed/{first}"
            grid = self.linear(f"{name}/fibre", planes(cells.reshape(batch, rows * columns, -1)))
            grid = grid + self.weights[f"{name}/place"] + self.linear(f"{name}/scalars", scalars).unsqueeze(1)
            grids.append(grid.reshape(batch, rows, columns, -1))
        for block in range(shape["blocks"]):
            for left in range(3):
                right = (left + 1) % 3
                batch, others, shared, channels = grids[left].shape
                tokens = torch.cat([grids[left].transpose(1, 2), grids[right]], 2)
                tokens = tokens.reshape(batch * shared, -1, channels)
                name = f"torso/{block}/{left}"
                normed = self.norm(f"{name}/attention/norm", tokens)
                tokens = tokens + self.attention(f"{name}/attention", normed, normed, shape["heads"])
                tokens = self.feed_forward(f"{name}/feedForward", tokens).reshape(batch, shared, -1, channels)
                grids[left] = tokens[:, :, :others].transpose(1, 2)
                grids[right] = tokens[:, :, others:]
        return torch.cat([grid.flatten(1, 2) for grid in grids], 1)

    def losses(self, batch):
        shape, policy = self.shape, self.shape["policy"]
        cells = self.torso(batch["tensors"], batch["scalars"])
        pooled = cells.flatten(1) if shape["summary"]["pooling"] == "all" else cells.mean(1)
        features = torch.cat([batch["ranks"], batch["scalars"]], 1) if "ranks" in batch else batch["scalars"]
        summary = self.linear("summary/cells", pooled) + self.linear("summary/features", features)
        for block in range(shape["summary"]["blocks"]):
            summary = self.feed_forward(f"summary/{block}", summary)
        summary = self.norm("summary/norm", summary)
        value = self.norm("value/norm", summary)
        quantiles = self.linear("value/out", F.relu(self.linear("value/in", value)))

        previous = batch["previous"]
        rows, time_steps = previous.shape
        per_state = rows // len(quantiles) * time_steps
        memory = self.linear("policy/summary", self.norm("policy/summary/norm", summary))
        x = F.embedding(previous, self.weights["policy/token/w"]) + self.weights["policy/token/b"]
        x = x + self.linear("policy/context", planes(batch["contexts"])) + self.weights["policy/place"]
        x = (x.reshape(len(quantiles), per_state, -1) + memory.unsqueeze(1)).reshape(rows, time_steps, -1)
        mask = torch.full((time_steps, time_steps), -1e9).triu(1)
        for block in range(policy["blocks"]):
            name = f"policy/{block}"
            normed = self.norm(f"{name}/attention/norm", x)
            x = x + self.attention(f"{name}/attention", normed, normed, policy["heads"], mask)
            if policy["crossAttention"]:
                asked = self.norm(f"{name}/cross/norm", x).reshape(len(quantiles), per_state, -1)
                seen = self.norm("policy/cells/norm", cells)
                x = x + self.attention(f"{name}/cross", asked, seen, policy["heads"]).reshape(x.shape)
            x = self.feed_forward(f"{name}/feedForward", x)
        logits = self.linear("policy/logits", self.norm("policy/norm", x)) + batch["masks"]
        losses = F.cross_entropy(logits.flatten(0, 1), batch["tokens"].flatten(), reduction="none")
        policy_loss = (losses.reshape(rows, time_steps).sum(1) * batch["weights"]).sum() / len(quantiles)

        width = shape["valueHuberWidth"]
        error = batch["returns"].unsqueeze(1) - quantiles
        count = quantiles.shape[1]
        levels = (torch.arange(count) + 0.5) / count
        size = error.abs()
        huber = torch.where(size < width, size * size / (2 * width), size - width / 2)
        value_loss = (torch.where(error < 0, 1 - levels, levels) * huber).mean()
        return policy_loss, value_loss


def main():
    path, seconds = sys.argv[1], float(sys.argv[2])
    torch.set_num_threads(1)
    with open(f"{path}.json") as file:
        shape = json.load(file)
    tensors = read(path)
    batch = {name[6:]: x for name, x in tensors.items() if name.startswith("batch/")}
    for name in ("previous", "tokens"):
        batch[name] = batch[name].long()
    net = Net({name: w for name, w in tensors.items() if not name.startswith("batch/")}, shape)
    weights = list(net.weights.values())
    groups = [
        {"params": [w for w in weights if w.dim() > 1], "weight_decay": shape["weightDecay"]},
        {"params": [w for w in weights if w.dim() <= 1], "weight_decay": 0.0},
    ]
    optimizer = torch.optim.AdamW(groups, lr=shape["learningRate"], fused=True)

    def step():
        policy_loss, value_loss = net.losses(batch)
        optimizer.zero_grad(set_to_none=True)
        (policy_loss + shape["valueWeight"] * value_loss).backward()
        torch.nn.utils.clip_grad_norm_(weights, shape["clipNorm"])
        optimizer.step()
        return policy_loss.item(), value_loss.item()

    first = step()
    steps = 0
    began = time.perf_counter()
    while steps == 0 or time.perf_counter() - began < seconds:
        step()
        steps += 1
    elapsed = time.perf_counter() - began
    print(
        json.dumps(
            {
                "version": torch.__version__,
                "weights": sum(w.numel() for w in weights),
                "policyLoss": first[0],
                "valueLoss": first[1],
                "stepsPerSecond": steps / elapsed,
            }
        )
    )


main()
