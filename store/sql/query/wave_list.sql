SELECT number, at_ms, counts FROM wave WHERE deployment_id = :deployment_id ORDER BY number;
