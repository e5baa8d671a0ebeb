SELECT deployment_id FROM hold WHERE resource = :resource;
