#!/usr/bin/env bash
# purity.sh rules|base ARCHIVE...: pure means linking against nothing that can see the world.
#
# Asks nm, not the reader, what the first ARCHIVE needs and neither it nor the others define.
#   rules   memory and text functions, printing into a buffer; no allocation
#   base    the same, and allocation with its end of the program
set -euo pipefail
kind=$1
shift

allowed='mem(chr|cmp|cpy|move|set)|str(chr|rchr|cmp|ncmp|len|nlen|str|spn|cspn|pbrk|tol|toll|toul|toull|tod)'
allowed+='|__isoc(99|23)_strto[a-z]+|__ctype_(b|tolower|toupper)_loc|(is|to)[a-z]+|v?snprintf|qsort|bsearch'
allowed+='|__(mem|str)[a-z]+_chk|__v?snprintf_chk|__assert_fail|__stack_chk_fail|_GLOBAL_OFFSET_TABLE_'
allowed+='|(isnan|isinf|fabs|floor|ceil|trunc|ldexp|frexp|fmod|lround|llround|round)l?'
allowed+='|_?_(asan|ubsan|sanitizer|gcov|llvm)_[A-Za-z0-9_]+'
allocation='x?(malloc|calloc|realloc)|free|abort'

ours=$(nm --defined-only "$@" 2>/dev/null | awk 'NF == 3 { print $3 }' | sort -u)
case $kind in
rules) ours=$(grep -vxE "$allocation|x[a-z]*copy|memory_exhausted" <<<"$ours") ;;
base) allowed+="|$allocation" ;;
*) echo "purity.sh: unknown kind '$kind'" >&2 && exit 2 ;;
esac

needed=$(nm -u "$1" | awk 'NF == 2 && $1 == "U" { print $2 }' | sort -u)
impure=$(grep -vxE "$allowed" <<<"$needed" | grep -vxF "$ours" || true)
[[ -z $impure ]] && exit 0
echo "$kind reaches outside through:" >&2
nm -Au "$1" | awk -v bad=" ${impure//$'\n'/ } " 'index(bad, " " $NF " ") { sub(/^.*:/, "", $1); print "  " $NF " in " $1 }' >&2
exit 1
