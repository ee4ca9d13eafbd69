-- needs outbox.lua customer.lua signup-index.lua event.lua
-- Record a lead: the customer, the ledger entry that makes it the only one, its events, the sign-up's verdict, and the work that follows from it.
-- Safe to repeat: a customer has one lead per event name, for ever; a repeat changes nothing and answers with the first.
-- KEYS[1] customer hash   KEYS[2] ledger hash (event key -> lead id)   KEYS[3] the customer's id   KEYS[4..7] the customer's indexes
-- KEYS[8] index of the day (zset id by time)   KEYS[9] what the rollups do not have yet (list)   KEYS[10] counters of the link (hash)
-- KEYS[11..13] outbox to Dub, where there is anything for it or the lead is a sign-up's
-- KEYS[14] sign-up hash   KEYS[15] index of sign-ups   KEYS[16..18] outbox of local work   KEYS[19..21] outbox to Clerk, all where it is a sign-up's
-- The last ARGV[6] of KEYS: event records (string, JSON); before them the customer's tombstone
-- ARGV[1] customer's external id   ARGV[2] ledger field   ARGV[3] click id   ARGV[4] now, unix ms   ARGV[5] how long events are kept, ms
-- ARGV[6] how many events the lead stands for   ARGV[7] delivery to Dub, JSON, or '' for none   ARGV[8] delivery to Clerk, JSON, or '' for none
-- ARGV[9] revision of the sign-up that the lead was decided on, or '' for a lead that is none of a sign-up's
-- ARGV[10..] id and JSON of each event, the first being the lead; then the customer's id, home, fields and values
-- Returns {1, lead id, 1 when its customer was created with it} when recorded now, {0, the first lead's id} when it was there, {0, ''} when the sign-up was decided otherwise,
-- {2, home} when the external id is another one of a customer who lives elsewhere; a sign-up stays with its user;
-- {3} when the customer was erased.
if redis.call('EXISTS', KEYS[#KEYS - tonumber(ARGV[6])]) == 1 then
  return { 3 }
end
local created_at
if ARGV[9] ~= '' then
  -- One sign-up is one lead, whatever names two hosts would give it.
  local decided = redis.call('HMGET', KEYS[14], 'state', 'lead', 'decided_revision', 'created_at')
  if decided[1] == 'tracked' then
    return { 0, decided[2] }
  end
  if decided[1] == 'not-attributed' and decided[3] == ARGV[9] then
    return { 0, '' }
  end
  created_at = decided[4]
else
  local home = redis.call('HGET', KEYS[1], 'home')
  if home then
    return { 2, home }
  end
end
local first = redis.call('HGET', KEYS[2], ARGV[2])
local lead = first or ARGV[10]
local created = false
if not first then
  local events = tonumber(ARGV[6])
  created = create_customer(1, 3, 10 + 2 * events)
  redis.call('HSET', KEYS[2], ARGV[2], lead)
  for i = 0, events - 1 do
    redis.call('SET', KEYS[#KEYS - events + 1 + i], ARGV[11 + 2 * i], 'PX', ARGV[5])
    log_event(8, 9, 10, 'leads', ARGV[10 + 2 * i], ARGV[4], ARGV[5])
  end
  if ARGV[7] ~= '' then
    enqueue(11, ARGV[1], 'lead:' .. lead, ARGV[7], ARGV[4], ARGV[4])
  end
end
if ARGV[9] ~= '' then
  if ARGV[8] ~= '' then
    enqueue(19, ARGV[1], 'metadata:' .. ARGV[1], ARGV[8], ARGV[4], ARGV[4])
  end
  redis.call('HSET', KEYS[14], 'v', '1', 'state', 'tracked', 'click', ARGV[3], 'lead', lead, 'decided_at', ARGV[4])
  redis.call('HDEL', KEYS[14], 'reason', 'detail')
  redis.call('PERSIST', KEYS[14])
  place(15, ARGV[1], 'tracked', created_at or ARGV[4])
  withdraw(16, 'signup:' .. ARGV[1])
end
return { first and 0 or 1, lead, created and 1 or 0 }
