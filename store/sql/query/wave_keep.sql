INSERT INTO wave (deployment_id, number, at_ms, counts)
VALUES (:deployment_id, :number, :at_ms, :counts)
ON CONFLICT (deployment_id, number) DO UPDATE SET at_ms = excluded.at_ms, counts = excluded.counts;
