-- Does this link hold the name that a claim says it has? If not, whoever is on the way to give it that name must fail: the claim may then
-- be taken over or released. Safe to repeat.
-- KEYS[1] link hash, also of a link that is not there (yet)
-- ARGV[1] field, 'name' or 'external_id'   ARGV[2] value   ARGV[3] how long a link that is not there is remembered as given up, ms
-- Returns 1 when it holds it, 0 when it does not and now cannot.
if redis.call('HGET', KEYS[1], ARGV[1]) == ARGV[2] then
  return 1
end
local exists = redis.call('HEXISTS', KEYS[1], 'json') == 1
redis.call('HINCRBY', KEYS[1], 'revision', 1)
if not exists then
  redis.call('PEXPIRE', KEYS[1], ARGV[3])
end
return 0
