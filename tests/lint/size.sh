#!/usr/bin/env bash
# size.sh ROOT: at most 600 lines a file, 70 lines a function, 100 columns a line of code
# and 165 a row of a table (between "clang-format off" and "on").  A CMakeLists.txt has at most 60 lines.  Python functions are measured by python_rules.py.
set -euo pipefail
cd "$1"

mapfile -t folders < <(ls -d include rules store controller tests deploy 2>/dev/null)
find "${folders[@]}" -name '*.[ch]' -print0 | sort -z | LC_ALL=C xargs -0 -r awk '
    function file_ends() { if (lines > 600) { print name ": " lines " lines, 600 are allowed"; bad = 1 } }
    FNR == 1 { file_ends(); name = FILENAME; opened = 0; columns = 100 }
    { lines = FNR }
    /clang-format off/ { columns = 165 } # A table: a row is one line.
    /clang-format on/ { columns = 100 }
    /^\{/ { opened = FNR }
    /^\}/ && opened {
        if (FNR - opened - 1 > 70) {
            print FILENAME ":" opened ": a function of " FNR - opened - 1 " lines, 70 are allowed"
            bad = 1
        }
        opened = 0
    }
    { text = $0; gsub(/[\200-\277]/, "", text) } # One byte is left of each character of UTF-8.
    length(text) > columns {
        print FILENAME ":" FNR ": " length(text) " columns, " columns " are allowed"
        bad = 1
    }
    END { file_ends(); exit bad }' >&2

bad=0
while IFS= read -r -d '' file; do
    lines=$(wc -l <"$file")
    if ((lines > 60)); then
        echo "$file: $lines lines, 60 are allowed" >&2
        bad=1
    fi
done < <(find CMakeLists.txt "${folders[@]}" -name CMakeLists.txt -print0)
exit $bad
