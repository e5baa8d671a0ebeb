SELECT id FROM deployment
 WHERE state = 'awaiting-approval' AND pipeline = :pipeline AND rank < :rank AND id <> :id
 ORDER BY rank;
