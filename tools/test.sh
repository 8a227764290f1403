#!/bin/sh
# Build with gcc (release, warnings are errors) and with sanitizers, run every test in both, count.
set -u
cd "$(dirname "$0")/.." || exit 1

failed=0
configure() { # folder, options
    folder=$1
    shift
    [ -f "$folder/build.ninja" ] || meson setup "$folder" "$@" >"$folder.log" 2>&1 || {
        cat "$folder.log"
        rm -f "$folder.log"
        exit 1
    }
    rm -f "$folder.log"
}

configure build -Dwerror=true
configure build-asan -Dwerror=true -Db_sanitize=address,undefined -Db_lundef=false -Doptimization=1 -Ddebug=true
for folder in build build-asan; do
    ninja -C "$folder" || exit 1
    meson test -C "$folder" --no-rebuild --print-errorlogs || failed=1
done
python3 tools/count_tests.py build/meson-logs/testlog.json build-asan/meson-logs/testlog.json || failed=1
exit $failed
