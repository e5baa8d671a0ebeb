UPDATE deployment SET rank = :rank WHERE id = :id AND rank <> :rank;
