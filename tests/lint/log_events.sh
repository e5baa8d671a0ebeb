#!/usr/bin/env bash
# log_events.sh ROOT: every event the daemon logs is in the table of docs/operations.md, with its level, and
# the table names none that is gone.
set -euo pipefail
cd "$1"
# The last line is for what is written as a text of its own, where there is no memory left to make one.
logged=$({
    { grep -rhoE 'log_(debug|info|warning|error)\("[a-z-]+"' controller --include=*.c || true; } |
        sed -E 's/log_([a-z]+)\("([a-z-]+)"/\2 \1/'
    grep -rhoE '\\"level\\":\\"[a-z]+\\",\\"event\\":\\"[a-z-]+\\"' controller --include=*.c |
        sed -E 's/[^a-z-]+/ /g' | awk '{ print $4, $2 }' || true
} | sort -u)
listed=$(sed -nE 's/^\| (`[^|]*`) \| (debug|info|warning|error) \|.*/\1 \2/p' docs/operations.md |
    awk '{ for (i = 1; i < NF; i++) { gsub(/[`,]/, "", $i); print $i, $NF } }' | sort -u)
diff <(echo "$listed") <(echo "$logged") >/dev/null && exit 0
echo 'docs/operations.md and the code name different log events (< only there, > only logged):' >&2
diff <(echo "$listed") <(echo "$logged") | grep '^[<>]' >&2
exit 1
