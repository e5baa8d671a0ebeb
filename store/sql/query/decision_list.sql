SELECT at_ms, approver, decision, digest, generation FROM decision WHERE deployment_id = :deployment_id
 ORDER BY at_ms, approver;
