#!/usr/bin/env bash
# One binary that needs nothing of its machine but the kernel, for glibc's targets:
#
#     contrib/static.sh build [FLAG...]       builds it (FLAG of cargo; without any: --release) and says where it is
#     contrib/static.sh prove BINARY MODEL    runs it with a saved model in a folder that holds nothing else
#
# The proof is by chroot: of root, or in a user namespace where the system allows them.

set -euo pipefail

target=$(rustc -vV 2>/dev/null | sed -n 's/^host: //p')

fail() {
    echo "$*" >&2
    exit 1
}

build() {
    local flags=("$@") profile=debug
    ((${#flags[@]})) || flags=(--release)
    [[ " ${flags[*]} " == *' --release '* ]] && profile=release
    # --target: build scripts and macros, which run here, are not linked in this way. Random numbers come from the system call:
    # by default it is looked for in a shared C library, and /dev/urandom is read where there is none.
    RUSTFLAGS="${RUSTFLAGS:-} -C target-feature=+crt-static --cfg getrandom_backend=\"linux_getrandom\"" \
        cargo build --locked --target "$target" --bin recburn "${flags[@]}"
    echo "${CARGO_TARGET_DIR:-target}/$target/$profile/recburn"
}

scratch='' service=''
end() {
    [[ -z $service ]] || kill "$service" 2>/dev/null || true
    [[ -z $scratch ]] || rm -rf "$scratch"
}

prove() { # BINARY MODEL
    local root user item port=$((20000 + RANDOM % 20000)) enter=(chroot)
    [[ $(id -u) == 0 ]] || enter=(unshare --map-root-user chroot)
    trap end EXIT
    scratch=$(mktemp -d) root=$scratch/root
    mkdir "$root" # on its own: not even /tmp and /dev
    cp "$1" "$root/recburn"
    cp -r "$2" "$root/model"
    if readelf --program-headers "$root/recburn" 2>/dev/null | grep -q INTERP; then
        fail "$1 asks for a dynamic linker"
    fi
    inside() { "${enter[@]}" "$root" /recburn "$@"; }

    inside --version
    "${enter[@]}" "$root" /recburn serve /model --bind "127.0.0.1:$port" --log off >"$scratch/said" 2>"$scratch/error" &
    service=$!
    until inside serve --check "http://127.0.0.1:$port/readyz" 2>/dev/null; do
        kill -0 "$service" 2>/dev/null || fail "the service did not start: $(cat "$scratch/error")"
        sleep 0.1
    done
    until grep -q '^try:' "$scratch/said"; do sleep 0.1; done
    cat "$scratch/said"
    user=$(sed -n 's|.*/v1/users/\([^/]*\)/recommendations.*|\1|p' "$scratch/said")
    kill -TERM "$service"
    wait "$service" || fail 'the service did not end well'
    service=''

    inside recommend /model --user "$user" --count 3 --json >"$scratch/list"
    item=$(grep -o '"item": *"[^"]*"' "$scratch/list" | head -1 | cut -d'"' -f4)
    [[ -n $item ]] || fail "no list: $(cat "$scratch/list")"
    inside predict /model --user "$user" --item "$item"
    echo "works on its own: $(stat -c %s "$root/recburn") bytes"
}

case ${1:-} in
build) shift && build "$@" ;;
prove) [[ $# == 3 ]] || fail 'usage: static.sh prove BINARY MODEL'; prove "$2" "$3" ;;
*) fail 'usage: static.sh build [FLAG...] | static.sh prove BINARY MODEL' ;;
esac
