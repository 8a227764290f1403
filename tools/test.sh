#!/bin/sh
# Build twice with warnings as errors, plain and with sanitizers; run every test in both; count.
# The compiler is gcc, or what CC names, which then has build folders of its own.
set -u
cd "$(dirname "$0")/.." || exit 1

CC=${CC:-gcc}
export CC
plain=build
[ "$CC" = gcc ] || plain=build-$(basename "$CC" | tr -c '[:alnum:].\n' _)
sanitized=$plain-asan
summary=build-tests.txt
rm -f "$summary"

give_up() { # folder
    echo "The build in $1 failed."
    echo "0 passed, 1 failed, 0 skipped" | tee "$summary"
    exit 1
}

configure() { # folder, options
    folder=$1
    shift
    if [ ! -f "$folder/build.ninja" ]; then
        meson setup "$folder" -Dwerror=true "$@" || give_up "$folder"
    elif ! grep -q -e '-Werror' "$folder/build.ninja"; then
        meson configure "$folder" -Dwerror=true || give_up "$folder"
    fi
}

configure "$plain"
configure "$sanitized" -Db_sanitize=address,undefined -Db_lundef=false -Doptimization=1 -Ddebug=true

failed=0
for folder in "$plain" "$sanitized"; do
    ninja -C "$folder" || give_up "$folder"
    meson test -C "$folder" --no-rebuild --print-errorlogs || failed=1
done
python3 tools/count_tests.py "$plain/meson-logs/testlog.json" \
    "$sanitized/meson-logs/testlog.json" >"$summary" || failed=1
cat "$summary"
exit $failed
