#!/usr/bin/env python3
"""A notebook's worth of Python over the command `recburn`: ratings made by pandas, a training, its curves, item vectors, a list for a
new user, and the service.

    pip install pandas matplotlib pyarrow safetensors    # and recburn: `pip install .` in the repository
    python films.py [FOLDER]

Every cell is a command and a file: CSV or Parquet in, JSON, CSV and safetensors out.
"""

# %% The command, and what it answers: with --json one document.
import json
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import numpy as np
import pandas as pd
from safetensors import safe_open

folder = Path(sys.argv[1] if len(sys.argv) > 1 else "out/python")
folder.mkdir(parents=True, exist_ok=True)


def recburn(*words):
    run = subprocess.run(["recburn", *map(str, words), "--json"], check=True, capture_output=True, text=True)
    return json.loads(run.stdout)


# %% Ratings as a table: two groups of people with two tastes.
random = np.random.default_rng(7)
users, items = np.meshgrid(np.arange(200), np.arange(80), indexing="ij")
kept = random.random(users.shape) < 0.3
taste = np.where(users % 2 == items % 2, 4.2, 2.3) + random.normal(0, 0.6, users.shape)
ratings = pd.DataFrame(
    {
        "user": [f"u{user}" for user in users[kept]],
        "item": [f"i{item}" for item in items[kept]],
        "rating": taste[kept].clip(1, 5).round(),
    }
)
ratings.to_csv(folder / "ratings.csv", index=False)
print(ratings.describe())

# %% Train, and read the report.
report = recburn(
    "train", "--data", folder / "ratings.csv", "--model", "biased_mf", "-o", "factors=8", "--epochs", 15, "--out", folder / "films"
)
print(f"rmse {report['metrics']['rmse']:.3f}, of the training mean {report['baselines']['mean']['rmse']:.3f}")
assert report["metrics"]["rmse"] < 0.9 * report["baselines"]["mean"]["rmse"]

# %% The curves: history.csv is a table like any other.
history = pd.read_csv(folder / "films/history.csv")
try:
    history.plot(x="epoch", y=["train_loss", "valid_loss"]).figure.savefig(folder / "curves.png")
except ImportError:
    print("without matplotlib no picture: curves.svg is in the folder of the training")

# %% Item vectors: safetensors, with the ids in the metadata. The two tastes are two directions.
recburn("export", folder / "films", "--format", "safetensors", "--out", folder / "vectors")
with safe_open(folder / "vectors/item_factors.safetensors", "np") as file:
    vectors = file.get_tensor("item_factors")
    ids = json.loads(file.metadata()["ids"])
vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
even = np.array([int(item[1:]) % 2 == 0 for item in ids])
print(f"cosine within a taste {(vectors[even] @ vectors[even].T).mean():.2f}, between tastes {(vectors[even] @ vectors[~even].T).mean():.2f}")

# %% Lists for everybody, as a table.
recburn("recommend", folder / "films", "--all", "--count", 5, "--out", folder / "lists.csv")
lists = pd.read_csv(folder / "lists.csv")
print(lists.head())

# %% Somebody new, by a file and by the service; both fold the ratings in and agree.
mine = pd.DataFrame({"item": ["i0", "i2", "i1"], "rating": [5, 5, 1]})
mine.to_csv(folder / "mine.csv", index=False)
by_file = recburn("recommend", folder / "films", "--ratings", folder / "mine.csv", "--count", 3)

service = subprocess.Popen(
    ["recburn", "serve", str(folder / "films"), "--bind", "127.0.0.1:0", "--log", "off"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
)
try:
    address = next(line.split(" on ")[1].strip() for line in service.stdout if " on http" in line)
    request = urllib.request.Request(
        f"{address}/v1/recommendations",
        json.dumps({"ratings": mine.to_dict("records"), "count": 3}).encode(),
        {"Content-Type": "application/json"},
    )
    for _ in range(50):
        try:
            by_service = json.load(urllib.request.urlopen(request, timeout=10))
            break
        except urllib.error.URLError:
            time.sleep(0.1)
finally:
    service.terminate()
    service.wait()
print(by_service["items"])

# %% One answer, two ways.
lists_of = [[entry["item"] for entry in answer["items"]] for answer in (by_file, by_service)]
assert lists_of[0] == lists_of[1], lists_of
assert all(int(item[1:]) % 2 == 0 for item in lists_of[0]), lists_of
print(f"for i0 and i2 and against i1: {', '.join(lists_of[0])}")
