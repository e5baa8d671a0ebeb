SELECT arn FROM package WHERE id = :id;
