#!/usr/bin/env bash
# layers.sh ROOT: who may include whom.  Prints each include that breaks a rule, with the rule.
#
#   include/slipway   data and contracts: the C library's plain headers only
#   rules             decides: pure headers of the C library, include/slipway without the store's
#   store             remembers: alone knows SQLite; knows no network and no controller
#   controller        acts: a folder includes only what stands to its left:
#                     platform < wire < aws < work < learner < engine < poll, web, cli < the programs;
#                     config stands beside, above platform, below cli and the programs.
# One library is known to one folder: libcurl and evhttp to wire, libyaml to config, libarchive to work.
set -euo pipefail
cd "$1"

find include rules store controller -name '*.[ch]' -print0 | sort -z |
    xargs -0 -r grep -HnE '^[[:space:]]*#[[:space:]]*include' | awk '
function rank(name)
{
    return name in ranks ? ranks[name] : 0
}
function broken(why)
{
    printf "%s: %s: %s\n", place, header, why
    bad = 1
}
# What one folder of the controller may take from another, or from a library.
function controller_rule(   mine, theirs, layer)
{
    layer = parts[2] ~ /\.[ch]$/ ? "main" : parts[2]
    mine = rank(layer)
    if (mine == 0)
        broken("controller/" layer " has no place in the order of the layers, see layers.sh")
    if (header ~ /^sqlite3/)
        broken("controller/ acts: it asks store/ to remember")
    if (header ~ /^curl\// && layer != "wire")
        broken("only controller/wire/ knows libcurl")
    if (header ~ /^event2\/(http|ws|bufferevent)/ && layer != "wire")
        broken("only controller/wire/ knows evhttp")
    if (header ~ /^(event2\/|event\.h)/ && mine > ranks["wire"])
        broken("only controller/platform/ and controller/wire/ know libevent")
    if (header ~ /^yaml\.h/ && layer != "config")
        broken("only controller/config/ knows libyaml")
    if (header ~ /^archive/ && layer != "work")
        broken("only controller/work/ knows libarchive")
    if (header ~ /^slipway\/store/ && mine < ranks["learner"] && layer != "config")
        broken("what stands left of controller/learner/ does not know the store")
    if (quoted && header ~ /\// && header !~ /^(slipway|\.\.)\//) {
        theirs = header
        sub(/\/.*/, "", theirs)
        if (rank(theirs) == 0)
            broken("no layer of controller/ is called " theirs)
        else if (theirs != layer && layer == "config" && theirs != "platform")
            broken("controller/config/ stands beside: it may know platform only")
        else if (theirs != layer && theirs == "config" && layer != "cli" && layer != "main")
            broken("only controller/cli/ and the programs know controller/config/")
        else if (theirs != layer && theirs != "config" && layer != "config" && rank(theirs) >= mine)
            broken("controller/" layer "/ stands left of, or beside, controller/" theirs "/")
    }
}
BEGIN {
    count = split("platform wire aws work learner engine", order, " ")
    for (i = 1; i <= count; i++)
        ranks[order[i]] = i
    ranks["poll"] = ranks["web"] = ranks["cli"] = count + 1
    ranks["config"] = 2
    ranks["main"] = count + 2
    plain = "^(assert|ctype|errno|float|inttypes|limits|math|stdarg|stdbool|stddef|stdint|stdio|stdlib|string)\\.h$"
}
{
    split($0, piece, ":")
    file = piece[1]
    place = piece[1] ":" piece[2]
    header = $0
    sub(/^[^:]*:[^:]*:[^<"]*/, "", header)
    quoted = header ~ /^"/
    sub(/^[<"]/, "", header)
    sub(/[>"].*$/, "", header)
    split(file, parts, "/")
    top = parts[1]
    if (header ~ /^\.\.\//)
        broken("say where from: no include goes up")
    if (top == "include" && !quoted && (header !~ plain || header == "stdlib.h"))
        broken("include/ is plain data and contracts: nothing of the system shows")
    if (top == "include" && quoted && header !~ /^slipway\//)
        broken("include/ includes only itself")
    if (top == "rules" && !quoted && header !~ plain)
        broken("rules/ decides: it may not reach outside")
    if (top == "rules" && header ~ /^slipway\/store/)
        broken("rules/ decides: it does not know that it is stored")
    if (top == "store" && (header ~ /^(event2|curl|netinet|arpa)\// || header ~ /^sys\/socket/))
        broken("store/ remembers: it may not act")
    if ((top == "store" || top == "rules") && quoted && header ~ /\// && header !~ /^slipway\//)
        broken(top "/ includes slipway/ and its own files only")
    if (top == "controller")
        controller_rule()
}
END { exit bad }' >&2
