"""Shared by the programs here: child processes, timed one after another, and the machine they run on."""

import json
import os
import platform
import signal
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]

# Given to every peer. Threads that spin while they wait take the cores from those that work, and glibc's habit of giving
# big blocks back costs a dense step up to twice its time: recburn's own programs have an allocator without it.
KIND = {
    "OMP_WAIT_POLICY": "PASSIVE",
    "MALLOC_MMAP_THRESHOLD_": str(1 << 30),
    "MALLOC_TRIM_THRESHOLD_": str(1 << 32),
    "MALLOC_TOP_PAD_": str(1 << 26),
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "PYTHONDONTWRITEBYTECODE": "1",
}


class Failed(Exception):
    """A failed child process; the message says how."""


# What a broken child leads to: one peer's trouble must not end the others' run.
UNUSABLE = (Failed, KeyError, ValueError, OSError)


@dataclass
class Ran:
    """The output of a process, and its resource use."""

    text: str
    seconds: float
    cpu_seconds: float
    peak_megabytes: float


def run(command, timeout, env=None, fine=(0,)):
    """Runs a process, and kills it with all its children if it hangs."""
    hung = threading.Event()
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        start = time.perf_counter()
        process = subprocess.Popen(
            [str(word) for word in command],
            cwd=ROOT,
            env={**os.environ, **(env or {})},
            stdout=out,
            stderr=err,
            start_new_session=True,
        )
        timer = threading.Timer(timeout, lambda: (hung.set(), stop(process)))
        timer.start()
        try:
            # For this process only: CPU time is reported with the exit status.
            _, status, usage = os.wait4(process.pid, 0)
        except BaseException:
            stop(process)
            raise
        finally:
            timer.cancel()
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        text, words = (read_all(file) for file in (out, err))
    if hung.is_set():
        raise Failed(f"no answer in {timeout:.0f} s")
    if process.returncode not in fine:
        lines = [line for line in words.splitlines() if line.strip()]
        raise Failed(f"exit status {process.returncode}: {lines[-1] if lines else 'no word'}")
    return Ran(text, seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def read_all(file):
    file.seek(0)
    return file.read().decode("utf-8", "replace")


def stop(process):
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def child(command, timeout, env=None, tries=1):
    """The standard output of a child process, with retries."""
    for last in [False] * (tries - 1) + [True]:
        try:
            return run(command, timeout, env).text
        except Failed:
            if last:
                raise


def last_json(text):
    for line in reversed(text.splitlines()):
        if line.startswith("{"):
            return json.loads(line)
    raise Failed("printed no result")


def bench(name, words, timeout):
    return child(["cargo", "bench", "--quiet", "--bench", name, "--", *words], timeout)


def build(names):
    """Compiles our benchmarks first, so that the time limits apply only to running them."""
    words = [word for name in names for word in ("--bench", name)]
    note(f"building {', '.join(names)}")
    child(["cargo", "bench", "--quiet", *words, "--no-run"], 7200)


def note(text):
    print(f"[{time.strftime('%H:%M:%S')}] {text}", file=sys.stderr, flush=True)


def plural(count, word):
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


def machine():
    return {"processor": processor(), "cores": os.cpu_count(), "system": platform.platform()}


def processor():
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.processor() or "unknown"


def seed_flags(split, seed):
    """`--seed`, which splits without randomness refuse."""
    random = split.split(":")[0] in ("fraction", "mask", "by-user-shuffled", "fold")
    return ["--seed", str(seed)] if random else []
