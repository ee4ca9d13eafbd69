-- needs event.lua
-- Record a click and move the counters with it, unless the visitor has clicked this link within the hour. Safe to repeat.
-- KEYS[1] click record (string, JSON)   KEYS[2] index of the day (zset id by time)   KEYS[3] what the rollups do not have yet (list)
-- KEYS[4] counters of the link (hash)   KEYS[5] the visitor's click (string, click id)
-- ARGV[1] click id   ARGV[2] click JSON   ARGV[3] time, unix ms   ARGV[4] how long the record is kept, ms
-- ARGV[5] how long the day's index is kept, ms   ARGV[6] how long the visitor is remembered, ms
-- Returns the id of the click that counts: the new one's, or the visitor's earlier one.
if not redis.call('SET', KEYS[5], ARGV[1], 'PX', ARGV[6], 'NX') then
  local earlier = redis.call('GET', KEYS[5])
  if earlier ~= ARGV[1] then
    return earlier
  end
end
if redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[4], 'NX') then
  log_event(2, 3, 4, 'clicks', ARGV[1], ARGV[3], ARGV[5])
end
return ARGV[1]
