# rules/rollout.c: failed devices do not halt a wave
s/return failures > 0 \&\& reported/return failures > all \&\& reported/
