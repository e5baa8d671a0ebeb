# rules/registry.c: a rejection in the second of its approval withdraws nothing
s/approved_s == run->ended_s \&\& run->rejected/approved_s == run->began_s/
