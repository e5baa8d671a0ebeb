-- reads all: the canonical dump
SELECT digest, reason FROM quarantine ORDER BY digest;
