-- Write a link and its places in the indexes, if nothing happened to it since it was read.
-- KEYS[1] link hash   KEYS[2..4] indexes it leaves   KEYS[5..7] indexes it enters (zsets, all scores 0; some may be the same)
-- KEYS[8] domains hash
-- ARGV[1] revision that was read, or '' for a new link   ARGV[2] link id   ARGV[3] JSON   ARGV[4] name   ARGV[5] external id, or ''
-- ARGV[6] domain
-- Returns 1 when written, 0 when the link has changed since, is gone, or was given up (link-fence-1).
local revision = redis.call('HGET', KEYS[1], 'revision')
if ARGV[1] == '' then
  if revision then
    return 0
  end
elseif revision ~= ARGV[1] or redis.call('HEXISTS', KEYS[1], 'json') == 0 then
  return 0
end
for i = 2, 4 do
  redis.call('ZREM', KEYS[i], ARGV[2])
end
for i = 5, 7 do
  redis.call('ZADD', KEYS[i], 0, ARGV[2])
end
redis.call('HSET', KEYS[8], ARGV[6], '1')
redis.call('HSET', KEYS[1], 'v', '1', 'json', ARGV[3], 'name', ARGV[4], 'external_id', ARGV[5])
redis.call('HINCRBY', KEYS[1], 'revision', 1)
return 1
