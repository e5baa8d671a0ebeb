INSERT INTO hold (resource, deployment_id) VALUES (:resource, :deployment_id)
ON CONFLICT (resource) DO NOTHING;
