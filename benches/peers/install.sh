#!/usr/bin/env bash
# Makes the virtual environment that the programs here run the peers in, and builds the LIBMF driver into it. May be run
# again: what is there already stays.
#
#   bash benches/peers/install.sh [--only PEER,...] [FOLDER]
#
# Peers are keras-jax, keras-tensorflow, torch and libmf; all of them where --only is left out. PyPI's PyTorch brings CUDA
# along, about 4 GB that is never used here; with TORCH_INDEX set to an index of CPU builds those are taken instead.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
venv=$root/target/peers/venv
known=keras-jax,keras-tensorflow,torch,libmf
only=$known
while [ $# -gt 0 ]; do
    case $1 in
    --only)
        only=${2:?--only needs names}
        shift
        ;;
    -*)
        echo "no flag $1: there is --only" >&2
        exit 2
        ;;
    *) venv=$1 ;;
    esac
    shift
done
for name in ${only//,/ }; do
    if [[ ,$known, != *,$name,* ]]; then
        echo "no peer $name: there are $known" >&2
        exit 2
    fi
done
wanted() { [[ ,$only, == *,$1,* ]]; }

keras=3.15.1
jax=0.10.2
tensorflow=2.21.0
torch=2.15.0
libmf=0.4.0

if [ ! -x "$venv/bin/python" ]; then
    "${PYTHON:-python3}" -m venv "$venv"
fi
venv=$(cd "$venv" && pwd)
install() { "$venv/bin/python" -m pip --disable-pip-version-check install --quiet "$@"; }
install "numpy>=2,<3"
if wanted keras-jax; then install "keras==$keras" "jax==$jax"; fi
if wanted keras-tensorflow; then install "keras==$keras" "tensorflow-cpu==$tensorflow"; fi
if wanted torch; then install "torch==$torch" ${TORCH_INDEX:+--index-url "$TORCH_INDEX"}; fi
if ! wanted libmf; then
    echo "ready: $venv"
    exit 0
fi

# LIBMF's C++ comes out of the crate that carries it: fetched and verified by cargo, never kept in
# the tree. The empty [workspace] keeps this scrap of a package out of recburn's.
source=$venv/libmf
if [ ! -f "$source/vendor/libmf/vendor/libmf/mf.cpp" ]; then
    mkdir -p "$source/src"
    : >"$source/src/lib.rs"
    printf '[package]\nname = "peer"\nversion = "0.0.0"\nedition = "2021"\n\n[dependencies]\nlibmf = "=%s"\n\n[workspace]\n' \
        "$libmf" >"$source/Cargo.toml"
    (cd "$source" && cargo vendor --quiet vendor >/dev/null)
fi
code=$source/vendor/libmf/vendor/libmf
driver=$venv/bin/libmf_peer
if [ ! -x "$driver" ] || [ "$here/libmf_peer.cpp" -nt "$driver" ]; then
    flags=(-O3 -march=native -DUSEAVX -DUSEOMP -fopenmp -pthread -std=c++17)
    # -w: the warnings of code that is not ours are of no use to anyone here.
    "${CXX:-g++}" "${flags[@]}" -w -c "$code/mf.cpp" -o "$source/mf.o"
    "${CXX:-g++}" "${flags[@]}" -Wall -Wextra -I"$code" "$here/libmf_peer.cpp" "$source/mf.o" -o "$driver"
fi

echo "ready: $venv"
