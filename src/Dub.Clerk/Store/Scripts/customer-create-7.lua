-- needs customer.lua
-- Create a customer without recording anything for it. Safe to repeat.
-- KEYS[1] customer hash   KEYS[2] the customer's id   KEYS[3..6] its indexes   KEYS[7] tombstone of its home
-- ARGV[1] id   ARGV[2] home   ARGV[3..] fields and values
-- Returns 1 when created, 0 when the external id is taken, -1 when who had it was erased.
if redis.call('EXISTS', KEYS[7]) == 1 then
  return -1
end
return create_customer(1, 2, 1) and 1 or 0
