-- What a card came with: all that one offer brought has one name, and nothing else has it.
ALTER TABLE card ADD COLUMN came_with TEXT;
-- Of what came before this was kept nothing but the second is known.
UPDATE card SET came_with = coalesce(arrival, 'at ' || received_at);
