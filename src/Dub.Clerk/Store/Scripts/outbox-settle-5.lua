-- needs outbox.lua
-- What became of a claimed item. Refused when the claim is no longer the caller's: the lease ended and somebody else has the item.
-- KEYS[1..3] outbox   KEYS[4] dead letters (zset item by time)   KEYS[5] record of the finished delivery (string, JSON)
-- ARGV[1] lane   ARGV[2] claim token   ARGV[3] item   ARGV[4] 'keep', 'retry', 'done' or 'dead'   ARGV[5] state, or '' for as it was
-- ARGV[6] due, unix ms; for 'keep' the new end of the lease   ARGV[7] now, unix ms   ARGV[8] how long the record is kept, ms   ARGV[9] error, or ''
-- ARGV[10] how many attempts in a row have failed by now, for 'retry'
-- Returns 1 when settled, 0 when refused.
local lane, item, verdict, state = ARGV[1], ARGV[3], ARGV[4], ARGV[5]
if redis.call('HGET', KEYS[2], 'claim|' .. lane) ~= ARGV[2] then
  return 0
end
if verdict == 'done' then
  if state ~= '' then
    redis.call('SET', KEYS[5], state, 'PX', ARGV[8])
  end
  forget(1, item)
  advance(1, lane, item, ARGV[7])
  return 1
end
if state ~= '' then
  redis.call('HSET', KEYS[2], 'state|' .. item, state)
end
if ARGV[9] ~= '' then
  redis.call('HSET', KEYS[2], 'error|' .. item, ARGV[9])
end
if verdict == 'dead' then
  redis.call('ZADD', KEYS[4], ARGV[7], item)
  advance(1, lane, item, ARGV[7])
  return 1
end
if verdict == 'retry' then
  redis.call('HSET', KEYS[2], 'attempts|' .. item, ARGV[10])
  redis.call('HDEL', KEYS[2], 'claim|' .. lane)
end
redis.call('ZADD', KEYS[1], ARGV[6], lane)
return 1
