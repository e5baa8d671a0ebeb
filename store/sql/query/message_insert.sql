INSERT INTO message (id, at_ms, digest) VALUES (:id, :at_ms, :digest)
ON CONFLICT (id) DO NOTHING;
