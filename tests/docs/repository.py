#!/usr/bin/env python3
"""A preprocessor of mdBook: links that leave docs/ lead to the repository, whose address is in Cargo.toml."""

import json
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


def main():
    if sys.argv[1:2] == ["supports"]:
        return
    _, book = json.load(sys.stdin)
    manifest = (ROOT / "Cargo.toml").read_text(encoding="utf-8")
    address = re.search(r'^repository = "([^"]+)"', manifest, re.MULTILINE)[1] + "/blob/main/"

    def visit(item):
        chapter = item.get("Chapter") if isinstance(item, dict) else None
        if not chapter:
            return
        folder = Path("docs", chapter["path"] or "").parent

        def outside(link):
            path, hash, anchor = link[2].partition("#")
            there = (ROOT / folder / path).resolve()
            if re.match(r"[a-z]+:|#", link[2]):
                return link[0]
            if there.is_relative_to(ROOT / "docs"):  # the README of a folder is its index in the book
                return f"{link[1]}({re.sub(r'README.md$', 'index.md', path)}{hash}{anchor})"
            return f"{link[1]}({address}{there.relative_to(ROOT)}{hash}{anchor})"

        chapter["content"] = re.sub(r"(\])\(([^)\s]+)\)", outside, chapter["content"])
        # Quoted from a file that is compiled, and said so to rustdoc; the book need not know.
        chapter["content"] = chapter["content"].replace("```rust,ignore", "```rust")
        for below in chapter["sub_items"]:
            visit(below)

    for item in book.get("items", book.get("sections", [])):
        visit(item)
    json.dump(book, sys.stdout)


if __name__ == "__main__":
    main()
