-- needs outbox.lua
-- Claim the first item of the lane that is due longest. It is the claimer's until the lease ends or the claim is settled; then it falls due again.
-- KEYS[1..3] outbox   KEYS[4] dead letters (zset item by time): what was given up and is queued again is none any more
-- ARGV[1] now, unix ms   ARGV[2] end of the lease, unix ms   ARGV[3] claim token
-- Returns {lane, item, state, attempt, '1' when confirmed or '', the span that caused it or ''}; {} when nothing is due.
local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1], 'LIMIT', '0', '1')
local lane = due[1]
if not lane then
  return {}
end
local queue = redis.call('HGET', KEYS[2], 'queue|' .. lane)
if not queue then
  redis.call('ZREM', KEYS[1], lane)
  redis.call('ZREM', KEYS[3], lane)
  return {}
end
local item = string.match(queue, '^[^\n]+')
local attempt = redis.call('HINCRBY', KEYS[2], 'attempts|' .. item, 1)
redis.call('ZREM', KEYS[4], item)
redis.call('HSET', KEYS[2], 'claim|' .. lane, ARGV[3])
redis.call('ZADD', KEYS[1], ARGV[2], lane)
local kept = redis.call('HMGET', KEYS[2], 'state|' .. item, 'confirmed|' .. item, 'trace|' .. item)
return { lane, item, kept[1] or '', attempt, kept[2] or '', kept[3] or '' }
