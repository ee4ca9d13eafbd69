-- needs outbox.lua
-- Put work into its lane, unless it is there or is about somebody who was erased. Safe to repeat.
-- KEYS[1..3] outbox   KEYS[4] tombstone of the lane
-- ARGV[1] lane   ARGV[2] item   ARGV[3] state, JSON   ARGV[4] due, unix ms   ARGV[5] now, unix ms
if redis.call('EXISTS', KEYS[4]) == 1 then
  return 0
end
enqueue(1, ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5])
return 1
