SELECT id, sightings FROM package WHERE arn = :arn;
