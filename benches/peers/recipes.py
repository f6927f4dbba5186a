"""Runs recipes in Keras 3, on exactly the splits that recburn creates from the same seeds.

    python benches/peers/recipes.py recipes/biased_mf/small18.toml --recburn target/release/recburn

Prints a line an epoch and, at the end, a Markdown row a recipe (and variant): what Keras prints as `val_loss`, RMSE,
MAE and MAE rounded to whole stars, mean and standard deviation over the seeds. `recipe_peer.py` times the same training.
"""

import argparse
import os
import pathlib
import statistics
import subprocess
import tempfile
import tomllib

from processes import seed_flags

os.environ.setdefault("KERAS_BACKEND", "jax")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np
from keras import layers


def split(recburn, training, seed, folder):
    """Makes recburn write both parts of a split to a folder."""
    flags = ["--ids", training["ids"], "--split", training["split"], *seed_flags(training["split"], seed), "--out", folder]
    subprocess.run([recburn, "data", "split", training["data"], *flags, "--json"], check=True, stdout=subprocess.DEVNULL)


def read_split(folder):
    """User rows, item rows and stars of both parts."""
    parts = []
    for name in ["train.csv", "valid.csv"]:
        path = pathlib.Path(folder, name)
        with open(path) as file:
            head = file.readline().strip().split(",")
        columns = [head.index(column) for column in ("user_row", "item_row", "rating")]
        users, items, ratings = np.loadtxt(path, delimiter=",", skiprows=1, usecols=columns, unpack=True)
        parts.append((users.astype("int32"), items.astype("int32"), ratings.astype("float32")))
    return parts


def initializer(options):
    bounds = options["initializer"]["uniform"]
    return keras.initializers.RandomUniform(bounds["min"], bounds["max"])


def table(rows, width, options, l2, non_negative=False):
    return layers.Embedding(
        rows,
        width,
        embeddings_initializer=initializer(options),
        embeddings_regularizer=keras.regularizers.l2(l2) if l2 else None,
        embeddings_constraint=keras.constraints.NonNeg() if non_negative else None,
    )


def stack(value, blocks):
    for block in blocks:
        ((kind, what),) = block.items()
        if kind == "dense":
            value = layers.Dense(what["units"], activation=what["activation"])(value)
        elif kind == "dropout":
            value = layers.Dropout(what)(value)
        else:
            raise ValueError(f"no {kind} here")
    return value


def build(recipe, users, items, scale):
    name, options = recipe["model"], recipe["options"]
    user, item = keras.Input((1,), dtype="int32"), keras.Input((1,), dtype="int32")

    def embed(side, rows, width, l2):
        return layers.Flatten()(table(rows, width, options, l2, name == "non_negative_mf")(side))

    width = options.get("factors")
    p = embed(user, users, width or options["user_factors"], options["l2"])
    q = embed(item, items, width or options["item_factors"], options["l2"])
    if name == "concat_mlp":
        if rate := options["embedding_dropout"]:
            p, q = layers.Dropout(rate)(p), layers.Dropout(rate)(q)
        score = stack(layers.Concatenate()([p, q]), options["stack"])
    else:
        score = layers.Dot(axes=1)([p, q])
    if name in ("biased_mf", "scaled_mf", "residual_mf"):
        biases = [embed(side, rows, 1, options["bias_l2"]) for side, rows in ((user, users), (item, items))]
        score = layers.Add()([score, *biases])
    if name == "residual_mf":
        hidden = layers.Dense(options["hidden"], activation=options["activation"])(layers.Concatenate()([p, q]))
        score = layers.Add()([score, layers.Dense(1)(hidden)])
    if name == "scaled_mf":
        low, high = scale
        score = layers.Rescaling(high - low, low)(layers.Activation("sigmoid")(score))
    return keras.Model([user, item], score)


def optimizer(training, rate):
    ((rule, numbers),) = training["rule"].items()
    kinds = {"adam": keras.optimizers.Adam, "sgd": keras.optimizers.SGD, "adagrad": keras.optimizers.Adagrad}
    return kinds[rule](rate, **numbers)


class Training:
    """A recipe's model, compiled, and its data."""

    def __init__(self, recipe, parts, seed):
        training = recipe["training"]
        self.train, self.valid = parts
        self.batch = training["batch"]
        self.mean = float(self.train[2].mean()) if training["centre"] else 0.0
        users, items = (1 + max(int(part[side].max()) for part in parts) for side in (0, 1))
        stars = np.concatenate([self.train[2], self.valid[2]])
        keras.utils.set_random_seed(seed)
        self.model = build(recipe, users, items, (float(stars.min()) - self.mean, float(stars.max()) - self.mean))
        loss = {"mse": "mean_squared_error", "mae": "mean_absolute_error"}[training["loss"]]
        rate = training["phases"][0]["learning_rate"]
        self.model.compile(optimizer(training, rate), loss, steps_per_execution=50)

    def fit(self, phases, callbacks=()):
        """Keras's `val_loss` of every epoch."""
        losses = []
        for phase in phases:
            self.model.optimizer.learning_rate = phase["learning_rate"]
            history = self.model.fit(
                list(self.train[:2]),
                self.train[2] - self.mean,
                batch_size=self.batch,
                epochs=phase["epochs"],
                validation_data=(list(self.valid[:2]), self.valid[2] - self.mean),
                validation_batch_size=8192,
                callbacks=list(callbacks),
                verbose=0,
            )
            losses += history.history["val_loss"]
        return losses

    def measures(self):
        predicted = self.model.predict(list(self.valid[:2]), batch_size=8192, verbose=0).ravel() + self.mean
        error = predicted - self.valid[2]
        return {
            "RMSE": float(np.sqrt(np.mean(error**2))),
            "MAE": float(np.mean(np.abs(error))),
            "MAE rounded": float(np.mean(np.abs(np.round(predicted) - self.valid[2]))),
        }


def run(recipe, phases, seed, recburn):
    with tempfile.TemporaryDirectory() as folder:
        split(recburn, recipe["training"], seed, folder)
        training = Training(recipe, read_split(folder), seed)
    losses = training.fit(phases)
    print(f"seed {seed}:", " ".join(f"{loss:.4f}" for loss in losses), flush=True)
    return {"val_loss": losses[-1], **training.measures()}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("recipes", nargs="+", type=pathlib.Path)
    parser.add_argument("--seeds", type=int, help="1 to N instead of the recipe's own")
    parser.add_argument("--recburn", default="recburn", help="the binary that creates the splits")
    options = parser.parse_args()
    rows = []
    for path in options.recipes:
        recipe = tomllib.loads(path.read_text())
        seeds = range(1, options.seeds + 1) if options.seeds else recipe["seeds"]
        ways = {path.stem: recipe["training"]["phases"]}
        ways |= {f"{path.stem}/{name}": variant["phases"] for name, variant in recipe.get("variants", {}).items()}
        for name, phases in ways.items():
            print(name, flush=True)
            runs = [run(recipe, phases, seed, options.recburn) for seed in seeds]
            cells = []
            for measure in runs[0]:
                values = [run[measure] for run in runs]
                deviation = f" ± {statistics.stdev(values):.4f}" if len(values) > 1 else ""
                cells.append(f"{statistics.mean(values):.4f}{deviation}")
            rows.append(f"| {name} | {' | '.join(cells)} |")
    print("\n| recipe | val_loss | RMSE | MAE | MAE rounded |\n|---|---|---|---|---|")
    print("\n".join(rows))


if __name__ == "__main__":
    main()
