-- reads all: the canonical dump
SELECT id, arn, sightings FROM package ORDER BY arn;
