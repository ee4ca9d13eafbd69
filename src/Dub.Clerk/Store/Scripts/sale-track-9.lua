-- needs outbox.lua money.lua event.lua
-- Record a sale: its event, what its customer and its link have sold, and the work that follows from it. Safe to repeat: each sale counts once.
-- KEYS[1] customer hash   KEYS[2] marker of the sale (string)   KEYS[3] event record (string, JSON)   KEYS[4] index of the day (zset id by time)
-- KEYS[5] what the rollups do not have yet (list)   KEYS[6] counters of the link (hash)   KEYS[7..9] outbox to Dub
-- ARGV[1] customer's home   ARGV[2] sale id   ARGV[3] now, unix ms   ARGV[4] time of the sale, unix ms   ARGV[5] amount, cents   ARGV[6] link id
-- ARGV[7] the event, JSON   ARGV[8] the event as the customer's first by this link, JSON   ARGV[9] delivery to Dub, JSON, or '' for none
-- ARGV[10] how long the marker is kept, ms   ARGV[11] how long events are kept, ms
-- Returns 1 when it is recorded, now or before; 0 when the customer is gone.
if redis.call('EXISTS', KEYS[2]) == 1 then
  return 1
end
if redis.call('HEXISTS', KEYS[1], 'id') == 0 then
  return 0
end
add_cents(KEYS[1], 'sale_amount', ARGV[5])
redis.call('HINCRBY', KEYS[1], 'sales', 1)
redis.call('HSETNX', KEYS[1], 'first_sale_at', ARGV[4])
local first = redis.call('HSETNX', KEYS[1], 'converted|' .. ARGV[6], ARGV[2]) == 1
redis.call('SET', KEYS[3], first and ARGV[8] or ARGV[7], 'PX', ARGV[11])
add_cents(KEYS[6], 'sale_amount', ARGV[5])
redis.call('HINCRBY', KEYS[6], 'conversions', first and 1 or 0)
log_event(4, 5, 6, 'sales', ARGV[2], ARGV[4], ARGV[11])
if ARGV[9] ~= '' then
  enqueue(7, ARGV[1], 'sale:' .. ARGV[2], ARGV[9], ARGV[3], ARGV[3])
end
redis.call('SET', KEYS[2], '1', 'PX', ARGV[10])
return 1
