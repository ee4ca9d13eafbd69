-- An outbox item is done. Safe to repeat.
-- KEYS[1] outbox zset   KEYS[2] outbox items hash
-- ARGV[1] item
-- Returns 1 when it was there.
redis.call('HDEL', KEYS[2], ARGV[1])
return redis.call('ZREM', KEYS[1], ARGV[1])
