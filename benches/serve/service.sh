# Sourced by the scripts beside it: a service, and ids to ask it for.

fail() {
    echo "$*" >&2
    exit 1
}

command -v wrk >/dev/null || fail 'wrk is not installed (Debian: apt-get install wrk)'
command -v curl >/dev/null || fail 'curl is not installed'

scratch=$(mktemp -d)
service=''

end() {
    [[ -z $service ]] || kill "$service" 2>/dev/null || true
    rm -rf "$scratch"
}
trap end EXIT

start() { # RECBURN MODEL [FLAG...]: sets `service`, `address` and `started`, the milliseconds to the first answer
    local begun now port=$((20000 + RANDOM % 20000))
    address=http://127.0.0.1:$port
    begun=$(date +%s%N)
    "$1" serve "$2" --bind "127.0.0.1:$port" --log off "${@:3}" >"$scratch/said" 2>"$scratch/error" &
    service=$!
    until curl -fsS -o /dev/null "$address/v1/popular?count=1" 2>/dev/null; do
        kill -0 "$service" 2>/dev/null || fail "the service did not start: $(cat "$scratch/error")"
        sleep 0.005
    done
    now=$(date +%s%N)
    started=$(((now - begun) / 1000000))
}

ids() { # writes up to 1,000 user and item ids into $scratch/users and $scratch/items
    local user
    user=$(sed -n 's|.*/v1/users/\([^/]*\)/recommendations.*|\1|p' "$scratch/said")
    echo "$user" >"$scratch/users"
    curl -fsS "$address/v1/users/$user/similar?count=1000" |
        grep -o '"user":"[^"]*","cosine"' | cut -d'"' -f4 >>"$scratch/users" || true
    curl -fsS "$address/v1/popular?count=1000" | grep -o '"item":"[^"]*"' | cut -d'"' -f4 >"$scratch/items"
    [[ $(wc -l <"$scratch/items") -ge 20 ]] || fail 'there are too few items'
}

figure() { # NAME: of /metrics
    curl -fsS "$address/metrics" | awk -v name="$1" '$1 == name { print $2 }'
}

resident() { # the service's memory in MB
    awk '/^VmRSS/ { printf "%.0f", $2 / 1024 }' "/proc/$service/status"
}

load() { # KIND SECONDS: requests a second, p50, p99 and longest in ms, errors
    wrk --threads 1 --connections "${CONNECTIONS:-8}" --duration "$2s" --script "$here/load.lua" "$address" -- \
        "$1" "$scratch/users" "$scratch/items" | tail -1
}
