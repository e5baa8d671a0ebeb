#!/usr/bin/env bash
# words.sh ROOT: what no file of the project may hold: notes to be done later, the paths of somebody's own
# machine, keys.  A line that must hold such a thing ends with the comment "words: allowed".
set -euo pipefail
cd "$1"
bad=0

forbid() { # forbid PATTERN WHY [EXCEPT]
    local found
    found=$(grep -rnIE "$1" . --exclude-dir=build --exclude-dir=.git --exclude-dir=__pycache__ \
        --exclude-dir=.pytest_cache --exclude=words.sh --exclude=selftest.sh | grep -vE "words: allowed${3:+|$3}" || true)
    [[ -z $found ]] && return
    printf '%s:\n%s\n' "$2" "$found" >&2
    bad=1
}

forbid '\b(TODO|FIXME|XXX|HACK)\b' 'do it or write an issue'
forbid '(^|[^A-Za-z0-9_.$}{/*-])/(home|root|work|Users)/' 'a path of one machine only'
forbid 'BEGIN ([A-Z]+ )?PRIVATE KEY' 'a private key'
# Keys of AWS's documentation and of the sandbox open nothing.
forbid '\b(AKIA|ASIA)[A-Z0-9]{16}\b' 'an AWS access key' '(AKIA|ASIA)[A-Z0-9]*(EXAMPLE|SANDBOX)'
exit $bad
