-- needs outbox.lua
-- Drop whatever stands in some lanes of an outbox, dead letters too; a claim on any of it comes to nothing. Safe to repeat.
-- KEYS[1..3] outbox   KEYS[4] dead letters (zset item by time)
-- ARGV lanes
local gone = {}
for i = 1, #ARGV do
  local lane = ARGV[i]
  gone[lane] = true
  local queue = redis.call('HGET', KEYS[2], 'queue|' .. lane)
  if queue then
    for item in string.gmatch(queue, '[^\n]+') do
      redis.call('ZREM', KEYS[4], item)
      forget(1, item)
    end
  end
  redis.call('HDEL', KEYS[2], 'queue|' .. lane, 'claim|' .. lane)
  redis.call('ZREM', KEYS[1], lane)
  redis.call('ZREM', KEYS[3], lane)
end
local dead = redis.call('ZRANGE', KEYS[4], 0, -1)
for i = 1, #dead do
  local lane = redis.call('HGET', KEYS[2], 'lane|' .. dead[i])
  if lane and gone[lane] then
    redis.call('ZREM', KEYS[4], dead[i])
    forget(1, dead[i])
  end
end
return 1
