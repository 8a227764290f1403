#!/bin/sh
# Install what welkin needs to build and to be tested.  Asks nothing; may be run again at any time.
#   tools/setup.sh           install what is missing (Debian, Ubuntu; as root or with sudo)
#   tools/setup.sh --check   only say what is missing
# With CC=clang its OpenMP and sanitizer libraries are wanted, too.
set -eu

build="build-essential meson ninja-build pkg-config python3
libcfitsio-dev wcslib-dev liberfa-dev libjansson-dev libyaml-dev libsuitesparse-dev libcairo2-dev libpng-dev
zlib1g-dev libraw-dev libsqlite3-dev libcmocka-dev fitsverify libcfitsio-bin python3-numpy python3-astropy python3-pytest
fonts-dejavu-core"

check=
case "${1:-}" in
'') ;;
--check) check=yes ;;
*)
    echo "usage: tools/setup.sh [--check]" >&2
    exit 2
    ;;
esac

if ! command -v dpkg-query >/dev/null 2>&1; then
    echo "This is not Debian or Ubuntu.  Install the equivalents of:" >&2
    echo "$build" >&2
    exit 1
fi

case "${CC:-}" in
*clang*)
    build="$build clang libomp-dev"
    version=$(apt-cache depends clang 2>/dev/null | sed -n 's/.*Depends: clang-\([0-9]*\)$/\1/p')
    [ -z "$version" ] || build="$build libclang-rt-$version-dev"
    ;;
esac

missing=
for package in $build; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' ||
        missing="$missing $package"
done

if [ -z "$missing" ]; then
    [ -z "$check" ] || echo "all packages are installed"
    exit 0
fi
echo "missing:$missing" >&2
[ -z "$check" ] || exit 1

as_root=
if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null 2>&1; then
        echo "Run as root, or install sudo:  apt-get install$missing" >&2
        exit 1
    fi
    as_root=sudo
fi
# sudo hands no environment on, hence env
# shellcheck disable=SC2086 # a list of words
{
    $as_root apt-get update
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $missing
}
