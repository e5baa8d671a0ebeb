SELECT d.id, d.package_id, d.approved_s, d.rank, d.pipeline, d.digest, d.state, d.stage,
       d.entered_ms, d.deadline_ms, d.revision, d.order_id, d.generation, d.attempts, d.wave,
       d.wave_count, d.wave_state, d.wave_since_ms, d.approvals, d.planned, d.withdrawn, d.reason,
       d.received_ms, d.history_seq, p.arn, p.sightings, o.kind, o.due_ms, o.tries
  FROM deployment d
  JOIN package p ON p.id = d.package_id
  LEFT JOIN outbox o ON o.id = d.order_id
 WHERE d.id = :id;
