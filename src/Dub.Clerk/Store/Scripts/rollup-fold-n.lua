-- needs money.lua
-- Add the sums over the oldest events of a queue to the rollups, and take them off the queue. Safe to repeat, and to do from several hosts: who finds
-- other events at the ends of its batch came too late and changes nothing.
-- KEYS[1] queue (list)   KEYS[2..] rollups (hashes)
-- ARGV[1] how many events   ARGV[2] the first   ARGV[3] the last   ARGV[4] how long a rollup is kept, ms
-- ARGV[5..] for each rollup how many fields, then that many fields and what to add; fields of amounts begin with an 'a'
-- Returns 1 when added, 0 when it came too late.
if redis.call('LINDEX', KEYS[1], 0) ~= ARGV[2] or redis.call('LINDEX', KEYS[1], tonumber(ARGV[1]) - 1) ~= ARGV[3] then
  return 0
end
local at = 5
for i = 2, #KEYS do
  local last = at + 2 * tonumber(ARGV[at])
  for field = at + 1, last, 2 do
    if string.sub(ARGV[field], 1, 1) == 'a' then
      add_cents(KEYS[i], ARGV[field], ARGV[field + 1])
    else
      redis.call('HINCRBY', KEYS[i], ARGV[field], ARGV[field + 1])
    end
  end
  redis.call('PEXPIRE', KEYS[i], ARGV[4])
  at = last + 1
end
redis.call('LTRIM', KEYS[1], ARGV[1], -1)
return 1
