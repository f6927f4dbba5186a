#!/usr/bin/env bash
# The measured figures of docs/scale.md that the binary itself gives: `benches/exchange/ranks.sh BINARY FOLDER [FIGURE...]`.
#
# BINARY is built with the feature `mpi`; FIGURE is rules, memory, speed, steps or killed, all by default, or rules20m, which
# takes some minutes. FOLDER receives what the runs write, and RECBURN_DATA has ml-100k. PREFIX is put before each timed run,
# such as `chrt -f 10` on a busy machine.

set -euo pipefail
recburn=$(realpath "${1:?a binary with the feature mpi}") folder=${2:?a folder for the output}
shift 2
figures=("${@:-rules}")
[[ $# -gt 0 ]] || figures=(rules memory speed steps killed)
mkdir -p "$folder"
cd "$folder"
mpi=(timeout 120 mpirun --allow-run-as-root --oversubscribe --bind-to none --mca mpi_yield_when_idle 1 --mca btl_vader_single_copy_mechanism none)
tcp=(--mca btl_tcp_if_include lo --mca btl_tcp_eager_limit 1048576 --mca btl_tcp_max_send_size 1048576)

# The RMSE on a tenth of ml-100k that is held out, after the best epoch, for three seeds.
rules() {
    local rule rate seed
    while read -r rule rate; do
        printf '%s at %s:' "$rule" "$rate"
        for seed in 1 2 3; do
            "$recburn" train --data ml-100k --model biased_mf -o factors=64 -o l2=2e-6 --split fraction:0.9 --batch 1024 \
                --rule "$rule" --learning-rate "$rate" --epochs 150 --patience 5 --seed "$seed" --out rules >/dev/null 2>&1
            awk -F, 'NR == 1 { for (at = 1; at <= NF; at++) if ($at == "valid_rmse") column = at; next }
                least == "" || $column < least { least = $column; epoch = $1 }
                END { printf " %.4f (epoch %d)", least, epoch }' rules/history.csv
        done
        echo
    done <<END
adagrad 0.1
adagrad 0.2
adagrad 0.5
rowwise_adagrad 0.005
rowwise_adagrad 0.01
rowwise_adagrad 0.02
adam 0.002
adam 0.005
END
}

# The RMSE on a tenth of 20 million made-up ratings that is held out, after the best of three epochs, and the
# largest memory, reading included.
rules20m() {
    local rule rate
    made 20000000
    while read -r rule rate; do
        /usr/bin/time -f %M -o rules20m.kib "$recburn" train --data made-20000000.csv --model biased_mf -o factors=16 \
            --split fraction:0.9 --batch 8192 --rule "$rule" --learning-rate "$rate" --epochs 3 --out rules20m >rules20m.txt 2>&1
        awk -F, -v rule="$rule at $rate" -v kib="$(cat rules20m.kib)" '
            NR == 1 { for (at = 1; at <= NF; at++) if ($at == "valid_rmse") column = at; next }
            least == "" || $column < least { least = $column; epoch = $1 }
            END { printf "%s: %.4f (epoch %d), %.0f MB\n", rule, least, epoch, kib * 1.024 / 1e3 }' rules20m/history.csv
    done <<END
adam 0.002
rowwise_adagrad 0.02
adagrad 0.2
adam 0.005
rowwise_adagrad 0.05
adagrad 0.5
END
}

# Made-up ratings: as many users and items for each rating as ML-20M has.
made() { # RATINGS
    [[ -e made-$1.csv ]] ||
        "$recburn" data synth --users $(($1 / 144)) --items $(($1 / 748)) --ratings "$1" --out "made-$1.csv" >/dev/null 2>&1
}

# The largest resident memory of a process in MB: of a training of next to nothing, and of one whose tables and ratings are
# known.
memory() {
    local processes
    printf '%s\n' user,item,rating u1,i1,3 u2,i2,4 u3,i3,5 u4,i4,1 u5,i1,2 >little.csv
    for processes in 1 2 4; do
        largest "$processes" little.csv 1024 | awk -v processes="$processes" '
            { printf "%d processes with next to nothing: %.0f MB at most in one\n", processes, $1 }'
    done
    "$recburn" data synth --users 400000 --items 200000 --ratings 2000000 --out wide.csv >/dev/null 2>&1
    for processes in 1 2 4; do
        # Users and items with 65 weights, two moments of each, and marks; ratings of 28 bytes with their places and times.
        largest "$processes" wide.csv 65536 | awk -v processes="$processes" '
            BEGIN { needed = (600000 * (65 * 12 + 8) + 2e6 * 28) / processes / 1e6 }
            { printf "%d processes: %.0f MB at most in one, of which %.0f MB are its part\n", processes, $1, needed }'
    done
}
largest() { # PROCESSES FILE BATCH
    "${mpi[@]}" -x RAYON_NUM_THREADS=1 -n "$1" sh -c \
        'exec 3>"memory-$OMPI_COMM_WORLD_RANK"; /usr/bin/time -f %M -o "memory-$OMPI_COMM_WORLD_RANK" "$@"' sh \
        "$recburn" train --data "$2" --model biased_mf -o factors=64 --rule adam --batch "$3" --split none \
        --checkpoint-every 0 --epochs 1 --out wide >wide.txt 2>&1 || { cat wide.txt >&2; return 1; }
    # shellcheck disable=SC2046
    awk '{ if ($1 / 1e3 > most) most = $1 / 1e3 } END { print most * 1.024 }' $(seq -f memory-%g 0 $(($1 - 1)))
}

# Seconds of the fastest of three epochs, without those that read, save and evaluate.
speed() {
    local processes threads
    made 4000000
    for pair in '1 1' '2 1' '1 2'; do
        read -r processes threads <<<"$pair"
        # shellcheck disable=SC2086
        ${PREFIX:-} "${mpi[@]}" -x RAYON_NUM_THREADS="$threads" -n "$processes" "$recburn" train --data made-4000000.csv \
            --model biased_mf -o factors=64 --rule adam --batch 65536 --split none --checkpoint-every 0 --epochs 3 --out speed \
            >speed.txt 2>&1 || { cat speed.txt; return 1; }
        awk -F, -v what="$processes processes of $threads threads" '
            NR == 1 { for (at = 1; at <= NF; at++) if ($at == "seconds") column = at; next }
            least == "" || $column < least { least = $column }
            END { printf "%s: %.2f s an epoch of 4 million ratings\n", what, least }' speed/history.csv
    done
}

# Microseconds of a step, in the fastest of three epochs: tables far larger than a cache, and batches of so many ratings for
# each process, through shared memory and through TCP.
steps() {
    local size processes way
    [[ -e large.csv ]] ||
        "$recburn" data synth --users 2000000 --items 1000000 --ratings 2000000 --out large.csv >/dev/null 2>&1
    for size in 64 1024 8192 65536; do
        for pair in '1 vader,self' '2 vader,self' '2 tcp,self'; do
            read -r processes way <<<"$pair"
            # shellcheck disable=SC2086
            ${PREFIX:-} "${mpi[@]}" --mca btl "$way" "${tcp[@]}" -x RAYON_NUM_THREADS=1 -n "$processes" \
                "$recburn" train --data large.csv --model dot_mf -o factors=64 --rule adam --mode touched \
                --batch $((size * processes)) --split none --checkpoint-every 0 --epochs 3 --out steps \
                >steps.txt 2>&1 || { cat steps.txt; return 1; }
            awk -F, -v what="$size ratings for each of $processes by $way" -v batch=$((size * processes)) -v each="$size" '
                NR == 1 { for (at = 1; at <= NF; at++) if ($at == "seconds") column = at; next }
                least == "" || $column < least { least = $column }
                END { step = least * 1e9 / int((2000000 + batch - 1) / batch)
                      printf "%s: %.0f us a step, %.0f ns a rating\n", what, step / 1e3, step / each }' steps/history.csv
        done
    done
}

# How long the others live when a process is killed.
killed() {
    local begun
    made 4000000
    "${mpi[@]}" -x RAYON_NUM_THREADS=1 -n 3 "$recburn" train --data made-4000000.csv --model biased_mf --batch 1024 \
        --split none --epochs 1000 --checkpoint-every 2s --out killed >killed.txt 2>&1 &
    local launcher=$!
    for _ in $(seq 600); do
        [[ -e killed/checkpoint/progress.json ]] && break
        sleep 0.1
    done
    begun=$(date +%s.%N)
    kill -KILL "$(pgrep -f "^$recburn train .*--out killed\$" | sed -n 2p)"
    wait "$launcher" || echo "status $?"
    awk -v begun="$begun" -v ended="$(date +%s.%N)" 'BEGIN { printf "all ended after %.1f s\n", ended - begun }'
}

for figure in "${figures[@]}"; do
    echo "--- $figure"
    "$figure"
done
