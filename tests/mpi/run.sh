#!/usr/bin/env bash
# `recburn train` on several processes of this machine, by Open MPI: the same training for any number of them, and the end of
# all when one fails.
#
#     RECBURN=target/debug/recburn tests/mpi/run.sh FOLDER
#
# RECBURN is a binary built with the feature `mpi`. FOLDER receives what the runs write.

set -euo pipefail
recburn=$(realpath "${RECBURN:?a binary with the feature mpi}") folder=${1:?a folder for the output}
mkdir -p "$folder"
cd "$folder"

fail() {
    echo "FAILED: $*" >&2
    exit 1
}

# Processes that may exceed the free cores must not spin while they wait.
mpi=(mpirun --allow-run-as-root --oversubscribe --mca mpi_yield_when_idle 1 --mca btl_vader_single_copy_mechanism none
    -x RAYON_NUM_THREADS=1)

# A table of lines, so that each process reads a range of its bytes.
awk 'BEGIN {
    srand(5); print "user,item,rating"
    for (row = 0; row < 20000; row++) {
        user = int(rand() * 300); item = int(200 * rand() * rand())
        rating = 1 + (user * 7 + item * 3 + int(rand() * 9)) % 5
        print "u" user ",i" item "," rating
    }
}' >ratings.csv
flags=(train --model biased_mf -o factors=8 --learning-rate 0.01)
batch=1024

train() { # PROCESSES ARGUMENT...
    local processes=$1
    shift
    timeout 120 "${mpi[@]}" -n "$processes" "$recburn" "${flags[@]}" --batch "$batch" "$@"
}

# Fails unless two histories have the same losses, errors and penalties to 1e-5.
same() { # FILE FILE
    paste -d, "$1" "$2" | awk -F, '
        NR == 1 { for (at = 1; at <= NF / 2; at++) if ($at !~ /second/) checked[at]; next }
        {
            for (at in checked) {
                gap = $at - $(at + NF / 2); if (gap < 0) gap = -gap
                size = $at < 0 ? -$at : $at
                if (gap > 1e-5 * size + 1e-12) { print $at " beside " $(at + NF / 2); bad = 1 }
            }
            rows++
        }
        END { exit bad || rows == 0 }
    ' || fail "$1 and $2 differ"
}

echo '--- the same training on 1, 2 and 4 processes'
for processes in 1 2 4; do
    train "$processes" --data ratings.csv --epochs 3 --gather --out "on$processes" >"on$processes.txt"
    same on1/history.csv "on$processes/history.csv"
done
"$recburn" recommend on4/model --user u1 --count 3
cmp on1/experiment.toml on4/experiment.toml || fail 'the settings depend on the number of processes'

echo '--- positives, features and dropout on 1 and 3 processes'
awk 'BEGIN { print "id,age,job"; for (user = 0; user < 300; user++) print "u" user "," 18 + user * 7 % 50 ",j" user % 4 }' >users.csv
for processes in 1 3; do
    timeout 120 "${mpi[@]}" -n "$processes" "$recburn" train --data ratings.csv --model bpr_mf -o factors=8 --batch 1024 \
        --learning-rate 0.01 --epochs 2 --out "positives$processes" >"positives$processes.txt"
    timeout 120 "${mpi[@]}" -n "$processes" "$recburn" train --data ratings.csv --model deep_fm -o factors=4 \
        -o 'hidden=[8]' -o dropout=0.2 -o batch_norm=true --user-features users.csv:id,age:number,job:id --rule sgd:0.9 \
        --batch 1024 --learning-rate 0.01 --epochs 2 --out "features$processes" >"features$processes.txt"
done
same positives1/history.csv positives3/history.csv
same features1/history.csv features3/history.csv

echo '--- shared negatives along a graph, and profiles, on 1 and 3 processes'
for processes in 1 3; do
    timeout 120 "${mpi[@]}" -n "$processes" "$recburn" train --data ratings.csv --model light_gcn -o factors=8 \
        --negatives shared-uniform:50 --loss softmax --filter 'rating>=2,items>=5' --batch 4096 --learning-rate 0.01 \
        --epochs 2 --out "graph$processes" >"graph$processes.txt"
    timeout 120 "${mpi[@]}" -n "$processes" "$recburn" train --data ratings.csv --model mult_vae -o hidden=16 -o latent=4 \
        --hidden 0.3 --loss softmax --rule sgd:0.9 --batch 64 --learning-rate 0.01 --epochs 2 --out "profiles$processes" \
        >"profiles$processes.txt"
done
same graph1/history.csv graph3/history.csv
same profiles1/history.csv profiles3/history.csv
"$recburn" gather graph3 >gathered.txt
"$recburn" recommend graph3 --user u1 --count 3

echo '--- the parts of 3 processes become one model'
"$recburn" gather positives3 >gathered.txt
"$recburn" recommend positives3 --user u1 --count 3

echo '--- the model in 3 parts answers as the one that is collected, without the data'
train 3 --data ratings.csv --epochs 2 --out parts >parts.txt
train 3 --data ratings.csv --epochs 2 --gather --out collected >collected.txt
grep -q 'the model in 3 parts: parts/parts' parts.txt || { cat parts.txt; fail 'the parts are not named'; }
mv ratings.csv aside.csv
for user in u1 u2 u3 u4 u77 u299; do
    "$recburn" --json recommend collected --user "$user" >wanted.txt
    "$recburn" --json recommend parts --user "$user" >own.txt # reads the part of the user alone
    cmp wanted.txt own.txt || fail "the lists of $user differ"
done
cmp <("$recburn" --json evaluate collected) <("$recburn" --json evaluate parts) || fail 'the errors differ'
"$recburn" recommend collected --all --out wanted.csv
"$recburn" recommend parts --all --out own.csv
cmp wanted.csv own.csv || fail 'the lists of all users differ'
printf 'i3,5\ni8,1\n' >mine.csv
cmp <("$recburn" recommend collected --ratings mine.csv) <("$recburn" recommend parts --ratings mine.csv) ||
    fail 'the lists of a visitor differ'
of_part=$("$recburn" recommend parts/parts/1-of-3 --user nobody 2>&1 || true)
[[ $of_part == *'part 1 of 3'* ]] || fail "not named: $of_part"
mv aside.csv ratings.csv

# Starts a service, and prints the list of a user and what its model is.
served() { # MODEL USER
    : >served.txt
    "$recburn" serve "$1" --bind 127.0.0.1:0 --log off --json >served.txt &
    local service=$! address=
    for _ in $(seq 100); do
        address=$(sed -n 's/.*"address": "\([^"]*\)".*/\1/p' served.txt)
        [[ -z $address ]] || break
        sleep 0.1
    done
    curl -s --max-time 20 "$address/v1/users/$2/recommendations?count=3" | sed 's/"model":"[^"]*"//' || true
    curl -s --max-time 20 "$address/v1/model" | sed -n 's/.*"name":"\([^"]*\)".*"users":\([0-9]*\).*/\n\1 \2/p' || true
    kill "$service"
    wait "$service" || true
    echo
}
served collected u1 >wanted.txt
served parts u1 >own.txt
cmp <(head -1 wanted.txt) <(head -1 own.txt) || fail 'the services differ'
grep -q '^parts 300$' own.txt || { cat own.txt; fail 'the service has not all users'; }
rm -f of_parts.txt
for part in 1 2 3; do
    served "parts/parts/$part-of-3" u1 >>of_parts.txt
done
[[ $(grep -cF "$(head -1 wanted.txt)" of_parts.txt) == 1 ]] || { cat of_parts.txt; fail 'not one part serves a user'; }
[[ $(grep -c 'unknown_user.*such a user would be in' of_parts.txt) == 2 ]] || { cat of_parts.txt; fail 'the part is not named'; }

echo '--- the parts of the last training replace those of another number, and a collected model'
train 2 --data ratings.csv --epochs 1 --out parts >parts.txt
[[ $(cd parts/parts && echo *) == '1-of-2 2-of-2 parts.json' ]] || fail "$(ls parts/parts)"
train 2 --data ratings.csv --epochs 1 --gather --out parts >parts.txt
[[ ! -e parts/parts && -e parts/model && -e parts/report.json ]] || fail "$(ls parts)"
train 2 --data ratings.csv --epochs 1 --out parts >parts.txt
[[ -e parts/parts && ! -e parts/model && ! -e parts/report.json ]] || fail "$(ls parts)"

echo '--- from 4 processes to 2 to 1'
train 4 --data ratings.csv --epochs 1 --out resumed >resumed4.txt
train 2 --data ratings.csv --epochs 2 --resume --out resumed >resumed2.txt
train 1 --data ratings.csv --epochs 3 --resume --out resumed >resumed1.txt
same on1/history.csv resumed/history.csv

echo '--- bad input is reported once, by the process that read it'
{
    echo user,item,rating
    for row in $(seq 3000); do echo "u$((row % 70)),i$((row % 90)),$((row % 5 + 1))"; done
    echo u1,i1,much
} >bad.csv
status=0
train 3 --data bad.csv --out bad >bad.txt 2>&1 || status=$?
[[ $status == 3 ]] || { cat bad.txt; fail "status $status for bad input"; }
[[ $(grep -c 'bad.csv, line 3002' bad.txt) == 1 ]] || { cat bad.txt; fail 'the line is not reported once'; }

# Starts a long training in the background, as `$launcher`, and waits for its first checkpoint.
begin() { # FOLDER PROCESSES ARGUMENT...
    local folder=$1 processes=$2
    shift 2
    rm -rf "$folder"
    "${mpi[@]}" -n "$processes" "$recburn" "${flags[@]}" --batch "$batch" "$@" --data ratings.csv --epochs 100000 \
        --out "$folder" >"$folder.txt" 2>&1 &
    launcher=$!
    set -- "$folder"
    for _ in $(seq 300); do
        [[ -e $1/checkpoint/progress.json ]] && return
        sleep 0.1
    done
    cat "$1.txt"
    fail 'no checkpoint in 30 seconds'
}

# Waits for its end, which must come within so many seconds with a status that is not 0.
ended() { # SECONDS FOLDER
    local status=0 begun=$EPOCHSECONDS
    wait "$launcher" || status=$?
    local took=$((EPOCHSECONDS - begun))
    [[ $status != 0 ]] || { cat "$2.txt"; fail 'the status is 0'; }
    ((took <= $1)) || fail "all ended after $took s"
    for _ in $(seq 20); do
        pgrep -f "train .*--out $2\$" >/dev/null || return 0
        sleep 0.1
    done
    fail 'a process is left'
}

process() { # FOLDER N: the id of its Nth process
    pgrep -f "^$recburn train .*--out $1\$" | sed -n "$2p"
}

echo '--- a killed process ends all'
begin killed 3
kill -KILL "$(process killed 2)"
ended 5 killed
epochs=$(grep -c '"epoch":' killed/checkpoint/progress.json)
train 3 --data ratings.csv --epochs $((epochs + 1)) --resume --out killed >again.txt
grep -q "continuing after epoch $epochs" again.txt || { cat again.txt; fail 'not continued'; }
train 3 --data ratings.csv --epochs $((epochs + 1)) --out straight >straight.txt
cmp <(cut -d, -f1-9 killed/history.csv) <(cut -d, -f1-9 straight/history.csv) ||
    fail 'the same number of processes continued to other bits'

echo '--- a process killed within an epoch: another number continues with the next step'
batch=2 # an epoch of seconds, so that the first checkpoint is within it
adam=("${flags[@]}")
flags+=(--rule sgd:0.9) # a checkpoint brings rows up to date at another step, whose rounding Adam magnifies
begin within 3 --checkpoint-every 100ms
kill -KILL "$(process within 2)"
ended 5 within
epochs=$(grep -c '"epoch":' within/checkpoint/progress.json || true)
train 2 --data ratings.csv --epochs $((epochs + 1)) --resume --out within >again.txt
grep -q 'continuing after step' again.txt || { cat again.txt; fail 'not continued within the epoch'; }
train 1 --data ratings.csv --epochs $((epochs + 1)) --out within1 >within1.txt
same within1/history.csv within/history.csv
batch=1024 flags=("${adam[@]}")

echo '--- a process that panics ends all, on the thread of MPI or on another'
for where in '' :thread; do
    status=0
    RECBURN_PANIC_AT=1:900$where timeout 60 "${mpi[@]}" -x RECBURN_PANIC_AT -n 3 "$recburn" "${flags[@]}" \
        --batch "$batch" --data ratings.csv --epochs 100000 --out panicked >panicked.txt 2>&1 || status=$?
    wanted=101
    [[ -z $where ]] || wanted=134
    [[ $status == "$wanted" ]] || { cat panicked.txt; fail "status $status after a panic"; }
    grep -q 'panicked at' panicked.txt || { cat panicked.txt; fail 'the panic is not reported'; }
    ! pgrep -f 'train .*--out panicked$' >/dev/null || fail 'a process is left'
done

echo '--- a process that stands still ends all after --step-timeout'
begin stands 3 --step-timeout 3
kill -STOP "$(process stands 2)"
ended 12 stands
grep -q 'waited [0-9]* s for the other processes, longer than --step-timeout' stands.txt ||
    { cat stands.txt; fail 'the wait is not reported'; }

echo '--- a process whose program aborts ends all'
begin aborted 2
kill -ABRT "$(process aborted 1)"
ended 5 aborted

echo '--- all stop at one step'
begin stopped 3
kill -TERM "$(process stopped 2)" # the launcher itself would kill them before the step ends
ended 10 stopped
[[ $(grep -c 'interrupted.* after step' stopped.txt) == 1 ]] || { cat stopped.txt; fail 'not stopped after a step'; }

echo '--- only train runs on several processes'
status=0
timeout 120 "${mpi[@]}" -n 2 "$recburn" models list >alone.txt 2>&1 || status=$?
[[ $status == 2 ]] || { cat alone.txt; fail "status $status"; }
grep -q 'each of the 2 processes would train alone' alone.txt || { cat alone.txt; fail 'not refused'; }
echo ok
