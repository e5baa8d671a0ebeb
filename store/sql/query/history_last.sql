SELECT seq, hash FROM history ORDER BY seq DESC LIMIT 1;
