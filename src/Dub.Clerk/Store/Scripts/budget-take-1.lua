-- Take the next place in an evenly paced stream of calls, shared by every host.
-- KEYS[1] budget hash (next = when the next call may go, blocked = nobody before; unix ms; interval, learned_until = what the service said)
-- ARGV[1] now, unix ms   ARGV[2] interval between calls, ms (may be a fraction)   ARGV[3] how long the caller would wait at the most, ms
-- ARGV[4] how late a place may be taken, ms: a busy moment in the stream is made up for, a pause is not
-- Returns {1, milliseconds to wait} when the place is taken, {0, milliseconds until asking again makes sense} when it is too far away.
local now = tonumber(ARGV[1])
local found = redis.call('HMGET', KEYS[1], 'next', 'blocked', 'interval', 'learned_until')
local following = tonumber(found[1] or '0')
if following < now - tonumber(ARGV[4]) then
  following = now
end
local at = math.max(following, tonumber(found[2] or '0'))
local interval = tonumber(ARGV[2])
if found[3] and now < tonumber(found[4]) then
  interval = math.max(interval, tonumber(found[3]))
end
if at - now > tonumber(ARGV[3]) then
  return { 0, tostring(at - now) }
end
redis.call('HSET', KEYS[1], 'next', string.format('%.3f', at + interval))
return { 1, tostring(math.max(0, at - now)) }
