#!/usr/bin/env bash
# headers.sh ROOT [MADE]: every header compiles alone, under all our warnings.  MADE is the folder of
# headers that the build writes.
set -euo pipefail
cd "$1"
compiler=${CC:-cc}
made=${2:-store}
bad=0

read -ra libraries < <(pkg-config --cflags libevent libcurl sqlite3 openssl yaml-0.1 libarchive check 2>/dev/null) || true
flags=(-std=c11 -D_POSIX_C_SOURCE=200809L '-DSLIPWAY_VERSION="0"' -fsyntax-only
    -Wall -Wextra -Wpedantic -Werror -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes
    -Wvla -Wundef -Wwrite-strings -Wswitch-enum -Wno-unused-function
    -Iinclude -Icontroller -Istore "-I$made" -Irules -Itests "${libraries[@]}")

mapfile -t folders < <(ls -d include rules store controller tests 2>/dev/null)
while IFS= read -r -d '' header; do
    if ! said=$(printf '#include "%s"\ntypedef int not_empty;\n' "$PWD/$header" |
        "$compiler" "${flags[@]}" -I"$(dirname "$header")" -x c - 2>&1); then
        printf '%s does not compile alone:\n%s\n' "$header" "$said" >&2
        bad=1
    fi
done < <(find "${folders[@]}" -name '*.h' -print0 | sort -z)
exit $bad
