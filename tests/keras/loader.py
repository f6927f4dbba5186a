"""The loader of docs/keras.md, as it stands there: a trained `biased_mf` as a model of Keras."""

import json

import keras
import numpy as np
from keras import layers
from safetensors import safe_open


def load(path):
    """The model, and a function of raw ids that predicts ratings."""
    with safe_open(path, "np") as file:
        weights = {name: file.get_tensor(name) for name in file.keys()}
        about = {name: json.loads(text) for name, text in file.metadata().items() if name != "model"}
    user, item = keras.Input((1,), dtype="int32"), keras.Input((1,), dtype="int32")

    def embed(name, ids):
        rows, width = weights[f"{name}/embeddings"].shape
        return layers.Flatten()(layers.Embedding(rows, width, name=name)(ids))

    affinity = layers.Dot(axes=1)([embed("user_factors", user), embed("item_factors", item)])
    score = layers.Add()([affinity, embed("user_bias", user), embed("item_bias", item)])
    model = keras.Model([user, item], score)
    for variable in model.weights:
        variable.assign(weights[variable.path])

    def predict(users, items):
        rows = [[about["users"][id] for id in users], [about["items"][id] for id in items]]
        return model.predict([np.array(side)[:, None] for side in rows], verbose=0)[:, 0] + about["mean"]

    return model, predict
