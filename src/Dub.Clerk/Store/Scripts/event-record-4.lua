-- needs event.lua
-- Record an event and move the counters with it. Safe to repeat: the record is the de-duplication.
-- KEYS[1] event record (string, JSON)   KEYS[2] index of the day (zset id by time)   KEYS[3] what the rollups do not have yet (list)
-- KEYS[4] counters of the link (hash)
-- ARGV[1] event id   ARGV[2] event JSON   ARGV[3] time, unix ms   ARGV[4] counter, 'clicks' or 'leads'
-- ARGV[5] how long the record is kept, ms   ARGV[6] how long the day's index is kept, ms
-- Returns 1 when recorded now, 0 when it was there.
if not redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[5], 'NX') then
  return 0
end
log_event(2, 3, 4, ARGV[4], ARGV[1], ARGV[3], ARGV[6])
return 1
