-- Release a claim, if it is still this one. Safe to repeat.
-- KEYS[1] claim (string)
-- ARGV[1] what it says
-- Returns 1 when released.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return 0
end
return redis.call('DEL', KEYS[1])
