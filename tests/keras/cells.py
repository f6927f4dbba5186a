#!/usr/bin/env python3
"""The cells of Keras on docs/notebooks.md run in Keras 3: on made-up ratings, an epoch in each fit.

    pip install keras jax pandas
    KERAS_BACKEND=jax python tests/keras/cells.py
"""

import os
import re
import tempfile
from pathlib import Path
from types import SimpleNamespace

os.environ.setdefault("KERAS_BACKEND", "jax")

import keras
import numpy as np
import pandas as pd
from keras import Input, layers
from keras.constraints import NonNeg
from keras.initializers import RandomUniform
from keras.optimizers import SGD, Adam
from keras.regularizers import l2

PAGE = Path(__file__).resolve().parent.parent.parent / "docs/notebooks.md"
USERS, ITEMS = 30, 20


def made_up(user, item):
    """Ratings with these names of columns, every user and item among them."""
    random = np.random.default_rng(1)
    users, items = np.divmod(random.permutation(USERS * ITEMS)[:400], ITEMS)
    return pd.DataFrame({user: users, item: items, "rating": random.integers(1, 6, 400).astype("float32")})


class Briefly(keras.Model):
    """A model that trains an epoch, whatever it is told."""

    def fit(self, *given, epochs, batch_size=64, verbose=0, **settings):
        return super().fit(*given, epochs=1, batch_size=100, verbose=0, **settings)

    def predict(self, *given):
        return super().predict(*given, verbose=0)

    def summary(self):
        return super().summary(print_fn=lambda *_, **__: None)


def split(table, test_size):
    test = table.sample(frac=test_size, random_state=1)
    return table.drop(test.index), test


def names(user, item):
    """What a notebook has imported or set before its first cell."""
    table = made_up(user, item)
    inputs = [Input((1,), dtype="int32") for _ in range(3)]
    return {name: getattr(layers, name) for name in ("Embedding", "Flatten", "Dot", "Add", "Concatenate", "Dense", "Dropout", "Activation", "Lambda")} | {
        "Input": lambda shape: Input(shape, dtype="int32"),
        "Model": Briefly,
        "pd": SimpleNamespace(read_csv=lambda *_, **__: table, crosstab=pd.crosstab),
        "top": table,
        "np": np,
        "Adam": Adam,
        "SGD": SGD,
        "l2": l2,
        "NonNeg": NonNeg,
        "RandomUniform": RandomUniform,
        "train_test_split": split,
        "mean_absolute_error": lambda one, other: float(np.mean(np.abs(one - other))),
        "n_users": USERS,
        "n_movies": ITEMS,
        "n_items": ITEMS,
        "N": USERS,
        "M": ITEMS,
        "user_in": inputs[0],
        "movie_in": inputs[1],
        "item_in": inputs[1],
    }


def main():
    # 002 has the data and inputs of 001.
    columns = {"000": ("userId", "movieId"), "001": ("userId", "movieId"), "003": ("user_id", "item_id"), "004": ("user_id", "item_id")}
    variables = {}
    sections = re.split(r"^## ", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    with tempfile.TemporaryDirectory() as home:
        os.chdir(home)
        for section in sections:
            notebook = section[:3]
            if notebook in columns:
                variables = names(*columns[notebook])
            cells = re.findall(r"^```python\n(.*?)^```", section, re.MULTILINE | re.DOTALL)
            for number, cell in enumerate(cells, 1):
                exec(compile(cell, f"notebook {notebook}, cell {number}", "exec"), variables)
            print(f"{notebook}: {len(cells)} cells run in Keras {keras.__version__}")


if __name__ == "__main__":
    main()
