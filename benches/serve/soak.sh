#!/usr/bin/env bash
# Memory over some minutes of load with reloads in between:
#
#     benches/serve/soak.sh target/release/recburn out/films/model [SECONDS [RELOADS]]
#
# Fails if memory grows by more than a tenth between the first quarter and the last one, if any answer is an error, or if
# anything has panicked.

set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
[[ $# -ge 2 ]] || { echo 'usage: soak.sh RECBURN MODEL [SECONDS [RELOADS]]' >&2; exit 2; }
recburn=$1 model=$2 seconds=${3:-600} reloads=${4:-50}
# shellcheck source=service.sh
. "$here/service.sh"

start "$recburn" "$model" --journal "$scratch/journal.csv"
ids
each=$((seconds / reloads > 0 ? seconds / reloads : 1))
kinds=(known fold-in predictions)
wrong=0
echo "memory before: $(resident) MB"
for at in $(seq "$reloads"); do
    load "${kinds[at % 3]}" "$each" >"$scratch/one" &
    loading=$!
    sleep 0.3
    # In the middle of the load.
    curl -fsS -X POST "$address/v1/reload" -o /dev/null || fail 'a reload failed'
    curl -fsS -X PUT "$address/v1/users/new$((at % 7))/ratings/$(sed -n "$((at % 20 + 1))p" "$scratch/items")" \
        -H 'Content-Type: application/json' -d '{"rating": 4}' -o /dev/null || fail 'a rating was refused'
    wait "$loading"
    wrong=$((wrong + $(cut -d' ' -f5 "$scratch/one")))
    resident >>"$scratch/memory"
    echo >>"$scratch/memory"
    if ((at % 10 == 0)); then echo "after $at reloads: $(tail -1 "$scratch/memory") MB"; fi
done
panics=$(figure recburn_panics_total)
awk -v wrong="$wrong" -v panics="$panics" '
    { all[NR] = $1 }
    END {
        quarter = int(NR / 4) > 0 ? int(NR / 4) : 1
        for (at = 1; at <= quarter; at++) { first += all[at] / quarter; last += all[NR - at + 1] / quarter }
        for (at in all) if (all[at] > most) most = all[at]
        printf "memory: %.0f MB in the first quarter, %.0f in the last, %.0f at most; errors %d, panics %d\n", first, last, most, wrong, panics
        exit (last > 1.1 * first || wrong > 0 || panics > 0)
    }' "$scratch/memory"
