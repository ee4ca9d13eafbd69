-- Record a lead: the customer, the ledger entry that makes it the only one, the sign-up's verdict, and the work that follows from it.
-- Safe to repeat: a customer has one lead per event name, for ever; a repeat changes nothing and answers with the first.
-- KEYS[1] customer hash   KEYS[2] ledger hash (event key -> lead id)   KEYS[3] sign-up hash   KEYS[4] outbox zset   KEYS[5] outbox items hash
-- ARGV[1] ledger field   ARGV[2] lead id   ARGV[3] click id   ARGV[4] now, unix ms   ARGV[5] outbox item of the sign-up
-- ARGV[6] outbox item of the event   ARGV[7] the event, JSON   ARGV[8] when the outbox records the event if the caller does not, unix ms
-- ARGV[9] revision of the sign-up that the lead was decided on, or '' for a lead that is none of a sign-up's
-- ARGV[10..] customer fields and values
-- Returns {1, lead id} when recorded now, {0, the first lead's id} when it was there, {0, ''} when the sign-up was decided otherwise.
if ARGV[9] ~= '' then
  -- One sign-up is one lead, whatever names two hosts would give it.
  local decided = redis.call('HMGET', KEYS[3], 'state', 'lead', 'decided_revision')
  if decided[1] == 'tracked' then
    return { 0, decided[2] }
  end
  if decided[1] and decided[3] == ARGV[9] then
    return { 0, '' }
  end
end
local first = redis.call('HGET', KEYS[2], ARGV[1])
local lead = first or ARGV[2]
if not first then
  if redis.call('EXISTS', KEYS[1]) == 0 then
    for i = 10, #ARGV, 2 do
      redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1])
    end
  end
  redis.call('HSET', KEYS[2], ARGV[1], lead)
  redis.call('HSET', KEYS[5], ARGV[6], ARGV[7])
  redis.call('ZADD', KEYS[4], ARGV[8], ARGV[6])
end
if redis.call('HGET', KEYS[3], 'state') ~= 'tracked' then
  redis.call('HSET', KEYS[3], 'v', '1', 'state', 'tracked', 'click', ARGV[3], 'lead', lead, 'decided_at', ARGV[4])
  redis.call('HDEL', KEYS[3], 'reason', 'detail')
  redis.call('PERSIST', KEYS[3])
end
redis.call('ZREM', KEYS[4], ARGV[5])
return { first and 0 or 1, lead }
