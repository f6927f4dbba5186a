"""A document trained in float64 by NumPy alone: gradients by hand, node by node, and update rules from their formulas.

It shares nothing with keras_side.py but the format. Where both agree with a file, a mistake would have to be made twice.
"""

import numpy as np


def sigmoid(x):
    return np.where(x >= 0, 1, np.exp(-np.abs(x))) / (1 + np.exp(-np.abs(x)))


# Each activation: its value, and its slope from its input and its value.
ACTIVATIONS = {
    "linear": (lambda x: x, lambda x, y: np.ones_like(x)),
    "relu": (lambda x: np.maximum(x, 0), lambda x, y: (x > 0) * 1.0),
    "elu": (lambda x: np.where(x > 0, x, np.expm1(np.minimum(x, 0))), lambda x, y: np.where(x > 0, 1, y + 1)),
    "sigmoid": (sigmoid, lambda x, y: y * (1 - y)),
    "tanh": (np.tanh, lambda x, y: 1 - y * y),
}

# Losses of one score and its target, with their slopes; of a lead of a positive, with theirs.
ERRORS = {
    "mse": (lambda s, t: (s - t) ** 2, lambda s, t: 2 * (s - t)),
    "mae": (lambda s, t: abs(s - t), lambda s, t: np.sign(s - t)),
    "huber": (
        lambda s, t: np.where(abs(s - t) <= 1, (s - t) ** 2 / 2, abs(s - t) - 0.5),
        lambda s, t: np.clip(s - t, -1, 1),
    ),
    "logistic": (lambda s, t: np.logaddexp(0, s) - t * s, lambda s, t: sigmoid(s) - t),
}
LEADS = {
    "bpr": (lambda lead: np.logaddexp(0, -lead), lambda lead: -sigmoid(-lead)),
    "hinge": (lambda lead: np.maximum(0, 1 - lead), lambda lead: -1.0 * (lead < 1)),
}


def loss_and_slopes(name, batch, scores):
    """The loss of a batch and its derivatives by the scores, query by query."""
    queries, candidates = scores.shape
    weights = np.asarray(batch.get("weights", np.ones(queries)), float)
    left_out = set(batch.get("left_out", ()))
    log_q = np.asarray(batch.get("log_q", np.zeros(candidates)), float)
    targets = batch.get("ratings", batch.get("targets"))
    total, slopes = 0.0, np.zeros_like(scores)
    for query in range(queries):
        share = weights[query] / weights.sum()
        positive = batch["positives"][query] if "positives" in batch else 0
        counted = [place for place in range(candidates) if query * candidates + place not in left_out]
        row = scores[query]
        if name in ERRORS:
            for place in counted:
                target = targets[query * candidates + place] if targets else float(place == positive)
                total += share * ERRORS[name][0](row[place], target) / len(counted)
                slopes[query, place] = share * ERRORS[name][1](row[place], target) / len(counted)
        elif name in LEADS:
            others = [place for place in counted if place != positive]
            for place in others:
                lead = row[positive] - row[place]
                total += share * LEADS[name][0](lead) / len(others)
                slope = share * LEADS[name][1](lead) / len(others)
                slopes[query, positive] += slope
                slopes[query, place] -= slope
        else:
            of_row = log_q if log_q.size == candidates else log_q[query * candidates : (query + 1) * candidates]
            chances = np.exp(row[counted] - of_row[counted])
            total -= share * (row[positive] - of_row[positive] - np.log(chances.sum()))
            slopes[query, counted] = share * chances / chances.sum()
            slopes[query, positive] -= share
    return total, slopes


def heads_of(matrix, heads):
    """The part of the columns that each head has."""
    return np.split(matrix, heads, axis=1)


def attend(query, key, value):
    """One head over one sequence: what each step sees, and how much of each step it takes."""
    chances = np.zeros((len(query), len(query)))
    for step in range(len(query)):
        scores = key[: step + 1] @ query[step] / np.sqrt(query.shape[1])
        chances[step, : step + 1] = np.exp(scores - scores.max()) / np.exp(scores - scores.max()).sum()
    return chances @ value, chances


def attend_back(query, key, value, chances, slope):
    """The gradients of query, key and value."""
    of_chances = slope @ value.T
    of_scores = chances * (of_chances - (of_chances * chances).sum(1, keepdims=True)) / np.sqrt(query.shape[1])
    return of_scores @ key, of_scores.T @ query, chances.T @ slope


def recur(inputs, recurrent, bias):
    """The states after each step of a gated recurrent unit, from the products with the input; and what it needs to go back."""
    units = len(recurrent)
    states, kept = [np.zeros(units)], []
    for row in inputs:
        before = states[-1]
        own = before @ recurrent + bias
        update, reset = np.split(sigmoid(row[: 2 * units] + own[: 2 * units]), 2)
        candidate = np.tanh(row[2 * units :] + reset * own[2 * units :])
        states.append(update * before + (1 - update) * candidate)
        kept.append((before, update, reset, candidate, own[2 * units :]))
    return np.array(states[1:]).reshape(-1, units), kept


def recur_back(kept, slope, recurrent):
    """The gradients of the products with the input, of the recurrent kernel and of its bias."""
    units = len(recurrent)
    of_inputs = np.zeros((len(kept), 3 * units))
    of_recurrent, of_bias, carried = np.zeros_like(recurrent), np.zeros(3 * units), np.zeros(units)
    for step in reversed(range(len(kept))):
        before, update, reset, candidate, own = kept[step]
        of_state = slope[step] + carried
        of_update = of_state * (before - candidate) * update * (1 - update)
        of_candidate = of_state * (1 - update) * (1 - candidate**2)
        of_reset = of_candidate * own * reset * (1 - reset)
        of_inputs[step] = np.concatenate([of_update, of_reset, of_candidate])
        of_own = np.concatenate([of_update, of_reset, of_candidate * reset])
        of_recurrent += np.outer(before, of_own)
        of_bias += of_own
        carried = of_state * update + recurrent @ of_own
    return of_inputs, of_recurrent, of_bias


def look(query, key, scale):
    """The units of a layer over each step and those before it, and how much of each step it takes."""
    units = sigmoid(query[:, None] + key[None])
    return units, np.tril(units @ scale[:, 0])


def normalised(x, epsilon):
    deviation = np.sqrt(x.var(1, keepdims=True) + epsilon)
    return (x - x.mean(1, keepdims=True)) / deviation, deviation


class Program:
    """A graph and its weights."""

    def __init__(self, document):
        self.document = document
        self.nodes = document["graph"]["nodes"]
        self.tables = {table["name"]: table for table in document["graph"]["tables"]}
        self.weights = {name: np.array(value, float) for name, value in document["initial"].items()}

    def entry(self, node, batch, query, user, item):
        """What an input is for one query and candidate: an id, numbers, or pairs of an id and a weight."""
        side, kind = node["op"]["input"]["side"], next(iter(node["op"]["input"]["kind"]))
        if kind == "id" and node["name"] in ("user", "item"):
            return {"user": user, "item": item}[node["name"]]
        values = (batch["others"] if side == "event" else self.document["features"])[node["name"]]
        row = {"user": user, "item": item, "event": query}[side]
        if "bags" in values:
            return [(id, 1.0) for id in values["bags"][row]]
        return next(iter(values.values()))[row]

    def sequences(self, node, batch):
        """For each pair the ids of a sequence, the row of positions of each, and the step that the query comes after."""
        length = node["op"]["input"]["kind"]["sequence"]["length"]
        bags = self.document["features"][node["name"]]["bags"]
        pairs = list(self.pairs(batch))
        if batch.get("every_position"):
            steps = [step for user in sorted(set(batch["users"])) for step in range(len(bags[user]))]
        else:
            steps = [len(bags[user]) - 1 for user in batch["users"]]
        return [(bags[user], length - len(bags[user]), steps[query]) for query, user, _ in pairs]

    def pairs(self, batch):
        """Query, user and item of each score."""
        shared = "shared" in batch
        each = batch.get("each", 1)
        for query, user in enumerate(batch["users"]):
            items = batch["items"] if shared else batch["items"][query * each : (query + 1) * each]
            for item in items:
                yield query, user, item

    def forward(self, batch, training=False):
        """The value of every node, with one row for each score."""
        values = {}
        for node in self.nodes:
            word, settings = node["op"], {}
            if isinstance(word, dict):
                ((word, settings),) = word.items()
            taken = [values[name] for name in node["inputs"]]
            if word == "input":
                if "sequence" in settings["kind"]:
                    self.steps = self.sequences(node, batch)
                    ends = np.cumsum([len(ids) for ids, _, _ in self.steps])
                    self.ranges = [slice(end - len(ids), end) for end, (ids, _, _) in zip(ends, self.steps)]
                    values[node["name"]] = [id for ids, _, _ in self.steps for id in ids]
                    continue
                value = [self.entry(node, batch, *pair) for pair in self.pairs(batch)]
                value = np.array(value, float) if "numbers" in settings["kind"] else value
            elif word == "embedding":
                value = self.weights[f"{settings['table']}.weight"][taken[0]]
            elif word == "pool":
                rows = self.weights[f"{settings['table']}.weight"]
                sums = [sum((w * rows[id] for id, w in bag), np.zeros(rows.shape[1])) for bag in taken[0]]
                value = np.array(sums) * self.pool_scale(settings["how"], taken[0])
            elif word == "dense":
                x = taken[0] @ self.weights[f"{node['name']}.weight"] + self.weights[f"{node['name']}.bias"]
                value = ACTIVATIONS[settings["activation"]][0](x)
            elif word == "activation":
                value = ACTIVATIONS[settings["function"]][0](taken[0])
            elif word == "positions":
                value = taken[0] + self.weights[f"{node['name']}.weight"][self.places()]
            elif word == "bias":
                value = taken[0] + self.weights[f"{node['name']}.bias"]
            elif word == "batch_norm":
                mean, variance = (self.weights[f"{node['name']}.running_{part}"] for part in ("mean", "var"))
                if training:
                    kept, own = settings["momentum"], (taken[0].mean(0), taken[0].var(0))
                    mean[:], variance[:] = (kept * old + (1 - kept) * new for old, new in zip((mean, variance), own))
                    mean, variance = own
                value = (taken[0] - mean) / np.sqrt(variance + settings["epsilon"])
                value = value * self.weights[f"{node['name']}.gamma"] + self.weights[f"{node['name']}.beta"]
            elif word == "layer_norm":
                value, _ = normalised(taken[0], settings["epsilon"])
                value = value * self.weights[f"{node['name']}.gamma"] + self.weights[f"{node['name']}.beta"]
            elif word == "attention":
                value = np.zeros_like(taken[0])
                for rows, *parts in self.heads(node, settings["heads"], taken[0]):
                    value[rows] = np.concatenate([attend(*head)[0] for head in zip(*parts)], 1)
            elif word == "gru":
                products, recurrent, bias = self.gates(node, taken[0])
                value = np.zeros((len(products), len(recurrent)))
                for rows in self.ranges:
                    value[rows], _ = recur(products[rows], recurrent, bias)
            elif word == "additive_attention":
                value = np.zeros_like(taken[0])
                query, key, scale = self.looks(node, taken[0])
                for rows in self.ranges:
                    value[rows] = look(query[rows], key[rows], scale)[1] @ taken[0][rows]
            elif word == "at_query":
                value = np.zeros((len(self.steps), taken[0].shape[1]))
                for row, place in self.at_queries():
                    value[row] = taken[0][place]
            elif word == "rescale":
                value = settings["min"] + (settings["max"] - settings["min"]) * taken[0]
            elif word == "dot":
                value = (taken[0] * taken[1]).sum(1, keepdims=True)
            elif word == "sum":
                value = taken[0].sum(1, keepdims=True)
            elif word == "concat":
                value = np.concatenate(taken, 1)
            elif word == "add":
                value = np.sum(taken, 0)
            elif word == "multiply":
                value = np.prod(taken, 0)
            elif word == "pairwise":  # every pair by itself, not by the square of the sum
                pairs = [(i, j) for i in range(len(taken)) for j in range(i)]
                value = np.sum([taken[i] * taken[j] for i, j in pairs], 0)
            else:
                raise ValueError(f"numpy_side.py does not know {word}")
            values[node["name"]] = value
        return values

    def gates(self, node, steps):
        """The products with the input and their bias, the recurrent kernel and its bias."""
        weight, recurrent, bias = (self.weights[f"{node['name']}.{part}"] for part in ("weight", "recurrent", "bias"))
        return steps @ weight + bias[0], recurrent, bias[1]

    def looks(self, node, steps):
        """Queries, keys, and the weights of the layer's units."""
        query, key, scale = (self.weights[f"{node['name']}.{part}"] for part in ("query", "key", "scale"))
        return steps @ query, steps @ key, scale

    def places(self):
        """The row of positions of every step of every sequence."""
        return [first + at for ids, first, _ in self.steps for at in range(len(ids))]

    def at_queries(self):
        """The pairs that have a step, and where it is."""
        for row, (rows, (ids, _, step)) in enumerate(zip(self.ranges, self.steps)):
            if ids:
                yield row, rows.start + step

    def heads(self, node, heads, steps):
        """For each sequence its range, and the queries, keys and values of each head."""
        parts = [steps @ self.weights[f"{node['name']}.{part}"] for part in ("query", "key", "value")]
        for rows in self.ranges:
            yield rows, *(heads_of(part[rows], heads) for part in parts)

    @staticmethod
    def pool_scale(how, bags):
        counts = np.maximum([[len(bag)] for bag in bags], 1)
        return {"sum": np.ones(counts.shape), "mean": 1 / counts, "root_mean": 1 / np.sqrt(counts)}[how]

    def backward(self, values, slopes):
        """The gradient of every weight."""
        gradients = {name: np.zeros_like(value) for name, value in self.weights.items()}
        of = {self.nodes[-1]["name"]: slopes.reshape(-1, 1)}
        for node in reversed(self.nodes):
            word, settings = node["op"], {}
            if isinstance(word, dict):
                ((word, settings),) = word.items()
            if node["name"] not in of:
                continue
            slope, inputs = of[node["name"]], node["inputs"]
            taken = [values[name] for name in inputs]
            passed = []
            if word == "embedding":
                np.add.at(gradients[f"{settings['table']}.weight"], taken[0], slope)
            elif word == "pool":
                scaled = slope * self.pool_scale(settings["how"], taken[0])
                for bag, row in zip(taken[0], scaled):
                    for id, weight in bag:
                        gradients[f"{settings['table']}.weight"][id] += weight * row
            elif word == "dense":
                kernel = self.weights[f"{node['name']}.weight"]
                x = taken[0] @ kernel + self.weights[f"{node['name']}.bias"]
                inner = slope * ACTIVATIONS[settings["activation"]][1](x, values[node["name"]])
                gradients[f"{node['name']}.weight"] += taken[0].T @ inner
                gradients[f"{node['name']}.bias"] += inner.sum(0)
                passed = [inner @ kernel.T]
            elif word == "activation":
                passed = [slope * ACTIVATIONS[settings["function"]][1](taken[0], values[node["name"]])]
            elif word == "positions":
                np.add.at(gradients[f"{node['name']}.weight"], self.places(), slope)
                passed = [slope]
            elif word == "bias":
                gradients[f"{node['name']}.bias"] += slope.sum(0)
                passed = [slope]
            elif word == "batch_norm":
                x, deviation = normalised(taken[0].T, settings["epsilon"])
                gradients[f"{node['name']}.gamma"] += (slope * x.T).sum(0)
                gradients[f"{node['name']}.beta"] += slope.sum(0)
                inner = (slope * self.weights[f"{node['name']}.gamma"]).T
                inner = (inner - inner.mean(1, keepdims=True) - x * (inner * x).mean(1, keepdims=True)) / deviation
                passed = [inner.T]
            elif word == "layer_norm":
                x, deviation = normalised(taken[0], settings["epsilon"])
                gradients[f"{node['name']}.gamma"] += (slope * x).sum(0)
                gradients[f"{node['name']}.beta"] += slope.sum(0)
                inner = slope * self.weights[f"{node['name']}.gamma"]
                passed = [(inner - inner.mean(1, keepdims=True) - x * (inner * x).mean(1, keepdims=True)) / deviation]
            elif word == "attention":
                of_parts = {part: np.zeros_like(taken[0]) for part in ("query", "key", "value")}
                for rows, *parts in self.heads(node, settings["heads"], taken[0]):
                    slopes_of = heads_of(slope[rows], settings["heads"])
                    back = [attend_back(*head, attend(*head)[1], part) for head, part in zip(zip(*parts), slopes_of)]
                    for part, found in zip(of_parts, zip(*back)):
                        of_parts[part][rows] = np.concatenate(found, 1)
                passed = [0]
                for part, found in of_parts.items():
                    gradients[f"{node['name']}.{part}"] += taken[0].T @ found
                    passed[0] = passed[0] + found @ self.weights[f"{node['name']}.{part}"].T
            elif word == "gru":
                products, recurrent, bias = self.gates(node, taken[0])
                of_products = np.zeros_like(products)
                for rows in self.ranges:
                    _, kept = recur(products[rows], recurrent, bias)
                    of_products[rows], of_recurrent, of_bias = recur_back(kept, slope[rows], recurrent)
                    gradients[f"{node['name']}.recurrent"] += of_recurrent
                    gradients[f"{node['name']}.bias"][1] += of_bias
                gradients[f"{node['name']}.bias"][0] += of_products.sum(0)
                gradients[f"{node['name']}.weight"] += taken[0].T @ of_products
                passed = [of_products @ self.weights[f"{node['name']}.weight"].T]
            elif word == "additive_attention":
                query, key, scale = self.looks(node, taken[0])
                of_query, of_key, of_steps = (np.zeros_like(taken[0]) for _ in range(3))
                for rows in self.ranges:
                    units, shares = look(query[rows], key[rows], scale)
                    of_steps[rows] = shares.T @ slope[rows]
                    of_shares = np.tril(slope[rows] @ taken[0][rows].T)[..., None]
                    gradients[f"{node['name']}.scale"] += (of_shares * units).sum((0, 1))[:, None]
                    of_sums = of_shares * scale[:, 0] * units * (1 - units)
                    of_query[rows], of_key[rows] = of_sums.sum(1), of_sums.sum(0)
                for part, found in (("query", of_query), ("key", of_key)):
                    gradients[f"{node['name']}.{part}"] += taken[0].T @ found
                    of_steps = of_steps + found @ self.weights[f"{node['name']}.{part}"].T
                passed = [of_steps]
            elif word == "at_query":
                passed = [np.zeros_like(taken[0])]
                for row, place in self.at_queries():
                    passed[0][place] += slope[row]
            elif word == "rescale":
                passed = [slope * (settings["max"] - settings["min"])]
            elif word == "dot":
                passed = [slope * taken[1], slope * taken[0]]
            elif word == "sum":
                passed = [slope * np.ones_like(taken[0])]
            elif word == "concat":
                passed = np.split(slope, np.cumsum([value.shape[1] for value in taken])[:-1], axis=1)
            elif word == "add":
                passed = [slope] * len(taken)
            elif word == "multiply":
                passed = [slope * np.prod(taken[:at] + taken[at + 1 :], 0) for at in range(len(taken))]
            elif word == "pairwise":
                passed = [slope * np.sum(taken[:at] + taken[at + 1 :], 0) for at in range(len(taken))]
            for name, part in zip(inputs, passed):
                of[name] = of.get(name, 0) + part
        return gradients

    def penalise(self, batch, gradients):
        """What the penalties add to the loss; their gradients are added to the others."""
        sum = 0.0
        for table in self.tables.values():
            options, name = table.get("options", {}), f"{table['name']}.weight"
            l2 = options.get("l2", 0.0)
            times = np.ones(table["rows"])
            if options.get("l2_on") == "batch":
                times = self.look_ups(table["name"], batch) / len(batch["users"])
            sum += l2 * (times[:, None] * self.weights[name] ** 2).sum()
            gradients[name] += 2 * l2 * times[:, None] * self.weights[name]
        for node in self.nodes:
            if isinstance(node["op"], dict) and "dense" in node["op"]:
                l2, name = node["op"]["dense"].get("l2", 0.0), f"{node['name']}.weight"
                sum += l2 * (self.weights[name] ** 2).sum()
                gradients[name] += 2 * l2 * self.weights[name]
        return sum

    def look_ups(self, table, batch):
        """How often each row of a table is looked up: by each query, and by each of the batch's items."""
        times = np.zeros(self.tables[table]["rows"])
        readers = [node for node in self.nodes if isinstance(node["op"], dict)]
        readers = [node for node in readers if next(iter(node["op"].values())).get("table") == table]
        columns = {node["inputs"][0] for node in readers}
        for node in self.nodes:
            if node["name"] not in columns:
                continue
            item_side = node["op"]["input"]["side"] == "item"
            entries = enumerate(batch["users"])  # one for each query, the item being of no account
            entries = (
                [(None, None, item) for item in batch["items"]] if item_side else [(q, u, None) for q, u in entries]
            )
            for entry in entries:
                found = self.entry(node, batch, *entry)
                for id in [id for id, _ in found] if isinstance(found, list) else [found]:
                    times[id] += 1
        return times

    def scores(self, batch):
        return self.forward(batch)[self.nodes[-1]["name"]].reshape(len(batch["users"]), -1)


class Rule:
    """An update rule, as its paper and Keras's documentation have it; Adam's epsilon is outside of the root's correction."""

    def __init__(self, hyper):
        self.hyper, self.steps, self.state = hyper, 0, {}

    def kept(self, name, like, start=0.0):
        return self.state.setdefault(name, np.full_like(like, start))

    def step(self, weights, gradients, rate):
        h = self.hyper
        self.steps += 1
        for name, gradient in gradients.items():
            weight = weights[name]
            if ".running_" in name:
                continue
            if h["optimizer"] == "sgd":
                velocity = self.kept(f"{name} v", weight)
                velocity[:] = h.get("momentum", 0.0) * velocity - rate * gradient
                weight += velocity
            elif h["optimizer"] == "adagrad":
                sum = self.kept(f"{name} sum", weight, h["initial_accumulator_value"])
                sum += gradient**2
                weight -= rate * gradient / np.sqrt(sum + h["epsilon"])
            else:
                if h["optimizer"] == "adamw":
                    weight -= rate * h["weight_decay"] * weight
                first, second = self.kept(f"{name} m", weight), self.kept(f"{name} v", weight)
                first[:] = h["beta_1"] * first + (1 - h["beta_1"]) * gradient
                second[:] = h["beta_2"] * second + (1 - h["beta_2"]) * gradient**2
                pace = rate * np.sqrt(1 - h["beta_2"] ** self.steps) / (1 - h["beta_1"] ** self.steps)
                weight -= pace * first / (np.sqrt(second) + h["epsilon"])


def train(document):
    """What follows from a document: losses, weights after some steps, final weights, predictions."""
    program, rule = Program(document), Rule(document["hyper"])
    rates = document.get("learning_rates", [document["hyper"]["learning_rate"]] * len(document["batches"]))
    losses, after = [], {}
    for step, (batch, rate) in enumerate(zip(document["batches"], rates), start=1):
        values = program.forward(batch, training=True)
        scores = values[program.nodes[-1]["name"]].reshape(len(batch["users"]), -1)
        loss, slopes = loss_and_slopes(document["loss"], batch, scores)
        gradients = program.backward(values, slopes)
        losses.append(loss + program.penalise(batch, gradients))
        rule.step(program.weights, gradients, rate)
        for table in program.tables.values():
            if table.get("options", {}).get("non_negative"):
                np.maximum(
                    program.weights[f"{table['name']}.weight"], 0, out=program.weights[f"{table['name']}.weight"]
                )
        if str(step) in document["after_step"]:
            after[str(step)] = {name: value.copy() for name, value in program.weights.items()}
    events = any(
        "input" in node["op"] and node["op"]["input"]["side"] == "event"
        for node in program.nodes
        if isinstance(node["op"], dict)
    )
    users, items = range(document["users"]), range(document["items"])
    asked = document["batches"][-1] if events else {"users": users, "items": items, "shared": len(items)}
    return {
        "losses": np.array(losses),
        "after_step": after,
        "final": program.weights,
        "predictions": program.scores(asked),
    }
