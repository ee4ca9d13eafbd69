-- needs outbox.lua
-- Both halves are known and there is no lead: keep why. Safe to repeat.
-- A half that arrived after the caller had read the sign-up may change the answer, so nothing is written then.
-- KEYS[1] sign-up hash   KEYS[2..4] outbox of local work
-- ARGV[1] user id   ARGV[2] revision the decision was made on   ARGV[3] reason   ARGV[4] detail, or ''   ARGV[5] now, unix ms
-- Returns 1 when written, 0 when the sign-up has changed since.
if redis.call('HGET', KEYS[1], 'revision') ~= ARGV[2] or redis.call('HGET', KEYS[1], 'state') == 'tracked' then
  return 0
end
redis.call('HSET', KEYS[1], 'state', 'not-attributed', 'reason', ARGV[3], 'detail', ARGV[4], 'decided_at', ARGV[5], 'decided_revision', ARGV[2])
withdraw(2, 'signup:' .. ARGV[1])
return 1
