#!/usr/bin/env bash
# map.sh ROOT: every folder of code has a map, its README.md, that names every source file in it and
# none that is gone.  Of headers only those in include/ need a line; tests named test_*, sim_* and
# fuzz_* are their own names; vectors, .sql files and corpora need none.
set -euo pipefail
cd "$1"
bad=0

complain() {
    echo "$1" >&2
    bad=1
}

# The README.md that maps a folder: its own or the nearest one above.
map_of() {
    local folder=$1
    while [[ $folder != . ]]; do
        [[ -f $folder/README.md ]] && echo "$folder/README.md" && return
        folder=$(dirname "$folder")
    done
}

is_source() {
    local file=$1 name
    name=$(basename "$file")
    case $name in
    test_* | sim_* | fuzz_* | conftest.py | README.md | CMakeLists.txt | __init__.py | .*) return 1 ;;
    *.h) [[ $file == include/* ]] ;;
    *.c | *.py | *.sh | *.cmake) return 0 ;;
    *.*) return 1 ;;
    *) [[ -x $file ]] ;;
    esac
}

mapfile -t folders < <(ls -d include rules store controller tests deploy 2>/dev/null)
while IFS= read -r -d '' file; do
    is_source "$file" || continue
    map=$(map_of "$(dirname "$file")")
    if [[ -z $map ]]; then
        complain "$(dirname "$file") has no map: no README.md says what $(basename "$file") is"
    elif ! grep -qF "\`${file#"$(dirname "$map")"/}\`" "$map"; then
        complain "$map says nothing of ${file#"$(dirname "$map")"/}"
    fi
done < <(find "${folders[@]}" -name __pycache__ -prune -o -path tests/data -prune -o -type f -print0 | sort -z)

while IFS= read -r map; do
    while IFS= read -r name; do
        [[ -e $(dirname "$map")/$name ]] || complain "$map speaks of $name, which is gone"
    done < <(sed -nE 's/^\| `([A-Za-z0-9_./-]+)`.*/\1/p' "$map" | grep -E '/|\.(c|h|py|sh|cmake|md)$')
done < <(find "${folders[@]}" -name README.md | sort)
exit $bad
