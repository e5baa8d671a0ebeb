-- reads all: there is a row only for each thing group in use
DELETE FROM hold WHERE deployment_id = :deployment_id;
