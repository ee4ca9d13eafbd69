-- needs outbox.lua customer.lua signup-index.lua
-- Record a lead: the customer, the ledger entry that makes it the only one, the sign-up's verdict, and the work that follows from it.
-- Safe to repeat: a customer has one lead per event name, for ever; a repeat changes nothing and answers with the first.
-- KEYS[1] customer hash   KEYS[2] ledger hash (event key -> lead id)   KEYS[3] sign-up hash   KEYS[4..6] outbox of local work
-- KEYS[7..9] outbox to Dub   KEYS[10..12] outbox to Clerk   KEYS[13] the customer's id   KEYS[14..17] the customer's indexes   KEYS[18] index of sign-ups
-- ARGV[1] customer's external id   ARGV[2] ledger field   ARGV[3] lead id   ARGV[4] click id   ARGV[5] now, unix ms   ARGV[6] the event, JSON
-- ARGV[7] when the outbox records the event if the caller does not, unix ms   ARGV[8] delivery to Dub, JSON, or '' for none
-- ARGV[9] delivery to Clerk, JSON, or '' for none
-- ARGV[10] revision of the sign-up that the lead was decided on, or '' for a lead that is none of a sign-up's
-- ARGV[11] customer's id   ARGV[12] the customer's home   ARGV[13..] customer fields and values
-- Returns {1, lead id, 1 when its customer was created with it} when recorded now, {0, the first lead's id} when it was there, {0, ''} when the sign-up was decided otherwise,
-- {2, home} when the external id is another one of a customer who lives elsewhere; a sign-up stays with its user.
local created_at
if ARGV[10] ~= '' then
  -- One sign-up is one lead, whatever names two hosts would give it.
  local decided = redis.call('HMGET', KEYS[3], 'state', 'lead', 'decided_revision', 'created_at')
  if decided[1] == 'tracked' then
    return { 0, decided[2] }
  end
  if decided[1] == 'not-attributed' and decided[3] == ARGV[10] then
    return { 0, '' }
  end
  created_at = decided[4]
end
local home = redis.call('HGET', KEYS[1], 'home')
if home and ARGV[10] == '' then
  return { 2, home }
end
local first = redis.call('HGET', KEYS[2], ARGV[2])
local lead = first or ARGV[3]
local created = false
if not first then
  created = create_customer(1, 13, 11)
  redis.call('HSET', KEYS[2], ARGV[2], lead)
  enqueue(4, 'event:' .. lead, 'event:' .. lead, ARGV[6], ARGV[7], ARGV[5])
  if ARGV[8] ~= '' then
    enqueue(7, ARGV[1], 'lead:' .. lead, ARGV[8], ARGV[5], ARGV[5])
  end
end
if ARGV[10] ~= '' then
  if ARGV[9] ~= '' then
    enqueue(10, ARGV[1], 'metadata:' .. ARGV[1], ARGV[9], ARGV[5], ARGV[5])
  end
  redis.call('HSET', KEYS[3], 'v', '1', 'state', 'tracked', 'click', ARGV[4], 'lead', lead, 'decided_at', ARGV[5])
  redis.call('HDEL', KEYS[3], 'reason', 'detail')
  redis.call('PERSIST', KEYS[3])
  place(18, ARGV[1], 'tracked', created_at or ARGV[5])
  withdraw(4, 'signup:' .. ARGV[1])
end
return { first and 0 or 1, lead, created and 1 or 0 }
