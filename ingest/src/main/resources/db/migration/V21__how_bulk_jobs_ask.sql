-- What a bulk job asks of each item besides its action, such as from where a reset goes on. Jobs of before have nothing of it.
ALTER TABLE bulk_jobs ADD COLUMN how jsonb;
