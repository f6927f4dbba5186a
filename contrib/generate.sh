#!/usr/bin/env bash
# Writes the shells' completions and the manual pages anew: `bash contrib/generate.sh [BINARY]`. A test compares them with
# the binary.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
recburn=${1:-${CARGO_TARGET_DIR:-../target}/debug/recburn}

mkdir -p completions
"$recburn" completions bash >completions/recburn.bash
"$recburn" completions zsh >completions/_recburn
"$recburn" completions fish >completions/recburn.fish
"$recburn" completions powershell >completions/_recburn.ps1
"$recburn" completions elvish >completions/recburn.elv
rm -rf man
"$recburn" man --out man
