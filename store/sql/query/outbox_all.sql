-- reads all: only when the daemon starts
SELECT o.id, o.deployment_id, o.kind, o.due_ms, o.tries, d.deadline_ms
  FROM outbox o CROSS JOIN deployment d ON d.id = o.deployment_id
 ORDER BY o.id;
