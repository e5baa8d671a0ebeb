# rules/pipeline_guards.c: the next wave begins without the bake time
s/return p->bake_ms == 0 ||/return p->bake_ms >= 0 ||/
