INSERT INTO lane (pipeline, top_rank) VALUES (:pipeline, :rank)
ON CONFLICT (pipeline) DO UPDATE SET top_rank = max(top_rank, excluded.top_rank);
