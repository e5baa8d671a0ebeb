# store/sql/query/deployment_waiting_below.sql: at the gate the newer version makes way
s/rank < :rank/rank > :rank/
