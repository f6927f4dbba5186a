"""Graphs as recburn writes them: `{"name", "tables", "nodes"}`, every node after those that it takes, the output last.

A value is drawn from others; `graph` walks back from the output and writes down what it meets. The second half of this
module draws the models of recburn's zoo that files are about; recburn's test compares them with what its zoo draws.
"""

from dataclasses import dataclass


EMBEDDING = {"uniform": {"min": -0.05, "max": 0.05}}  # how tables start


@dataclass(frozen=True, eq=False)
class Value:
    """A node: its name, its operation, what it takes, and the table that it reads."""

    name: str
    op: object
    inputs: tuple = ()
    table: dict = None


def graph(name, output):
    tables, nodes = {}, {}

    def walk(value):
        if value.name in nodes:
            return
        for taken in value.inputs:
            walk(taken)
        if value.table:
            tables.setdefault(value.table["name"], value.table)
        inputs = [taken.name for taken in value.inputs]
        nodes[value.name] = {"name": value.name, "op": value.op, "inputs": inputs}

    walk(output)
    return {"name": name, "tables": list(tables.values()), "nodes": list(nodes.values())}


def column(name, side, kind):
    """An input: `column("genres", "item", {"bag": {"rows": 19}})`."""
    return Value(name, {"input": {"side": side, "kind": kind}})


def users(rows):
    return column("user", "user", {"id": {"rows": rows}})


def items(rows):
    return column("item", "item", {"id": {"rows": rows}})


def table(name, rows, width, **options):
    """Options: `l2`, `l2_on` ("table" or "batch"), `non_negative`. What is 0 or absent is left out."""
    options = {key: value for key, value in options.items() if value and value != "table"}
    return {"name": name, "rows": rows, "width": width} | ({"options": options} if options else {})


def look_up(name, of, table):
    return Value(name, {"embedding": {"table": table["name"]}}, (of,), table)


def pool(name, of, table, how):
    return Value(name, {"pool": {"table": table["name"], "how": how}}, (of,), table)


def embed(name, of, width, **options):
    """A table of its own, with as many rows as there are ids."""
    (kind,) = of.op["input"]["kind"].values()
    return look_up(name, of, table(name, kind["rows"], width, **options))


def dense(name, value, units, activation="linear", l2=0.0, initializer="glorot_uniform"):
    op = {"units": units, "activation": activation, "initializer": initializer}
    return Value(name, {"dense": op | ({"l2": l2} if l2 else {})}, (value,))


def activation(name, value, function):
    return Value(name, {"activation": {"function": function}}, (value,))


def bias(name, value):
    return Value(name, "bias", (value,))


def batch_norm(name, value):
    return Value(name, {"batch_norm": {"momentum": 0.99, "epsilon": 0.001}}, (value,))


def rescale(name, value, low, high):
    return Value(name, {"rescale": {"min": low, "max": high}}, (value,))


def dot(name, left, right):
    return Value(name, "dot", (left, right))


def add(name, *values):
    return Value(name, "add", values)


def multiply(name, *values):
    return Value(name, "multiply", values)


def concat(name, *values):
    return Value(name, "concat", values)


def pairwise(name, *values):
    return Value(name, "pairwise", values)


def total(name, value):
    return Value(name, "sum", (value,))


# ---- Models of the zoo. Each is asked with the numbers of users and items and the options that its recburn struct has.


def factorisation(rows, score, factors, l2=0.0, bias_l2=0.0, l2_on="table"):
    user, item = users(rows[0]), items(rows[1])
    of_user, of_item = (embed(f"{of.name}_factors", of, factors, l2=l2, l2_on=l2_on) for of in (user, item))
    biases = [embed(f"{of.name}_bias", of, 1, l2=bias_l2, l2_on=l2_on) for of in (user, item)]
    return of_user, of_item, add(score, dot("affinity", of_user, of_item), *biases)


def dot_mf(rows, factors, l2=0.0, l2_on="table", non_negative=False):
    options = {"l2": l2, "l2_on": l2_on, "non_negative": non_negative}
    user, item = (embed(f"{of.name}_factors", of, factors, **options) for of in (users(rows[0]), items(rows[1])))
    return dot("score", user, item)


def non_negative_mf(rows, **options):
    return dot_mf(rows, non_negative=True, **options)


def biased_mf(rows, **options):
    return factorisation(rows, "score", **options)[2]


def scaled_mf(rows, range, **options):
    inside = factorisation(rows, "sum", **options)[2]
    return rescale("score", activation("squashed", inside, "sigmoid"), *range)


def concat_mlp(rows, user_factors, item_factors, stack, l2=0.0, l2_on="table", dense_l2=0.0):
    user = embed("user_factors", users(rows[0]), user_factors, l2=l2, l2_on=l2_on)
    item = embed("item_factors", items(rows[1]), item_factors, l2=l2, l2_on=l2_on)
    value = concat("pair", user, item)
    counts = {}
    for block in stack:
        (word, settings) = (block, None) if isinstance(block, str) else next(iter(block.items()))
        counts[word] = counts.get(word, 0) + 1
        name = f"{word}_{counts[word]}"
        if word == "dense":
            value = dense(name, value, **settings, l2=dense_l2)
        elif word == "activation":
            value = activation(name, value, settings)
        else:
            value = batch_norm(name, value)
    return value


def residual_mf(rows, hidden, activation, dense_l2=0.0, **options):
    user, item, inside = factorisation(rows, "factorisation", **options)
    deep = dense("dense_1", concat("pair", user, item), hidden, activation, l2=dense_l2)
    return add("score", inside, dense("dense_2", deep, 1, l2=dense_l2))


def svdpp(rows, factors, l2=0.0, bias_l2=0.0, l2_on="table"):
    user, item = users(rows[0]), items(rows[1])
    factor, bias = {"l2": l2, "l2_on": l2_on}, {"l2": bias_l2, "l2_on": l2_on}
    history = column("history", "user", {"bag": {"rows": rows[1]}})
    implicit = table("implicit_factors", rows[1], factors, **factor)
    taste = pool("implicit_factors", history, implicit, "root_mean")
    of_user = add("user_vector", embed("user_factors", user, factors, **factor), taste)
    affinity = dot("affinity", of_user, embed("item_factors", item, factors, **factor))
    return add("score", affinity, *(embed(f"{of.name}_bias", of, 1, **bias) for of in (user, item)))


def bpr_mf(rows, factors, l2=0.002, bias_l2=0.002, l2_on="batch"):
    """Without user biases, which no order of a user's items depends on: Adam would make steps of their rounding."""
    user, item, factor = users(rows[0]), items(rows[1]), {"l2": l2, "l2_on": l2_on}
    of_user, of_item = (embed(f"{of.name}_factors", of, factors, **factor) for of in (user, item))
    bias = embed("item_bias", item, 1, l2=bias_l2, l2_on=l2_on)
    return add("score", dot("affinity", of_user, of_item), bias)


def neumf(rows, factors, mlp_factors, hidden, initializer, l2=0.0, l2_on="table", dense_l2=0.0):
    assert initializer == EMBEDDING
    user, item, options = users(rows[0]), items(rows[1]), {"l2": l2, "l2_on": l2_on}
    product = multiply("product", *(embed(f"gmf_{of.name}_factors", of, factors, **options) for of in (user, item)))
    value = concat("pair", *(embed(f"mlp_{of.name}_factors", of, mlp_factors, **options) for of in (user, item)))
    for place, units in enumerate(hidden, start=1):
        value = dense(f"hidden_{place}", value, units, "relu", l2=dense_l2)
    return dense("score", concat("both", product, value), 1, l2=dense_l2)


def two_tower(
    rows, factors, feature_factors, hidden, width, biases=True, l2=0.0, bias_l2=0.0, l2_on="table", dense_l2=0.0
):
    """Over numbers of the user (`about`) and a bag of the item (`words`)."""
    user, item, options = users(rows[0]), items(rows[1]), {"l2": l2, "l2_on": l2_on}
    about = column("about", "user", {"numbers": {"width": 2}})
    words = column("words", "item", {"bag": {"rows": 7}})

    def tower(of, feature):
        value = concat(f"{of.name}_known", embed(f"{of.name}_factors", of, factors, **options), feature)
        for place, units in enumerate(hidden, start=1):
            value = dense(f"{of.name}_hidden_{place}", value, units, "relu", l2=dense_l2)
        return dense(f"{of.name}_tower", value, width, l2=dense_l2)

    of_words = pool("words_factors", words, table("words_factors", 7, feature_factors, **options), "mean")
    towers = tower(user, about), tower(item, of_words)
    if not biases:
        return dot("score", *towers)
    of = (embed(f"{of.name}_bias", of, 1, l2=bias_l2, l2_on=l2_on) for of in (user, item))
    return add("score", dot("affinity", *towers), *of)


def autorec(rows, by, hidden, activation, l2=1e-4, bias_l2=0.0, l2_on="table"):
    user, item = users(rows[0]), items(rows[1])
    encoded, decoded = ("raters", user) if by == "item" else ("rated_history", item)
    ratings = column(encoded, by, {"bag": {"rows": rows[0] if by == "item" else rows[1]}})
    (kind,) = ratings.op["input"]["kind"].values()
    code = pool("encoded", ratings, table("encoder", kind["rows"], hidden, l2=l2, l2_on=l2_on), "sum")
    code = Value("code", {"activation": {"function": activation}}, (bias("mu", code),))
    decoder = embed(f"{decoded.name}_factors", decoded, hidden, l2=l2, l2_on=l2_on)
    of = embed(f"{decoded.name}_bias", decoded, 1, l2=bias_l2, l2_on=l2_on)
    return add("score", dot("affinity", code, decoder), of)


def columns(rows):
    """Users, items, an id and numbers of the user, a bag of the item, and an id of the event."""
    return (
        users(rows[0]),
        items(rows[1]),
        column("group", "user", {"id": {"rows": 3}}),
        column("about", "user", {"numbers": {"width": 2}}),
        column("genres", "item", {"bag": {"rows": 5}}),
        column("hour", "event", {"id": {"rows": 4}}),
    )


def field(of, end, width, l2, l2_on, dense_l2, start=EMBEDDING):
    """An input as numbers: a row, the mean row of a bag, numbers times a matrix that starts like a table unless `start` differs."""
    name = f"{of.name}_{end}"
    ((kind, sizes),) = of.op["input"]["kind"].items()
    if kind == "numbers":
        return dense(name, of, width, l2=dense_l2, initializer=start)
    if kind == "bag":
        return pool(name, of, table(name, sizes["rows"], width, l2=l2, l2_on=l2_on), "mean")
    return embed(name, of, width, l2=l2, l2_on=l2_on)


def factorisation_machine(rows, factors, l2=0.0, bias_l2=0.0, l2_on="table", dense_l2=0.0):
    fields = columns(rows)
    vectors = (field(of, "factors", factors, l2, l2_on, dense_l2) for of in fields)
    interaction = total("interaction", pairwise("pairs", *vectors))
    linear = (field(of, "bias", 1, bias_l2, l2_on, dense_l2) for of in fields)
    return bias("score", add("terms", *linear, interaction))


def joined(fields, factors, feature_factors, l2, l2_on):
    """Rows of ids and bags, and numbers as they are."""

    def of(input):
        if "numbers" in input.op["input"]["kind"]:
            return input
        width = factors if input.name in ("user", "item") else feature_factors
        return field(input, "factors", width, l2, l2_on, 0.0)

    return concat("columns", *(of(input) for input in fields))


def hidden_layers(value, hidden, batch_norm_before_relu, dense_l2):
    for place, units in enumerate(hidden, start=1):
        if batch_norm_before_relu:
            value = batch_norm(f"norm_{place}", dense(f"hidden_{place}", value, units, l2=dense_l2))
            value = activation(f"relu_{place}", value, "relu")
        else:
            value = dense(f"hidden_{place}", value, units, "relu", l2=dense_l2)
    return value


def wide_and_deep(
    rows, factors, feature_factors, hidden, batch_norm=False, l2=0.0, bias_l2=0.0, l2_on="table", dense_l2=0.0
):
    fields = columns(rows)
    value = hidden_layers(joined(fields, factors, feature_factors, l2, l2_on), hidden, batch_norm, dense_l2)
    linear = (field(of, "bias", 1, bias_l2, l2_on, dense_l2, "glorot_uniform") for of in fields)
    return add("score", *linear, dense("deep", value, 1, l2=dense_l2))


def deep_fm(rows, factors, hidden, batch_norm=False, l2=0.0, bias_l2=0.0, l2_on="table", dense_l2=0.0):
    fields = columns(rows)
    vectors = [field(of, "factors", factors, l2, l2_on, dense_l2) for of in fields]
    interaction = total("interaction", pairwise("pairs", *vectors))
    value = hidden_layers(concat("fields", *vectors), hidden, batch_norm, dense_l2)
    linear = (field(of, "bias", 1, bias_l2, l2_on, dense_l2) for of in fields)
    return add("score", *linear, interaction, dense("deep", value, 1, l2=dense_l2))


def dcn_v2(
    rows,
    factors,
    feature_factors,
    hidden,
    cross_layers=2,
    rank=None,
    structure="stacked",
    batch_norm=False,
    l2=0.0,
    l2_on="table",
    dense_l2=0.0,
):
    first = joined(columns(rows), factors, feature_factors, l2, l2_on)
    width = 2 * factors + 3 * feature_factors + 2  # of users and items; group, genres and hour; about
    value = first
    for at in range(1, cross_layers + 1):
        inner = dense(f"cross_{at}_down", value, rank, l2=dense_l2) if rank else value
        linear = dense(f"cross_{at}_linear", inner, width, l2=dense_l2)
        value = add(f"cross_{at}", multiply(f"cross_{at}_product", first, linear), value)
    if structure == "stacked":
        value = hidden_layers(value, hidden, batch_norm, dense_l2)
    else:
        value = concat("both", value, hidden_layers(first, hidden, batch_norm, dense_l2))
    return dense("score", value, 1, l2=dense_l2)


def sasrec(rows, width, length, blocks, heads, dropout=0.0, l2=0.0):
    assert not dropout, "its masks are random"
    of_items = table("item_factors", rows[1], width, l2=l2)
    recent = column("recent", "user", {"sequence": {"rows": rows[1], "length": length}})
    start = {"positions": {"initializer": EMBEDDING}}
    steps = Value("positions", start, (look_up("recent_items", recent, of_items),))

    def norm(name, value):
        return Value(name, {"layer_norm": {"epsilon": 0.001}}, (value,))

    for at in range(1, blocks + 1):
        op = {"attention": {"heads": heads, "initializer": "glorot_uniform"}}
        seen = Value(f"attention_{at}", op, (norm(f"attention_norm_{at}", steps),))
        steps = add(f"attended_{at}", steps, seen)
        hidden = dense(f"hidden_{at}", norm(f"dense_norm_{at}", steps), width, "relu")
        steps = add(f"block_{at}", steps, dense(f"dense_{at}", hidden, width))
    user = Value("user_vector", "at_query", (norm("norm", steps),))
    return dot("score", user, look_up("item_vector", items(rows[1]), of_items))


def steps_of_items(rows, width, length, l2=0.0):
    """The table of the items, and its rows along a history."""
    of_items = table("item_factors", rows[1], width, l2=l2)
    recent = column("recent", "user", {"sequence": {"rows": rows[1], "length": length}})
    return of_items, look_up("recent_items", recent, of_items)


def gru(name, steps, units):
    return Value(name, {"gru": {"units": units, "initializer": "glorot_uniform"}}, (steps,))


def gru4rec(rows, width, length, units, layers, dropout=0.0, hidden_dropout=0.0, l2=0.0):
    assert not dropout and not hidden_dropout, "their masks are random"
    of_items, steps = steps_of_items(rows, width, length, l2)
    for at in range(1, layers + 1):
        steps = gru(f"gru_{at}", steps, units)
    if units != width:
        steps = dense("dense", steps, width)
    user = Value("user_vector", "at_query", (steps,))
    return dot("score", user, look_up("item_vector", items(rows[1]), of_items))


def narm(rows, width, length, units, dropout=0.0, hidden_dropout=0.0, l2=0.0):
    assert not dropout and not hidden_dropout, "their masks are random"
    of_items, steps = steps_of_items(rows, width, length, l2)
    states = gru("gru", steps, units)
    purpose = Value("attention", {"additive_attention": {"initializer": "glorot_uniform"}}, (states,))
    decoded = dense("decoder", concat("both", states, purpose), width)
    user = Value("user_vector", "at_query", (decoded,))
    return dot("score", user, look_up("item_vector", items(rows[1]), of_items))


ZOO = {model.__name__: model for model in (
    dot_mf, non_negative_mf, biased_mf, scaled_mf, concat_mlp, residual_mf, svdpp, bpr_mf, neumf, autorec,
    two_tower, factorisation_machine, wide_and_deep, deep_fm, dcn_v2, sasrec, gru4rec, narm,
)}  # fmt: skip


# ---- Models that are not in the zoo, or not in this form.


def shared_table(rows, factors, how, l2=0.0, l2_on="table"):
    """A user is the items of a history, out of the table that the item is looked up in."""
    item = items(rows[1])
    history = column("history", "user", {"bag": {"rows": rows[1]}})
    of_items = table("item_factors", rows[1], factors, l2=l2, l2_on=l2_on)
    affinity = dot("affinity", pool("taste", history, of_items, how), look_up("item_vector", item, of_items))
    return add("score", affinity, embed("user_bias", users(rows[0]), 1), embed("item_bias", item, 1))


def features(rows, factors):
    about = column("about", "user", {"numbers": {"width": 3}})
    words = column("words", "item", {"bag": {"rows": 7}})
    moment = column("moment", "event", {"numbers": {"width": 2}})
    of_words = pool("word_factors", words, table("word_factors", 7, factors), "root_mean")
    user = concat("of_user", embed("user_factors", users(rows[0]), factors), about)
    item = concat("of_item", embed("item_factors", items(rows[1]), factors), of_words)
    hidden = dense("dense_1", concat("all", user, item, moment), 6, "tanh")
    return dense("dense_2", hidden, 1)
