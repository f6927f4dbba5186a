"""Writes `fixture.json`: fold-ins computed with NumPy, by which `fold.test.mjs` measures the page's JavaScript.

Independent of it: whole matrices in NumPy, systems solved by LU, and the non-negative minimum found among all sets of
numbers that may be zero.

    python tests/page/fixture.py            # needs NumPy only
"""

import base64
import itertools
import json
import pathlib

import numpy as np

ITEMS, USERS, WIDTH = 40, 60, 5


def text(array, kind):
    return base64.b64encode(np.ascontiguousarray(array, dtype=kind).tobytes()).decode()


def prior_of(rows, noise):
    """Mean and sigma^2 Sigma^-1 of trained rows, a tenth of the covariances taken off."""
    covariance = np.cov(rows, rowvar=False, bias=True)
    shrunk = 0.9 * covariance + 0.1 * np.diag(np.diag(covariance))
    return rows.mean(axis=0), noise * np.linalg.inv(shrunk)


class Model:
    def __init__(self, random, user_bias=True, item_bias=True, link=None, non_negative=False, centre=0.0):
        factors = random.normal(0, 0.6, (ITEMS, WIDTH))
        rows = random.normal(0.1, 0.5, (USERS, WIDTH))
        if non_negative:
            factors, rows = np.abs(factors), np.abs(rows)
        self.factors = factors.astype(np.float32)
        self.bias = random.normal(0.2, 0.4, ITEMS).astype(np.float32) if item_bias else None
        self.user_bias, self.link, self.non_negative, self.centre = user_bias, link, non_negative, centre
        if user_bias:
            rows = np.hstack([rows, random.normal(0.3, 0.4, (USERS, 1))])
        self.mean, self.precision = prior_of(rows, 0.7)

    def design(self, items):
        q = self.factors[items].astype(np.float64)
        return np.hstack([q, np.ones((len(items), 1))]) if self.user_bias else q

    def scores(self, x, items):
        z = self.design(items) @ x + (0 if self.bias is None else self.bias[items].astype(np.float64))
        if self.link:
            low, high = self.link
            z = low + (high - low) / (1 + np.exp(-z))
        return z

    def jacobian(self, x, items):
        design = self.design(items)
        if not self.link:
            return design
        low, high = self.link
        part = (self.scores(x, items) - low) / (high - low)
        return design * ((high - low) * part * (1 - part))[:, None]

    def objective(self, x, items, wanted):
        away = x - self.mean
        return np.sum((wanted - self.scores(x, items)) ** 2) + away @ self.precision @ away

    def fold_in(self, items, stars):
        wanted = stars - self.centre
        if not len(items):
            return self.mean.copy()
        if self.non_negative:
            return self.least_non_negative(items, wanted)
        x = self.mean.copy()
        worth = self.objective(x, items, wanted)
        for _ in range(15):  # Gauss-Newton, each step halved until the objective falls
            jacobian = self.jacobian(x, items)
            right = jacobian.T @ (wanted - self.scores(x, items)) - self.precision @ (x - self.mean)
            step = np.linalg.solve(jacobian.T @ jacobian + self.precision, right)
            part = 1.0
            while self.objective(x + part * step, items, wanted) > worth and part >= 1e-3:
                part /= 2
            fallen = worth - self.objective(x + part * step, items, wanted)
            if fallen < 0:
                break
            x, worth, before = x + part * step, worth - fallen, worth
            if fallen < 1e-6 * before:
                break
        self.check_minimum(x, worth, items, wanted)
        return x

    def check_minimum(self, x, worth, items, wanted):
        """That no small step in any direction is better by more than the search's own tolerance."""
        for e in np.eye(len(x)):
            for by in (-1e-3, 1e-3, -1e-2, 1e-2):
                assert self.objective(x + by * e, items, wanted) > worth * (1 - 1e-5), "not a minimum"

    def least_non_negative(self, items, wanted):
        design = self.design(items)
        bias = 0 if self.bias is None else self.bias[items].astype(np.float64)
        matrix = design.T @ design + self.precision
        right = design.T @ (wanted - bias) + self.precision @ self.mean
        best, least = None, np.inf
        for free in itertools.product([False, True], repeat=len(right)):
            at = np.flatnonzero(free)
            x = np.zeros(len(right))
            x[at] = np.linalg.solve(matrix[np.ix_(at, at)], right[at])
            if (x >= 0).all() and self.objective(x, items, wanted) < least:
                best, least = x, self.objective(x, items, wanted)
        return best

    def explained(self, x, items, stars, item):
        """The base and the contribution of each rating, to first order around the fitted row."""
        jacobian = self.jacobian(x, items)
        inverse = np.linalg.inv(jacobian.T @ jacobian + self.precision)
        residual = stars - self.centre - self.scores(x, items) + jacobian @ (x - self.mean)
        row = self.jacobian(x, np.array([item]))[0]
        base = self.centre + self.scores(self.mean, np.array([item]))[0]
        return base, (row @ inverse @ jacobian.T) * residual

    def document(self):
        return {
            "items": [[str(i), f"Item {i}", [], 10] for i in range(ITEMS)],
            "genres": [],
            "factors": {
                "width": WIDTH, "items": text(self.factors, "<f4"),
                "item_bias": None if self.bias is None else text(self.bias, "<f4"),
                "user_bias": self.user_bias, "non_negative": self.non_negative, "centre": self.centre,
                "link": self.link and {"low": self.link[0], "high": self.link[1]},
            },
            "prior": {"mean": text(self.mean, "<f8"), "precision": text(self.precision, "<f8")},
            "model": {"scale": {"min": 0.5, "max": 5.0}},
        }


def main():
    random = np.random.default_rng(7)
    models = {
        "biased": Model(random, centre=3.4),
        "dot": Model(random, user_bias=False, item_bias=False),
        "scaled": Model(random, link=(0.3, 5.2)),
        "non_negative": Model(random, user_bias=False, item_bias=False, non_negative=True),
    }
    out = []
    for name, model in models.items():
        cases = []
        for count in (0, 1, 3, 12, 30):
            items = random.permutation(ITEMS)[:count]
            stars = random.integers(1, 11, count) / 2
            row = model.fold_in(items, stars)
            case = {
                "rated": [[int(i), float(s)] for i, s in zip(items, stars)],
                "row": row.tolist(),
                "scores": (model.centre + model.scores(row, np.arange(ITEMS))).tolist(),
            }
            if count:
                base, weights = model.explained(row, items, stars, 5)
                case["explained"] = {"item": 5, "base": float(base), "weights": weights.tolist()}
            cases.append(case)
        out.append({"name": name, "document": model.document(), "cases": cases})
    path = pathlib.Path(__file__).with_name("fixture.json")
    path.write_text(json.dumps(out, separators=(",", ":")) + "\n")
    print(path, path.stat().st_size, "bytes")


if __name__ == "__main__":
    main()
