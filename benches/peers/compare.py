#!/usr/bin/env python3
"""Times recburn and other libraries in turn on the same data, and prints one table.

    python benches/peers/compare.py --recipes [biased_mf/small18,scaled_mf/100k] [--rounds 3]
    python benches/peers/compare.py [--cases A,B] [--rounds 3] [--seconds 5]
    python benches/peers/compare.py --time-to 0.92 --file u.data

Run install.sh first. Needs nothing but Python's own library.
"""

import argparse
import json
import os
import statistics
import sys
import tempfile
from pathlib import Path

import trainings
from processes import HERE, KIND, ROOT, UNUSABLE, Failed, bench, build, child, last_json, machine, note, plural

CASES = ["A", "A0", "B", "B0", "C", "D", "E"]

# One row of the table: the program, its configuration, and its measurements.


def row(implementation, config, same, found):
    return {
        "implementation": implementation,
        "config": config,
        "same": same,
        "ratings_per_second": found["ratings_per_second"],
        "seconds_per_step": found.get("seconds_per_step"),
        "rmse": found.get("rmse"),
    }


def ours(options, case):
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "rows.json"
        words = ["--data", options.data, "--cases", case, "--only", "recburn"]
        words += ["--seconds", options.seconds, "--json", file]
        bench("step", words, 600 + 30 * options.seconds)
        found = json.loads(file.read_text())
    rows = []
    for each in found:
        if each["implementation"] != "recburn" or each["case"] != case:
            continue
        threads = each.get("threads")
        how = each["mode"] + (f", {plural(threads, 'thread')}" if threads else "")
        rows.append(row("recburn", how, each["mode"] == "exact", each))
    if not rows:
        raise Failed("the bench gave no row for this case")
    return rows


def keras(backend):
    def run(options, case):
        words = [python(options), HERE / "keras_peer.py", case_file(options, case)]
        words += ["--backend", backend, *measured(options)]
        found = last_json(child(words, limit(options), KIND))
        return [row(f"keras-{backend}", found["config"], found["same"], found)]

    return run


def torch(name, *flags):
    def run(options, case):
        words = [python(options), HERE / "torch_peer.py", case_file(options, case)]
        found = last_json(child([*words, *flags, *measured(options)], limit(options), KIND))
        return [row(name, found["config"], found["same"], found)]

    return run


def libmf(threads):
    def run(options, case):
        settings = json.loads(case_file(options, case).read_text())
        words = [driver(options), "--threads", threads, "--factors", settings["factors"]]
        for part in ("train", "valid"):
            words += [f"--{part}", Path(options.data) / settings[part]]
        # It hangs about once in a hundred runs.
        found = last_json(child([*words, *measured(options)], 120 + 10 * options.seconds, KIND, tries=3))
        return [row("libmf", found["config"], False, found)]

    return run


# Peers in the order they are run. PyTorch is there as people first write it, and in the quickest
# way found that computes the same: a fused optimizer that adds the l2 gradient itself.
PEERS = [
    ("recburn", ours),
    ("keras-jax", keras("jax")),
    ("keras-tensorflow", keras("tensorflow")),
    ("torch", torch("torch", "--threads", "1")),
    ("torch", torch("torch", "--threads", "1", "--fused", "--decay")),
    ("torch", torch("torch", "--threads", "2", "--fused", "--decay")),
    ("torch-sparse", torch("torch-sparse", "--threads", "1", "--sparse")),
    ("libmf", libmf(1)),
    ("libmf", libmf(2)),
]


def python(options):
    return Path(options.venv) / "bin" / "python"


def driver(options):
    return Path(options.venv) / "bin" / "libmf_peer"


def case_file(options, case):
    return Path(options.data) / f"{case}.json"


def measured(options):
    words = ["--seconds", options.seconds]
    return words + (["--max-ratings", options.max_ratings] if options.max_ratings else [])


def limit(options):
    return 300 + 20 * options.seconds


def skipped(options, name, case):
    if name in options.skip:
        return True
    # LIBMF factorises; it has no perceptron.
    return name == "libmf" and json.loads(case_file(options, case).read_text())["model"] == "mlp"


def compare(options):
    missing = [case for case in options.cases if not case_file(options, case).exists()]
    if "recburn" not in options.skip or missing:
        build(["step"])
    if missing:
        note(f"writing the data to {options.data}")
        bench("step", ["--export", options.data, "--cases", ",".join(missing)], 3600)
    missing = [case for case in options.cases if not case_file(options, case).exists()]
    if missing:
        sys.exit(f"no data for {', '.join(missing)} in {options.data}")

    seen = {}
    failures = []
    for turn in range(options.rounds):
        # Alternating order, so that a machine that slows down as it warms up affects all peers equally.
        order = PEERS if turn % 2 == 0 else PEERS[::-1]
        for case in options.cases:
            for name, run in order:
                if skipped(options, name, case):
                    continue
                note(f"round {turn + 1} of {options.rounds}, {case}: {name}")
                try:
                    for found in run(options, case):
                        key = (case, found["implementation"], found["config"])
                        seen.setdefault(key, []).append(found)
                except UNUSABLE as reason:
                    note(f"  failed: {reason!r}")
                    failures.append({"case": case, "implementation": name, "reason": str(reason)})

    rows = [middle(case, found) for (case, _, _), found in seen.items()]
    rows.sort(key=lambda each: (options.cases.index(each["case"]), -each["ratings_per_second"]))
    summary = judge(options.cases, rows)
    print_table(rows)
    print_summary(summary)
    for each in failures:
        print(f"failed: {each['case']} {each['implementation']}: {each['reason']}")
    if options.json:
        save(options, {"rows": rows, "summary": summary, "failures": failures})
    return 1 if failures else 0


def middle(case, found):
    """The median of a row's rounds, with the slowest and the fastest."""
    rates = [each["ratings_per_second"] for each in found]
    steps = [each["seconds_per_step"] for each in found if each["seconds_per_step"]]
    return {
        **found[0],
        "case": case,
        "rounds": len(found),
        "ratings_per_second": statistics.median(rates),
        "lowest": min(rates),
        "highest": max(rates),
        "seconds_per_step": statistics.median(steps) if steps else None,
    }


def best(rows):
    return max(rows, key=lambda each: each["ratings_per_second"], default=None)


def judge(cases, rows):
    """Fills in each row's ratio to ours; returns the most relevant ratio of each case."""
    summary = []
    for case in cases:
        here = [each for each in rows if each["case"] == case]
        own = [each for each in here if each["implementation"] == "recburn"]
        exact = best([each for each in own if each["same"]])
        touched = best([each for each in own if not each["same"]])
        for each in here:
            # Peers that train only the rows of the batch are compared with our touched mode.
            base = exact if each["same"] else touched or exact
            each["against"] = "exact" if base is exact else "touched"
            each["ratio"] = base and base["ratings_per_second"] / each["ratings_per_second"]
            if not base:
                each["against"] = None
        rival = best([each for each in here if each["same"] and each["implementation"] != "recburn"])
        if exact and rival:
            summary.append(
                {
                    "case": case,
                    "rival": f"{rival['implementation']} ({rival['config']})",
                    "ratio": exact["ratings_per_second"] / rival["ratings_per_second"],
                }
            )
    return summary


def print_table(rows):
    head = ["case", "implementation", "configuration", "same", "ratings/s", "low..high", "a step", "ours/this"]
    lines = []
    for each in rows:
        step = each["seconds_per_step"]
        ratio = each["ratio"]
        lines.append(
            [
                each["case"],
                each["implementation"],
                each["config"],
                "yes" if each["same"] else "no",
                f"{each['ratings_per_second']:,.0f}",
                f"{brief(each['lowest'])}..{brief(each['highest'])}",
                f"{step * 1e6:,.1f} us" if step else "-",
                f"{ratio:.2f} ({each['against']})" if ratio else "-",
            ]
        )
    widths = [max(len(line[at]) for line in [head, *lines]) for at in range(len(head))]
    right = {4, 5, 6, 7}
    for line in [head, *lines]:
        cells = [
            cell.rjust(width) if at in right else cell.ljust(width)
            for at, (cell, width) in enumerate(zip(line, widths))
        ]
        print("  ".join(cells).rstrip())


def brief(rate):
    for size, unit in ((1e6, "M"), (1e3, "k")):
        if rate >= size:
            return f"{rate / size:.3g}{unit}"
    return f"{rate:.0f}"


def print_summary(summary):
    if not summary:
        return
    print("\nrecburn (exact) to the best of Keras and PyTorch that computes the same:")
    for each in summary:
        print(f"  {each['case']:3} {each['ratio']:6.2f} times {each['rival']}")


def time_to(options):
    """Seconds from opening a text file to a model with a given error on a held-out fifth."""
    if not options.file:
        sys.exit("--time-to needs --file")
    file = Path(options.file).resolve()
    if "recburn" not in options.skip:
        build(["job"])
    found = {}
    failures = []

    def one(name, run):
        try:
            found.setdefault(name, []).append(run())
        except UNUSABLE as reason:
            note(f"  failed: {reason!r}")
            failures.append({"implementation": name, "reason": str(reason)})

    def recburn():
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder) / "job.json"
            bench("job", ["--time-to", options.time_to, "--file", file, "--json", out], 900)
            return json.loads(out.read_text())

    def peer(seed, *flags):
        words = [driver(options), "--text", file, "--target", options.time_to, "--seed", seed, *flags]
        return last_json(child(words, 60, KIND, tries=3))

    for turn in range(options.rounds):
        note(f"round {turn + 1} of {options.rounds}")
        if "recburn" not in options.skip:
            one("recburn", recburn)
        if "libmf" in options.skip:
            continue
        # Its runs are short, and splits vary in difficulty, so there are several per round.
        for seed in range(7 * turn + 1, 7 * turn + 8):
            one("libmf", lambda: peer(seed))
            one("libmf, watched", lambda: peer(seed, "--watch"))

    middles = {}
    print(f"seconds from file to an error of {options.time_to} on a held-out fifth:")
    for name, runs in found.items():
        good = [each for each in runs if each.get("reached", True)]
        if not good:
            print(f"  {name:15} never reached it")
            continue
        seconds = [each["seconds"] for each in good]
        middles[name] = statistics.median(seconds)
        print(
            f"  {name:15} {middles[name]:8.4f}  ({min(seconds):.4f}..{max(seconds):.4f}), "
            f"reached in {len(good)} of {plural(len(runs), 'run')}"
        )
    ratio = None
    others = [value for name, value in middles.items() if name != "recburn"]
    if "recburn" in middles and others:
        ratio = middles["recburn"] / min(others)
        print(f"recburn takes {ratio:.2f} times as long as the best of LIBMF")
    if options.json:
        save(options, {"target": options.time_to, "seconds": middles, "ratio": ratio, "runs": found})
    return 1 if failures else 0


def comma(text):
    return [word for word in text.split(",") if word]


def save(options, result):
    whole = {"machine": machine(), "rounds": options.rounds, "seconds_each": options.seconds, **result}
    Path(options.json).write_text(json.dumps(whole, indent=2) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--recipes",
        type=comma,
        nargs="?",
        const=list(trainings.RECIPES),
        help="instead: whole training runs, one process each; by default every MovieLens recipe",
    )
    parser.add_argument("--cases", type=comma, default=CASES, help="by default " + ",".join(CASES))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=5.0, help="each measurement")
    parser.add_argument("--json", help="also write the result here")
    parser.add_argument("--data", default=str(ROOT / "target" / "peers" / "data"))
    parser.add_argument("--venv", default=str(ROOT / "target" / "peers" / "venv"))
    parser.add_argument("--skip", type=comma, default=[], help="peers to omit; for --recipes: recburn or keras")
    parser.add_argument("--recburn", type=os.path.abspath, help="the binary for --recipes [default: built]")
    parser.add_argument("--data-dir", type=os.path.abspath, help="the folder of MovieLens, for --recipes [RECBURN_DATA]")
    parser.add_argument("--max-ratings", type=int, help="peers train on the first N only (a trial)")
    parser.add_argument("--time-to", type=float, help="instead: time to this validation error")
    parser.add_argument("--file", help="the text file for --time-to, such as MovieLens' u.data")
    options = parser.parse_args()
    # Child processes run in the root of the repository, but paths are relative to the current folder.
    for name in ("data", "venv"):
        setattr(options, name, os.path.abspath(getattr(options, name)))
    known = {"recburn", "keras"} if options.recipes else {name for name, _ in PEERS}
    for name in options.skip:
        if name not in known:
            parser.error(f"no peer is called {name}: there are {', '.join(sorted(known))}")
    if options.rounds < 1 or options.seconds <= 0:
        parser.error("--rounds and --seconds must be above 0")
    wanted = {"libmf"} if options.time_to else known - {"recburn"}
    if not options.recipes and wanted - set(options.skip):
        for needed in [driver(options)] + ([] if options.time_to else [python(options)]):
            if not needed.exists():
                sys.exit(f"{needed} is not there: run benches/peers/install.sh first")
    job = trainings.report if options.recipes else time_to if options.time_to else compare
    try:
        sys.exit(job(options))
    except (Failed, OSError) as reason:
        sys.exit(f"failed: {reason}")


if __name__ == "__main__":
    main()
