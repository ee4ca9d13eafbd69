-- Clerk's half of a user whom nobody has heard of, without a click: the one that comes most. Safe to repeat.
-- KEYS[1] sign-up hash   KEYS[2] index of sign-ups   KEYS[3] tombstone of the user
-- ARGV[1] user id   ARGV[2] place in the index   ARGV[3..] fields and values
-- Returns 1 when written, 0 when something is known of the user, or was; then signup-user-created has to be asked.
if redis.call('EXISTS', KEYS[1], KEYS[3]) > 0 then
  return 0
end
redis.call('HSET', KEYS[1], unpack(ARGV, 3))
redis.call('ZADD', KEYS[2], ARGV[2], ARGV[1])
return 1
