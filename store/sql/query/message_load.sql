SELECT digest, counts FROM message WHERE id = :id;
