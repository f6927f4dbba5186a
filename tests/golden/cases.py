"""The cases: what each golden file is about, and everything random in it."""

import zlib
from dataclasses import dataclass, field, replace
from collections.abc import Callable

import drawing
import numpy as np

# Each update rule with what it takes when a case does not say.
RULES = {
    "sgd": {"learning_rate": 0.02, "momentum": 0.9},
    "adam": {"learning_rate": 0.01, "beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-7},
    "adamw": {"learning_rate": 0.01, "weight_decay": 0.004, "beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-7},
    "adagrad": {"learning_rate": 0.1, "initial_accumulator_value": 0.1, "epsilon": 1e-7},
}


def rule(name, **values):
    return {"optimizer": name, **RULES[name], **values}


@dataclass(frozen=True)
class Case:
    """What a file is about. `hyper` goes into it as it stands; the rest decides what is drawn."""

    about: str
    model: str  # of the zoo, or else the name of what `draw` draws
    options: dict  # of the zoo's model, or of `draw`
    hyper: dict
    loss: str = "mse"
    users: int = 12
    items: int = 17
    batch: int = 8
    steps: int = 25
    scale: float = 1.0  # on the standard deviation 0.3 of the weights at the start
    signed: bool = False  # a non-negative table that starts with negative entries all the same
    rates: tuple = ()  # learning rates, each holding for an equal share of the steps
    draw: Callable = None  # (users, items) and options to the output of a graph, where it is not the zoo's
    features: dict = field(default_factory=dict)  # by input: a function of the generator and the rows of its side
    each: int = 0  # candidates of each query; without them and without `shared` a query is a rating
    shared: int = 0  # candidates of all queries
    positives: bool = False  # at places of their own, not first
    left_out: bool = False  # candidates that are the positive once more, and some others
    log_q: bool = False
    weights: bool = False  # of queries
    sequence: str = ""  # the input each of whose steps is a query; `batch` is then a number of users


def mf(factors=6, **options):
    return {"factors": factors} | options


def mlp(*layers, user_factors=6, item_factors=6, **options):
    def block(layer):
        return {"dense": {"units": layer[0], "activation": layer[1]}} if isinstance(layer, tuple) else layer

    stack = [block(layer) for layer in layers]
    return {"user_factors": user_factors, "item_factors": item_factors, "stack": stack, "l2": 0.0} | options


def residual(**options):
    return {"factors": 6, "hidden": 9, "activation": "elu"} | options


def bags(rows, longest, weighted=False):
    """Bags of up to so many distinct ids; the second is empty."""

    def draw(random, count):
        sizes = random.integers(1, longest + 1, count)
        sizes[1] = 0
        ids = [random.choice(rows, size, replace=False) for size in sizes]
        if not weighted:
            return {"bags": ids}
        return {"weighted": [[(id, random.choice([0.25, 0.5, 1.0, 1.5])) for id in bag] for bag in ids]}

    return draw


def ids(rows):
    return lambda random, count: {"ids": random.integers(0, rows, count)}


def numbers(width):
    return lambda random, count: {"numbers": random.normal(0, 1, (count, width)).astype(np.float32)}


COLUMNS = {"group": ids(3), "about": numbers(2), "genres": bags(5, 3), "hour": ids(4)}  # of `drawing.columns`

RESTING = {"users": 60, "items": 80, "batch": 4, "steps": 60}

CASES = {
    # The architectures of the notebooks.
    "dot_mf": Case("dot product", "dot_mf", mf(l2=1e-4), rule("adam")),
    "plain_mf": Case("dot product without a penalty", "dot_mf", mf(), rule("adam")),
    "biased_mf_sgd": Case("dot product and biases", "biased_mf", mf(), rule("sgd", learning_rate=0.08)),
    "biased_mf_adam": Case("dot product and biases", "biased_mf", mf(l2=1e-4), rule("adam")),
    "biased_mf_sgd_l2": Case(
        "dot product and biases, all penalised",
        "biased_mf",
        mf(l2=1e-3, bias_l2=1e-3),
        rule("sgd", learning_rate=0.05),
    ),
    "scaled_mf": Case(
        "sigmoid stretched to the range of the ratings",
        "scaled_mf",
        mf(l2=1e-6, bias_l2=1e-6, range=[1.0, 5.0]),
        rule("adam"),
    ),
    "non_negative_mf": Case("dot product of non-negative tables", "non_negative_mf", mf(), rule("adam")),
    "concat_mlp": Case(
        "dense layers over both embeddings",
        "concat_mlp",
        mlp((7, "relu"), (1, "linear"), l2=1e-4),
        rule("adam"),
    ),
    "concat_mlp_deep": Case(
        "dense layers over both embeddings", "concat_mlp", mlp((9, "relu"), (1, "linear")), rule("sgd")
    ),
    "concat_mlp_tower": Case(
        "a tower of dense layers over embeddings of two widths",
        "concat_mlp",
        mlp((10, "linear"), (6, "linear"), (4, "relu"), (1, "relu"), user_factors=5, item_factors=8),
        rule("adam", learning_rate=0.005),
        loss="mae",
    ),
    "residual_mf": Case(
        "dot product and biases, and a dense network beside them", "residual_mf", residual(), rule("sgd")
    ),
    "dense_l2": Case(
        "dense layers whose kernels are penalised, as the tables below them",
        "concat_mlp",
        mlp((7, "relu"), (1, "linear"), l2=1e-4, dense_l2=1e-3),
        rule("adam"),
        steps=40,
    ),
    "dense_l2_sgd": Case(
        "dense layers whose kernels are penalised, beside a factorisation that is not",
        "residual_mf",
        residual(dense_l2=1e-2),
        rule("sgd"),
    ),
    # The update rules, where they are easy to get wrong.
    "adagrad": Case("AdaGrad", "biased_mf", mf(), rule("adagrad")),
    "adagrad_l2": Case(
        "AdaGrad whose penalty moves every row", "biased_mf", mf(4, l2=1e-3), rule("adagrad"), **RESTING
    ),
    "sgd_plain_l2": Case(
        "SGD without momentum: under a penalty a resting row only shrinks",
        "biased_mf",
        mf(l2=1e-2, bias_l2=1e-3),
        rule("sgd", learning_rate=0.05, momentum=0.0),
    ),
    "sgd_resting_l2": Case(
        "momentum and a penalty, rows that rest for long",
        "biased_mf",
        mf(4, l2=1e-3, bias_l2=1e-3),
        rule("sgd", learning_rate=0.05),
        **RESTING,
    ),
    "adam_resting": Case("Adam, rows that rest for long", "biased_mf", mf(4), rule("adam"), **RESTING),
    "adam_resting_l2": Case(
        "Adam and a penalty, rows that rest for long",
        "biased_mf",
        mf(4, l2=1e-3, bias_l2=1e-4),
        rule("adam"),
        **RESTING,
    ),
    "adam_resting_longer": Case(
        "Adam, rows that rest until their moments have died out",
        "biased_mf",
        mf(4),
        rule("adam"),
        **(RESTING | {"steps": 300}),
    ),
    "adamw": Case("AdamW: weights decay beside the step", "biased_mf", mf(), rule("adamw", weight_decay=0.2)),
    "adamw_mlp": Case(
        "AdamW over dense layers, whose kernels and biases decay too",
        "concat_mlp",
        mlp((9, "elu"), (1, "linear")),
        rule("adamw", weight_decay=0.5),
    ),
    "adamw_resting": Case(
        "AdamW, a learning rate that changes while rows rest until their moments have died out",
        "biased_mf",
        mf(4),
        rule("adamw", weight_decay=0.3),
        rates=(0.01, 0.02, 0.002, 0.01),
        **(RESTING | {"steps": 300}),
    ),
    "adamw_resting_l2": Case(
        "AdamW and a penalty on whole tables, rows that rest for long",
        "biased_mf",
        mf(4, l2=1e-3),
        rule("adamw", weight_decay=0.1),
        **RESTING,
    ),
    "l2_on_batch_adam": Case(
        "Adam and a penalty on the rows of each batch, while others rest",
        "biased_mf",
        mf(4, l2=0.05, bias_l2=0.02, l2_on="batch"),
        rule("adam"),
        **RESTING,
    ),
    "l2_on_batch_sgd": Case(
        "momentum and a penalty on the rows of each batch",
        "biased_mf",
        mf(l2=0.1, l2_on="batch"),
        rule("sgd", learning_rate=0.05),
    ),
    "l2_on_batch_mlp": Case(
        "a penalty on the rows of each batch, dense layers above them",
        "concat_mlp",
        mlp((9, "elu"), (1, "linear"), l2=0.05, l2_on="batch"),
        rule("adamw", weight_decay=0.1),
    ),
    "l2_on_batch_residual": Case(
        "a penalty on the rows of each batch, which two branches read",
        "residual_mf",
        residual(l2=0.05, bias_l2=0.02, l2_on="batch"),
        rule("adam"),
    ),
    "non_negative_adam_signed": Case(
        "entries below zero at the start, in rows never seen as well: one step projects them all",
        "non_negative_mf",
        mf(),
        rule("adam", learning_rate=0.05),
        signed=True,
    ),
    "non_negative_sgd": Case(
        "momentum carries resting rows against zero, step after step",
        "non_negative_mf",
        mf(),
        rule("sgd", learning_rate=0.05),
        steps=40,
        users=20,
        items=30,
        batch=4,
    ),
    "huber": Case(
        "Huber loss, errors on both sides of 1",
        "biased_mf",
        mf(l2=1e-4),
        rule("adam", learning_rate=0.03),
        loss="huber",
    ),
    "learning_rates_adam": Case(
        "Adam, a learning rate that changes while rows rest",
        "biased_mf",
        mf(4, l2=1e-4),
        rule("adam"),
        rates=(0.005, 0.01, 0.001, 0.004),
        **RESTING,
    ),
    "learning_rates_sgd": Case(
        "momentum and a penalty, a learning rate that changes while rows rest",
        "biased_mf",
        mf(4, l2=1e-3),
        rule("sgd"),
        rates=(0.03, 0.06, 0.005, 0.02),
        **RESTING,
    ),
    "batch_norm": Case(
        "batch normalisation between dense layers, whose moving statistics make the predictions",
        "concat_mlp",
        mlp((7, "linear"), "batch_norm", {"activation": "relu"}, (1, "linear")),
        rule("sgd"),
    ),
    # Inputs other than users and items.
    "svdpp": Case(
        "SVD++: users' histories pooled by the root of their length, a penalty on the rows of each batch",
        "svdpp",
        mf(4, l2=0.05, bias_l2=0.02, l2_on="batch"),
        rule("adam"),
        features={"history": bags(17, 6)},
    ),
    "svdpp_sgd": Case(
        "SVD++, momentum and a penalty on whole tables",
        "svdpp",
        mf(4, l2=1e-3),
        rule("sgd"),
        features={"history": bags(17, 6)},
    ),
    "shared_table": Case(
        "one table of items, looked up by the items and by the means of histories, penalised for both",
        "shared_table",
        {"factors": 5, "how": "mean", "l2": 0.05, "l2_on": "batch"},
        rule("adam"),
        draw=drawing.shared_table,
        features={"history": bags(17, 6)},
    ),
    "shared_table_adagrad": Case(
        "one table of items, looked up by the items and by the sums of weighted histories",
        "shared_table",
        {"factors": 5, "how": "sum", "l2": 1e-3},
        rule("adagrad"),
        draw=drawing.shared_table,
        features={"history": bags(17, 6, weighted=True)},
    ),
    "factorisation_machine": Case(
        "a factorisation machine over users, items, ids and numbers of users, bags of items, and ids of the event",
        "factorisation_machine",
        {"factors": 4, "l2": 0.02, "bias_l2": 0.01, "l2_on": "batch", "dense_l2": 1e-3},
        rule("adam"),
        features=COLUMNS,
    ),
    "wide_and_deep": Case(
        "linear terms next to dense layers over the same columns",
        "wide_and_deep",
        {"factors": 4, "feature_factors": 2, "hidden": [6, 3], "l2": 0.02, "bias_l2": 0.01, "l2_on": "batch"},
        rule("adagrad"),
        features=COLUMNS,
    ),
    "deep_fm": Case(
        "a factorisation machine and dense layers over the same factors: logistic loss, a positive and its negatives",
        "deep_fm",
        {"factors": 3, "hidden": [6, 4], "l2": 1e-3, "dense_l2": 1e-3},
        rule("adam"),
        loss="logistic",
        features=COLUMNS,
        batch=6,
        each=3,
    ),
    "dcn_v2": Case(
        "two cross layers with full kernels, dense layers after them",
        "dcn_v2",
        {"factors": 3, "feature_factors": 2, "hidden": [5], "l2": 0.02, "l2_on": "batch", "dense_l2": 1e-3},
        rule("adam"),
        features=COLUMNS,
    ),
    "dcn_v2_parallel": Case(
        "three cross layers of low rank, next to normalised dense layers",
        "dcn_v2",
        {
            "factors": 3,
            "feature_factors": 2,
            "hidden": [5],
            "cross_layers": 3,
            "rank": 2,
            "structure": "parallel",
            "batch_norm": True,
        },
        rule("sgd", learning_rate=0.002),
        features=COLUMNS,
    ),
    "autorec": Case(
        "AutoRec: the code of all ratings of an item",
        "autorec",
        {"by": "item", "hidden": 5, "activation": "sigmoid", "l2": 1e-3},
        rule("adagrad"),
        features={"raters": bags(12, 6, weighted=True)},
    ),
    "features": Case(
        "numbers of users and of the event, weighted bags of items, under dense layers",
        "features",
        {"factors": 4},
        rule("adamw", weight_decay=0.1),
        draw=drawing.features,
        features={"about": numbers(3), "words": bags(7, 4, weighted=True), "moment": numbers(2)},
    ),
    # Positives against other candidates.
    "logistic": Case(
        "logistic loss of yes and no, queries of different weights",
        "biased_mf",
        mf(),
        rule("adam"),
        loss="logistic",
        weights=True,
    ),
    "logistic_neumf": Case(
        "logistic loss, a positive and its negatives: a product beside dense layers, four tables",
        "neumf",
        {"factors": 4, "mlp_factors": 3, "hidden": [6, 3], "dense_l2": 1e-3, "initializer": drawing.EMBEDDING},
        rule("adam"),
        loss="logistic",
        batch=6,
        each=4,
    ),
    "logistic_shared": Case(
        "logistic loss against shared candidates, some of which are left out",
        "biased_mf",
        mf(4, l2=0.02, bias_l2=0.01, l2_on="batch"),
        rule("adagrad"),
        loss="logistic",
        batch=6,
        shared=5,
        positives=True,
        left_out=True,
    ),
    "mse_shared": Case(
        "squared errors of ones and zeros against shared candidates",
        "dot_mf",
        mf(4, l2=1e-3),
        rule("sgd"),
        batch=6,
        shared=5,
        positives=True,
    ),
    "bpr": Case(
        "BPR, pairs of a positive and a negative", "bpr_mf", mf(l2=0.02, bias_l2=0.01), rule("adam"), loss="bpr", each=2
    ),
    "bpr_weights": Case(
        "BPR, several negatives, queries of different weights, some candidates left out",
        "bpr_mf",
        mf(4),
        rule("sgd", learning_rate=0.1),
        loss="bpr",
        batch=6,
        each=4,
        positives=True,
        left_out=True,
        weights=True,
    ),
    "hinge": Case(
        "hinge loss, several negatives",
        "bpr_mf",
        mf(4),
        rule("adagrad"),
        loss="hinge",
        batch=6,
        each=4,
    ),
    "hinge_shared": Case(
        "hinge loss against shared candidates, some of which are left out: dense layers over pairs",
        "concat_mlp",
        mlp((7, "elu"), (1, "linear"), user_factors=4, item_factors=4, l2=0.02, l2_on="batch"),
        rule("sgd", learning_rate=0.05),
        loss="hinge",
        batch=6,
        shared=5,
        positives=True,
        left_out=True,
    ),
    "softmax": Case(
        "softmax over a positive and negatives of its own, corrected for how they were drawn",
        "bpr_mf",
        mf(4),
        rule("adam"),
        loss="softmax",
        batch=6,
        each=5,
        positives=True,
        log_q=True,
    ),
    "two_tower": Case(
        "ratings by two towers of dense layers, over numbers of users and bags of items",
        "two_tower",
        {"factors": 4, "feature_factors": 2, "hidden": [5], "width": 3, "l2": 0.02, "bias_l2": 0.01, "l2_on": "batch"},
        rule("adam"),
        features={"about": numbers(2), "words": bags(7, 4)},
    ),
    "softmax_two_tower": Case(
        "softmax over the items of the batch by two towers: corrections, candidates left out, queries of different weights",
        "two_tower",
        {"factors": 4, "feature_factors": 2, "hidden": [5], "width": 3, "biases": False},
        rule("adagrad"),
        loss="softmax",
        features={"about": numbers(2), "words": bags(7, 4)},
        shared=9,
        positives=True,
        left_out=True,
        log_q=True,
        weights=True,
    ),
    "softmax_svdpp": Case(
        "softmax over shared candidates: histories pooled once per user",
        "svdpp",
        mf(4, l2=0.02, bias_l2=0.01, l2_on="batch"),
        rule("adagrad"),
        loss="softmax",
        features={"history": bags(17, 6)},
        batch=6,
        shared=7,
        positives=True,
        left_out=True,
    ),
    # Sequences.
    "sasrec": Case(
        "SASRec: what comes after every item of a history, against an item of its own each, by logistic loss",
        "sasrec",
        {"width": 4, "length": 5, "blocks": 1, "heads": 1, "dropout": 0.0},
        rule("adam"),
        loss="logistic",
        features={"recent": bags(17, 5)},
        sequence="recent",
        batch=4,
        each=2,
    ),
    "sasrec_last": Case(
        "SASRec of two blocks and two heads: what comes last, by softmax over shared candidates",
        "sasrec",
        {"width": 4, "length": 5, "blocks": 2, "heads": 2, "dropout": 0.0, "l2": 1e-3},
        rule("sgd"),
        loss="softmax",
        features={"recent": bags(17, 5)},
        batch=6,
        shared=7,
        positives=True,
        log_q=True,
    ),
    "gru4rec": Case(
        "GRU4Rec of two layers: what comes after every item of a history, against items of its own each, by BPR",
        "gru4rec",
        {"width": 4, "length": 5, "units": 4, "layers": 2, "dropout": 0.0},
        rule("adam"),
        loss="bpr",
        features={"recent": bags(17, 5)},
        sequence="recent",
        batch=4,
        each=3,
    ),
    "gru4rec_last": Case(
        "GRU4Rec with states of another width: what comes last, by softmax over shared candidates",
        "gru4rec",
        {"width": 4, "length": 5, "units": 6, "layers": 1, "dropout": 0.0, "l2": 1e-3},
        rule("sgd"),
        loss="softmax",
        features={"recent": bags(17, 5)},
        batch=6,
        shared=7,
        positives=True,
        log_q=True,
    ),
    "narm": Case(
        "NARM: what comes after every item of a history, by softmax over candidates of its own",
        "narm",
        {"width": 4, "length": 5, "units": 3, "dropout": 0.0, "hidden_dropout": 0.0},
        rule("adam"),
        loss="softmax",
        features={"recent": bags(17, 5)},
        sequence="recent",
        batch=4,
        each=3,
    ),
}


def column(random, count, entries):
    """Row k with a probability as 1 / (k + 1): the first is in nearly every batch, often twice; the last is never seen."""
    weight = 1 / np.arange(1, count + 1)
    weight[-1] = 0
    return random.choice(count, entries, p=weight / weight.sum())


def weights_at_start(random, case, graph):
    def normal(*shape):
        return (random.normal(0, 0.3, shape) * case.scale).astype(np.float32)

    initial = {}
    for table in graph["tables"]:
        start = normal(table["rows"], table["width"])
        if table.get("options", {}).get("non_negative") and not case.signed:
            start = np.abs(start)
        initial[f"{table['name']}.weight"] = start
    widths, last = {}, None
    for node in graph["nodes"]:
        word, settings = (node["op"], {}) if isinstance(node["op"], str) else next(iter(node["op"].items()))
        taken = [widths[name] for name in node["inputs"]]
        widths[node["name"]] = taken[0] if taken else 0
        if word in ("embedding", "pool"):
            (widths[node["name"]],) = (t["width"] for t in graph["tables"] if t["name"] == settings["table"])
        elif word in ("dot", "sum"):
            widths[node["name"]] = 1
        elif word == "concat":
            widths[node["name"]] = sum(taken)
        elif word == "input":
            ((kind, sizes),) = settings["kind"].items()
            widths[node["name"]] = sizes["width"] if kind == "numbers" else 0
        elif word == "positions":
            ((_, sizes),) = graph["nodes"][0]["op"]["input"]["kind"].items()
            initial[f"{node['name']}.weight"] = normal(sizes["length"], taken[0])
        elif word == "bias":
            initial[f"{node['name']}.bias"] = normal(taken[0])
        elif word in ("layer_norm", "batch_norm"):
            initial[f"{node['name']}.gamma"], initial[f"{node['name']}.beta"] = 1 + normal(taken[0]), normal(taken[0])
            if word == "batch_norm":
                initial[f"{node['name']}.running_mean"] = normal(taken[0])
                initial[f"{node['name']}.running_var"] = 1 + np.abs(normal(taken[0]))
        elif word == "attention":
            for part in ("query", "key", "value"):
                initial[f"{node['name']}.{part}"] = normal(taken[0], taken[0])
        elif word == "gru":
            units = widths[node["name"]] = settings["units"]
            for part, inputs in (("weight", taken[0]), ("recurrent", units), ("bias", 2)):
                initial[f"{node['name']}.{part}"] = normal(inputs, 3 * units)
        elif word == "additive_attention":
            for part, units in (("query", taken[0]), ("key", taken[0]), ("scale", 1)):
                initial[f"{node['name']}.{part}"] = normal(taken[0], units)
        elif word == "dense":
            units = widths[node["name"]] = settings["units"]
            last = node["name"]
            initial[f"{last}.weight"], initial[f"{last}.bias"] = normal(taken[0], units), normal(units)
            rectified = settings["activation"] == "relu" and units == 1
    if last and rectified:  # a rectified output must start alive to be trained
        initial[f"{last}.weight"] = np.abs(initial[f"{last}.weight"])
        initial[f"{last}.bias"] += 2
    return initial


def batch_of(random, case, features):
    """The queries of a step, what they are scored against, and what they aim at."""
    batch = {"users": column(random, case.users, case.batch)}
    if case.sequence:
        sequences = features[case.sequence]["bags"]
        batch["users"] = np.repeat(np.unique(batch["users"]), [len(sequences[u]) for u in np.unique(batch["users"])])
        batch["every_position"] = True
        case = replace(case, batch=len(batch["users"]))
    candidates = case.each or case.shared or 1
    batch["items"] = column(random, case.items, case.shared or case.batch * candidates)
    if case.each:
        batch["each"] = case.each
    if case.shared:
        batch["shared"] = case.shared
    if not case.each and not case.shared:
        binary = case.loss == "logistic"
        batch["ratings"] = random.integers(0, 2, case.batch) * 1.0 if binary else random.integers(1, 11, case.batch) / 2
    positives = random.integers(0, candidates, case.batch) if case.positives else np.zeros(case.batch, int)
    if case.positives:
        batch["positives"] = positives
    if case.left_out:
        items = np.tile(batch["items"], (case.batch, 1)) if case.shared else batch["items"].reshape(case.batch, -1)
        of_positive = items[np.arange(case.batch), positives][:, None]
        skipped = (items == of_positive) | (random.random(items.shape) < 0.1)
        skipped[np.arange(case.batch), positives] = False
        batch["left_out"] = np.flatnonzero(skipped)
    if case.log_q:
        batch["log_q"] = np.log(1 / (batch["items"] + 2)).astype(np.float32)
    if case.weights:
        batch["weights"] = random.choice([0.0, 0.5, 1.0, 2.0], case.batch)
        batch["weights"][0] = 1.0
    return batch


def document_of(name, case, seed):
    """A document with everything random in it and nothing trained yet. The draw depends on the case and the seed alone."""
    random = np.random.default_rng([seed, zlib.crc32(name.encode())])
    draw = case.draw or drawing.ZOO[case.model]
    graph = drawing.graph(case.model, draw((case.users, case.items), **case.options))
    initial = weights_at_start(random, case, graph)
    features = {}
    if case.sequence:
        features[case.sequence] = case.features[case.sequence](random, case.users)
    batches = [batch_of(random, case, features) for _ in range(case.steps)]
    document = {
        "case": name,
        "notebook": case.about,
        "users": case.users,
        "items": case.items,
        "batch": case.batch,
        "loss": case.loss,
        **({} if case.draw else {"zoo": {"model": case.model, "options": case.options}}),
        "graph": graph,
        "hyper": case.hyper,
        "initial": initial,
        "batches": batches,
    }
    sides = {"user": case.users, "item": case.items}
    for node in graph["nodes"]:
        values = case.features.get(node["name"])
        if values is None or node["name"] in features:
            continue
        side = node["op"]["input"]["side"]
        if side in sides:
            features[node["name"]] = values(random, sides[side])
        else:
            for batch in batches:
                batch.setdefault("others", {})[node["name"]] = values(random, case.batch)
    if features:
        document["features"] = features
    if case.rates:
        share = -(-case.steps // len(case.rates))
        document["learning_rates"] = [case.rates[step // share] for step in range(case.steps)]
        document["hyper"] = case.hyper | {"learning_rate": case.rates[0]}
    return document
