#!/usr/bin/env bash
# service.sh ROOT: systemd-analyze rates the exposure of deploy/slipwayd.service at most 1.5 (0 is closed,
# 10 is open).  Skipped (77) where systemd-analyze is not installed.
set -euo pipefail
command -v systemd-analyze >/dev/null || exit 77
if ! said=$(systemd-analyze security --offline=true --threshold=15 --no-pager "$1/deploy/slipwayd.service" 2>&1); then
    printf 'slipwayd.service is more exposed than 1.5:\n%s\n' "$(grep -E '→|✗' <<<"$said")" >&2
    exit 1
fi
