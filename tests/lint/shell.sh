#!/usr/bin/env bash
# shell.sh ROOT: shell programs parse, stop at the first error, and shellcheck finds nothing in them.
set -euo pipefail
cd "$1"
bad=0

mapfile -t folders < <(ls -d .ci tests deploy 2>/dev/null)
mapfile -d '' programs < <(find "${folders[@]}" -type f -not -path '*/__pycache__/*' -print0 | sort -z |
    xargs -0 -r grep -lZE -m1 '^#!.*\b(ba)?sh$' || true)
for program in "${programs[@]}"; do
    head -1 "$program" | grep -q '^#!' || continue
    bash -n "$program" || bad=1
    grep -qE '^set -(e|eu)' "$program" || { echo "$program does not stop at the first error (set -e)" >&2; bad=1; }
done
shellcheck --severity=warning --exclude=SC1007 --external-sources --source-path=SCRIPTDIR "${programs[@]}" >&2 || bad=1
exit $bad
