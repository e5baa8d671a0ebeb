SELECT seq, hash, at_ms FROM history ORDER BY seq DESC LIMIT 1;
