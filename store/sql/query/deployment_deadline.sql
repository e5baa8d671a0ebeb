UPDATE deployment SET deadline_ms = :deadline_ms WHERE id = :id;
