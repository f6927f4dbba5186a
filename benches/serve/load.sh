#!/usr/bin/env bash
# Requests a second and how long they take, by wrk on this machine:
#
#     benches/serve/load.sh target/release/recburn out/films/model [SECONDS [RUNS]]
#
# CONNECTIONS (8) ask at the same time. A figure is the median of the runs.

set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
[[ $# -ge 2 ]] || { echo 'usage: load.sh RECBURN MODEL [SECONDS [RUNS]]' >&2; exit 2; }
recburn=$1 model=$2 seconds=${3:-5} runs=${4:-3}
# shellcheck source=service.sh
. "$here/service.sh"

median() { sort -n | awk '{ all[NR] = $1 } END { print all[int((NR + 1) / 2)] }'; }

for _ in $(seq "$runs"); do
    start "$recburn" "$model"
    echo "$started" >>"$scratch/starts"
    kill "$service"
    wait "$service" || true
done
start "$recburn" "$model"
ids
sed -n 1p "$scratch/said"
echo "start to the first answer: $(median <"$scratch/starts") ms; memory $(resident) MB"
printf '%-12s %10s %8s %8s %8s %7s\n' requests 'a second' 'p50 ms' 'p99 ms' 'max ms' errors
for kind in known fold-in predictions; do
    load "$kind" 1 >/dev/null
    for _ in $(seq "$runs"); do
        load "$kind" "$seconds" >>"$scratch/$kind"
    done
    for column in 1 2 3 4 5; do
        cut -d' ' -f"$column" "$scratch/$kind" | median
    done | paste -sd' ' | while read -r rate half most longest errors; do
        printf '%-12s %10s %8s %8s %8s %7s\n' "$kind" "$rate" "$half" "$most" "$longest" "$errors"
    done
done
echo "memory $(resident) MB; panics $(figure recburn_panics_total)"
