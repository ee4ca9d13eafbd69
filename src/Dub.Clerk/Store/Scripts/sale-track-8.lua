-- needs outbox.lua money.lua
-- Count a sale for its customer, with the work that follows from it. Safe to repeat: each sale counts once.
-- KEYS[1] customer hash   KEYS[2] marker of the sale (string)   KEYS[3..5] outbox of local work   KEYS[6..8] outbox to Dub
-- ARGV[1] customer's home   ARGV[2] sale id   ARGV[3] now, unix ms   ARGV[4] amount, cents   ARGV[5] link id
-- ARGV[6] the event, JSON   ARGV[7] the event as the customer's first by this link, JSON   ARGV[8] when the outbox records the event if the caller
-- does not, unix ms   ARGV[9] delivery to Dub, JSON, or '' for none   ARGV[10] how long the marker is kept, ms   ARGV[11] time of the sale, unix ms
-- Returns '1' for a first sale by this link and '0' for another, each also on a repeat; '' when the customer is gone.
local counted = redis.call('GET', KEYS[2])
if counted then
  return counted
end
if redis.call('HEXISTS', KEYS[1], 'id') == 0 then
  return ''
end
add_cents(KEYS[1], 'sale_amount', ARGV[4])
redis.call('HINCRBY', KEYS[1], 'sales', 1)
redis.call('HSETNX', KEYS[1], 'first_sale_at', ARGV[11])
local first = redis.call('HSETNX', KEYS[1], 'converted|' .. ARGV[5], ARGV[2]) == 1
enqueue(3, 'sale-event:' .. ARGV[2], 'sale-event:' .. ARGV[2], first and ARGV[7] or ARGV[6], ARGV[8], ARGV[3])
if ARGV[9] ~= '' then
  enqueue(6, ARGV[1], 'sale:' .. ARGV[2], ARGV[9], ARGV[3], ARGV[3])
end
redis.call('SET', KEYS[2], first and '1' or '0', 'PX', ARGV[10])
return first and '1' or '0'
