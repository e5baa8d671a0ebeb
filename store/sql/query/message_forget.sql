DELETE FROM message WHERE at_ms < :before_ms;
