SELECT body FROM document WHERE deployment_id = :deployment_id AND kind = :kind;
