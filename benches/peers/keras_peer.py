"""Times Keras 3 on one case, written as in a notebook.

Compilation is left out: a first, short fit pays for it, and so does the first epoch of the
measured one. The last line of stdout is one JSON object.
"""

import os
import time

from peerdata import Case, arguments, report


def build(case):
    import keras
    from keras import layers, regularizers

    def table(count, width, name, l2):
        return layers.Embedding(
            count,
            width,
            embeddings_initializer=keras.initializers.RandomUniform(-0.05, 0.05),
            embeddings_regularizer=regularizers.l2(l2) if l2 else None,
            name=name,
        )

    user = keras.Input(shape=(1,), dtype="int32", name="user")
    item = keras.Input(shape=(1,), dtype="int32", name="item")
    p = layers.Flatten()(table(case.users, case.factors, "user_factors", case.l2)(user))
    q = layers.Flatten()(table(case.items, case.factors, "item_factors", case.l2)(item))
    if case.model == "mlp":
        drop = case.dropout or [0, 0]
        x = layers.Concatenate()([p, q])
        if drop[0]:
            x = layers.Dropout(drop[0])(x)
        x = layers.Dense(case.hidden, activation=case.activation)(x)
        if drop[1]:
            x = layers.Dropout(drop[1])(x)
        score = layers.Dense(1)(x)
    else:
        score = layers.Dot(axes=1)([p, q])
        if case.biases:
            a = layers.Flatten()(table(case.users, 1, "user_bias", case.bias_l2)(user))
            b = layers.Flatten()(table(case.items, 1, "item_bias", case.bias_l2)(item))
            score = layers.Add()([score, a, b])
    return keras.Model([user, item], score)


def optimizer(case):
    import keras

    if case.optimizer == "adam":
        return keras.optimizers.Adam(case.learning_rate)
    return keras.optimizers.SGD(case.learning_rate, momentum=case.momentum)


def main():
    parser = arguments(__doc__.splitlines()[0])
    parser.add_argument("--backend", choices=["jax", "tensorflow"], default="jax")
    parser.add_argument("--steps-per-execution", type=int, default=50)
    options = parser.parse_args()

    # Must be set before the first import of keras.
    os.environ["KERAS_BACKEND"] = options.backend
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    import keras

    class Clock(keras.callbacks.Callback):
        """Times the epochs after the first, and stops after enough time."""

        def __init__(self, seconds):
            super().__init__()
            self.enough, self.started, self.seconds, self.epochs = seconds, None, 0.0, 0

        def on_epoch_end(self, epoch, logs=None):
            now = time.perf_counter()
            if self.started is None:
                self.started = now
                return
            self.seconds, self.epochs = now - self.started, epoch
            if self.seconds >= self.enough:
                self.model.stop_training = True

    keras.utils.set_random_seed(options.seed)
    case = Case(options.case, options.max_ratings)
    model = build(case)
    model.compile(
        loss="mse",
        optimizer=optimizer(case),
        steps_per_execution=options.steps_per_execution,
    )
    users, items, ratings = case.train

    def fit(count, epochs, seconds):
        clock = Clock(seconds)
        model.fit(
            [users[:count], items[:count]],
            ratings[:count],
            batch_size=case.batch,
            epochs=epochs,
            verbose=0,
            callbacks=[clock],
        )
        return clock

    # A whole number of executions: an incomplete last batch would be compiled separately.
    block = case.batch * options.steps_per_execution
    block = min(block, len(ratings) // case.batch * case.batch)
    probe = fit(block, 3, 60)
    rate = block * probe.epochs / probe.seconds
    # If an epoch would exceed the given time, use a slice of the ratings instead.
    count = min(len(ratings), max(1, int(rate * options.seconds / 2 / block)) * block)
    clock = fit(count, 10_000, options.seconds)

    a, b, y = case.valid
    guess = model.predict([a, b], batch_size=8192, verbose=0)[:, 0]
    rmse = float(((guess - y) ** 2).mean() ** 0.5)
    steps = -(-count // case.batch) * clock.epochs
    report(
        f"keras-{options.backend}",
        f"Keras {keras.__version__}, {options.steps_per_execution} steps per execution",
        True,
        case,
        count * clock.epochs,
        steps,
        clock.seconds,
        rmse,
    )


if __name__ == "__main__":
    main()
