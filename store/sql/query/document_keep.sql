INSERT INTO document (deployment_id, kind, body) VALUES (:deployment_id, :kind, :body)
ON CONFLICT (deployment_id, kind) DO UPDATE SET body = excluded.body;
