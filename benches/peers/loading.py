#!/usr/bin/env python3
"""Opens a file of ratings with recburn, pandas and polars in turn, and prints one table.

    python benches/peers/loading.py [--file ratings.csv] [--rounds 5]

Without --file it is a made-up one of MovieLens 20M's shape (541 MB), which recburn's bench writes
once. The first run makes a virtual environment with pandas and polars in target/peers/loading.
Needs nothing but Python's own library.
"""

import argparse
import json
import os
import statistics
import sys
import time
from pathlib import Path

from processes import ROOT, UNUSABLE, Failed, bench, build, child, last_json, machine, note

PACKAGES = ["pandas==3.1.1", "polars==2.1.0"]

# Programs in the order they are run: what reads, whether it knows the columns' types beforehand,
# and whether ids become rows of tables, as they must before anything is trained.
PEERS = [
    ("pandas", "read_csv", ["pandas"]),
    ("pandas", "types given, ids mapped to rows (factorize)", ["pandas", "--types", "--ids"]),
    ("polars", "read_csv", ["polars"]),
    ("polars", "types given, ids mapped to rows (unique, join)", ["polars", "--types", "--ids"]),
]
OURS = ("recburn", "open: ids mapped to rows, repeated pairs counted")


def environment(folder):
    """The Python interpreter with the peers installed."""
    python = folder / "bin" / "python"
    if not python.exists():
        note(f"installing {', '.join(PACKAGES)} into {folder}")
        child([sys.executable, "-m", "venv", folder], 600)
        child([python, "-m", "pip", "--disable-pip-version-check", "install", "--quiet", *PACKAGES], 3600)
    return python


def warm(file):
    """Reads the file once, so that disk access is not timed."""
    with open(file, "rb") as bytes_of:
        while bytes_of.read(1 << 24):
            pass


def compare(options):
    build(["job"])
    python = environment(options.venv)
    words = ["--open", *(["--file", options.file] if options.file else [])]
    file = last_json(bench("job", words, 1800))["file"]
    size = os.path.getsize(file)
    warm(file)

    found = {}
    for turn in range(options.rounds):
        note(f"round {turn + 1} of {options.rounds}")
        runs = [(OURS, lambda: last_json(bench("job", ["--open", "--file", file], 600)))]
        for name, how, flags in PEERS:
            command = [python, __file__, "--here", *flags, "--file", file]
            runs.append(((name, how), lambda command=command: last_json(child(command, 600))))
        # Alternating order, so that a machine that slows down as it warms up affects all programs equally.
        for key, run in runs if turn % 2 == 0 else runs[::-1]:
            try:
                found.setdefault(key, []).append(run())
            except UNUSABLE as reason:
                note(f"  {key[0]} failed: {reason!r}")

    if OURS not in found:
        sys.exit("recburn could not open the file")
    rows = [middle(*key, size, runs) for key, runs in found.items()]
    ours = next(row for row in rows if row["implementation"] == "recburn")
    rows.sort(key=lambda row: row["seconds"])
    print(f"{size / 1e6:,.0f} MB, {ours['rows']:,} ratings")
    print(f"{'':8} {'':40} {'seconds':>8} {'low..high':>12} {'MB/s':>6} {'ours/this':>9} {'peak MB':>8}")
    for row in rows:
        row["ratio"] = ours["megabytes_per_second"] / row["megabytes_per_second"]
        spread = f"{row['lowest']:.2f}..{row['highest']:.2f}"
        print(
            f"{row['implementation']:8} {row['config']:40} {row['seconds']:8.2f} {spread:>12} "
            f"{row['megabytes_per_second']:6.0f} {row['ratio']:9.2f} {row['peak_megabytes']:8.0f}"
        )
    if options.json:
        whole = {"machine": machine(), "rounds": options.rounds, "bytes": size, "rows": rows}
        Path(options.json).write_text(json.dumps(whole, indent=2) + "\n")
    return 0


def middle(name, how, size, runs):
    seconds = [run["seconds"] for run in runs]
    median = statistics.median(seconds)
    return {
        "implementation": name,
        "config": how,
        "runs": len(runs),
        "rows": runs[0]["rows"],
        "seconds": median,
        "lowest": min(seconds),
        "highest": max(seconds),
        "megabytes_per_second": size / 1e6 / median,
        "peak_megabytes": statistics.median(run["peak_megabytes"] for run in runs),
    }


def here(options):
    """Opens the file in this process, whose peak memory is the reader's; its import is not timed."""
    read = {"pandas": with_pandas, "polars": with_polars}[options.here]
    seconds, rows = read(options.file, options.types, options.ids)
    status = Path("/proc/self/status").read_text()
    peak = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
    print(json.dumps({"seconds": seconds, "rows": rows, "peak_megabytes": int(peak.split()[1]) / 1024}))
    return 0


def with_pandas(file, types, ids):
    import pandas

    known = {"userId": "int32", "movieId": "int32", "rating": "float32", "timestamp": "int64"}
    start = time.perf_counter()
    table = pandas.read_csv(file, dtype=known if types else None)
    if ids:
        for column in ("userId", "movieId"):
            table[column], _ = pandas.factorize(table[column])
    return time.perf_counter() - start, len(table)


def with_polars(file, types, ids):
    import polars

    known = {
        "userId": polars.Int32,
        "movieId": polars.Int32,
        "rating": polars.Float32,
        "timestamp": polars.Int64,
    }
    start = time.perf_counter()
    table = polars.read_csv(file, schema_overrides=known if types else None)
    if ids:
        for column in ("userId", "movieId"):
            distinct = table.select(polars.col(column).unique(maintain_order=True))
            table = table.join(
                distinct.with_row_index(f"{column}_row"), on=column, how="left", maintain_order="left"
            ).drop(column)
    return time.perf_counter() - start, len(table)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--file", help="a CSV file with userId, movieId, rating and timestamp")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", help="write the figures to this file")
    parser.add_argument("--venv", type=Path, default=ROOT / "target" / "peers" / "loading")
    for hidden in ("--types", "--ids"):
        parser.add_argument(hidden, action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--here", choices=["pandas", "polars"], help=argparse.SUPPRESS)
    options = parser.parse_args()
    try:
        return here(options) if options.here else compare(options)
    except Failed as reason:
        sys.exit(str(reason))


if __name__ == "__main__":
    sys.exit(main())
