-- reads all: for /metrics and the canonical dump
SELECT state, count(*) FROM deployment GROUP BY state;
