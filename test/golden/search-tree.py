"""Works the golden trees of search-tree.json: sampled MCTS written down as plainly as possible, over dictionaries.

It shares nothing with the trainer but the formulas, so that a slip in one shows in the other.
Run it in its own folder: python3 search-tree.py > search-tree.json && npx biome format --write search-tree.json
"""
import json
import math
from collections import Counter

# Moves on <1,1,2>: u has 1 entry, v and w 2. The residual is [r00, r01, r10, r11], the target the 2 x 2 identity.
MOVES = {"A": [1, 1, 0, 1, 0], "B": [1, 0, 1, 0, 1], "C": [1, 1, 1, 1, 0], "D": [1, 1, 0, 0, 1]}
OPENING = (1, 0, 0, 1)
MOVE_LIMIT = 3


def after(residual, name):
    u, v0, v1, w0, w1 = MOVES[name]
    term = [u * v * w for v in (v0, v1) for w in (w0, w1)]
    return tuple(r - t for r, t in zip(residual, term))


def rank(residual):  # sum over c of the rank of the 1 x 2 slice residual[:, :, c]
    return sum(1 for c in (0, 1) if residual[c] or residual[2 + c])


def network(residual, moves_left):
    """A made-up network: what it says does not matter, only that every state gets something of its own."""
    samples = ["C", "A", "C", "D"] if moves_left == MOVE_LIMIT else ["A", "B", "C", "A"]
    value = -0.75 * sum(map(abs, residual)) - 0.1 * residual[2] + 0.05 * residual[1]
    return samples, value


def halving(considered, simulations):
    """Sequential halving (Karnin et al., 2013): how many simulations the action has got that each one goes to."""
    phases, had, schedule = math.ceil(math.log2(considered)), 0, []
    while len(schedule) < simulations:
        for _ in range(max(1, simulations // (phases * considered))):
            schedule += considered * [had]
            had += 1
        considered = max(2, considered // 2)
    return schedule[:simulations]


def search(simulations, horizon, unvisited="parent", normalize=True, c1=1.25, c2=19652, gumbel=None, best=False, value_first=False):
    """`gumbel`: (actions considered, c_scale) of sequential halving without noise, instead of PUCT. `best`: Q is the
    best that the simulations came to, not their mean. `value_first`: a leaf gets its value alone; a simulation that comes
    to it again gets its actions first, and begins anew."""
    nodes, asked, calls, bounds, trace = {}, {}, [], [], []

    def key_of(state):
        return ",".join(map(str, state[0])) + "|" + str(state[1])

    def draw_actions(state):
        node, (residual, moves_left) = nodes[state], state
        samples, _ = network(residual, moves_left)
        priors = {name: count / len(samples) for name, count in Counter(samples).items()}
        node.update({"P": priors, "N": dict.fromkeys(priors, 0), "W": dict.fromkeys(priors, 0.0), "Q": {}})
        for name in priors:  # the end after a solving move is known at once
            if not any(after(residual, name)):
                bounds.append(0.0)

    def make(state):
        residual, moves_left = state
        if not any(residual):
            nodes[state] = {"terminal": 0.0}
        elif moves_left == 0:
            nodes[state] = {"terminal": -float(rank(residual))}
        else:
            samples, value = network(residual, moves_left)
            asked[key_of(state)] = {"samples": samples, "value": value}
            nodes[state] = {"value": value}
            bounds.append(value)
            needs_both = not value_first or moves_left == MOVE_LIMIT
            calls.append(key_of(state) + (" both" if needs_both else " value"))
            if needs_both:
                draw_actions(state)
            return value
        bounds.append(nodes[state]["terminal"])
        return nodes[state]["terminal"]

    def value_of(state):
        """(V + N max Q) / (1 + N), or the end's own."""
        node = nodes[state]
        if "terminal" in node:
            return node["terminal"]
        if "P" not in node:
            return node["value"]
        known = [node["Q"][name] for name in node["Q"] if node["N"][name]]
        total = sum(node["N"].values())
        return (node["value"] + total * max(known, default=0.0)) / (1 + total)

    def mean_of(state):
        node = nodes[state]
        if best:
            return value_of(state)
        return (node["value"] + sum(node["N"][name] * node["Q"][name] for name in node["Q"])) / (1 + sum(node["N"].values()))

    def improved(state):
        """log prior + (50 + max N) c_scale (completed Q, scaled to 0 ... 1), by action."""
        node = nodes[state]
        q = {}
        for name in node["P"]:
            if node["N"][name]:
                q[name] = node["Q"][name]
            elif not any(after(state[0], name)):
                q[name] = -1.0
        total = sum(node["N"].values())
        mixed = node["value"]
        if q:
            mean = sum(node["P"][name] * q[name] for name in q) / sum(node["P"][name] for name in q)
            mixed = (node["value"] + total * mean) / (1 + total)
        q = {name: q.get(name, mixed) for name in node["P"]}
        low, high = min(q.values()), max(q.values())
        weight = (50 + max(node["N"].values())) * gumbel[1]
        return {
            name: math.log(node["P"][name]) + (weight * (q[name] - low) / (high - low) if high > low else 0.0) for name in q
        }

    def distribution(logits):
        weights = {name: math.exp(logit) for name, logit in logits.items()}
        return {name: weight / sum(weights.values()) for name, weight in weights.items()}

    def first_maximum(scores):
        return max(scores, key=scores.get)

    def select(state):
        node = nodes[state]
        if gumbel and state == (OPENING, MOVE_LIMIT):
            logits = improved(state)
            return first_maximum({name: logits[name] for name in logits if node["N"][name] == schedule[len(trace)]})
        if gumbel:
            total = sum(node["N"].values())
            policy = distribution(improved(state))
            return first_maximum({name: policy[name] - node["N"][name] / (1 + total) for name in policy})
        total = sum(node["N"].values())
        mean = mean_of(state)
        low, high = min(bounds), max(bounds)
        chosen, chosen_key = None, None
        for name, prior in node["P"].items():
            if node["N"][name]:
                q = node["Q"][name]
            elif not any(after(state[0], name)):
                q = -1.0
            else:
                q = mean if unvisited == "parent" else low
            if normalize:
                q = (q - low) / (high - low) if high > low else 0.0
            c = c1 + math.log((1 + c2 + total) / c2)
            key = (q + c * prior * math.sqrt(total) / (1 + node["N"][name]), prior)
            if chosen is None or key > chosen_key:
                chosen, chosen_key = name, key
        return chosen

    def simulate(state, depth, path):
        """The return from `state` on; None where the simulation must begin anew."""
        if state not in nodes:
            return make(state)
        node = nodes[state]
        if "terminal" in node:
            return node["terminal"]
        if depth == horizon:
            return node["value"]
        if "P" not in node:
            calls.append(key_of(state) + " actions")
            draw_actions(state)
            return None
        name = select(state)
        path.append(name)
        child = (after(state[0], name), state[1] - 1)
        below = simulate(child, depth + 1, path)
        if below is None:
            return None
        total = -1 + below
        node["N"][name] += 1
        node["W"][name] += total
        node["Q"][name] = -1 + value_of(child) if best else node["W"][name] / node["N"][name]
        bounds.append(node["Q"][name])
        return total

    root = (OPENING, MOVE_LIMIT)
    make(root)
    if gumbel:
        schedule = halving(min(gumbel[0], len(nodes[root]["P"])), simulations)
    for _ in range(simulations):
        total = None
        while total is None:
            path = []
            total = simulate(root, 0, path)
        trace.append({"path": "".join(path), "return": total})
    node = nodes[root]
    order = list(node["P"])
    visits = [node["N"][name] for name in order]
    policy_visits = 8
    total = sum(visits)
    tau = math.log(total) / math.log(policy_visits) if total > policy_visits else 1
    powers = [n ** (1 / tau) for n in visits]
    policy = [power / sum(powers) for power in powers]
    move = None
    if gumbel:
        logits = improved(root)
        policy = list(distribution(logits).values())
        move = first_maximum({name: logits[name] for name in order if node["N"][name] == max(visits)})
    return {
        "options": {
            "simulations": simulations, "samples": 4, "rootSamples": 4, "c1": c1, "c2": c2, "horizon": horizon,
            "unvisitedValue": unvisited, "normalizeValues": normalize, "policyVisits": policy_visits, "valueFirst": value_first,
            "leavesPerStep": 1,
            "selection": "gumbel" if gumbel else "puct", "backup": "best" if best else "mean",
            **({"consideredActions": gumbel[0], "valueScale": gumbel[1], "gumbelScale": 0} if gumbel else {}),
        },
        "network": asked,
        "calls": calls,
        "trace": trace,
        "root": {
            "actions": order,
            "priors": [node["P"][name] for name in order],
            "visits": visits,
            "values": [node["Q"][name] if node["N"][name] else None for name in order],
            "policy": policy,
            **({"move": move} if gumbel else {}),
            "searchValue": mean_of(root),
        },
    }


HOW = [
    "Sampled MCTS on <1,1,2>, worked by search-tree.py, which shares only the formulas with the trainer.",
    "A state is named 'residual|moves left'; `network` lists what the made-up network says of it: K = 4 samples and a value.",
    "`calls` says what is asked of the network, in order: the value, the actions, or both.",
    "The range for normalizing Q covers every node's own value, every known end (the value 0 of a solving move included) and every edge mean after each update.",
    "The first tree by hand. Root: V = -1.5; samples C A C D merge to P(C) = 1/2, P(A) = P(D) = 1/4.",
    "1: sum N = 0, so the exploration term is 0 and all Q equal the parent's -1.5: a tie, the highest prior wins: C. "
    "The residual becomes [0,0,-1,1]; V = -0.75*2 + 0.1 = -1.4; backed up -1 - 1.4 = -2.4.",
    "2: the root's mean is (-1.5 - 2.4)/2 = -1.95; the range is [-2.4, -1.4] (root -1.5, leaf -1.4, edge -2.4). "
    "Q(C) = 0, unvisited Q = 0.45; c = 1.25 + log(19654/19652) = 1.2501: C 0 + 1.2501*0.5/2 = 0.3125, "
    "A = D = 0.45 + 1.2501*0.25 = 0.7625: the first, A. The residual becomes [0,0,0,1], V = -0.75, and its move B solves, so 0 joins the range; "
    "backed up -1.75.",
    "3: the mean is (-1.5 - 2.4 - 1.75)/3 = -1.8833; the range is [-2.4, 0]. C 0 + 1.2502*0.5*1.4142/2 = 0.442, "
    "A 0.2708 + 1.2502*0.25*1.4142/2 = 0.4918, D 0.2153 + 1.2502*0.25*1.4142 = 0.6573: D.",
]

print(json.dumps({
    "how": HOW,
    "size": {"n": 1, "m": 1, "p": 2},
    "moveLimit": MOVE_LIMIT,
    "moves": MOVES,
    "trees": [
        search(24, 5, "parent", True),
        search(9, 1, "parent", True),
        search(16, 5, "minimum", True),
        search(16, 2, "parent", False),
        search(24, 5, gumbel=(3, 0.1)),
        search(16, 5, gumbel=(2, 0.02)),
        search(24, 5, best=True),
        search(16, 5, gumbel=(3, 0.1), best=True),
        search(24, 5, value_first=True),
        search(16, 2, "parent", False, value_first=True),
        search(24, 5, gumbel=(3, 0.1), value_first=True),
        search(24, 5, best=True, value_first=True),
    ],
}, indent=2))
