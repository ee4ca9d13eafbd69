-- needs outbox.lua signup-index.lua
-- Clerk's half: the account was created. Safe to repeat; the first delivery counts.
-- KEYS[1] sign-up hash   KEYS[2..4] outbox of local work   KEYS[5] index of sign-ups   KEYS[6] tombstone of the user
-- ARGV[1] user id   ARGV[2] created at, unix ms   ARGV[3] click id from the account's metadata, or ''
-- ARGV[4] note on that metadata, or ''   ARGV[5] name, or ''   ARGV[6] e-mail, or ''   ARGV[7] avatar, or ''   ARGV[8] now, unix ms
-- ARGV[9] when the outbox completes the join if the caller does not, unix ms   ARGV[10] since when the profile is so, unix ms
-- Returns the sign-up's fields and values; {} for a user who was erased.
if redis.call('EXISTS', KEYS[6]) == 1 then
  return {}
end
-- A call costs more than what it does, so there are few: a user nobody has heard of is three.
local found = redis.call('HMGET', KEYS[1], 'v', 'created_at', 'revision', 'browser_click', 'browser_note', 'profile_at')
if found[2] then
  return redis.call('HGETALL', KEYS[1])
end
local fields = { 'v', '1', 'created_at', ARGV[2], 'received_at', ARGV[8], 'revision', string.format('%.0f', tonumber(found[3] or '0') + 1) }
local optional = { 'metadata_click', ARGV[3], 'metadata_note', ARGV[4] }
-- A change of the profile may have come before the account.
if tonumber(found[6] or '0') < tonumber(ARGV[10]) then
  optional = { 'metadata_click', ARGV[3], 'metadata_note', ARGV[4], 'profile_at', ARGV[10], 'name', ARGV[5], 'email', ARGV[6], 'avatar', ARGV[7] }
end
for i = 1, #optional, 2 do
  if optional[i + 1] ~= '' then
    fields[#fields + 1] = optional[i]
    fields[#fields + 1] = optional[i + 1]
  end
end
redis.call('HSET', KEYS[1], unpack(fields))
if ARGV[3] ~= '' or found[4] then
  place(5, ARGV[1], 'deciding', ARGV[2])
  enqueue(2, 'signup:' .. ARGV[1], 'signup:' .. ARGV[1], '', ARGV[9], ARGV[8])
else
  place(5, ARGV[1], found[5] or (ARGV[4] ~= '' and ARGV[4]) or 'no-click', ARGV[2])
end
if not found[1] then
  return fields
end
redis.call('PERSIST', KEYS[1])
return redis.call('HGETALL', KEYS[1])
