# controller/engine/decide.c: whoever approves twice counts as two
/strcmp(v->approver, a->person->approver) != 0/d
s/novelty == DECISION_SAME_PERSON ? LEARNT_NOTHING : LEARNT_APPLIED/LEARNT_APPLIED/
