"""Plays games by tree search with OpenAlphaTensor's own functions, unchanged, for so many seconds a turn. open-alphatensor.ts calls it.

Usage: open_alphatensor.py FOLDER SETTINGS, with FOLDER the project's optimization/open_alpha_tensor (github.com/nebuly-ai/nebuly) and
SETTINGS a JSON object. Prints one JSON object with the version of torch and the number of weights. For each line of standard input, a
number of seconds, it plays at least one move and prints how many simulations took how long. A game that has ended begins again.
"""

import json
import os
import sys
import time
import types

import torch

folder, settings = sys.argv[1], json.loads(sys.argv[2])
torch.set_num_threads(1)
torch.set_num_interop_threads(1)
torch.manual_seed(1)

# The package's own __init__ only loads its command line, which needs a package (nebullvm) that acting does not.
package = types.ModuleType("open_alpha_tensor")
package.__path__ = [os.path.join(folder, "open_alpha_tensor")]
sys.modules["open_alpha_tensor"] = package

from open_alpha_tensor.core.actors.stage import (  # noqa: E402
    extract_present_state,
    game_is_finished,
    monte_carlo_tree_search,
    to_hash,
)
from open_alpha_tensor.core.data.dataset import TensorGameDataset  # noqa: E402
from open_alpha_tensor.core.modules.alpha_tensor import AlphaTensorModel  # noqa: E402
from open_alpha_tensor.core.modules.attention import AlphaMultiHeadAttention  # noqa: E402
from open_alpha_tensor.core.modules.heads import PolicyHeadCore, ValueHead  # noqa: E402
from open_alpha_tensor.core.modules.torso import TorsoAttentiveModes  # noqa: E402

# What it says is not for the bench.
answers, sys.stdout = sys.stdout, sys.stderr


def answer(document):
    print(json.dumps(document), file=answers, flush=True)


def make_model():
    """Its model, with parts of its own classes in the given sizes: those of its constructor are fixed to the article's."""
    torso, policy, value = settings["torso"], settings["policy"], settings["value"]
    channels, width = torso["channels"], policy["width"]
    cells = settings["modeLength"]
    tokens, vocabulary = settings["tokens"], settings["vocabulary"]
    model = AlphaTensorModel(
        tensor_length=1 + settings["history"],
        input_size=cells,
        scalars_size=1,
        emb_dim=channels,
        n_steps=tokens,
        n_logits=vocabulary,
        n_samples=settings["samples"],
    )

    def attention(x, y, heads, widening):
        return AlphaMultiHeadAttention(x, y, proj_dim=x // heads, n_heads=heads, multiplier=widening)

    blocks = [TorsoAttentiveModes(channels) for _ in range(torso["blocks"])]
    for block in blocks:
        block.attention = attention(channels, channels, torso["heads"], torso["widening"])
    model.torso.attentive_modes = torch.nn.ModuleList(blocks)
    heads = policy["heads"]
    core = PolicyHeadCore(3 * cells * cells, channels, tokens, vocabulary, width // heads, heads, policy["blocks"])
    for decoder in core.decoders:
        decoder.attention1 = attention(width, width, heads, policy["widening"])
        decoder.attention2 = attention(width, channels, heads, policy["widening"])
    model.policy_head.core = core
    model.value_head = ValueHead(width, value["width"], value["quantiles"])
    return model.eval()


def opening():
    n, m, p = settings["size"]
    return TensorGameDataset._build_tensor_game_input(n, m, p, action_memory_len=settings["history"]).unsqueeze(0)


class Game:
    """A game as actor_prediction plays it, move by move, so that its simulations can be counted."""

    def __init__(self):
        self.state, self.moves, self.tree, self.states = opening(), 0, {}, {}

    def move(self):
        """Makes one move. Gives the simulations that it took: those of earlier moves below this position count."""
        known = self.states.get(to_hash(extract_present_state(self.state)))
        already = 0 if known is None else int(known[3].sum())
        wanted, limit = settings["simulations"], settings["moveLimit"]
        self.state = monte_carlo_tree_search(model, self.state, wanted, self.moves, limit, self.tree, self.states)
        self.moves += 1
        return max(0, wanted - already)

    @property
    def is_over(self):
        return self.moves >= settings["moveLimit"] or bool(game_is_finished(extract_present_state(self.state)))


model = make_model()
answer({"version": torch.__version__, "weights": sum(weight.numel() for weight in model.parameters())})
for line in sys.stdin:
    seconds, simulations, game = float(line), 0, Game()
    began = time.perf_counter()
    while simulations == 0 or time.perf_counter() - began < seconds:
        if game.is_over:
            game = Game()
        simulations += game.move()
    answer({"simulations": simulations, "seconds": time.perf_counter() - began})
