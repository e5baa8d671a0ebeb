INSERT INTO history (seq, deployment_id, previous, at_ms, fact, from_state, to_state, order_id,
                     actor, detail, hash)
VALUES (:seq, :deployment_id, :previous, :at_ms, :fact, :from_state, :to_state, :order_id,
        :actor, :detail, :hash);
