-- Drop a sign-up and its place in the index. Safe to repeat.
-- KEYS[1] sign-up hash   KEYS[2] index of sign-ups
-- ARGV[1] user id
redis.call('ZREM', KEYS[2], ARGV[1])
return redis.call('DEL', KEYS[1])
