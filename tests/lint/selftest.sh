#!/usr/bin/env bash
# selftest.sh WORK: every check of this folder is seen to fail.
#
# Makes a small project in a folder of its own below WORK that all checks are content with, breaks it
# in one way at a time and wants the check to fail with the words that name the fault.
set -euo pipefail
lint=$(cd "$(dirname "$0")" && pwd)
tree=$(mktemp -d "$1/selftest.XXXXXX")
trap 'rm -rf "$tree"' EXIT
python=${PYTHON:-python3}
checks=0
bad=0
litter=
clash=

fresh() {
    rm -rf "$tree"
    mkdir -p "$tree"/{include/slipway,rules/base,store,controller/{platform,wire,work,web,config},tests,deploy}
    cd "$tree"
    cp "$lint/../../.clang-format" "$lint/../../.clang-tidy" .
    printf '#ifndef A_H\n#define A_H\n\n#include <stdbool.h>\n\nbool a(int n);\n\n#endif\n' >include/slipway/a.h
    printf '#include "slipway/a.h"\n\nbool\na(int n)\n{\n    return n > 0;\n}\n' >rules/a.c
    printf '#include "wire/ask.h"\n\nint asked = 1;\n' >controller/work/work.c
    printf '#ifndef ASK_H\n#define ASK_H\n\nextern int asked;\n\n#endif\n' >controller/wire/ask.h
    printf '#!/usr/bin/env bash\nset -euo pipefail\necho fine\n' >deploy/go
    chmod +x deploy/go
    printf 'def one():\n    return 1\n' >deploy/one.py
    # shellcheck disable=SC2016
    {
        printf '| file | does |\n|---|---|\n| `a.c` | a |\n' >rules/README.md
        printf '| `slipway/a.h` | a |\n' >include/README.md
        printf '| `work/work.c` | a |\n| `platform/log.c` | b |\n' >controller/README.md
        printf '| `go` | a |\n| `one.py` | [b](one.py) |\n' >deploy/README.md
    }
    echo 'boto3==1.0.0' >tests/requirements.txt
    mkdir deploy/sandbox docs
    printf 'void\ng(void)\n{\n    log_info("seen");\n}\n' >controller/platform/log.c
    printf '| `seen` | info | a |\n' >docs/operations.md
    echo 'boto3==1.0.0' >deploy/sandbox/requirements.txt
    touch CMakeLists.txt
}

library() { # compiles the .c files given into lib.a
    rm -f ./*.o lib.a
    cc -std=c11 -Iinclude -c "$@"
    ar rcs lib.a ./*.o
    rm -f ./*.o
}

two_libraries() {
    echo 'int in_b = 1;' >b.c
    library rules/*.c && mv lib.a liba.a
    library ./b.c ${clash:+rules/a.c} && mv lib.a libb.a
}

run() { # run CHECK: calls one check as the build would
    case $1 in
    purity_rules) library rules/*.c && "$lint/purity.sh" rules lib.a ;;
    purity_base) library rules/*.c && "$lint/purity.sh" base lib.a ;;
    symbols) two_libraries && "$lint/symbols.sh" liba.a libb.a ;;
    tidy)
        mkdir -p build/clang
        printf '[{"directory": "%s", "file": "%s/rules/a.c", "arguments": ["clang", "-Iinclude", "-c", "rules/a.c"]}]' \
            "$tree" "$tree" >build/clang/compile_commands.json
        "$python" -B "$lint/tidy.py" . build/clang
        ;;
    tree)
        git init -q . && echo /build/ >.gitignore && mkdir build && git add -A
        git status --porcelain --untracked-files=all >build/before
        [[ -z ${litter:-} ]] || touch litter
        "$lint/tree.sh" . build/before
        ;;
    python_rules | links | pins) "$python" -B "$lint/$1.py" . ;;
    *) "$lint/$1.sh" . ;;
    esac
}

content() { # content CHECK...: the fixture as it is passes
    for check in "$@"; do
        fresh
        checks=$((checks + 1))
        if ! said=$(run "$check" 2>&1); then
            printf '%s fails on a tree that is well:\n%s\n' "$check" "$said" >&2
            bad=1
        fi
    done
}

fails() { # fails CHECK WORDS HOW: after HOW, a piece of shell, the check fails and says WORDS
    fresh
    eval "$3"
    checks=$((checks + 1))
    if said=$(run "$1" 2>&1); then
        echo "$1 did not see: $3" >&2
        bad=1
    elif ! grep -qF -- "$2" <<<"$said"; then
        printf '%s failed on: %s\n  without the words: %s\n  but with: %s\n' "$1" "$3" "$2" "$said" >&2
        bad=1
    fi
}

many() { # many N TEXT: the text, N times
    yes "$2" | head -n "$1" || true
}

content log_events layers purity_rules purity_base symbols size map headers format words shell python_rules links pins tidy
command -v git >/dev/null && content tree

fails layers 'nothing of the system shows' 'echo "#include <curl/curl.h>" >>include/slipway/a.h'
fails layers 'may not reach outside' 'echo "#include <time.h>" >>rules/a.c'
fails layers 'does not know that it is stored' 'echo "#include \"slipway/store.h\"" >>rules/a.c'
fails layers 'asks store/ to remember' 'echo "#include <sqlite3.h>" >>controller/work/work.c'
fails layers 'only controller/wire/ knows libcurl' 'echo "#include <curl/curl.h>" >>controller/work/work.c'
fails layers 'know libevent' 'echo "#include <event2/event.h>" >>controller/work/work.c'
fails layers 'only controller/config/ knows libyaml' 'echo "#include <yaml.h>" >>controller/work/work.c'
fails layers 'only controller/work/ knows libarchive' 'echo "#include <archive.h>" >>controller/wire/ask.h'
fails layers 'stands left of, or beside, controller/work/' 'echo "#include \"work/work.h\"" >>controller/wire/ask.h'
fails layers 'stands left of, or beside, controller/poll/' 'echo "#include \"poll/poll.h\"" >controller/web/w.c'
fails layers 'does not know the store' 'echo "#include \"slipway/store.h\"" >>controller/work/work.c'
fails layers 'know controller/config/' 'echo "#include \"config/config.h\"" >controller/web/w.c'
fails layers 'it may know platform only' 'echo "#include \"wire/ask.h\"" >controller/config/c.c'
fails layers 'has no place in the order' 'mkdir controller/new && echo "#include \"wire/ask.h\"" >controller/new/c.c'
fails layers 'store/ remembers: it may not act' 'echo "#include <curl/curl.h>" >store/s.c'
fails layers 'no include goes up' 'echo "#include \"../rules/a.h\"" >store/s.c'

fails purity_rules 'time' 'printf "#include <time.h>\nlong t(void);\nlong t(void)\n{\n    return time(NULL);\n}\n" >>rules/a.c'
fails purity_rules 'malloc' 'printf "#include <stdlib.h>\nvoid *m(void);\nvoid *m(void)\n{\n    return malloc(1);\n}\n" >>rules/a.c'
fails purity_base 'getenv' 'printf "#include <stdlib.h>\nchar *m(void);\nchar *m(void)\n{\n    return getenv(\"A\");\n}\n" >>rules/a.c'

fails symbols 'a in libb.a:a.o' 'clash=yes'
clash=

fails size '601 lines' 'many 601 "int a;" >rules/long.c'
fails size 'a function of 71 lines' '{ echo "{"; many 71 "    x();"; echo "}"; } >rules/long.c'
fails size '101 columns' 'printf "%101s\n" "//" >rules/wide.c'
fails size '101 columns' 'for i in {1..101}; do printf ä; done >rules/wide.c'
fails size '61 lines' 'many 61 "# x" >CMakeLists.txt'

fails map 'says nothing of b.c' 'touch rules/b.c'
fails map 'has no map' 'rm rules/README.md'
fails map 'which is gone' 'rm rules/a.c'
fails map 'says nothing of sandbox/run' 'touch deploy/sandbox/run && chmod +x deploy/sandbox/run'

fails log_events '> new warning' 'sed -i "s/log_info(.seen.);/&log_warning(\"new\");/" controller/platform/log.c'
fails log_events '< seen info' 'rm controller/platform/log.c'

fails headers 'does not compile alone' 'sed -i /include/d include/slipway/a.h'
fails headers 'does not compile alone' 'echo "int a();" >>include/slipway/a.h'
fails format 'should be clang-formatted' 'echo "int  b;" >>rules/a.c'

fails words 'do it or write an issue' 'echo "# TODO later" >>deploy/one.py'
fails words 'a path of one machine only' 'echo "x = \"/home/me/x\"" >>deploy/one.py'
fails words 'a private key' 'echo "-----BEGIN RSA PRIVATE KEY-----" >deploy/key'
fails words 'an AWS access key' 'echo AKIAIOSFODNN7REALONE >deploy/key'

fails shell 'does not stop at the first error' 'sed -i /^set/d deploy/go'
fails shell 'syntax error' 'echo "if then" >>deploy/go'
fails shell 'SC2154' 'echo "echo \$never_set" >>deploy/go'

fails python_rules 'does not parse' 'echo "def (" >>deploy/one.py'
fails python_rules '121 columns' 'printf "#%120s\n" x >>deploy/one.py'
fails python_rules 'a function of 71 lines' '{ echo "def f():"; many 70 "    x()"; } >>deploy/one.py'
fails python_rules '601 lines' 'many 601 "x = 1" >deploy/one.py'

fails links 'which is not there' 'echo "[a](gone.md)" >>deploy/README.md'
fails links 'speaks of docs/' 'echo "# see docs/""gone.md" >>deploy/one.py'
fails pins 'does not name one exact version' 'echo "boto3>=1.0.0" >tests/requirements.txt'
fails pins 'has 1.0.0' 'echo "boto3==1.0.1" >deploy/sandbox/requirements.txt'
command -v systemd-analyze >/dev/null &&
    fails service 'exposed' 'printf "[Service]\nExecStart=/bin/true\n" >deploy/slipwayd.service'
fails tidy 'readability-identifier-naming' 'echo "int BadName(void) { return 1; }" >>rules/a.c'
command -v git >/dev/null && fails tree 'changed the tree' 'litter=yes'

if ((bad == 0)); then
    echo "$checks checks behaved"
fi
exit $bad
