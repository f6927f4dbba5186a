"""Whole training runs: the notebooks' recipes in recburn's binary and in Keras 3 on JAX, one process per run, in turn."""

import json
import os
import statistics
import tempfile
import time
import tomllib
from pathlib import Path

from processes import HERE, KIND, ROOT, UNUSABLE, Failed, child, last_json, machine, note, processor, run, seed_flags

# Epochs instead of a recipe's own, if those would take Keras minutes.
RECIPES = {
    "biased_mf/small18": None,
    "biased_mf/small16": None,
    "concat_mlp/small18": None,
    "dot_mf/small18": None,
    "scaled_mf/100k": None,
    "dot_mf/100k-explicit": None,
    "dot_mf/100k-mf3": 20,
    "non_negative_mf/100k-nnmf": None,
    "concat_mlp/100k-tower": 15,
}
SEED = 1
LIMIT = 1800


class Recipe:
    def __init__(self, name, epochs):
        self.name, self.path = name, ROOT / "recipes" / f"{name}.toml"
        self.about = tomllib.loads(self.path.read_text())
        self.phases = cut(self.about["training"]["phases"], epochs)
        self.epochs = sum(phase["epochs"] for phase in self.phases)
        self.own_epochs = sum(phase["epochs"] for phase in self.about["training"]["phases"])


def cut(phases, epochs):
    """The first epochs, as selected by `recburn run --epochs`."""
    left, kept = epochs or sum(phase["epochs"] for phase in phases), []
    for phase in phases:
        count = min(phase["epochs"], left)
        left -= count
        if count:
            kept.append({**phase, "epochs": count})
    return kept


def ours(options, recipe):
    words = [options.recburn, "run", recipe.path, "--variant", "main", "--seeds", SEED, "--epochs", recipe.epochs]
    # Status 6 means that this single seed missed a figure, which is meant for the mean over the recipe's seeds.
    ran = run([*words, "--device", "flex", "--json", *data_dir(options)], LIMIT, fine=(0, 6))
    report = json.loads(ran.text)[0]["runs"][0]["report"]
    last = report["epochs"][-1]
    return {
        **taken(ran),
        "train_rows": report["train_rows"],
        "epochs": [epoch["seconds"] for epoch in report["epochs"]],
        "valid_loss": last["valid_loss"] + last["valid_penalty"],
        "rmse": report["metrics"]["rmse"],
    }


def keras(options, recipe, split):
    words = [python(options), HERE / "recipe_peer.py", recipe.path, "--split", split]
    words += ["--phases", json.dumps(recipe.phases), "--seed", SEED, "--began", time.time()]
    ran = run(words, LIMIT, {**KIND, "KERAS_BACKEND": "jax"})
    return {**last_json(ran.text), **taken(ran)}


def taken(ran):
    return {"seconds": ran.seconds, "cpu_seconds": ran.cpu_seconds, "peak_megabytes": ran.peak_megabytes}


def python(options):
    return Path(options.venv) / "bin" / "python"


def data_dir(options):
    return ["--data-dir", options.data_dir] if options.data_dir else []


def split(options, recipe, folder):
    training = recipe.about["training"]
    words = [options.recburn, "data", "split", training["data"], *data_dir(options), "--ids", training["ids"]]
    child([*words, "--split", training["split"], *seed_flags(training["split"], SEED), "--out", folder], 120)
    return folder


def middle(runs):
    """The median of every figure, also per epoch."""

    def of(values):
        if isinstance(values[0], list):
            return [statistics.median(each) for each in zip(*values)]
        return statistics.median(values) if isinstance(values[0], (int, float)) else values[0]

    return {key: of([each[key] for each in runs]) for key in runs[0]}


def slowest_later(epochs):
    """The rate of the slowest epoch after the third, relative to that of the second."""
    return epochs[1] / max(epochs[3:]) if len(epochs) > 3 else None


def compare(options, recipes):
    found, failures = {}, []

    def attempt(recipe, name, what):
        """The result of one run; a failure must not stop the others."""
        try:
            return what()
        except UNUSABLE as reason:
            note(f"  failed: {reason!r}")
            failures.append({"recipe": recipe.name, "implementation": name, "reason": str(reason)})

    with tempfile.TemporaryDirectory() as folder:
        splits = {}
        for recipe in recipes:
            made = attempt(recipe, "split", lambda: split(options, recipe, Path(folder) / recipe.name.replace("/", "-")))
            if made:
                splits[recipe] = made
        peers = {
            "recburn": lambda recipe: ours(options, recipe),
            "keras": lambda recipe: keras(options, recipe, splits[recipe]),
        }
        names = [name for name in peers if name not in options.skip]
        for turn in range(options.rounds):
            for recipe in splits:
                # Alternating order, so that a machine that slows down as it warms up affects both equally.
                for name in names if turn % 2 == 0 else names[::-1]:
                    note(f"round {turn + 1} of {options.rounds}, {recipe.name}: {name}")
                    ran = attempt(recipe, name, lambda: peers[name](recipe))
                    if ran:
                        found.setdefault((recipe.name, name), []).append(ran)
    return {key: middle(runs) for key, runs in found.items()}, failures


def whole(recipe, us, them):
    return {
        "recipe": recipe.name,
        "epochs": f"{recipe.epochs}" + (f" of {recipe.own_epochs}" if recipe.epochs < recipe.own_epochs else ""),
        "recburn, s": brief(us["seconds"]),
        "Keras on JAX, s": brief(them["seconds"]),
        "of which start and compilation": brief(them["start"] + them["compilation"]),
        "speed-up": f"**{them['seconds'] / us['seconds']:.1f}**",
    }


def apart(recipe, us, them):
    ours, theirs = us["epochs"], them["epochs"]
    slowest = slowest_later(ours)
    return {
        "recipe": recipe.name,
        "CPU s, recburn": brief(us["cpu_seconds"]),
        "Keras": brief(them["cpu_seconds"]),
        "peak MB, recburn": f"{us['peak_megabytes']:.0f}",
        "Keras ": f"{them['peak_megabytes']:.0f}",
        "epochs only, s, recburn": brief(sum(ours)),
        "Keras  ": brief(sum(theirs)),
        "speed-up": f"{sum(theirs) / sum(ours):.1f}",
        "Keras's start, s": brief(them["start"]),
        "compilation": brief(them["compilation"]),
        "ratings per s, first epoch": rate(us["train_rows"] / ours[0]),
        "last": rate(us["train_rows"] / ours[-1]),
        "slowest after the third / second": f"{slowest:.2f}" if slowest else "",
        "RMSE, recburn": f"{us['rmse']:.4f}",
        "Keras   ": f"{them['rmse']:.4f}",
    }


def brief(seconds):
    return f"{seconds:.2f}" if seconds < 10 else f"{seconds:.1f}"


def rate(ratings_per_second):
    return f"{round(ratings_per_second, -3):,.0f}"


def markdown(rows):
    if rows:
        print("| " + " | ".join(name.strip() for name in rows[0]) + " |")
        print("|---" * len(rows[0]) + "|")
    for row in rows:
        print("| " + " | ".join(row.values()) + " |")


def print_epochs(found):
    print("\nmilliseconds of each epoch, without validation and compilation:")
    for (name, who), middle in found.items():
        print(f"  {name} {who}: " + " ".join(f"{1e3 * seconds:.0f}" for seconds in middle["epochs"]))


def report(options):
    """Runs everything, prints the table, and returns the exit status."""
    unknown = [name for name in options.recipes if name not in RECIPES]
    if unknown:
        raise Failed(f"no recipe {', '.join(unknown)} here: there are {', '.join(RECIPES)}")
    if options.recburn is None:
        note("building recburn")
        child(["cargo", "build", "--quiet", "--release", "--bin", "recburn"], 7200)
        options.recburn = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release" / "recburn"
    if "keras" not in options.skip and not python(options).exists():
        raise Failed(f"{python(options)} is not there: run benches/peers/install.sh --only keras-jax first")
    recipes = [Recipe(name, RECIPES[name]) for name in options.recipes]
    found, failures = compare(options, recipes)
    pairs = [(recipe, found.get((recipe.name, "recburn")), found.get((recipe.name, "keras"))) for recipe in recipes]
    pairs = [pair for pair in pairs if all(pair)]
    versions = next((f"Keras {one['keras']} on JAX {one['jax']}" for one in found.values() if "keras" in one), "")
    head = [f"{processor()}, {os.cpu_count()} cores", versions, f"whole processes in turn, medians of {options.rounds}"]
    print("; ".join(filter(None, head)) + ".\n")
    markdown([whole(*pair) for pair in pairs])
    print()
    markdown([apart(*pair) for pair in pairs])
    print_epochs(found)
    for each in failures:
        print(f"failed: {each['recipe']} {each['implementation']}: {each['reason']}")
    if options.json:
        rows = [{"recipe": name, "implementation": who, **middle} for (name, who), middle in found.items()]
        result = {"machine": machine(), "rounds": options.rounds, "rows": rows, "failures": failures}
        Path(options.json).write_text(json.dumps(result, indent=2) + "\n")
    return 1 if failures else 0
