SELECT digest FROM message WHERE id = :id;
