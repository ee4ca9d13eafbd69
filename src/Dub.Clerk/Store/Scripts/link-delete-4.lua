-- Delete a link and its places in the indexes, if nothing happened to it since it was read. Its names are released after this.
-- KEYS[1] link hash   KEYS[2..4] indexes (zsets; some may be the same)
-- ARGV[1] revision that was read   ARGV[2] link id
-- Returns 1 when deleted, 0 when the link has changed since or is gone.
if redis.call('HGET', KEYS[1], 'revision') ~= ARGV[1] or redis.call('HEXISTS', KEYS[1], 'json') == 0 then
  return 0
end
for i = 2, 4 do
  redis.call('ZREM', KEYS[i], ARGV[2])
end
redis.call('DEL', KEYS[1])
return 1
