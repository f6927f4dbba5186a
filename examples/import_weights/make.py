#!/usr/bin/env python3
"""Writes what the example `import_weights` reads: two small models, each trained by Keras 3 and by PyTorch for a moment on
made-up ratings, their weights as safetensors and what they predict for every user and item.

    pip install keras torch safetensors
    python make.py                  into the folder of this file
    python make.py FOLDER           elsewhere

The PyTorch models call their layers as one does there (`mlp.1`), so that the example has something to rename.
"""

import json
import os
import sys
from pathlib import Path

os.environ["KERAS_BACKEND"] = "torch"  # Keras's paths and layouts are the same on each
os.environ["CUDA_VISIBLE_DEVICES"] = ""

import keras  # noqa: E402
import numpy as np  # noqa: E402
import safetensors.numpy  # noqa: E402
import safetensors.torch  # noqa: E402
import torch  # noqa: E402
from keras import layers  # noqa: E402
from torch import nn  # noqa: E402

USERS, ITEMS = 12, 15
FACTORS, USER_WIDTH, ITEM_WIDTH, HIDDEN = 4, 3, 5, 8
EPSILON = 1e-3  # of batch normalisation: Keras's default; PyTorch has 1e-5 if not told
EPOCHS, BATCH, RATE = 60, 16, 0.02


def made_up():
    """Every pair once, in a random order: users, items, ratings."""
    random = np.random.default_rng(1)
    users, items = np.divmod(random.permutation(USERS * ITEMS), ITEMS)
    taste = random.normal(size=(USERS, 2)), random.normal(size=(ITEMS, 2))
    ratings = 3 + 0.6 * (taste[0][users] * taste[1][items]).sum(1) + random.normal(0, 0.3, USERS * ITEMS)
    return users, items, ratings.clip(0.5, 5).astype("float32")


# Keras: each layer has the name of its node in recburn.


def keras_biased_mf():
    user, item = keras.Input((1,), dtype="int32"), keras.Input((1,), dtype="int32")

    def embedded(name, ids, rows, width):
        return layers.Flatten()(layers.Embedding(rows, width, name=name)(ids))

    factors = embedded("user_factors", user, USERS, FACTORS), embedded("item_factors", item, ITEMS, FACTORS)
    biases = embedded("user_bias", user, USERS, 1), embedded("item_bias", item, ITEMS, 1)
    return keras.Model([user, item], layers.Add()([layers.Dot(axes=1)(factors), *biases]))


def keras_concat_mlp():
    user, item = keras.Input((1,), dtype="int32"), keras.Input((1,), dtype="int32")
    users = layers.Flatten()(layers.Embedding(USERS, USER_WIDTH, name="user_factors")(user))
    items = layers.Flatten()(layers.Embedding(ITEMS, ITEM_WIDTH, name="item_factors")(item))
    value = layers.Dropout(0.2)(layers.Concatenate()([users, items]))
    value = layers.Dense(HIDDEN, activation="relu", name="dense_1")(value)
    value = layers.BatchNormalization(name="batch_norm_1", epsilon=EPSILON)(value)
    value = layers.Dropout(0.2)(value)
    return keras.Model([user, item], layers.Dense(1, name="dense_2")(value))


def run_keras(build, path):
    keras.utils.set_random_seed(7)
    model = build()
    users, items, ratings = made_up()
    model.compile(keras.optimizers.Adam(RATE), loss="mse")
    model.fit([users[:, None], items[:, None]], ratings, batch_size=BATCH, epochs=EPOCHS, verbose=0)
    safetensors.numpy.save_file({v.path: v.numpy() for v in model.weights}, path)
    users, items = np.divmod(np.arange(USERS * ITEMS), ITEMS)
    return model.predict([users[:, None], items[:, None]], batch_size=USERS * ITEMS, verbose=0)


# PyTorch.


class BiasedMf(nn.Module):
    def __init__(self):
        super().__init__()
        self.user_factors, self.item_factors = nn.Embedding(USERS, FACTORS), nn.Embedding(ITEMS, FACTORS)
        self.user_bias, self.item_bias = nn.Embedding(USERS, 1), nn.Embedding(ITEMS, 1)

    def forward(self, users, items):
        affinity = (self.user_factors(users) * self.item_factors(items)).sum(1, keepdim=True)
        return affinity + self.user_bias(users) + self.item_bias(items)


class ConcatMlp(nn.Module):
    def __init__(self):
        super().__init__()
        self.user, self.item = nn.Embedding(USERS, USER_WIDTH), nn.Embedding(ITEMS, ITEM_WIDTH)
        self.mlp = nn.Sequential(
            nn.Dropout(0.2),
            nn.Linear(USER_WIDTH + ITEM_WIDTH, HIDDEN),
            nn.ReLU(),
            nn.BatchNorm1d(HIDDEN, eps=EPSILON),
            nn.Dropout(0.2),
            nn.Linear(HIDDEN, 1),
        )

    def forward(self, users, items):
        return self.mlp(torch.cat([self.user(users), self.item(items)], 1))


def run_torch(build, path):
    torch.manual_seed(7)
    model = build()
    users, items, ratings = (torch.from_numpy(column) for column in made_up())
    optimizer = torch.optim.Adam(model.parameters(), lr=RATE)
    for _ in range(EPOCHS):
        for rows in torch.randperm(len(ratings)).split(BATCH):
            optimizer.zero_grad()
            loss = nn.functional.mse_loss(model(users[rows], items[rows])[:, 0], ratings[rows])
            loss.backward()
            optimizer.step()
    safetensors.torch.save_file(model.state_dict(), path)
    pairs = torch.arange(USERS * ITEMS)
    model.eval()
    with torch.no_grad():
        return model(pairs // ITEMS, pairs % ITEMS).numpy()


RUNS = {
    "keras_biased_mf": lambda path: run_keras(keras_biased_mf, path),
    "keras_concat_mlp": lambda path: run_keras(keras_concat_mlp, path),
    "pytorch_biased_mf": lambda path: run_torch(BiasedMf, path),
    "pytorch_concat_mlp": lambda path: run_torch(ConcatMlp, path),
}


def main():
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
    document = {
        "keras": keras.__version__,
        "torch": torch.__version__.split("+")[0],
        "users": USERS,
        "items": ITEMS,
        # By file: user by user, one number an item, as many digits as a 32-bit float has.
        "predictions": {},
    }
    for name, run in RUNS.items():
        scores = run(folder / f"{name}.safetensors")
        document["predictions"][name] = [float(str(score)) for score in scores[:, 0]]
    (folder / "predictions.json").write_text(json.dumps(document) + "\n")
    for path in sorted(folder.glob("*.safetensors")) + [folder / "predictions.json"]:
        print(f"{path.stat().st_size:7} {path.name}")


if __name__ == "__main__":
    main()
