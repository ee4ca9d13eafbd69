-- needs outbox.lua
-- Give a dead letter up for good. Safe to repeat.
-- KEYS[1] dead letters (zset item by time)   KEYS[2] items of the outbox   KEYS[3] record of the finished delivery (string, JSON)
-- ARGV[1] item   ARGV[2] the record, or ''   ARGV[3] how long the record is kept, ms
-- Returns 1 when it was there.
if redis.call('ZREM', KEYS[1], ARGV[1]) == 0 then
  return 0
end
if ARGV[2] ~= '' then
  redis.call('SET', KEYS[3], ARGV[2], 'PX', ARGV[3])
end
local lane = redis.call('HGET', KEYS[2], 'lane|' .. ARGV[1])
local queue = lane and redis.call('HGET', KEYS[2], 'queue|' .. lane)
if not queue or not string.find('\n' .. queue .. '\n', '\n' .. ARGV[1] .. '\n', 1, true) then
  forget(1, ARGV[1])
end
return 1
