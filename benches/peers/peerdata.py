"""Shared by the Python peers: the case files, and the line printed at the end."""

import argparse
import json
import os

import numpy as np


class Case:
    """One case as `cargo bench --bench step -- --export` writes it, with its ratings."""

    def __init__(self, path, max_ratings=None, max_valid=200_000):
        with open(path, encoding="utf-8") as file:
            self.settings = json.load(file)
        folder = os.path.dirname(os.path.abspath(path))
        self.train = read_ratings(os.path.join(folder, self.settings["train"]), max_ratings)
        # The error only checks that the peer learns, so part of a large set is enough.
        self.valid = read_ratings(os.path.join(folder, self.settings["valid"]), max_valid)

    def __getattr__(self, name):
        try:
            return self.__dict__["settings"][name]
        except KeyError:
            raise AttributeError(name) from None


def read_ratings(path, most=None):
    """Users, items and ratings: three consecutive arrays in one file."""
    count = os.path.getsize(path) // 12
    users = np.fromfile(path, "<u4", count)
    items = np.fromfile(path, "<u4", count, offset=4 * count)
    ratings = np.fromfile(path, "<f4", count, offset=8 * count)
    keep = slice(0, most or None)
    return users[keep].astype(np.int32), items[keep].astype(np.int32), ratings[keep]


def arguments(description):
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("case", help="the case's .json file")
    parser.add_argument("--seconds", type=float, default=5.0, help="how long to measure")
    parser.add_argument("--max-ratings", type=int, help="train on the first N ratings only")
    parser.add_argument("--seed", type=int, default=1)
    return parser


def report(peer, config, same, case, ratings, steps, seconds, rmse):
    print(
        json.dumps(
            {
                "peer": peer,
                "config": config,
                "same": same,
                "case": case.case,
                "ratings_per_second": ratings / seconds,
                "seconds_per_step": seconds / steps,
                "steps": steps,
                "seconds": seconds,
                "rmse": rmse,
            }
        ),
        flush=True,
    )
