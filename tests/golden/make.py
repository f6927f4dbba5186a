#!/usr/bin/env python3
"""Golden trajectories: small models trained by Keras 3 on JAX, written down so that another implementation can follow.

    python make.py OUT                                every case, at its own size
    python make.py OUT biased_mf_adam adagrad_mf      these cases
    python make.py OUT dot_mf --users 90 --batch 32   with other sizes; see --help
    python make.py --list                             the cases
    python make.py --check FILE...                    train again from what a file records, and compare
    python make.py --check --double FILE...           the same in float64: how much of a file is rounding

A file records all that is random (the weights at the start, the rows of each batch), the loss of every step, the weights
after some steps and the last one, and the prediction for every user and item. Making and checking are one function,
`train`, which sees nothing but the document: whatever it needs is therefore in the file.

JAX and not TensorFlow: on TensorFlow, Adam squares the gradients of a row that stands twice in a batch one by one.
"""

import argparse
import json
import os
import sys
import zlib
from dataclasses import dataclass, replace
from pathlib import Path

os.environ["KERAS_BACKEND"] = "jax"
os.environ.setdefault("JAX_PLATFORMS", "cpu")
if "--double" in sys.argv:  # JAX must know before it is imported
    os.environ["JAX_ENABLE_X64"] = "1"

import numpy as np  # noqa: E402

TOLERANCE = 1e-4  # of a loss, relative; of a weight or a prediction, absolute

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
    """What a file is about. `architecture` and `hyper` go into it as they stand; the rest decides what is drawn."""

    about: str
    architecture: dict
    hyper: dict
    loss: str = "mse"
    users: int = 12
    items: int = 17
    factors: int = 6
    batch: int = 8
    steps: int = 25
    scale: float = 1.0  # on the standard deviation 0.3 of the weights at the start
    signed: bool = False  # a non-negative table that starts with negative entries all the same
    rates: tuple = ()  # learning rates, each holding for an equal share of the steps


def mf(**more):
    return {"kind": "mf", **more}


RESTING = {"users": 60, "items": 80, "factors": 4, "batch": 4, "steps": 60}

CASES = {
    # The architectures of the notebooks.
    "dot_mf": Case("dot product", mf(reg=1e-4), rule("adam")),
    "plain_mf": Case("dot product without a penalty", mf(reg=0.0), rule("adam")),
    "biased_mf_sgd": Case("dot product and biases", mf(bias=True, reg=0.0), rule("sgd", learning_rate=0.08)),
    "biased_mf_adam": Case("dot product and biases", mf(bias=True, reg=1e-4), rule("adam")),
    "biased_mf_sgd_l2": Case(
        "dot product and biases, all penalised", mf(bias=True, reg=1e-3, reg_bias=1e-3), rule("sgd", learning_rate=0.05)
    ),
    "scaled_mf": Case(
        "sigmoid stretched to the range of the ratings",
        mf(bias=True, reg=1e-6, reg_bias=1e-6, rescale=[1.0, 5.0]),
        rule("adam"),
    ),
    "non_negative_mf": Case("dot product of non-negative tables", mf(reg=0.0, nonneg=True), rule("adam")),
    "concat_mlp": Case(
        "dense layers over both embeddings",
        {"kind": "mlp", "dense": [[7, "relu"], [1, None]], "reg": 1e-4},
        rule("adam"),
    ),
    "concat_mlp_deep": Case(
        "dense layers over both embeddings", {"kind": "mlp", "dense": [[9, "relu"], [1, None]], "reg": 0.0}, rule("sgd")
    ),
    "concat_mlp_tower": Case(
        "a tower of dense layers over embeddings of two widths",
        {
            "kind": "mlp",
            "user_dim": 5,
            "item_dim": 8,
            "dense": [[10, None], [6, None], [4, "relu"], [1, "relu"]],
            "reg": 0.0,
        },
        rule("adam", learning_rate=0.005),
        loss="mae",
    ),
    "residual_mf": Case(
        "dot product and biases, and a dense network beside them",
        {"kind": "residual", "bias": True, "dense": [[9, "elu"], [1, None]], "reg": 0.0},
        rule("sgd"),
    ),
    "dense_l2": Case(
        "dense layers whose kernels are penalised, as the tables below them",
        {"kind": "mlp", "dense": [[7, "relu"], [1, None]], "reg": 1e-4, "reg_dense": 1e-3},
        rule("adam"),
        steps=40,
    ),
    "dense_l2_sgd": Case(
        "dense layers whose kernels are penalised, beside a factorisation that is not",
        {"kind": "residual", "bias": True, "dense": [[9, "elu"], [1, None]], "reg": 0.0, "reg_dense": 1e-2},
        rule("sgd"),
    ),
    # The update rules, where they are easy to get wrong.
    "adagrad": Case("AdaGrad", mf(bias=True, reg=0.0), rule("adagrad")),
    "adagrad_l2": Case("AdaGrad whose penalty moves every row", mf(bias=True, reg=1e-3), rule("adagrad"), **RESTING),
    "sgd_plain_l2": Case(
        "SGD without momentum: under a penalty a resting row only shrinks",
        mf(bias=True, reg=1e-2, reg_bias=1e-3),
        rule("sgd", learning_rate=0.05, momentum=0.0),
    ),
    "sgd_resting_l2": Case(
        "momentum and a penalty, rows that rest for long",
        mf(bias=True, reg=1e-3, reg_bias=1e-3),
        rule("sgd", learning_rate=0.05),
        **RESTING,
    ),
    "adam_resting": Case("Adam, rows that rest for long", mf(bias=True, reg=0.0), rule("adam"), **RESTING),
    "adam_resting_l2": Case(
        "Adam and a penalty, rows that rest for long", mf(bias=True, reg=1e-3, reg_bias=1e-4), rule("adam"), **RESTING
    ),
    "adam_resting_longer": Case(
        "Adam, rows that rest until their moments have died out",
        mf(bias=True, reg=0.0),
        rule("adam"),
        **(RESTING | {"steps": 300}),
    ),
    "adamw": Case("AdamW: weights decay beside the step", mf(bias=True, reg=0.0), rule("adamw", weight_decay=0.2)),
    "adamw_mlp": Case(
        "AdamW over dense layers, whose kernels and biases decay too",
        {"kind": "mlp", "dense": [[9, "elu"], [1, None]], "reg": 0.0},
        rule("adamw", weight_decay=0.5),
    ),
    "adamw_resting": Case(
        "AdamW, a learning rate that changes while rows rest until their moments have died out",
        mf(bias=True, reg=0.0),
        rule("adamw", weight_decay=0.3),
        rates=(0.01, 0.02, 0.002, 0.01),
        **(RESTING | {"steps": 300}),
    ),
    "adamw_resting_l2": Case(
        "AdamW and a penalty on whole tables, rows that rest for long",
        mf(bias=True, reg=1e-3),
        rule("adamw", weight_decay=0.1),
        **RESTING,
    ),
    "l2_on_batch_adam": Case(
        "Adam and a penalty on the rows of each batch, while others rest",
        mf(bias=True, reg=0.05, reg_bias=0.02, reg_on="batch"),
        rule("adam"),
        **RESTING,
    ),
    "l2_on_batch_sgd": Case(
        "momentum and a penalty on the rows of each batch",
        mf(bias=True, reg=0.1, reg_on="batch"),
        rule("sgd", learning_rate=0.05),
    ),
    "l2_on_batch_mlp": Case(
        "a penalty on the rows of each batch, dense layers above them",
        {"kind": "mlp", "dense": [[9, "elu"], [1, None]], "reg": 0.05, "reg_on": "batch"},
        rule("adamw", weight_decay=0.1),
    ),
    "l2_on_batch_residual": Case(
        "a penalty on the rows of each batch, which two branches read",
        {"kind": "residual", "bias": True, "dense": [[9, "elu"], [1, None]], "reg": 0.05, "reg_bias": 0.02, "reg_on": "batch"},
        rule("adam"),
    ),
    "non_negative_adam_signed": Case(
        "entries below zero at the start, in rows never seen as well: one step projects them all",
        mf(reg=0.0, nonneg=True),
        rule("adam", learning_rate=0.05),
        signed=True,
    ),
    "non_negative_sgd": Case(
        "momentum carries resting rows against zero, step after step",
        mf(reg=0.0, nonneg=True),
        rule("sgd", learning_rate=0.05),
        steps=40,
        users=20,
        items=30,
        batch=4,
    ),
    "huber": Case(
        "Huber loss, errors on both sides of 1", mf(bias=True, reg=1e-4), rule("adam", learning_rate=0.03), loss="huber"
    ),
    "learning_rates_adam": Case(
        "Adam, a learning rate that changes while rows rest",
        mf(bias=True, reg=1e-4),
        rule("adam"),
        rates=(0.005, 0.01, 0.001, 0.004),
        **RESTING,
    ),
    "learning_rates_sgd": Case(
        "momentum and a penalty, a learning rate that changes while rows rest",
        mf(bias=True, reg=1e-3),
        rule("sgd"),
        rates=(0.03, 0.06, 0.005, 0.02),
        **RESTING,
    ),
}


def widths(architecture, factors):
    """The shape of every weight but the number of rows: (tables with their widths, dense layers with both widths)."""
    user, item = architecture.get("user_dim") or factors, architecture.get("item_dim") or factors
    tables = {"user_factors": user, "item_factors": item}
    if architecture.get("bias"):
        tables |= {"user_bias": 1, "item_bias": 1}
    dense, width = {}, user + item
    for place, (units, _) in enumerate(architecture.get("dense", ()), start=1):
        dense[f"dense_{place}"] = (width, units)
        width = units
    return tables, dense


def draw(name, case, seed):
    """A document with everything random in it and nothing trained yet. The draw depends on the case and the seed alone."""
    random = np.random.default_rng([seed, zlib.crc32(name.encode())])

    def normal(*shape):
        return (random.normal(0, 0.3, shape) * case.scale).astype(np.float32)

    rows = {"user": case.users, "item": case.items}
    tables, dense = widths(case.architecture, case.factors)
    initial = {}
    for table, width in tables.items():
        side, _, what = table.partition("_")
        start = normal(rows[side], width)
        if case.architecture.get("nonneg") and what == "factors" and not case.signed:
            start = np.abs(start)
        initial[f"{table}.weight"] = start
    for layer, shape in dense.items():
        initial[f"{layer}.weight"], initial[f"{layer}.bias"] = normal(*shape), normal(shape[1])
    if dense and case.architecture["dense"][-1][1] == "relu":  # a rectified output must start alive to be trained
        last = list(dense)[-1]
        initial[f"{last}.weight"] = np.abs(initial[f"{last}.weight"])
        initial[f"{last}.bias"] += 2

    def column(count):
        """Row k with a probability as 1 / (k + 1): the first is in nearly every batch, often twice; the last is never seen."""
        weight = 1 / np.arange(1, count + 1)
        weight[-1] = 0
        return random.choice(count, case.batch, p=weight / weight.sum())

    batches = [
        {"users": column(case.users), "items": column(case.items), "ratings": random.integers(1, 11, case.batch) / 2}
        for _ in range(case.steps)
    ]
    document = {
        "case": name,
        "notebook": case.about,
        "users": case.users,
        "items": case.items,
        "factors": case.factors,
        "batch": case.batch,
        "loss": case.loss,
        "architecture": case.architecture,
        "hyper": case.hyper,
        "initial": initial,
        "batches": batches,
    }
    if case.rates:
        share = -(-case.steps // len(case.rates))
        document["learning_rates"] = [case.rates[step // share] for step in range(case.steps)]
        document["hyper"] = case.hyper | {"learning_rate": case.rates[0]}
    return document


def model_of(document):
    """The Keras model that a document describes, with the document's weights."""
    import keras
    from keras import layers

    about = document["architecture"]
    on_batch = about.get("reg_on") == "batch"
    penalties = []  # of each example's own rows: a second output, whose mean is added to the loss
    ids = {side: keras.Input((1,), dtype="int32", name=side) for side in ("user", "item")}
    tables, _ = widths(about, document["factors"])

    def embedded(table):
        side, _, what = table.partition("_")
        penalty = about.get("reg" if what == "factors" else "reg_bias", 0.0)
        layer = layers.Embedding(
            document[f"{side}s"],
            tables[table],
            name=table,
            embeddings_regularizer=keras.regularizers.L2(penalty) if penalty and not on_batch else None,
            embeddings_constraint="non_neg" if about.get("nonneg") and what == "factors" else None,
        )
        rows = layers.Flatten()(layer(ids[side]))
        if penalty and on_batch:
            squares = keras.ops.sum(keras.ops.square(rows), axis=-1, keepdims=True)
            penalties.append(keras.ops.multiply(squares, penalty))
        return rows

    values = {table: embedded(table) for table in tables}
    factors = [values.pop("user_factors"), values.pop("item_factors")]
    parts = []
    if about["kind"] in ("mf", "residual"):
        parts += [layers.Dot(axes=1)(factors), *values.values()]
    if about["kind"] in ("mlp", "residual"):
        deep = layers.Concatenate()(factors)
        for place, (units, activation) in enumerate(about["dense"], start=1):
            penalty = about.get("reg_dense", 0.0)
            regularizer = keras.regularizers.L2(penalty) if penalty else None
            deep = layers.Dense(units, activation, name=f"dense_{place}", kernel_regularizer=regularizer)(deep)
        parts.append(deep)
    score = layers.Add()(parts) if len(parts) > 1 else parts[0]
    if about.get("rescale"):
        low, high = about["rescale"]
        score = layers.Rescaling(high - low, low)(layers.Activation("sigmoid")(score))

    outputs = [score, keras.ops.sum(keras.ops.concatenate(penalties, axis=-1), axis=-1)] if penalties else score
    model = keras.Model(list(ids.values()), outputs)
    for name, value in named_weights(model).items():
        value.assign(np.asarray(document["initial"][name]))
    hyper = {key: value if key == "optimizer" else float(value) for key, value in document["hyper"].items()}
    optimizer = {
        "sgd": keras.optimizers.SGD,
        "adam": keras.optimizers.Adam,
        "adamw": keras.optimizers.AdamW,
        "adagrad": keras.optimizers.Adagrad,
    }
    loss = {
        "mse": keras.losses.MeanSquaredError,
        "mae": keras.losses.MeanAbsoluteError,
        "huber": keras.losses.Huber,
    }
    losses = [loss[document["loss"]](), lambda _, penalty: penalty] if penalties else loss[document["loss"]]()
    model.compile(optimizer[hyper.pop("optimizer")](**hyper), losses, jit_compile=False)
    return model


def named_weights(model):
    """Keras variables under the names of the file: `user_factors.weight`, `dense_1.weight` [in, out], `dense_1.bias`."""
    return {
        f"{layer.name}.{'bias' if variable.name == 'bias' else 'weight'}": variable
        for layer in model.layers
        for variable in layer.weights
    }


def train(document):
    """What follows from a document: losses, weights after some steps, final weights, predictions.

    The loss of a step is that of the weights before it, averaged over the batch, plus l2 times the sum of squares of each
    penalised kernel and table: of the whole table, or with `reg_on` batch of the row that each example looks up, averaged
    over them.
    """
    import keras

    model = model_of(document)

    def snapshot():
        return {name: np.array(keras.ops.convert_to_numpy(value)) for name, value in named_weights(model).items()}

    def column(batch, key, kind):
        return np.asarray(batch[key], kind)[:, None]

    steps = len(document["batches"])
    watched = {int(step) for step in document.get("after_step", ())} or {1, 5} | ({steps // 2} if steps > 25 else set())
    losses, after = [], {}
    for step, batch in enumerate(document["batches"], start=1):
        if "learning_rates" in document:
            model.optimizer.learning_rate = document["learning_rates"][step - 1]
        model.reset_metrics()  # Keras reports a running mean
        pair = [column(batch, "users", "int32"), column(batch, "items", "int32")]
        ratings = column(batch, "ratings", keras.config.floatx())
        seen = model.train_on_batch(pair, [ratings, np.zeros_like(ratings)] if len(model.outputs) > 1 else ratings)
        losses.append(seen[0] if isinstance(seen, list) else seen)  # the sum comes first
        if step in watched:
            after[str(step)] = snapshot()
    users, items = document["users"], document["items"]
    pairs = [np.repeat(np.arange(users), items)[:, None], np.tile(np.arange(items), users)[:, None]]
    scores = model(pairs)
    scores = np.asarray(scores[0] if isinstance(scores, list) else scores).reshape(users, items)
    return {
        "keras": keras.__version__,
        "losses": np.asarray(losses).reshape(steps),
        "after_step": after,
        "final": snapshot(),
        "predictions": scores,
    }


def plain(value):
    """Arrays as lists; a float32 as the shortest decimal that reads back as the same float32."""
    if isinstance(value, dict):
        return {key: plain(part) for key, part in value.items()}
    if isinstance(value, (list, tuple, np.ndarray)):
        return [plain(part) for part in value]
    if isinstance(value, np.float32):
        return float(str(value))
    return value.item() if isinstance(value, np.generic) else value


def write(document, path):
    """One line for each key, no spaces: small, and a change shows where it is."""
    lines = (
        f"{json.dumps(k)}:{json.dumps(plain(v), separators=(',', ':'), allow_nan=False)}" for k, v in document.items()
    )
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


def worst(seen, recorded):
    """The largest difference between two trees of numbers of the same form; NaN if there is one."""
    if isinstance(recorded, dict):
        if set(seen) != set(recorded):
            raise ValueError(f"weights {sorted(seen)} where the file has {sorted(recorded)}")
        return float(np.max([worst(seen[key], recorded[key]) for key in recorded]))
    seen, recorded = np.asarray(seen, np.float64), np.asarray(recorded, np.float32).astype(np.float64)
    if seen.shape != recorded.shape:
        raise ValueError(f"shape {seen.shape} where the file has {recorded.shape}")
    return float(np.max(np.abs(seen - recorded), initial=0.0))


def check(path):
    """Trains a file's model again and says how far the two trajectories part. True if they stay within the tolerance."""
    document = json.loads(path.read_text(encoding="utf-8"))
    again = train(document)
    recorded = np.asarray(document["losses"])
    losses = worst(again["losses"] / recorded, np.ones_like(recorded))
    then = document["after_step"]
    weights = worst(
        {step: again["after_step"][step] for step in then} | {"final": again["final"]},
        then | {"final": document["final"]},
    )
    predictions = worst(again["predictions"], document["predictions"])
    good = (
        losses <= TOLERANCE and weights <= TOLERANCE
    )  # a prediction is a sum of products of weights: shown, not judged
    print(
        f"{path.stem:26} {len(recorded):4} steps   losses {losses:.1e} relative   weights {weights:.1e}"
        f"   predictions {predictions:.1e}   {'ok' if good else 'PARTED'}",
        flush=True,
    )
    return good


def settings(pairs):
    """`reg=0.001 bias=true` as a dictionary; a value is JSON, or else text."""
    values = {}
    for pair in pairs:
        key, equals, text = pair.partition("=")
        if not equals:
            raise SystemExit(f"make.py: {pair!r} is not KEY=VALUE")
        try:
            values[key] = json.loads(text)
        except json.JSONDecodeError:
            values[key] = text
    return values


def make(name, arguments):
    case = CASES[name]
    given = {key: getattr(arguments, key) for key in ("users", "items", "factors", "batch", "steps", "scale", "loss")}
    case = replace(case, **{key: value for key, value in given.items() if value is not None})
    case = replace(case, architecture=case.architecture | settings(arguments.architecture))
    asked = settings(arguments.hyper)
    optimizer = asked.get("optimizer", case.hyper["optimizer"])
    known = case.hyper if optimizer == case.hyper["optimizer"] else rule(optimizer)  # another rule, its own numbers
    case = replace(case, hyper=known | asked, rates=() if "learning_rate" in asked else case.rates)
    document = draw(name, case, arguments.seed)
    result = train(document)
    head = {"case": arguments.name or name, "notebook": document["notebook"], "keras": result.pop("keras")}
    document = head | {key: document[key] for key in document if key not in head} | result
    path = arguments.out / f"{document['case']}.json"
    try:
        write(document, path)
    except ValueError:
        raise SystemExit(f"make.py: {name} left the finite numbers; give it a smaller learning rate") from None
    first, last = document["losses"][0], document["losses"][-1]
    print(f"{path.stem:26} {path.stat().st_size / 1000:6.1f} kB   loss {first:.4f} -> {last:.4f}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", nargs="*", type=Path, metavar="OUT [CASE...] | FILE...")
    does = parser.add_mutually_exclusive_group()
    does.add_argument("--check", action="store_true", help="train again from the files' own records and compare")
    does.add_argument("--list", action="store_true", help="name the cases")
    parser.add_argument("--double", action="store_true", help="with --check: in float64")
    parser.add_argument("--seed", type=int, default=2)
    for size in ("users", "items", "factors", "batch", "steps"):
        parser.add_argument(f"--{size}", type=int)
    parser.add_argument("--scale", type=float, help="on the weights at the start; 1 is a standard deviation of 0.3")
    parser.add_argument("--loss", choices=("mse", "mae", "huber"))
    parser.add_argument(
        "--hyper", action="append", default=[], metavar="KEY=VALUE", help="optimizer=sgd, momentum=0, ..."
    )
    parser.add_argument(
        "--architecture", action="append", default=[], metavar="KEY=VALUE", help="reg=0.01, bias=true, ..."
    )
    parser.add_argument("--name", help="write one case under another name")
    arguments = parser.parse_args()

    if arguments.list:
        for name, case in CASES.items():
            print(f"{name:26} {case.about}")
        return 0
    if not arguments.paths:
        parser.error("a folder to write to, or --check with files")
    if arguments.double and not arguments.check:
        parser.error("--double goes with --check: files are written in float32")
    if arguments.check:
        if arguments.double:
            import keras

            keras.config.set_floatx("float64")
        return 0 if all([check(path) for path in arguments.paths]) else 1

    arguments.out = arguments.paths[0]
    names = [str(name) for name in arguments.paths[1:]] or list(CASES)
    unknown = [name for name in names if name not in CASES]
    if unknown:
        parser.error(f"no case {', '.join(unknown)}; --list names them")
    if arguments.name and len(names) != 1:
        parser.error("--name goes with one case")
    arguments.out.mkdir(parents=True, exist_ok=True)
    for name in names:
        make(name, arguments)
    return 0


if __name__ == "__main__":
    sys.exit(main())
