-- needs outbox.lua
-- An item is to be looked at now: a dead letter goes back to the end of its lane, a waiting one waits no longer. Safe to repeat.
-- KEYS[1..3] outbox   KEYS[4] dead letters (zset item by time)
-- ARGV[1] item   ARGV[2] now, unix ms   ARGV[3] '1' when the work is confirmed to be done already, or ''
-- Returns 1 when there is such an item, else 0.
local item = ARGV[1]
local lane = redis.call('HGET', KEYS[2], 'lane|' .. item)
local state = redis.call('HGET', KEYS[2], 'state|' .. item)
if not lane or not state then
  return 0
end
if redis.call('ZREM', KEYS[4], item) == 1 then
  enqueue(1, lane, item, state, ARGV[2], ARGV[2])
elseif redis.call('HEXISTS', KEYS[2], 'claim|' .. lane) == 0 then
  redis.call('ZADD', KEYS[1], ARGV[2], lane)
end
if ARGV[3] ~= '' then
  redis.call('HSET', KEYS[2], 'confirmed|' .. item, ARGV[3])
end
return 1
