-- Give an external id to a customer who lives elsewhere. Safe to repeat.
-- KEYS[1] customer hash of that external id   KEYS[2] its tombstone
-- ARGV[1] the customer's home   ARGV[2] home of a customer who is gone, whose external id it may still be, or ''
-- Returns 1 when it is that customer's, 0 when it is another's, or that of somebody who was erased.
if redis.call('EXISTS', KEYS[2]) == 1 then
  return 0
end
local home = redis.call('HGET', KEYS[1], 'home')
if redis.call('EXISTS', KEYS[1]) == 1 and home ~= ARGV[1] and (ARGV[2] == '' or home ~= ARGV[2]) then
  return 0
end
redis.call('HSET', KEYS[1], 'v', '1', 'home', ARGV[1])
return 1
