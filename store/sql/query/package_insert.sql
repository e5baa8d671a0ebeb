INSERT INTO package (id, arn, sightings) VALUES (:id, :arn, :sightings)
ON CONFLICT (arn) DO NOTHING;
