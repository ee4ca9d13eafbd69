-- Claim due items of one partition: they fall due again when the lease ends, so a claim that is lost is only late.
-- KEYS[1] outbox zset (score = due, unix ms)   KEYS[2] outbox items hash (item -> JSON, where an item has any)
-- ARGV[1] now, unix ms   ARGV[2] lease, ms   ARGV[3] how many at the most
-- Returns {item, JSON or '', …}; empty when nothing is due.
local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1], 'LIMIT', '0', ARGV[3])
local claimed = {}
for _, item in ipairs(due) do
  claimed[#claimed + 1] = item
  claimed[#claimed + 1] = redis.call('HGET', KEYS[2], item) or ''
end
for _, item in ipairs(due) do
  redis.call('ZADD', KEYS[1], ARGV[1] + ARGV[2], item)
end
return claimed
