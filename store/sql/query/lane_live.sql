INSERT INTO lane (pipeline, live_id) VALUES (:pipeline, :live_id)
ON CONFLICT (pipeline) DO UPDATE SET live_id = excluded.live_id;
