#!/usr/bin/env bash
# Requests made up from the OpenAPI document of a running service, by schemathesis:
#
#     tests/api/run.sh target/debug/recburn out/films/model [EXAMPLES]
#
# EXAMPLES (20) are those of each operation. It fails on a status of 500 or above, an answer that the document does not
# describe, one that takes longer than 10 s, or a panic. SCHEMATHESIS names a program other than the one in PATH, REPORT a
# file for all that it says, SEED another sequence.

set -euo pipefail
[[ $# -ge 2 ]] || { echo 'usage: run.sh RECBURN MODEL [EXAMPLES]' >&2; exit 2; }
recburn=$1 model=$2 examples=${3:-20}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
scratch=$(mktemp -d)
service=''
end() {
    [[ -z $service ]] || kill "$service" 2>/dev/null || true
    rm -rf "$scratch"
}
trap end EXIT

"$recburn" serve "$model" --bind 127.0.0.1:0 --log off --journal "$scratch/journal.csv" \
    >"$scratch/said" 2>"$scratch/error" &
service=$!
address=''
for _ in $(seq 300); do
    address=$(sed -n 's|.* on \(http://[0-9.:]*\).*|\1|p' "$scratch/said")
    [[ -n $address ]] && break
    sleep 0.1
done
[[ -n $address ]] || { cat "$scratch/error" >&2; exit 1; }

status=0
# One worker: Python 3.11 and older take no syntax trees from two threads at once, which hypothesis asks for.
"${SCHEMATHESIS:-schemathesis}" --config-file "$here/schemathesis.toml" run "$address/openapi.json" \
    --max-examples "$examples" --workers 1 --continue-on-failure --no-shrink --max-response-time 10 \
    --seed "${SEED:-1}" >"$scratch/report" 2>&1 || status=$?
cp "$scratch/report" "${REPORT:-/dev/null}"
tail -n "$([[ $status == 0 ]] && echo 12 || echo 300)" "$scratch/report"
panics=$(curl -fsS "$address/metrics" | awk '$1 == "recburn_panics_total" { print $2 }')
echo "panics: $panics"
kill -TERM "$service"
wait "$service" || status=1
service=''
[[ $status == 0 && $panics == 0 ]]
