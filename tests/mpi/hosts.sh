#!/usr/bin/env bash
# `recburn train` on two hosts, which are network namespaces of this machine joined by a virtual cable: the same training as
# on one process, the bytes of a step on the wire, a slower wire, and a wire that is cut.
#
#     RECBURN=target/debug/recburn tests/mpi/hosts.sh FOLDER
#
# RECBURN is a binary built with the feature `mpi`. FOLDER receives what the runs write. Where namespaces are not allowed, the
# script says so and ends with status 0.

set -euo pipefail
recburn=$(realpath "${RECBURN:?a binary with the feature mpi}") folder=${1:?a folder for the output}
mkdir -p "$folder"
cd "$folder"
here=$PWD

fail() {
    echo "FAILED: $*" >&2
    exit 1
}

# Names of their own, so that two runs on one machine do not meet.
a=rba$$ b=rbb$$ network=10.77.$(($$ % 250))
if ! command -v ip >/dev/null || ! ip netns add "$a" 2>/dev/null; then
    echo 'left out: network namespaces are not allowed here'
    exit 0
fi
leave() {
    for host in "$a" "$b"; do
        for process in $(ip netns pids "$host" 2>/dev/null); do kill -KILL "$process" 2>/dev/null || true; done
        ip netns del "$host" 2>/dev/null || true
    done
}
trap leave EXIT
ip netns add "$b"
ip link add "v$a" type veth peer name "v$b"
at=1
for host in "$a" "$b"; do
    ip link set "v$host" netns "$host"
    ip netns exec "$host" ip addr add "$network.$at/24" dev "v$host"
    ip netns exec "$host" ip link set lo up
    ip netns exec "$host" ip link set "v$host" up
    # mpirun waits for its daemon on a host that it cannot reach as long as TCP tries: some 15 minutes by default.
    ip netns exec "$host" sh -c 'echo 4 >/proc/sys/net/ipv4/tcp_retries2'
    mkdir -p "$here/tmp-$host"
    at=2
done

# In place of ssh, which mpirun calls as `agent [options] HOST COMMAND...`.
cat >agent.sh <<END
#!/bin/sh
while [ "\${1#-}" != "\$1" ]; do shift; done
case \$1 in $network.1) host=$a;; *) host=$b;; esac
shift
exec ip netns exec "\$host" unshare --uts sh -c "hostname \$host; export TMPDIR=$here/tmp-\$host; \$*"
END
chmod +x agent.sh

# Messages of more than 64 KB otherwise wait for answers of the receiver, which stand in a queue behind what it sends itself.
at_once=(--mca btl_tcp_eager_limit 1048576 --mca btl_tcp_max_send_size 1048576)

train() { # PROCESSES ARGUMENT...: as many on each host
    local processes=$1
    shift
    ip netns exec "$a" unshare --uts sh -c 'hostname "$0"; export TMPDIR="$1"; shift; exec "$@"' "$a" "$here/tmp-$a" \
        timeout 120 mpirun --allow-run-as-root --mca plm_rsh_agent "$here/agent.sh" \
        --mca btl tcp,self --mca btl_tcp_if_include "$network.0/24" "${at_once[@]}" --mca oob_tcp_if_include "$network.0/24" \
        --mca oob_tcp_keepalive_time 2 --mca oob_tcp_keepalive_intvl 1 --mca oob_tcp_keepalive_probes 3 \
        --mca mpi_yield_when_idle 1 -x RAYON_NUM_THREADS=1 --oversubscribe -n "$processes" \
        -H "$network.1:$((processes / 2)),$network.2:$((processes / 2))" \
        "$recburn" train --data "$here/ratings.csv" --model biased_mf -o factors=64 --batch 16384 --split none \
        --learning-rate 0.01 "$@"
}

sent() { # the bytes that host A has sent
    ip netns exec "$a" cat "/sys/class/net/v$a/statistics/tx_bytes"
}

# Users and items with equal chances, so that the distinct items of a batch are known.
items=20000
awk -v items=$items 'BEGIN {
    srand(7); print "user,item,rating"
    for (row = 0; row < 262144; row++) print "u" int(rand() * 4000) ",i" int(rand() * items) "," 1 + int(rand() * 5)
}' >ratings.csv

echo '--- the same training on one process and on two hosts'
RAYON_NUM_THREADS=1 mpirun --allow-run-as-root -n 1 "$recburn" train --data ratings.csv --model biased_mf -o factors=64 \
    --batch 16384 --split none --learning-rate 0.01 --epochs 1 --out alone >alone.txt
for processes in 2 4; do
    train "$processes" --epochs 1 --out "on$processes" >"on$processes.txt" 2>&1 || { cat "on$processes.txt"; fail 'two hosts'; }
    paste -d, alone/history.csv "on$processes/history.csv" | awk -F, '
        NR == 1 { for (at = 1; at <= NF / 2; at++) if ($at == "train_loss") loss = at; next }
        { gap = $loss - $(loss + NF / 2); if (gap < 0) gap = -gap; print "    train_loss " $loss " and " $(loss + NF / 2)
          if (gap > 1e-5 * $loss) exit 1 }' || fail 'the losses differ'
done

echo '--- bytes of a step on the wire'
measured() { # EPOCHS: the bytes that host A sends in a training of so many
    local before
    before=$(sent)
    train 2 --epochs "$1" --checkpoint-every 0 --out wire >wire.txt 2>&1 || { cat wire.txt; fail 'a training'; }
    echo $(($(sent) - before))
}
one=$(measured 1)
five=$(measured 5)
awk -v one="$one" -v five="$five" -v items=$items 'BEGIN {
    steps = 262144 / 16384
    counted = (five - one) / 4 / steps
    # Half of the batch is at home here; half of its items live on the other host. Ids, rows, and gradients.
    distinct = items * (1 - exp(16384 / 2 * log(1 - 1 / items)))
    predicted = distinct / 2 * (4 + 2 * 4 * (64 + 1))
    printf "    %.0f bytes counted, %.0f predicted: %+.2f %%\n", counted, predicted, 100 * (counted / predicted - 1)
    exit counted > 1.01 * predicted || counted < 0.99 * predicted
}' || fail 'the bytes differ by more than 1 %'

echo '--- a wire of 100 Mbit/s'
seconds() { # the fastest epoch of a history, in seconds a step
    awk -F, -v steps=16 'NR == 1 { for (at = 1; at <= NF; at++) if ($at == "seconds") column = at; next }
        least == "" || $column < least { least = $column } END { print least / steps }' "$1"
}
work=$(seconds wire/history.csv)
for host in "$a" "$b"; do
    ip netns exec "$host" tc qdisc add dev "v$host" root tbf rate 100mbit burst 64kb latency 500ms
done
train 2 --epochs 5 --checkpoint-every 0 --out slow >slow.txt 2>&1 || { cat slow.txt; fail 'a slow wire'; }
awk -v slow="$(seconds slow/history.csv)" -v work="$work" -v bytes=$(((five - one) / 64)) 'BEGIN {
    predicted = work + bytes * 8 / 100e6
    printf "    a step of %.1f ms, %.1f predicted (%.1f without the limit)\n", 1e3 * slow, 1e3 * predicted, 1e3 * work
    exit slow > 1.3 * predicted || slow < 0.8 * predicted # other load on this machine adds to it
}' || fail 'the time of a step is not that of its bytes'
for host in "$a" "$b"; do ip netns exec "$host" tc qdisc del dev "v$host" root; done

echo '--- a wire that is cut'
rm -rf cut
train 2 --epochs 100000 --step-timeout 3 --out cut >cut.txt 2>&1 &
launcher=$!
for _ in $(seq 300); do
    [[ -e cut/checkpoint/progress.json ]] && break
    sleep 0.1
done
[[ -e cut/checkpoint/progress.json ]] || { cat cut.txt; fail 'no checkpoint in 30 seconds'; }
ip netns exec "$a" ip link set "v$a" down
begun=$EPOCHSECONDS
status=0
wait "$launcher" || status=$?
[[ $status != 0 ]] || fail 'the status is 0'
took=$((EPOCHSECONDS - begun))
((took <= 30)) || { cat cut.txt; fail "ended after $took s"; }
grep -q 'longer than --step-timeout' cut.txt || { cat cut.txt; fail 'the wait is not reported'; }
echo "    mpirun ended after $took s"
for _ in $(seq 150); do
    left=$(for host in "$a" "$b"; do ip netns pids "$host"; done | while read -r process; do
        tr '\0' ' ' <"/proc/$process/cmdline" 2>/dev/null; echo; done | grep -c '^[^ ]*recburn train' || true)
    [[ $left == 0 ]] && break
    sleep 0.1
done
[[ $left == 0 ]] || fail 'a process is left'
echo ok
