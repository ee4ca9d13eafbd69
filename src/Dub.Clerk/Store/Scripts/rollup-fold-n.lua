-- Add the sums over the oldest events of a queue to the rollups, and take them off the queue. Safe to repeat, and to do from several hosts: who finds
-- other events at the ends of its batch came too late and changes nothing.
-- KEYS[1] queue (list)   KEYS[2..] rollups (hashes)
-- ARGV[1] how many events   ARGV[2] the first   ARGV[3] the last   ARGV[4] how long a rollup is kept, ms
-- ARGV[5..] for each rollup how many fields, then that many fields, then as many numbers to add to them
-- Returns 1 when added, 0 when it came too late.
if redis.call('LINDEX', KEYS[1], 0) ~= ARGV[2] or redis.call('LINDEX', KEYS[1], tonumber(ARGV[1]) - 1) ~= ARGV[3] then
  return 0
end
local at = 5
for i = 2, #KEYS do
  local count = tonumber(ARGV[at])
  -- Few calls, because a call costs more than a field; no more arguments in one than Lua's stack holds.
  for first = 1, count, 1000 do
    local last = math.min(first + 999, count)
    local old = redis.call('HMGET', KEYS[i], unpack(ARGV, at + first, at + last))
    local new = {}
    for field = first, last do
      -- Beyond 2^53 - 1 neither Lua nor JSON's readers are exact.
      local sum = math.min(tonumber(old[field - first + 1] or '0') + tonumber(ARGV[at + count + field]), 9007199254740991)
      new[#new + 1] = ARGV[at + field]
      new[#new + 1] = string.format('%.0f', sum)
    end
    redis.call('HSET', KEYS[i], unpack(new))
  end
  redis.call('PEXPIRE', KEYS[i], ARGV[4])
  at = at + 2 * count + 1
end
redis.call('LTRIM', KEYS[1], ARGV[1], -1)
return 1
