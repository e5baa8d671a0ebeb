#!/usr/bin/env bash
# symbols.sh ARCHIVE...: a name with external linkage is defined once in the whole program.
#
# Static libraries hide a clash from the linker: the first definition it meets wins, and a call goes to
# a function of another module that happens to have the same name.
set -euo pipefail
clashes=$(nm -A --defined-only --extern-only "$@" 2>/dev/null |
    awk '$2 ~ /^[TDBRC]$/ { print $3, $1 }' | grep -vE '^_?_?(asan|ubsan|odr_asan|llvm|gcov)' |
    sort -u | awk '$1 == last { print before; print; } { last = $1; before = $0 }' | sort -u)
[[ -z $clashes ]] && exit 0
echo 'the same name is defined twice:' >&2
sed -E 's,^([^ ]+) (.*/)?([^/]+:[^:]+):[0-9a-f]+$,  \1 in \3,' <<<"$clashes" >&2
exit 1
