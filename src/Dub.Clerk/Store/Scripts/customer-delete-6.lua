-- Delete a customer and its places in the indexes. Its leads and sales stay, and so does the ledger: no second lead comes of it.
-- KEYS[1] customer hash   KEYS[2] the customer's id   KEYS[3..6] its indexes (zsets; some may be the same)
-- ARGV[1] id   ARGV[2] e-mail address that was read, or ''   ARGV[3] member of the indexes
-- ARGV[4] how many fields were read
-- Returns 1 when deleted, 0 when it is gone or has changed since.
if redis.call('HGET', KEYS[1], 'id') ~= ARGV[1] or (redis.call('HGET', KEYS[1], 'email') or '') ~= ARGV[2]
  or redis.call('HLEN', KEYS[1]) ~= tonumber(ARGV[4]) then
  return 0
end
for i = 3, 6 do
  redis.call('ZREM', KEYS[i], ARGV[3])
end
redis.call('DEL', KEYS[1], KEYS[2])
return 1
