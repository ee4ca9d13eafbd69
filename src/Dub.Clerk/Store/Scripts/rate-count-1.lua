-- Count one more call in a minute.
-- KEYS[1] calls (integer)
-- ARGV[1] how long they are remembered, ms
-- Returns how many there were, with this one.
local count = redis.call('INCR', KEYS[1])
if count == 1 then
  redis.call('PEXPIRE', KEYS[1], ARGV[1])
end
return count
