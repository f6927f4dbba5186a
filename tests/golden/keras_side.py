"""A document as a Keras 3 model on JAX, and its training: what the files record."""

import os
import sys

os.environ["KERAS_BACKEND"] = "jax"
os.environ.setdefault("JAX_PLATFORMS", "cpu")
if "--double" in sys.argv:  # JAX must know before it is imported
    os.environ["JAX_ENABLE_X64"] = "1"

import keras  # noqa: E402
import numpy as np  # noqa: E402
from keras import layers, ops  # noqa: E402

if "--double" in sys.argv:
    keras.config.set_floatx("float64")

OPTIMIZERS = {
    "sgd": keras.optimizers.SGD,
    "adam": keras.optimizers.Adam,
    "adamw": keras.optimizers.AdamW,
    "adagrad": keras.optimizers.Adagrad,
}


def kind_of(node):
    """The side of an input, its kind in a word, and the sizes of that kind."""
    about = node["op"]["input"]
    ((kind, sizes),) = about["kind"].items()
    return about["side"], kind, sizes


def op_of(node):
    """The word for an operation, and its settings."""
    op = node["op"]
    return (op, {}) if isinstance(op, str) else next(iter(op.items()))


def inputs_of(document):
    return [node for node in document["graph"]["nodes"] if op_of(node)[0] == "input"]


def candidates_of(batch):
    return batch.get("each", batch.get("shared", 1))


def values_of(given, name):
    """Ids, weights and lengths of the bags of an input, each padded to the longest with weight 0."""
    bags = given["weighted"] if "weighted" in given else [[(id, 1) for id in bag] for bag in given["bags"]]
    longest = max(len(bag) for bag in bags)
    ids, weights = (np.zeros((len(bags), longest)) for _ in range(2))
    for row, bag in enumerate(bags):
        for place, (id, weight) in enumerate(bag):
            ids[row, place], weights[row, place] = id, weight
    return {f"{name}.ids": ids, f"{name}.weights": weights, f"{name}.count": np.array([[len(bag)] for bag in bags])}


def steps_of(sequences, length):
    """Ids of sequences, the last one last, and which of them are there."""
    ids, there = (np.zeros((len(sequences), length)) for _ in range(2))
    for row, sequence in enumerate(sequences):
        ids[row, length - len(sequence) :], there[row, length - len(sequence) :] = sequence, 1
    return ids, there


def query_steps(batch, users, of_query, lengths, length):
    """The step that each pair's query comes after, as ones and zeros: the last, or each one after the other."""
    at = np.zeros((len(users), length))
    if not batch.get("every_position"):
        at[:, -1] = lengths[users] > 0
        return at
    step = [place for user in sorted(set(batch["users"])) for place in range(length - lengths[user], length)]
    at[np.arange(len(users)), np.array(step)[of_query]] = 1
    return at


def arrays(document, batch):
    """What the model is given for a batch, with one row for each query and candidate."""
    queries, candidates = len(batch["users"]), candidates_of(batch)
    of_query = np.repeat(np.arange(queries), candidates)
    users = np.asarray(batch["users"])[of_query]
    items = np.tile(batch["items"], queries) if "shared" in batch else np.asarray(batch["items"])
    given = {"user": users[:, None], "item": items[:, None]}
    for node in inputs_of(document):
        name, (side, kind, sizes) = node["name"], kind_of(node)
        if name in given:
            continue
        owner = {"user": users, "item": items, "event": of_query}[side]
        values = (batch["others"] if side == "event" else document["features"])[name]
        if kind == "id":
            given[name] = np.asarray(values["ids"])[owner][:, None]
        elif kind == "numbers":
            given[name] = np.asarray(values["numbers"])[owner]
        elif kind == "sequence":
            ids, there = steps_of(values["bags"], sizes["length"])
            at = query_steps(batch, users, of_query, there.sum(1).astype(int), sizes["length"])
            given |= {f"{name}.ids": ids[owner], f"{name}.there": there[owner], f"{name}.at": at}
        else:
            given |= {key: value[owner] for key, value in values_of(values, name).items()}
    return given


def goal(batch):
    """One row for each query and candidate: target, whether it counts, whether it is the positive, log q, the query's weight."""
    queries, candidates = len(batch["users"]), candidates_of(batch)
    shape = (queries, candidates)
    positive = np.zeros(shape)
    positive[np.arange(queries), batch.get("positives", np.zeros(queries, int))] = 1
    targets = np.reshape(batch.get("ratings", batch.get("targets", positive)), shape)
    counts = np.ones(shape)
    counts.flat[batch.get("left_out", [])] = 0
    log_q = np.asarray(batch.get("log_q", np.zeros(candidates)))
    log_q = np.broadcast_to(log_q, shape) if log_q.size == candidates else log_q.reshape(shape)
    weights = np.broadcast_to(np.reshape(batch.get("weights", np.ones(queries)), (queries, 1)), shape)
    return np.stack([targets, counts, positive, log_q, weights], axis=-1).reshape(queries * candidates, 5)


def loss_of(name, candidates):
    """The mean over queries, by their weights, of a loss that Keras has."""

    def each(of, truth, prediction):
        return of(truth[..., None], prediction[..., None])

    def logits(truth, prediction):
        return keras.losses.binary_crossentropy(truth, prediction, from_logits=True)

    pointwise = {
        "mse": keras.losses.mean_squared_error,
        "mae": keras.losses.mean_absolute_error,
        "huber": keras.losses.huber,
        "logistic": logits,
    }

    def loss(goal, scores):
        goal, scores = ops.reshape(goal, (-1, candidates, 5)), ops.reshape(scores, (-1, candidates))
        targets, counts, positive, log_q, weights = (goal[..., at] for at in range(5))
        of_positive = ops.sum(scores * positive, axis=-1, keepdims=True)
        if name in pointwise:
            losses = ops.sum(each(pointwise[name], targets, scores) * counts, axis=-1) / ops.sum(counts, axis=-1)
        elif name == "softmax":
            corrected = ops.where(counts > 0, scores - log_q, -1e30)
            place = ops.argmax(positive, axis=-1)
            losses = keras.losses.sparse_categorical_crossentropy(place, corrected, from_logits=True)
        else:
            of_lead = {"bpr": logits, "hinge": keras.losses.hinge}[name]
            lead, others = of_positive - scores, counts * (1 - positive)
            losses = each(of_lead, ops.ones_like(lead), lead)
            losses = ops.sum(losses * others, axis=-1) / ops.maximum(ops.sum(others, axis=-1), 1)
        weights = weights[:, 0]
        return ops.sum(losses * weights) / ops.sum(weights)

    return loss


class Positions(layers.Layer):
    """A learned row for each place in a sequence, added."""

    def build(self, shape):
        self.weight = self.add_weight(shape=shape[1:], name="weight")

    def call(self, steps):
        return steps + self.weight


class Bias(layers.Layer):
    """A learned number for each column, added."""

    def build(self, shape):
        self.numbers = self.add_weight(shape=shape[1:], name="bias")

    def call(self, values):
        return values + self.numbers


def attention(name, steps, there, heads):
    """Each step sees itself and those before it that are there."""
    length, width = steps.shape[1:]

    def of(part):
        rows = layers.Dense(width, use_bias=False, name=f"{name}__{part}")(steps)
        return ops.transpose(ops.reshape(rows, (-1, length, heads, width // heads)), (0, 2, 1, 3))

    query, key, value = of("query"), of("key"), of("value")
    scores = ops.matmul(query, ops.transpose(key, (0, 1, 3, 2))) / np.sqrt(width // heads)
    seen = there[:, None, None, :] * np.tril(np.ones((1, 1, length, length)))
    seen = ops.softmax(ops.where(seen > 0, scores, -1e30), axis=-1)
    return ops.reshape(ops.transpose(ops.matmul(seen, value), (0, 2, 1, 3)), (-1, length, width))


def additive_attention(name, steps, there):
    """Each step sees itself and those before it that are there, by a layer over both."""
    length, width = steps.shape[1:]
    query, key = (layers.Dense(width, use_bias=False, name=f"{name}__{part}")(steps) for part in ("query", "key"))
    units = ops.sigmoid(ops.expand_dims(query, 2) + ops.expand_dims(key, 1))
    shares = ops.squeeze(layers.Dense(1, use_bias=False, name=f"{name}__scale")(units), axis=-1)
    seen = there[:, None, :] * np.tril(np.ones((1, length, length)))
    return ops.matmul(shares * seen, steps)


def model_of(document):
    """The Keras model that a document describes, with the document's weights, and the names of what it is given."""
    graph, first = document["graph"], document["batches"][0]
    candidates = candidates_of(first)
    tables = {table["name"]: table for table in graph["tables"]}
    given, values, penalties, sequence = {}, {}, {}, {}
    sequences = {node["name"] for node in inputs_of(document) if kind_of(node)[1] == "sequence"}

    def table_layer(table):
        options = table.get("options", {})
        l2 = options.get("l2", 0.0) if options.get("l2_on", "table") == "table" else 0.0
        return layers.Embedding(
            table["rows"],
            table["width"],
            name=table["name"],
            embeddings_regularizer=keras.regularizers.L2(l2) if l2 else None,
            embeddings_constraint="non_neg" if options.get("non_negative") else None,
        )

    looked_up = {name: table_layer(table) for name, table in tables.items()}

    def penalise(table, column, side, rows, weights=None):
        """The squares of the rows that a pair looks up, so that they add up to one for each query or entry of the items."""
        options = tables[table].get("options", {})
        if not options.get("l2") or options.get("l2_on") != "batch" or (table, column) in penalties:
            return
        squares = ops.sum(ops.square(rows), axis=-1)
        if weights is not None:
            squares = squares * ops.cast(weights != 0, squares.dtype)
        squares = ops.sum(squares, axis=1, keepdims=True) * options["l2"]
        if side != "item":
            squares = squares / candidates
        elif "shared" in first:
            squares = squares / len(first["users"])
        penalties[table, column] = squares

    def given_as(name, shape, dtype=None):
        given[name] = keras.Input(shape, dtype=dtype, name=name.replace(".", "_"))
        return given[name]

    def make(node):
        word, settings = op_of(node)
        taken = [values[name] for name in node["inputs"]]
        if word == "input":
            side, kind, sizes = kind_of(node)
            if kind == "id":
                return side, node["name"], given_as(node["name"], (1,), "int32")
            if kind == "numbers":
                return given_as(node["name"], (sizes["width"],))
            if kind == "sequence":
                length, name = sizes["length"], node["name"]
                sequence["there"], sequence["at"] = (given_as(f"{name}.{part}", (length,)) for part in ("there", "at"))
                return side, name, given_as(f"{name}.ids", (length,), "int32")
            ids = given_as(f"{node['name']}.ids", (None,), "int32")
            return (
                side,
                node["name"],
                ids,
                given_as(f"{node['name']}.weights", (None,)),
                given_as(f"{node['name']}.count", (1,)),
            )
        if word == "embedding":
            side, column, ids = taken[0]
            rows = looked_up[settings["table"]](ids)
            if column in sequences:
                penalise(settings["table"], column, side, rows, sequence["there"])
                return rows
            penalise(settings["table"], column, side, rows)
            return layers.Flatten()(rows)
        if word == "pool":
            side, column, ids, weights, count = taken[0]
            rows = looked_up[settings["table"]](ids)
            penalise(settings["table"], column, side, rows, weights)
            total = ops.sum(rows * weights[..., None], axis=1)
            count = ops.maximum(count, 1)
            return total / {"sum": 1.0, "mean": count, "root_mean": ops.sqrt(count)}[settings["how"]]
        if word == "dense":
            l2 = settings.get("l2", 0.0)
            regularizer = keras.regularizers.L2(l2) if l2 else None
            layer = layers.Dense(
                settings["units"], settings["activation"], name=node["name"], kernel_regularizer=regularizer
            )
            return layer(taken[0])
        if word == "activation":
            return layers.Activation(settings["function"])(taken[0])
        if word == "rescale":
            return layers.Rescaling(settings["max"] - settings["min"], settings["min"])(taken[0])
        if word == "positions":
            return Positions(name=node["name"])(taken[0])
        if word == "bias":
            return Bias(name=node["name"])(taken[0])
        if word == "batch_norm":
            return layers.BatchNormalization(name=node["name"], **settings)(taken[0])
        if word == "layer_norm":
            return layers.LayerNormalization(epsilon=settings["epsilon"], name=node["name"])(taken[0])
        if word == "attention":
            return attention(node["name"], taken[0], sequence["there"], settings["heads"])
        if word == "gru":
            # Padding in front is masked: it leaves the state at 0.
            how = {"return_sequences": True, "reset_after": True, "unroll": True}  # a loop would be compiled in every step
            gru = layers.GRU(settings["units"], name=node["name"], **how)
            return gru(taken[0], mask=sequence["there"] > 0)
        if word == "additive_attention":
            return additive_attention(node["name"], taken[0], sequence["there"])
        if word == "at_query":
            return ops.sum(taken[0] * sequence["at"][..., None], axis=1)
        if word == "pairwise":
            return (ops.square(sum(taken)) - sum(ops.square(value) for value in taken)) * 0.5
        if word == "sum":
            return ops.sum(taken[0], axis=-1, keepdims=True)
        merge = {
            "dot": layers.Dot(axes=1),
            "add": layers.Add(),
            "multiply": layers.Multiply(),
            "concat": layers.Concatenate(),
        }
        return merge[word](taken)

    for node in graph["nodes"]:
        values[node["name"]] = make(node)
    score = values[graph["nodes"][-1]["name"]]
    outputs = [score, sum(penalties.values())] if penalties else [score]
    model = keras.Model(list(given.values()), outputs)
    for name, value in named_weights(model).items():
        value.assign(np.asarray(document["initial"][name]))
    hyper = {key: value if key == "optimizer" else float(value) for key, value in document["hyper"].items()}
    losses = [loss_of(document["loss"], candidates)]
    if penalties:
        losses.append(lambda _, penalty: ops.sum(penalty) * candidates / ops.shape(penalty)[0])
    model.compile(OPTIMIZERS[hyper.pop("optimizer")](**hyper), losses, jit_compile=False)
    return model, list(given)


def named_weights(model):
    """Keras variables under the names of the file: `user_factors.weight`, `dense_1.weight` [in, out], `dense_1.bias`."""
    words = {"recurrent_kernel": "recurrent", "bias": "bias", "gamma": "gamma", "beta": "beta"}
    words |= {"moving_mean": "running_mean", "moving_variance": "running_var"}
    named = {}
    for layer in model.layers:
        for variable in layer.weights:
            part = words.get(variable.name, "weight")
            # The kernels of an attention layer are parts of it, without a name of their own.
            name = layer.name.replace("__", ".") if "__" in layer.name else f"{layer.name}.{part}"
            named[name] = variable
    return named


def train(document):
    """What follows from a document: losses, weights after some steps, final weights, predictions.

    The loss of a step is that of the weights before it, averaged over the queries by their weights, plus l2 times the sum
    of squares of each penalised kernel and table: of the whole table, or with `l2_on` batch of the rows that each query
    looks up, averaged over them.
    """
    model, names = model_of(document)
    kinds = {name: tensor.dtype for name, tensor in zip(names, model.inputs)}

    def snapshot():
        return {name: np.array(ops.convert_to_numpy(value)) for name, value in named_weights(model).items()}

    def fed(batch):
        given = arrays(document, batch)
        return [np.asarray(given[name], kinds[name]) for name in names]

    steps = len(document["batches"])
    watched = {int(step) for step in document.get("after_step", ())} or {1, 5} | ({steps // 2} if steps > 25 else set())
    losses, after = [], {}
    for step, batch in enumerate(document["batches"], start=1):
        if "learning_rates" in document:
            model.optimizer.learning_rate = document["learning_rates"][step - 1]
        model.reset_metrics()  # Keras reports a running mean
        wanted = np.asarray(goal(batch), keras.config.floatx())
        seen = model.train_on_batch(fed(batch), [wanted] * len(model.outputs))
        losses.append(seen[0] if isinstance(seen, list) else seen)  # the sum comes first
        if step in watched:
            after[str(step)] = snapshot()
    users, items = document["users"], document["items"]
    asked = {"users": np.arange(users), "items": np.arange(items), "shared": items}
    if any(kind_of(node)[0] == "event" for node in inputs_of(document)):
        asked = document["batches"][-1]
    scores = model(fed(asked))
    scores = np.asarray(scores[0] if isinstance(scores, list) else scores).reshape(len(asked["users"]), -1)
    return {
        "keras": keras.__version__,
        "losses": np.asarray(losses).reshape(steps),
        "after_step": after,
        "final": snapshot(),
        "predictions": scores,
    }
