INSERT INTO package (id, arn, sightings) VALUES (:id, :arn, :sightings);
