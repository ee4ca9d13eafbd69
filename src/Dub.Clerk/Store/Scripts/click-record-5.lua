-- Record a click and move the counters with it, unless the visitor has clicked this link within the hour. Safe to repeat.
-- KEYS[1] click record (string, JSON)   KEYS[2] index of the day (zset id by time)   KEYS[3] what the rollups do not have yet (list)
-- KEYS[4] counters of the link (hash)   KEYS[5] the visitor's click (string, click id)
-- ARGV[1] click id   ARGV[2] click JSON   ARGV[3] time, unix ms   ARGV[4] how long the record is kept, ms
-- ARGV[5] how long the day's index is kept, ms   ARGV[6] how long the visitor is remembered, ms
-- Returns the id of the click that counts: the new one's, or the visitor's earlier one.
local earlier = redis.call('GET', KEYS[5])
if earlier then
  return earlier
end
if redis.call('EXISTS', KEYS[1]) == 0 then
  redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[4])
  redis.call('ZADD', KEYS[2], ARGV[3], ARGV[1])
  redis.call('PEXPIRE', KEYS[2], ARGV[5])
  redis.call('RPUSH', KEYS[3], 'clicks:' .. ARGV[1])
  redis.call('HINCRBY', KEYS[4], 'clicks', 1)
  redis.call('HSET', KEYS[4], 'last_clicks', ARGV[3])
end
redis.call('SET', KEYS[5], ARGV[1], 'PX', ARGV[6])
return ARGV[1]
