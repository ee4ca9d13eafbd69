-- needs event.lua money.lua
-- Record a sale in the log and move the counters with it. Safe to repeat: the record is the de-duplication.
-- KEYS[1] event record (string, JSON)   KEYS[2] index of the day (zset id by time)   KEYS[3] what the rollups do not have yet (list)
-- KEYS[4] counters of the link (hash)
-- ARGV[1] event id   ARGV[2] event JSON   ARGV[3] time, unix ms   ARGV[4] amount, cents   ARGV[5] 1 for a customer's first by this link, else 0
-- ARGV[6] how long all but the link's counters are kept, ms
-- Returns 1 when recorded now, 0 when it was there.
if not redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[6], 'NX') then
  return 0
end
add_cents(KEYS[4], 'sale_amount', ARGV[4])
redis.call('HINCRBY', KEYS[4], 'conversions', ARGV[5])
log_event(2, 3, 4, 'sales', ARGV[1], ARGV[3], ARGV[6])
return 1
