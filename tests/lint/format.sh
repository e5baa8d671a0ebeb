#!/usr/bin/env bash
# format.sh ROOT: every C file is as clang-format 14 would write it.
# `cmake --build <dir> --target format` puts it right.
set -euo pipefail
cd "$1"
mapfile -t folders < <(ls -d include rules store controller tests 2>/dev/null)
find "${folders[@]}" -name '*.[ch]' -print0 | sort -z | xargs -0 -r clang-format-14 --dry-run -Werror
