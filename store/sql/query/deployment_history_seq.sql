SELECT history_seq FROM deployment WHERE id = :id;
