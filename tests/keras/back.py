#!/usr/bin/env python3
"""The way back to Keras: what the binary trains predicts the same in Keras 3, to 1e-4 of a star.

    pip install keras jax safetensors
    KERAS_BACKEND=jax python tests/keras/back.py BINARY FOLDER

A factorisation through the loader of docs/keras.md, a perceptron with batch normalisation through layers of the same names, and a
recurrent model whose weights are only compared by name and shape.
"""

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

os.environ.setdefault("KERAS_BACKEND", "jax")

import keras
import numpy as np
from keras import layers
from loader import load
from safetensors import safe_open

TOLERANCE = 1e-4


def recburn(*words):
    subprocess.run([BINARY, *map(str, words)], check=True, stdout=subprocess.DEVNULL)


def trained(name, *words):
    """The exported weights of a training, and the pairs, stars and predictions of the binary."""
    folder = FOLDER / name
    recburn("train", "--data", "sample", "--model", name, "--epochs", 1, "--out", folder, *words)
    recburn("export", folder, "--format", "keras", "--out", folder / "keras.safetensors")
    recburn("predict", folder, "--data", "sample", "--out", folder / "predictions.csv")
    with open(folder / "predictions.csv", newline="") as file:
        rows = list(csv.DictReader(file))[:5000]
    users, items = [row["user"] for row in rows], [row["item"] for row in rows]
    return folder / "keras.safetensors", users, items, np.array([float(row["predicted"]) for row in rows])


def judge(name, theirs, ours):
    worst = np.abs(theirs - ours).max()
    print(f"{name}: {len(ours)} predictions, the largest difference is {worst:.1e}")
    assert worst < TOLERANCE, name
    assert ours.std() > 0.05, f"{name} predicts the same for everybody"


def perceptron(path):
    """concat_mlp with the stack below."""
    with safe_open(path, "np") as file:
        weights = {name: file.get_tensor(name) for name in file.keys()}
        about = {name: json.loads(text) for name, text in file.metadata().items() if name != "model"}
    user, item = keras.Input((1,), dtype="int32"), keras.Input((1,), dtype="int32")
    sides = []
    for name, ids in (("user_factors", user), ("item_factors", item)):
        rows, width = weights[f"{name}/embeddings"].shape
        sides.append(layers.Flatten()(layers.Embedding(rows, width, name=name)(ids)))
    value = layers.Dense(8, activation="relu", name="dense_1")(layers.Concatenate()(sides))
    value = layers.BatchNormalization(name="batch_norm_1")(value)
    model = keras.Model([user, item], layers.Dense(1, name="dense_2")(value))
    assert {variable.path for variable in model.weights} == set(weights), sorted(weights)
    for variable in model.weights:
        variable.assign(weights[variable.path])
    return model, about


def main():
    path, users, items, predicted = trained("biased_mf")
    model, predict = load(path)
    judge("biased_mf", predict(users, items), predicted)

    stack = '[{"dense":{"units":8,"activation":"relu"}},"batch_norm",{"dense":{"units":1,"activation":"linear"}}]'
    path, users, items, predicted = trained("concat_mlp", "-o", f"stack={stack}", "-o", "embedding_dropout=0.0")
    model, about = perceptron(path)
    rows = [np.array([about["users"][id] for id in users])[:, None], np.array([about["items"][id] for id in items])[:, None]]
    judge("concat_mlp", model.predict(rows, verbose=0, batch_size=4096)[:, 0] + about["mean"], predicted)

    folder = FOLDER / "gru4rec"
    recburn("train", "--data", "sample", "--model", "gru4rec", "--epochs", 1, "--out", folder)
    recburn("export", folder, "--format", "keras", "--out", folder / "keras.safetensors")
    with safe_open(folder / "keras.safetensors", "np") as file:
        shapes = {name: tuple(file.get_slice(name).get_shape()) for name in file.keys()}
    recurrent = next(name.split("/")[0] for name in shapes if name.endswith("/gru_cell/kernel"))
    units = shapes[f"{recurrent}/gru_cell/recurrent_kernel"][0]
    layer = layers.GRU(units, name=recurrent)
    layer.build((None, None, shapes[f"{recurrent}/gru_cell/kernel"][0]))
    for variable in layer.weights:
        assert shapes[variable.path] == tuple(variable.shape), (variable.path, variable.shape, shapes)
    print(f"gru4rec: {len(layer.weights)} weights of {recurrent} have the paths and shapes of Keras {keras.__version__}")


if __name__ == "__main__":
    BINARY, FOLDER = Path(sys.argv[1]).resolve(), Path(sys.argv[2])
    main()
