UPDATE package SET sightings = :sightings WHERE id = :id;
