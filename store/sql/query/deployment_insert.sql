INSERT INTO deployment (id, package_id, approved_s, rank, pipeline, state, stage, entered_ms,
                        deadline_ms, order_id, wave_count, received_ms, history_seq)
VALUES (:id, :package_id, :approved_s, :rank, :pipeline, :state, :stage, :entered_ms,
        :deadline_ms, :order_id, :wave_count, :entered_ms, :history_seq);
