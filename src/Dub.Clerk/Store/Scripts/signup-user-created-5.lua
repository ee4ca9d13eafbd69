-- needs outbox.lua signup-index.lua
-- Clerk's half: the account was created. Safe to repeat; the first delivery counts.
-- KEYS[1] sign-up hash   KEYS[2..4] outbox of local work   KEYS[5] index of sign-ups
-- ARGV[1] user id   ARGV[2] created at, unix ms   ARGV[3] click id from the account's metadata, or ''
-- ARGV[4] note on that metadata, or ''   ARGV[5] name, or ''   ARGV[6] e-mail, or ''   ARGV[7] avatar, or ''   ARGV[8] now, unix ms
-- ARGV[9] when the outbox completes the join if the caller does not, unix ms
-- Returns the sign-up's fields and values.
if redis.call('HEXISTS', KEYS[1], 'created_at') == 0 then
  redis.call('HSET', KEYS[1], 'v', '1', 'created_at', ARGV[2], 'received_at', ARGV[8])
  local optional = { 'metadata_click', ARGV[3], 'metadata_note', ARGV[4], 'name', ARGV[5], 'email', ARGV[6], 'avatar', ARGV[7] }
  for i = 1, #optional, 2 do
    if optional[i + 1] ~= '' then
      redis.call('HSET', KEYS[1], optional[i], optional[i + 1])
    end
  end
  redis.call('HINCRBY', KEYS[1], 'revision', 1)
  redis.call('PERSIST', KEYS[1])
  local browser = redis.call('HMGET', KEYS[1], 'browser_click', 'browser_note')
  if ARGV[3] ~= '' or browser[1] then
    place(5, ARGV[1], 'deciding', ARGV[2])
    enqueue(2, 'signup:' .. ARGV[1], 'signup:' .. ARGV[1], '', ARGV[9], ARGV[8])
  else
    place(5, ARGV[1], browser[2] or (ARGV[4] ~= '' and ARGV[4]) or 'no-click', ARGV[2])
  end
end
return redis.call('HGETALL', KEYS[1])
