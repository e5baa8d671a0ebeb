DELETE FROM quarantine WHERE id <= (SELECT max(id) FROM quarantine) - :max;
