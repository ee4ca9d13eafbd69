-- needs outbox.lua signup-index.lua
-- Both halves are known and there is no lead: keep why. Safe to repeat.
-- A half that arrived after the caller had read the sign-up may change the answer, so nothing is written then.
-- KEYS[1] sign-up hash   KEYS[2..4] outbox of local work   KEYS[5] index of sign-ups
-- ARGV[1] user id   ARGV[2] revision the decision was made on   ARGV[3] reason   ARGV[4] detail, or ''   ARGV[5] now, unix ms
-- Returns 1 when written, 0 when the sign-up has changed since.
local signup = redis.call('HMGET', KEYS[1], 'revision', 'state', 'created_at')
if signup[1] ~= ARGV[2] or signup[2] == 'tracked' then
  return 0
end
redis.call('HSET', KEYS[1], 'state', 'not-attributed', 'reason', ARGV[3], 'detail', ARGV[4], 'decided_at', ARGV[5], 'decided_revision', ARGV[2])
place(5, ARGV[1], ARGV[3], signup[3] or ARGV[5])
withdraw(2, 'signup:' .. ARGV[1])
return 1
