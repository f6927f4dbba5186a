#!/usr/bin/env python3
"""Checks what the pages say: README.md, CONTRIBUTING.md, docs/ and the READMEs of recipes, datasets and the benchmarks.

    python3 tests/docs/check.py                                every check, with target/debug/recburn
    python3 tests/docs/check.py --recburn BINARY docs/data.md  only these pages
    python3 tests/docs/check.py --links                        only links and quoted code, for which no binary is needed

- Every block of `sh` or `console` is run in an empty folder, the blocks of a page one after another, with the folder bin/ here
  before everything else: `recburn` there trains for an epoch instead of many, leaves out what needs data that are not here, and
  starts services at a free port; `cargo`, `mpirun` and whatever else CI runs in steps of its own are only looked at.
- `<!-- not run: REASON -->` before a block leaves it out, and says why. Its `recburn` commands are parsed all the same, and so is
  every `recburn ...` in running text.
- `<!-- before: COMMAND -->` is run before what follows it: a model that a page takes for granted.
- `<!-- path/to/file -->` before a block: every paragraph of the block stands in that file, indented or in a comment.
- Links to files and headings lead somewhere.
"""

import argparse
import os
import re
import shlex
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
# Pages whose commands are run. Those of all others are for people who work on recburn itself: they are only parsed.
PAGES = ["README.md", "docs/*.md", "docs/models/*.md", "recipes/README.md", "datasets/README.md"]
NOT_RUN = {
    "docs/tour.md": "docs/tour.sh runs it and compares what is printed",
    "docs/scale.md": "tests/mpi/run.sh trains on several processes",
}
LIMIT = 120  # seconds for a block

FENCE = re.compile(r"^```(\S*)\s*$")
REMARK = re.compile(r"^<!-- (.+?) -->$")


class Block:
    """A fenced block with the remarks that stand directly before it."""

    def __init__(self, kind, line, remarks):
        self.kind, self.line, self.remarks, self.text = kind, line, remarks, ""

    def remark(self, start):
        return next((remark[len(start) :].strip() for remark in self.remarks if remark.startswith(start)), None)

    def script(self):
        """What is typed: all of `sh`, and of `console` the lines after `$` with their continuations."""
        if self.kind == "sh":
            return self.text
        typed, going_on = [], False
        for line in self.text.splitlines():
            if line.startswith("$ ") or going_on:
                typed.append(line.removeprefix("$ "))
                going_on = line.endswith("\\")
        return "\n".join(typed) + "\n"


def blocks(text):
    """The fenced blocks of a page, and its text without them."""
    found, rest, remarks, block = [], [], [], None
    for number, line in enumerate(text.splitlines(), 1):
        fence = FENCE.match(line)
        if block is not None:
            if fence:
                found.append(block)
                block = None
            else:
                block.text += line + "\n"
        elif fence:
            block, remarks = Block(fence[1], number, remarks), []
        elif remark := REMARK.match(line):
            remarks.append(remark[1])
        else:
            rest.append((number, line))
            if line.strip():
                remarks = []
    return found, rest


# ---- Links.


def anchors(path):
    """The anchors of a page, as GitHub and mdBook make them of its headings."""
    seen = {}
    for _, line in blocks(path.read_text(encoding="utf-8"))[1]:
        if heading := re.match(r"^#+ (.+)$", line):
            plain = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading[1]).lower()
            slug = re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")
            seen[slug] = seen.get(slug, -1) + 1
    return {slug if number == 0 else f"{slug}-{number}" for slug, last in seen.items() for number in range(last + 1)}


def broken_links(path):
    for number, line in blocks(path.read_text(encoding="utf-8"))[1]:
        line = re.sub(r"`[^`]*`", "", line)
        for target in re.findall(r"\]\(([^)\s]+)\)", line):
            if re.match(r"^[a-z]+:", target):
                continue
            file, _, anchor = target.partition("#")
            there = (path.parent / file).resolve() if file else path
            if not there.exists():
                yield f"{path.relative_to(ROOT)}:{number}: {target} leads nowhere"
            elif anchor and there.suffix == ".md" and anchor not in anchors(there):
                yield f"{path.relative_to(ROOT)}:{number}: {target}: there is no such heading"


# ---- Quoted code.


def bare(text):
    """Lines without indentation and marks of comments."""
    return [re.sub(r"^(//[/!]|#)? ?", "", line.strip()).strip() for line in text.splitlines()]


def missing_quotes(path):
    for block in blocks(path.read_text(encoding="utf-8"))[0]:
        files = [ROOT / remark for remark in block.remarks if "/" in remark and " " not in remark]
        for file in files:
            if not file.is_file():
                yield f"{path.relative_to(ROOT)}:{block.line}: there is no {file.relative_to(ROOT)}"
                continue
            there = "\n".join(bare(file.read_text(encoding="utf-8")))
            for paragraph in re.split(r"\n\s*\n", block.text.strip("\n")):
                if "\n".join(bare(paragraph)) not in there:
                    yield (
                        f"{path.relative_to(ROOT)}:{block.line}: not in {file.relative_to(ROOT)}:\n{paragraph}"
                    )


# ---- Commands.


def typed_commands(script):
    """The `recburn` commands of a script, as words; what is behind a pipe or a redirection is left away."""
    for line in script.replace("\\\n", " ").splitlines():
        try:
            words = shlex.split(line, comments=True)
        except ValueError:  # a quotation over several lines: no command of ours has one
            continue
        ends = [at for at, word in enumerate(words) if re.match(r"^(\||&|;|[0-9]?>|<)", word)]
        words = words[: min(ends)] if ends else words
        if "recburn" not in words or any("$" in word for word in words):
            continue
        at = words.index("recburn")
        if all(re.match(r"[A-Z_]+=", word) for word in words[:at]):
            yield words[at + 1 :]


def said_commands(rest):
    """The same in running text: `recburn train --data FILE`."""
    for number, line in rest:
        for code in re.findall(r"`((?:[A-Z_]+=\S+ )?recburn [^`]+)`", line):
            for words in typed_commands(code):
                if words and not words[-1].startswith("--"):  # a flag that is only named
                    yield number, words


def refused(recburn, words):
    """Why the binary does not take these words: they are parsed, and nothing is done."""
    if not words or words[0] == "COMMAND" or any("..." in word or "…" in word for word in words):
        return None
    known = [word for word in words if not re.fullmatch(r"[A-Z][A-Z0-9_]*", word)]
    placeholders = len(known) != len(words)
    run = subprocess.run([recburn, *words, "--help"], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if run.returncode == 0 or placeholders and "invalid value" in run.stderr:
        return None
    return run.stderr.strip() or f"exit status {run.returncode}"


def environment(recburn, page):
    folder = Path(page)
    variables = dict(os.environ)
    for name in ("BURN_DEVICE", "RECBURN_TOKEN"):
        variables.pop(name, None)
    return variables | {
        "PATH": f"{HERE / 'bin'}:{variables['PATH']}",
        "DOCS_RECBURN": str(recburn),
        "DOCS_PAGE": str(folder),
        "DOCS_ROOT": str(ROOT),
    }


def run_page(path, recburn, is_run):
    """Runs a page's blocks; how many there were, which were left out, and what failed."""
    found, rest = blocks(path.read_text(encoding="utf-8"))
    count, left_out, faults = 0, [], []
    name = path.relative_to(ROOT)
    for number, words in said_commands(rest) if is_run else []:
        if why := refused(recburn, words):
            faults.append(f"{name}:{number}: recburn {shlex.join(words)}\n{why}")
    with tempfile.TemporaryDirectory() as home, tempfile.TemporaryDirectory() as page:
        variables = environment(recburn, page)
        try:
            for block in found:
                if block.kind not in ("sh", "console"):
                    continue
                why = block.remark("not run:") or NOT_RUN.get(str(name)) or (None if is_run else "for work on recburn itself")
                for words in typed_commands(block.script()):
                    if fault := refused(recburn, words):
                        faults.append(f"{name}:{block.line}: recburn {shlex.join(words)}\n{fault}")
                if why:
                    left_out.append(f"{name}:{block.line}: {why}")
                    continue
                script = "".join(f"{command}\n" for command in [block.remark("before:")] if command) + block.script()
                started = time.monotonic()
                run = subprocess.run(
                    ["bash", "-euo", "pipefail", "-c", script],
                    cwd=home,
                    env=variables,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT,
                    text=True,
                    timeout=LIMIT,
                )
                count += 1
                seconds = time.monotonic() - started
                for line in run.stdout.splitlines():
                    if line.startswith("left out: "):
                        left_out.append(f"{name}:{block.line}: {line[10:]}")
                if run.returncode:
                    faults.append(f"{name}:{block.line}: exit status {run.returncode}\n{script}\n{run.stdout}")
                elif seconds > 5:
                    print(f"{name}:{block.line}: {seconds:.1f} s")
        except subprocess.TimeoutExpired:
            faults.append(f"{name}:{block.line}: longer than {LIMIT} s\n{block.script()}")
        finally:
            for service in Path(page).glob("service-*"):
                subprocess.run(["kill", service.read_text().strip()], stderr=subprocess.DEVNULL)
    return count, left_out, faults


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pages", nargs="*", type=Path)
    parser.add_argument("--recburn", type=Path)
    parser.add_argument("--links", action="store_true", help="links and quoted code alone")
    options = parser.parse_args()
    tracked = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"], cwd=ROOT, check=True, capture_output=True, text=True
    )
    pages = [page.resolve() for page in options.pages] or [ROOT / name for name in tracked.stdout.splitlines()]
    pages = [page for page in pages if page.is_file()]
    faults = [fault for page in pages for check in (broken_links, missing_quotes) for fault in check(page)]
    print(f"{len(pages)} pages: links and quoted code")
    if not options.links:
        target = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
        recburn = (options.recburn or target / "debug/recburn").resolve()
        if not recburn.is_file():
            sys.exit(f"{recburn} is not there: build it, or name one by --recburn")
        run = {page for pattern in PAGES for page in ROOT.glob(pattern)}
        total, all_left_out = 0, []
        for page in pages:
            if page.name == "CHANGELOG.md":  # of other versions, too
                continue
            count, left_out, wrong = run_page(page, recburn, page in run)
            total += count
            all_left_out += left_out
            faults += wrong
        print(f"{total} blocks run; left out:")
        print("\n".join(f"  {line}" for line in all_left_out))
    for fault in faults:
        print(f"\n{fault}", file=sys.stderr)
    sys.exit(f"\n{len(faults)} faults" if faults else 0)


if __name__ == "__main__":
    main()
