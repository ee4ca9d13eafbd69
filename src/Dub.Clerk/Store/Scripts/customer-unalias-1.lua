-- Take an external id from a customer who lives elsewhere and is gone. Safe to repeat.
-- KEYS[1] customer hash of that external id
-- ARGV[1] the customer's home
-- Returns 1 when it was that customer's.
if redis.call('HGET', KEYS[1], 'home') ~= ARGV[1] then
  return 0
end
return redis.call('DEL', KEYS[1])
