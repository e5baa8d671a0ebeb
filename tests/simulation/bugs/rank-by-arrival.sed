# controller/learner/approvals.c: a generation ranks by the event that came first
s/rank_known(in, e) \&\& //
s/^rank_known(struct intake/__attribute__((unused)) rank_known(struct intake/
