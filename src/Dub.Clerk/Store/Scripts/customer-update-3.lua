-- Change a customer, if it is still the one that was read.
-- KEYS[1] customer hash   KEYS[2] index of the e-mail address it has   KEYS[3] index of the one it will have (zsets; the index of all where none)
-- ARGV[1] id   ARGV[2] e-mail address that was read, or ''   ARGV[3] member of the indexes   ARGV[4..] fields and values, '' clears
-- A field 'profile_at' is the time since when the rest is so: where a later one is there, nothing changes.
-- Returns 1 when changed, 0 when it is gone or its address has changed since.
if redis.call('HGET', KEYS[1], 'id') ~= ARGV[1] or (redis.call('HGET', KEYS[1], 'email') or '') ~= ARGV[2] then
  return 0
end
for i = 4, #ARGV, 2 do
  if ARGV[i] == 'profile_at' and tonumber(redis.call('HGET', KEYS[1], 'profile_at') or '0') >= tonumber(ARGV[i + 1]) then
    return 1
  end
end
if KEYS[2] ~= KEYS[3] then
  if ARGV[2] ~= '' then
    redis.call('ZREM', KEYS[2], ARGV[3])
  end
  redis.call('ZADD', KEYS[3], 0, ARGV[3])
end
for i = 4, #ARGV, 2 do
  if ARGV[i + 1] == '' then
    redis.call('HDEL', KEYS[1], ARGV[i])
  else
    redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1])
  end
end
return 1
