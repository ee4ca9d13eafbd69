-- Mark an empty store with its format, or say which format it has. Safe to repeat.
-- KEYS[1] meta hash
-- ARGV[1] format version   ARGV[2] partitions   ARGV[3] shards
-- Returns {version, partitions, shards} as stored, and since when it is being copied into.
if redis.call('EXISTS', KEYS[1]) == 0 then
  redis.call('HSET', KEYS[1], 'version', ARGV[1], 'partitions', ARGV[2], 'shards', ARGV[3])
end
return redis.call('HMGET', KEYS[1], 'version', 'partitions', 'shards', 'moving')
