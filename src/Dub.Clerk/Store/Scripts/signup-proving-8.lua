-- needs outbox.lua signup-index.lua
-- Everything is known but whether the click is real: Dub is asked. Safe to repeat.
-- KEYS[1] sign-up hash   KEYS[2..4] outbox of local work   KEYS[5..7] outbox to Dub   KEYS[8] index of sign-ups
-- ARGV[1] user id   ARGV[2] revision the decision was made on   ARGV[3] outbox item of the question   ARGV[4] the question, JSON   ARGV[5] now, unix ms
-- Returns 1 when Dub is asked, 0 when the sign-up has changed since.
local signup = redis.call('HMGET', KEYS[1], 'revision', 'state', 'created_at')
if signup[1] ~= ARGV[2] or signup[2] == 'tracked' then
  return 0
end
redis.call('HSET', KEYS[1], 'state', 'proving', 'decided_revision', ARGV[2])
redis.call('HDEL', KEYS[1], 'reason', 'detail', 'decided_at')
place(8, ARGV[1], 'proving-click', signup[3] or ARGV[5])
-- A lane of its own: a click that Dub does not know yet holds up nothing else of the customer's.
enqueue(5, ARGV[3], ARGV[3], ARGV[4], ARGV[5], ARGV[5])
withdraw(2, 'signup:' .. ARGV[1])
return 1
