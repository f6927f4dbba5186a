#!/usr/bin/env python3
"""Writes a page for every model: docs/models/NAME.md, and the table docs/models/README.md.

    python3 docs/models.py [BINARY]            writes them
    python3 docs/models.py --check [BINARY]    fails where they are not what it would write

A page has the formula and source (the head of the model's file), when to use it and what it costs (the model's section of
docs/models.md), options, presets and layers (`recburn models show`), and figures (the tables of docs/figures.md and
docs/results.md). Nothing on it is written by hand.
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs/models"


def said(recburn, *words):
    run = subprocess.run([recburn, *words], check=True, capture_output=True, text=True, env={**os.environ, "NO_COLOR": "1"})
    return run.stdout


def source_of(name):
    places = [ROOT / f"crates/{crate}/src/{name}{end}" for crate in ("models", "classical") for end in (".rs", "/mod.rs")]
    return next(path for path in places if path.is_file())


def head_of(path):
    """The comment at the head of a file, without links of rustdoc."""
    lines = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.startswith("//!"):
            break
        lines.append(line[4:])
    text = "\n".join(lines)
    text = re.sub(r"\[(`[^`]+`)\](\([^)]*\))?", r"\1", text)
    return re.sub(r"\[([^]\n]+)\]\((super|crate|recburn)[^)]*\)", r"\1", text)


def meanings(path):
    """What the fields of the options say of themselves."""
    found, about = {}, []
    for line in path.read_text(encoding="utf-8").splitlines():
        line = line.strip()
        if line.startswith("///"):
            about.append(line[4:])
        elif field := re.match(r"pub (\w+): ", line):
            text = re.sub(r"\[(`[^`]+`)\](\([^)]*\))?", r"\1", " ".join(about))
            found.setdefault(field[1], text.replace("|", "\\|"))
            about = []
        elif not line.startswith("#["):
            about = []
    return found


def families():
    """The sections of docs/models.md that have a table of models: title, text, names."""
    text = (ROOT / "docs/models.md").read_text(encoding="utf-8")
    for section in text.split("\n## ")[1:]:
        title, _, body = section.partition("\n")
        names = set()
        for row in re.findall(r"^\| (`.+?) \|", body, re.MULTILINE):
            names |= set(re.findall(r"`(\w+)`", row))
        if "**When**" in body:
            yield title, body, names


def paragraph(body, word):
    """The paragraph that begins with a word in bold; the table after it, if there is nothing else."""
    paragraphs = body.strip().split("\n\n")
    for at, text in enumerate(paragraphs):
        if text.startswith(f"**{word}**"):
            text = text.removeprefix(f"**{word}**").lstrip(":").strip() or paragraphs[at + 1]
            return re.sub(r"\]\((?!\w+:)", "](../", text[0].upper() + text[1:])
    sys.exit(f"docs/models.md: a section has no **{word}**")


def tables(path):
    """The tables of a page: the headings above, the cells of the head, the rows."""
    above, table = {}, None
    for line in path.read_text(encoding="utf-8").splitlines():
        if heading := re.match(r"^(#+) (.+)$", line):
            level = len(heading[1])
            above = {depth: text for depth, text in above.items() if depth < level} | {level: heading[2]}
        if line.startswith("|"):
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            if table is None:
                table = (dict(above), cells, [])
            elif not set(line) <= set("|-: "):
                table[2].append(cells)
        elif table is not None:
            yield table
            table = None
    if table is not None:
        yield table


def figures(name):
    rows = []
    for above, head, body in tables(ROOT / "docs/figures.md"):
        if head[:2] != ["model", "mean"]:
            continue
        for rank, cells in enumerate(body, 1):
            if cells[0].split("/")[0].split(" ")[0] == name:
                protocol = above[2].removeprefix("Models under ")
                rows.append(f"| `{protocol}` | {above[3]} | {cells[0]} | {cells[1]} | {rank} of {len(body)} | {cells[4]} |")
    text = ""
    if rows:
        text += "\n".join(["| protocol | measure | model | mean | place | fit, s |", "|---|---|---|---:|---:|---:|", *rows]) + "\n\n"
        text += "[figures.md](../figures.md) tests the differences, [protocols.md](../protocols.md) says what a protocol fixes.\n\n"
    rows = []
    for _, head, body in tables(ROOT / "docs/results.md"):
        if head[0] != "recipe":
            continue
        rows += [f"| {' | '.join(cells[:5])} |" for cells in body if cells[0].split("/")[0] == name]
    if rows:
        text += "\n".join(["| recipe | figure | recburn | published | by |", "|---|---|---|---|---|", *rows]) + "\n\n"
        text += "[results.md](../results.md) has all notebook runs.\n\n"
    return text or "None under a protocol yet.\n\n"


def anchor(title):
    """Of a heading on a page, as GitHub and mdBook make it."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def number(value):
    return json.dumps(value, separators=(", ", ": "))


def page(recburn, name, sections):
    shown = json.loads(said(recburn, "models", "show", name, "--json"))
    path = source_of(name)
    source = path.relative_to(ROOT)
    own = [(title, body) for title, body, names in sections if name in names]
    if not own:
        sys.exit(f"docs/models.md has no section with {name}")
    title, body = own[0]
    text = f"# `{name}`\n\n<!-- Written by docs/models.py. -->\n\n{head_of(path)}\n\n"
    also = "".join(f", [{other}](../models.md#{anchor(other)})" for other, _ in own[1:])
    text += f"Code: [{source}](../../{source}). Family: [{title}](../models.md#{anchor(title)}){also}.\n\n"
    text += f"## When\n\n{paragraph(body, 'When')}\n\n"
    text += f"## Command\n\n```sh\nrecburn train --data sample --model {name} --out out/{name}\nrecburn recommend out/{name} --user 1\n```\n\n"
    presets = shown.get("presets", [])
    if presets:
        text += "| preset | what it is | data | recipe |\n|---|---|---|---|\n"
        for preset in presets:
            recipe = f"recipes/{name}/{preset['name']}.toml"
            text += f"| `{preset['name']}` | {preset['source']} | `{preset['training']['data']}` | [{recipe}](../../{recipe}) |\n"
        text += "\n"
    text += "## Options\n\n"
    known = meanings(path)
    if shown["options"]:
        text += "| option | default | |\n|---|---|---|\n"
        for option, value in shown["options"].items():
            text += f"| `{option}` | `{number(value)}` | {known.get(option, '')} |\n"
        text += "\nDefaults are those of the preset `default`; `-o NAME=VALUE` sets another value.\n\n" if presets else "\n`-o NAME=VALUE` sets another value.\n\n"
    else:
        text += "It has none.\n\n"
    if presets:
        summary = re.search(r"^Model: .*?^Non-trainable.*?$", said(recburn, "models", "show", name), re.MULTILINE | re.DOTALL)
        text += f"## Layers\n\nAt the size of MovieLens 100K; `recburn models show {name} --diagram DIR` draws them.\n\n"
        text += f"```text\n{summary[0]}\n```\n\n"
    cost = paragraph(body, "Cost")
    mine = [row for row in cost.splitlines() if row.startswith("|") and f"`{name}`" in row]
    if cost.startswith("|"):
        row = [cell.strip() for cell in mine[0].strip("|").split("|")] if mine else None
        if not row:
            sys.exit(f"docs/models.md: the table of costs has no {name}")
        cost = f"Memory: {row[1]}. Time: {row[2]}."
    text += f"## Cost\n\n{cost}\n\n[Letters](../models.md): `N` ratings, `U` users, `I` items, `k` factors, `B` rows of a batch.\n\n"
    text += f"## Figures\n\n{figures(name)}"
    return text.rstrip() + "\n"


def main():
    words = [word for word in sys.argv[1:] if word != "--check"]
    target = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    recburn = Path(words[0] if words else target / "debug/recburn").resolve()
    listed = json.loads(said(recburn, "models", "list", "--json"))
    sections = list(families())
    written = {FOLDER / f"{model['name']}.md": page(recburn, model["name"], sections) for model in listed}
    index = "# Every model\n\n<!-- Written by docs/models.py. -->\n\n"
    index += f"The {len(listed)} models of `recburn models list`, each with formula, source, options, layers, cost and figures;\n"
    index += "[which model, when](../models.md) compares families.\n\n| model | score | presets |\n|---|---|---|\n"
    for model in listed:
        presets = ", ".join(f"`{preset}`" for preset in model["presets"])
        index += f"| [`{model['name']}`]({model['name']}.md) | {model['about']} | {presets} |\n"
    written[FOLDER / "README.md"] = index
    contents = (ROOT / "docs/SUMMARY.md").read_text(encoding="utf-8")
    lines = "".join(f"  - [{model['name']}](models/{model['name']}.md)\n" for model in listed)
    written[ROOT / "docs/SUMMARY.md"] = re.sub(r"(- \[Every model\].*\n)(  - .*\n)*", lambda found: found[1] + lines, contents)
    if "--check" not in sys.argv:
        FOLDER.mkdir(exist_ok=True)
        for path, text in written.items():
            path.write_text(text, encoding="utf-8")
        return
    stale = [path for path, text in written.items() if not path.is_file() or path.read_text(encoding="utf-8") != text]
    stale += [path for path in FOLDER.glob("*.md") if path not in written]
    if stale:
        sys.exit(f"not what docs/models.py writes: {', '.join(str(path.relative_to(ROOT)) for path in stale)}")


if __name__ == "__main__":
    main()
