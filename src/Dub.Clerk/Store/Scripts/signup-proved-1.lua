-- What Dub said of a click, for the sign-up that waits for it. Safe to repeat. A sign-up that is gone stays gone.
-- KEYS[1] sign-up hash
-- ARGV[1] field   ARGV[2] the click, JSON, or ''
-- Returns 1 when written, 0 when there is no such sign-up.
if redis.call('EXISTS', KEYS[1]) == 0 then
  return 0
end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
return 1
