-- Write a value in place of one that is there, to be kept for as long as that would have been.
-- KEYS[1] string
-- ARGV[1] the value
-- Returns 1 when written, 0 when there is none any more.
local left = redis.call('PTTL', KEYS[1])
if left == -2 then
  return 0
end
if left == -1 then
  redis.call('SET', KEYS[1], ARGV[1])
else
  redis.call('SET', KEYS[1], ARGV[1], 'PX', math.max(left, 1))
end
return 1
