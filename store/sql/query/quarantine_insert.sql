INSERT INTO quarantine (digest, at_ms, times, reason, body) VALUES (:digest, :at_ms, 1, :reason, :body)
ON CONFLICT (digest) DO UPDATE SET times = times + 1, at_ms = excluded.at_ms;
