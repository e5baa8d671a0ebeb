UPDATE outbox SET due_ms = :due_ms, tries = :tries, progress = ifnull(:progress, progress)
 WHERE id = :id;
