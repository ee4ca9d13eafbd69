-- The service refused a call for its rate: nobody calls before the reset, and its own limit, where it named one, holds for a while. Safe to repeat.
-- KEYS[1] budget hash
-- ARGV[1] reset, unix ms   ARGV[2] interval between calls that its limit allows, ms, or ''   ARGV[3] until when that interval holds, unix ms
if tonumber(redis.call('HGET', KEYS[1], 'blocked') or '0') < tonumber(ARGV[1]) then
  redis.call('HSET', KEYS[1], 'blocked', ARGV[1])
end
if ARGV[2] ~= '' then
  redis.call('HSET', KEYS[1], 'interval', ARGV[2], 'learned_until', ARGV[3])
end
return 1
