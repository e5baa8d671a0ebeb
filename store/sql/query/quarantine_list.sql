SELECT id, at_ms, times, reason, body FROM quarantine ORDER BY id DESC LIMIT :limit;
