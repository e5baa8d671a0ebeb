-- reads all: of three small tables
SELECT (SELECT count(*) FROM outbox), (SELECT count(*) FROM quarantine),
       (SELECT ifnull(max(seq), 0) FROM history);
