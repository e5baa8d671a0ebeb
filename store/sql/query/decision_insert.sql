INSERT INTO decision (deployment_id, generation, approver, decision, digest, at_ms, message_id,
                      signature, body)
VALUES (:deployment_id, :generation, :approver, :decision, :digest, :at_ms, :message_id,
        :signature, :body)
ON CONFLICT (deployment_id, generation, approver, decision) DO NOTHING;
