#!/usr/bin/env bash
# Writes the tables of docs/figures.md: every model below under its protocol, and what the comparison says. `bash docs/figures.sh`
# takes some minutes and needs MovieLens 100K; `bash docs/figures.sh PATH_OF_RECBURN CARDS` keeps the cards in the folder CARDS.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
recburn=${1:-}
if [[ -z $recburn ]]; then
    cargo build --release --bin recburn
    recburn=${CARGO_TARGET_DIR:-target}/release/recburn
fi
cards=${2:-$(mktemp -d)}

# PROTOCOL SEEDS, then per line MODEL[/PRESET] and its options.
table() {
    local protocol=$1 seeds=$2 line model options name folder
    local -a folders=()
    while read -r line; do
        [[ -n $line ]] || continue
        read -r model options <<<"$line"
        name=${model//\//-}
        folder=$cards/$protocol/$name
        folders+=("$folder")
        local -a words=(--protocol "$protocol" --model "${model%%/*}" --seeds "$seeds" --out "$folder")
        [[ $model == */* ]] && words+=(--preset "${model#*/}")
        local option
        for option in $options; do words+=(-o "$option"); done
        [[ -e $folder/card.json ]] || "$recburn" evaluate "${words[@]}" >"$cards/log.txt" || {
            cat "$cards/log.txt"
            exit 1
        }
        echo "$protocol: $model" >&2
    done
    "$recburn" compare "${folders[@]}" --out "$cards/$protocol/comparison" >/dev/null
    sed 's/^# /## /; s/^## \(rmse\|user_rmse\|ndcg\|recall\)/### \1/' "$cards/$protocol/comparison/comparison.md"
}

{
    echo '# Figures by protocol'
    echo
    echo 'Written by `bash docs/figures.sh`: `recburn evaluate --protocol` for each model, then `recburn compare`.'
    echo '[protocols.md](protocols.md) explains the protocols, and what the presets were selected on: not on test parts, but for what it names.'
    echo
    table p1 1,2,3 <<'MODELS'
popularity
item_knn
user_knn
pure_svd
ials
slim
ease lambda=400
blend
bpr_mf/100k
light_gcn/100k
mult_dae/100k
mult_vae/100k
neumf/100k-implicit
MODELS
    echo
    table p2 1 <<'MODELS'
popularity
item_knn
ials
slim
ease lambda=100
blend
sasrec/100k
gru4rec/100k
MODELS
    echo
    table ml-100k-u 1,2,3 <<'MODELS'
mean
bias
item_knn predicts=ratings similarity=pearson_baseline neighbours=40 shrinkage=100
biased_mf/100k
two_tower/100k
neumf/100k
wide_and_deep/100k
deep_fm/100k
dcn_v2/100k
autorec/100k
factorisation_machine/100k
svdpp/100k
bayesian_fm features=[]
MODELS
} >"$cards/figures.md"
cp "$cards/figures.md" docs/figures.md
