#!/usr/bin/env bash
# tree.sh ROOT BEFORE: a build and a test run leave no trace outside build/.
# BEFORE holds what `git status --porcelain` said before them; today's answer must be the same.
set -euo pipefail
cd "$1"
if ! diff "$2" <(git status --porcelain --untracked-files=all) >&2; then
    echo 'building or testing changed the tree (above: > is new)' >&2
    exit 1
fi
