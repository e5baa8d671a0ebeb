SELECT id, deployment_id, kind, due_ms, tries, progress FROM outbox WHERE id = :id;
