"""Times one recipe's whole training in Keras 3 on JAX, with start-up and compilation listed separately.

    python benches/peers/recipe_peer.py recipes/biased_mf/small18.toml --split FOLDER --began SECONDS

`trainings.py` runs it. The last line of stdout is one JSON object.
"""

import argparse
import json
import pathlib
import statistics
import time
import tomllib

import jax
import recipes
from recipes import keras


class Compilation:
    """The time spans in which JAX traced, lowered and compiled; it reports durations afterwards, also for nested spans."""

    def __init__(self):
        self.spans = []
        jax.monitoring.register_event_duration_secs_listener(self.heard)

    def heard(self, event, seconds, **_):
        if "/compile/" in event:
            end = time.perf_counter()
            self.spans.append((end - seconds, end))

    def within(self, begin, end):
        """Seconds within two points in time, with overlapping spans counted once."""
        seconds, reached = 0.0, begin
        for start, stop in sorted(self.spans):
            start, stop = max(start, reached), min(stop, end)
            if stop > start:
                seconds, reached = seconds + stop - start, stop
        return seconds


class Clock(keras.callbacks.Callback):
    """The start and end of each epoch, and the duration of its validation."""

    def __init__(self):
        super().__init__()
        self.epochs, self.began, self.testing, self.validation = [], None, None, 0.0

    def on_epoch_begin(self, epoch, logs=None):
        self.began, self.validation = time.perf_counter(), (0.0, 0.0)

    def on_test_begin(self, logs=None):
        self.testing = time.perf_counter()

    def on_test_end(self, logs=None):
        self.validation = (self.testing, time.perf_counter())

    def on_epoch_end(self, epoch, logs=None):
        self.epochs.append((self.began, time.perf_counter(), *self.validation))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("recipe", type=pathlib.Path)
    parser.add_argument("--split", required=True, help="the folder to which recburn wrote it")
    parser.add_argument("--phases", type=json.loads, help="instead of the recipe's, as JSON")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--began", type=float, required=True, help="when this process was started (Python's time.time)")
    options = parser.parse_args()
    compilation = Compilation()
    imported = time.perf_counter()
    before = time.time() - options.began

    recipe = tomllib.loads(options.recipe.read_text())
    training = recipes.Training(recipe, recipes.read_split(options.split), options.seed)
    clock = Clock()
    ready = time.perf_counter()
    losses = training.fit(options.phases or recipe["training"]["phases"], [clock])
    measures = training.measures()
    end = time.perf_counter()

    def apart(begin, end):
        return end - begin - compilation.within(begin, end)

    epochs = [apart(begin, test) + apart(tested, stop) for begin, stop, test, tested in clock.epochs]
    # In the first epoch Keras also builds its own functions, which JAX does not report.
    drawing_up = max(0.0, epochs[0] - statistics.median(epochs[1:])) if len(epochs) > 1 else 0.0
    epochs[0] -= drawing_up
    print(
        json.dumps(
            {
                "keras": keras.__version__,
                "jax": jax.__version__,
                # Imports, reading the split, building the model.
                "start": before + apart(imported, ready),
                "compilation": compilation.within(imported, end) + drawing_up,
                # Without validation.
                "epochs": epochs,
                "valid_loss": losses[-1],
                "rmse": measures["RMSE"],
            }
        ),
        flush=True,
    )


if __name__ == "__main__":
    main()
