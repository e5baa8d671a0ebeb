-- reads all: the canonical dump
SELECT d.id FROM deployment d WHERE d.package_id = :package_id ORDER BY d.pipeline, d.approved_s;
