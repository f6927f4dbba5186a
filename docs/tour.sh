#!/usr/bin/env bash
# Runs the tour and writes it down: docs/tour.md, and the short form of it at the head of README.md.
#
#     bash docs/tour.sh [BINARY]           writes both
#     bash docs/tour.sh --check [BINARY]   fails where they are not what the commands print
#
# What differs from run to run is left out: times, speeds, memory, digests and the port. Numbers are compared to two decimals.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
check=''
if [[ ${1:-} == --check ]]; then
    check=yes
    shift
fi
recburn=$(realpath "${1:-${CARGO_TARGET_DIR:-target}/debug/recburn}")
repository=$PWD
work=$(mktemp -d)
service=''
leave() {
    [[ -z $service ]] || kill "$service" 2>/dev/null || true
    rm -rf "$work"
}
trap leave EXIT
mkdir "$work/bin" "$work/home"
ln -s "$recburn" "$work/bin/recburn"
PATH=$work/bin:$PATH
unset RECBURN_DATA BURN_DEVICE RECBURN_TOKEN
cd "$work/home"

settled() { # what is the same in every run
    sed -E -e 's/  [0-9.]+ s  [0-9,]+ ratings\/s$//' \
        -e 's/[0-9a-f]{64}/…/g' \
        -e 's/^memory: .*/memory: …/' \
        -e "s|${address:-http://127.0.0.1:7373}|http://127.0.0.1:7373|g" \
        -e 's/ +$//'
}

run() { # COMMAND: as it is typed, with what it prints
    printf '$ %s\n' "$1"
    bash -euo pipefail -c "${1//http:\/\/127.0.0.1:7373/${address:-}}" 2>&1 | settled
}

json() { # COMMAND: whose answer is one line of JSON; broken into lines
    run "$1" | sed -E -e 's/"(items|contributions)":\[\{/"\1": [\n  {/g' -e 's/\},\{/},\n  {/g' -e '$a\'
}

fence() { # as a block of the page
    printf '```console\n'
    cat
    printf '```\n'
}

trained=$(run 'recburn train --data sample --out films')
evaluated=$(run 'recburn evaluate films')
list=$(run 'recburn recommend films --user 1 --count 5')
similar=$(run 'recburn similar films --item 7175 --count 3')
printf 'item,rating\n7175,5\n5160,4\n3035,1\n' >mine.csv
mine=$(run 'cat mine.csv' && run 'recburn recommend films --ratings mine.csv --count 3')
everybody=$(run 'recburn recommend films --all --out lists.csv' && run 'head -n 4 lists.csv')
page=$(run 'recburn export films --format html --out films.html')

recburn serve films --bind 127.0.0.1:0 --log off >serve.txt 2>&1 &
service=$!
for _ in $(seq 100); do
    address=$(sed -n 's|.* on \(http://[0-9.:]*\).*|\1|p' serve.txt)
    [[ -n $address ]] && grep -q '^try' serve.txt && break
    sleep 0.1
done
[[ -n $address ]] || { cat serve.txt >&2 && exit 1; }
served=$(printf '$ recburn serve films &\n' && settled <serve.txt)
known=$(json "curl -s 'http://127.0.0.1:7373/v1/users/1/recommendations?count=2&explain=1'")
ratings='[{"item": 7175, "rating": 5}, {"item": 5160, "rating": 4}, {"item": 3035, "rating": 1}]'
new=$(json "curl -s http://127.0.0.1:7373/v1/recommendations -H 'Content-Type: application/json' \\
    -d '{\"ratings\": $ratings, \"count\": 2}'")
why=$(json "curl -s http://127.0.0.1:7373/v1/explanations -H 'Content-Type: application/json' \\
    -d '{\"ratings\": $ratings, \"item\": 1536}'")
kill "$service"
wait "$service" || true
service=''

tour() {
    cat <<'END'
# A tour

From ratings to a running service, by the binary alone. `bash docs/tour.sh` has run what follows in this order and written down what
was printed, without times, speeds, memory and digests (`…`).

## Install

```sh
cargo install --locked --path crates/cli
```

The rest needs no file: `sample` is a synthetic data set in the binary. A file of your own takes its place: `--data ratings.csv`
recognises the columns and prints what it took them for, and `recburn data fetch ml-latest-small` fetches MovieLens.
Completions for your shell are in [contrib/completions](../contrib/completions), and `recburn completions --help` says where they
belong; manual pages are in [contrib/man](../contrib/man).

## Train

Matrix factorisation with biases unless `--model` names another one ([models.md](models.md)). A fifth of the ratings is held out.

END
    fence <<<"$trained"
    cat <<'END'

The folder has the model with its ids, the curves as pictures, and `report.json` with every figure.

## Evaluate

A model remembers which ratings it was not trained on:

END
    fence <<<"$evaluated"
    cat <<'END'

## Recommend

For a user of the data, without what the user has rated. The column `ratings` says on how much an item's prediction rests.

END
    fence <<<"$list"
    printf '\n'
    fence <<<"$similar"
    cat <<'END'

Somebody who is not in the data brings ratings; a row is fitted to them, and the model stays as it is:

END
    fence <<<"$mine"
    cat <<'END'

The lists of all users go into one file, which is written whole or not at all:

END
    fence <<<"$everybody"
    cat <<'END'

## Serve

END
    fence <<<"$served"
    cat <<'END'

Programs ask over HTTP (line breaks added here): for a known user, with a reason for each item,

END
    fence <<<"$known"
    cat <<'END'

as a new user,

END
    fence <<<"$new"
    cat <<'END'

and why an item is on that list:

END
    fence <<<"$why"
    cat <<'END'

People open <http://127.0.0.1:7373> in a browser, rate what they know, and watch the list follow:

![The page: titles rated on the left, a list with its reasons on the right](page.png)

[service.md](service.md) describes all requests, new ratings while it runs, another model without a gap, limits, metrics and deployment.

## A page without a server

END
    fence <<<"$page"
    cat <<'END'

The page is that of the service with the item vectors in it. It computes in the browser, from a disk or from any web server that
hands out files, and tells nobody what is rated. No user's ratings or vectors are in it.

## And then

* [protocols.md](protocols.md): figures that can be compared, and which differences are noise
* [scale.md](scale.md) and [performance.md](performance.md): tens of millions of ratings
* `recburn --help`, and `recburn COMMAND --help` with examples for each
* the library: the top of [README.md](../README.md), and [keras.md](keras.md) for those who come from Keras
END
}

short() { # README's
    local epochs
    epochs=$(grep -E '^epoch' <<<"$trained" | tail -n 1)
    printf '```console\n$ cargo install --locked --path crates/cli\n'
    head -n 1 <<<"$trained"
    sed -n 3p <<<"$trained"
    printf '...\n%s\n...\n' "$epochs"
    head -n 2 <<<"$served"
    printf '%s\n```\n' "$new"
}

tour >tour.md
short >short.md
awk -v short=short.md '
    /<!-- end of the tour -->/ { skipped = 0 }
    !skipped                  { print }
    /<!-- the tour -->/       { skipped = 1; while ((getline line < short) > 0) print line }
' "$repository/README.md" >README.md

compared() { # FILE: its numbers to two decimals
    sed -E 's/([0-9]\.[0-9]{2})[0-9]+/\1/g' "$1"
}

if [[ -n $check ]]; then
    for file in docs/tour.md:tour.md README.md:README.md; do
        diff -u <(compared "$repository/${file%:*}") <(compared "${file#*:}") || {
            echo "${file%:*} is not what its commands print: run \`bash docs/tour.sh\`" >&2
            exit 1
        }
    done
else
    cp tour.md "$repository/docs/tour.md"
    cp README.md "$repository/README.md"
fi
