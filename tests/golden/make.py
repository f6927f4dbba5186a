#!/usr/bin/env python3
"""Golden trajectories: small models trained by Keras 3 on JAX, written down so that another implementation can follow.

    python make.py OUT                                every case, at its own size
    python make.py OUT biased_mf_adam adagrad         these cases
    python make.py OUT dot_mf --users 90 --batch 32   with other sizes; see --help
    python make.py --list                             the cases
    python make.py --check FILE...                    train again from what a file records, and compare
    python make.py --check --double FILE...           the same in float64: how much of a file is rounding
    python make.py --check --numpy FILE...            the same by numpy_side.py, which shares nothing with Keras

A file records all that is random (the weights at the start, the rows of each batch), the loss of every step, the weights
after some steps and the last one, and predictions. Making and checking are one function, `train` of keras_side.py, which
sees nothing but the document: whatever it needs is therefore in the file. cases.py says what is drawn.

JAX and not TensorFlow: on TensorFlow, Adam squares the gradients of a row that stands twice in a batch one by one.
"""

import argparse
import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
from cases import CASES, document_of, rule

TOLERANCE = 1e-4  # of a loss, relative; of a weight or a prediction, absolute


def trainer(numpy):
    """The program that trains a document; Keras takes a while to load, and --double must be known before."""
    if numpy:
        from numpy_side import train
    else:
        from keras_side import train
    return train


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


def check(path, train):
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
    """`l2=0.001 factors=16` as a dictionary; a value is JSON, or else text."""
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
    given = {key: getattr(arguments, key) for key in ("users", "items", "batch", "steps", "scale", "loss")}
    case = replace(case, **{key: value for key, value in given.items() if value is not None})
    case = replace(case, options=case.options | settings(arguments.option))
    asked = settings(arguments.hyper)
    optimizer = asked.get("optimizer", case.hyper["optimizer"])
    known = case.hyper if optimizer == case.hyper["optimizer"] else rule(optimizer)  # another rule, its own numbers
    case = replace(case, hyper=known | asked, rates=() if "learning_rate" in asked else case.rates)
    document = document_of(name, case, arguments.seed)
    result = trainer(numpy=False)(document)
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
    parser.add_argument("--numpy", action="store_true", help="with --check: in float64 and without Keras")
    parser.add_argument("--seed", type=int, default=2)
    for size in ("users", "items", "batch", "steps"):
        parser.add_argument(f"--{size}", type=int)
    parser.add_argument("--scale", type=float, help="on the weights at the start; 1 is a standard deviation of 0.3")
    parser.add_argument("--loss", choices=("mse", "mae", "huber", "logistic", "bpr", "hinge", "softmax"))
    parser.add_argument(
        "--hyper", action="append", default=[], metavar="KEY=VALUE", help="optimizer=sgd, momentum=0, ..."
    )
    parser.add_argument(
        "--option", action="append", default=[], metavar="KEY=VALUE", help="of the model: factors=16, l2=0.01, ..."
    )
    parser.add_argument("--name", help="write one case under another name")
    arguments = parser.parse_args()

    if arguments.list:
        for name, case in CASES.items():
            print(f"{name:26} {case.about}")
        return 0
    if not arguments.paths:
        parser.error("a folder to write to, or --check with files")
    if (arguments.double or arguments.numpy) and not arguments.check:
        parser.error("--double and --numpy go with --check: files are written in float32, by Keras")
    if arguments.check:
        train = trainer(arguments.numpy)
        return 0 if all([check(path, train) for path in arguments.paths]) else 1

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
