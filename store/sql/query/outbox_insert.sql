INSERT INTO outbox (id, deployment_id, kind, due_ms) VALUES (:id, :deployment_id, :kind, :due_ms);
