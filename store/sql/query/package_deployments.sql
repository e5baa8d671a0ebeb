SELECT id FROM deployment WHERE package_id = :package_id ORDER BY id;
