SELECT top_rank, live_id FROM lane WHERE pipeline = :pipeline;
