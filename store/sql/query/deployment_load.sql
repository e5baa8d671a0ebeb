-- The columns stand in the order that deployment_row.c reads them.
SELECT id, package_id, approved_s, rank, pipeline, digest, state, stage, entered_ms, deadline_ms,
       revision, order_id, generation, attempts, wave, wave_count, wave_state, wave_since_ms,
       approvals, planned, withdrawn, reason, received_ms, history_seq
  FROM deployment
 WHERE id = :id;
