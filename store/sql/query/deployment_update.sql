-- `:was` makes a lost race visible: no row changes if the deployment moved on.
UPDATE deployment
   SET digest = :digest, state = :state, stage = :stage, entered_ms = :entered_ms,
       deadline_ms = :deadline_ms, revision = :revision, order_id = :order_id,
       generation = :generation, attempts = :attempts, wave = :wave, wave_count = :wave_count,
       wave_state = :wave_state, wave_since_ms = :wave_since_ms, approvals = :approvals,
       planned = :planned, withdrawn = :withdrawn, reason = :reason, history_seq = :history_seq
 WHERE id = :id AND revision = :was;
