-- Take over a claim from who had it.
-- KEYS[1] claim (string)
-- ARGV[1] what it was seen to say   ARGV[2] what it shall say
-- Returns 1 when taken, 0 when it says something else by now.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return 0
end
redis.call('SET', KEYS[1], ARGV[2])
return 1
