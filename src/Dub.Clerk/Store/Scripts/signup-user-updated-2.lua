-- The account's profile has changed. Safe to repeat, in any order: an older one changes nothing.
-- KEYS[1] sign-up hash   KEYS[2] tombstone of the user
-- ARGV[1] when it changed, unix ms   ARGV[2] name, or ''   ARGV[3] e-mail, or ''   ARGV[4] avatar, or ''
-- ARGV[5] how long it is kept of an account that nobody has told of yet, ms; 0 not at all
-- Returns 1 when written, 0 when the user was erased or is not known, or a newer profile is there.
local known = redis.call('EXISTS', KEYS[1]) == 1
if redis.call('EXISTS', KEYS[2]) == 1 or (not known and ARGV[5] == '0') then
  return 0
end
if tonumber(redis.call('HGET', KEYS[1], 'profile_at') or '0') >= tonumber(ARGV[1]) then
  return 0
end
redis.call('HSET', KEYS[1], 'v', '1', 'profile_at', ARGV[1])
for i, name in ipairs({ 'name', 'email', 'avatar' }) do
  if ARGV[i + 1] == '' then
    redis.call('HDEL', KEYS[1], name)
  else
    redis.call('HSET', KEYS[1], name, ARGV[i + 1])
  end
end
if not known then
  redis.call('PEXPIRE', KEYS[1], ARGV[5])
end
return 1
