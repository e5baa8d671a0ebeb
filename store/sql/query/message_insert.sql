INSERT INTO message (id, at_ms, digest, counts) VALUES (:id, :at_ms, :digest, :counts)
ON CONFLICT (id) DO NOTHING;
