#!/usr/bin/env bash
# Checks that everything is ready for a release, and prints the commands that make it: `bash contrib/release.sh 0.1.0`.
# It publishes nothing, tags nothing and pushes nothing: what cannot be undone is left to a person.
#
# `--packages` checks only that every package can be published, which needs no release at hand; `--packages listed` does so
# without building them.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

fail() {
    echo "release: $*" >&2
    exit 1
}

# Dependencies come before what needs them.
order() {
    cargo metadata --no-deps --format-version 1 | python3 -c '
import json, sys
packages = {p["name"]: p for p in json.load(sys.stdin)["packages"] if p["publish"] != []}
needs = {
    name: {d["name"] for d in p["dependencies"] if d["name"] in packages and d["kind"] != "dev"}
    for name, p in packages.items()
}
done = []
while len(done) < len(needs):
    ready = sorted(name for name in needs if name not in done and needs[name] <= set(done))
    if not ready:
        sys.exit("release: packages need each other in a circle")
    done += ready
print("\n".join(done))'
}

# A description, a licence text and a README in each; dependencies of the workspace by version, too; and that each builds from
# what its package holds.
packages() { # [listed]
    local name list target source
    while read -r name; do
        list=$(cargo package --list --allow-dirty --package "$name")
        for file in LICENSE-MIT LICENSE-APACHE README.md Cargo.toml; do
            grep -qx "$file" <<<"$list" || fail "the package $name would lack $file"
        done
    done < <(order)
    local -a dry=(cargo publish --workspace --dry-run --allow-dirty --quiet)
    if [[ ${1:-} == listed ]]; then
        "${dry[@]}" --no-verify
        return
    fi
    # In a folder that has not been used: cargo would build against what it has unpacked of an earlier package of this version.
    target=$(mktemp -d)
    CARGO_TARGET_DIR=$target "${dry[@]}" || { rm -rf "$target" && fail 'a package does not build on its own'; }
    rm -rf "$target"
    for source in "${CARGO_HOME:-$HOME/.cargo}"/registry/{src,cache}/-*/; do rm -rf "$source"; done # of folders, not of hosts
}

# The oldest Rust that a package promises to build with is Burn's.
oldest_rust() {
    cargo metadata --format-version 1 --filter-platform "$(rustc -vV | sed -n 's/^host: //p')" | python3 -c '
import json, sys
versions = {p["name"]: p["rust_version"] for p in json.load(sys.stdin)["packages"]}
if versions["recburn"] != versions["burn"]:
    sys.exit("release: rust-version is %s, and Burn asks for %s" % (versions["recburn"], versions["burn"]))'
}

if [[ ${1:-} == --packages ]]; then
    oldest_rust
    packages "${2:-}"
    echo "$(order | wc -l) packages can be published"
    exit
fi

version=${1:-}
[[ $version =~ ^[0-9]+\.[0-9]+\.[0-9]+$ ]] || fail "which version? \`bash contrib/release.sh 0.1.0\`; '$version' is none"
own=$(cargo metadata --no-deps --format-version 1 | python3 -c '
import json, sys
print("\n".join(sorted({p["version"] for p in json.load(sys.stdin)["packages"]})))')
[[ $own == "$version" ]] || fail "Cargo.toml has version ${own//$'\n'/, }, not $version"
while read -r found; do
    [[ $found == "$version" ]] || fail "a dependency of the workspace asks for version $found, not $version"
done < <(sed -nE '/^recburn-[a-z]+ = \{ path/s/.*version = "([^"]*)".*/\1/p' Cargo.toml)
grep -q "^## $version\( \|$\)" CHANGELOG.md || fail "CHANGELOG.md has no section '## $version'"
if awk '/^## Unreleased/ { inside = 1; next } /^## / { inside = 0 } inside && NF' CHANGELOG.md | grep -q .; then
    fail "CHANGELOG.md still has changes under 'Unreleased'"
fi
oldest_rust
grep -qx "version: $version" CITATION.cff || fail "CITATION.cff does not have 'version: $version'"
! grep -q 'github.com/OWNER/' Cargo.toml || fail "the repository in Cargo.toml is still to be filled in: see CONTRIBUTING.md"
[[ -z $(git status --porcelain) ]] || fail 'there are changes that are not committed'
! git rev-parse --quiet --verify "refs/tags/v$version" >/dev/null || fail "the tag v$version exists already"
packages

echo "Everything is ready for $version. After \`bash .ci/run\` has passed on this commit, $(git rev-parse --short HEAD):"
echo
echo "  git tag --annotate v$version --message 'recburn $version'"
while read -r name; do
    echo "  cargo publish --package $name"
done < <(order)
echo "  git push origin v$version"
