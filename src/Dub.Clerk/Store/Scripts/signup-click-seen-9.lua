-- needs outbox.lua signup-index.lua
-- The browser's half: a signed-in request carried a click, or carried something that is no click. Safe to repeat.
-- The first click freezes the half; a note (why there was no click) gives way to a click.
-- KEYS[1] sign-up hash   KEYS[2..4] outbox of local work   KEYS[5..7] outbox to Clerk   KEYS[8] index of sign-ups
-- KEYS[9] tombstone of the user
-- ARGV[1] user id   ARGV[2] click id, or ''   ARGV[3] an earlier click id, or ''   ARGV[4] note, or ''
-- ARGV[5] now, unix ms   ARGV[6] when the outbox completes the join if the caller does not, unix ms
-- ARGV[7] how long a half without its account is kept, ms   ARGV[8] when Clerk is asked for the account if its webhook does not come, unix ms, or ''
-- Returns the sign-up's fields and values; {} for a user who was erased.
if redis.call('EXISTS', KEYS[9]) == 1 then
  return {}
end
if redis.call('HGET', KEYS[1], 'state') ~= 'tracked' and redis.call('HEXISTS', KEYS[1], 'browser_click') == 0 then
  local account = redis.call('HMGET', KEYS[1], 'created_at', 'metadata_click')
  local known = account[1]
  if ARGV[2] ~= '' then
    redis.call('HSET', KEYS[1], 'v', '1', 'browser_click', ARGV[2], 'browser_seen_at', ARGV[5])
    if ARGV[3] ~= '' then
      redis.call('HSET', KEYS[1], 'browser_earlier_click', ARGV[3])
    end
    redis.call('HDEL', KEYS[1], 'browser_note')
    redis.call('HINCRBY', KEYS[1], 'revision', 1)
    if known then
      place(8, ARGV[1], 'deciding', account[1])
      enqueue(2, 'signup:' .. ARGV[1], 'signup:' .. ARGV[1], '', ARGV[6], ARGV[5])
    else
      -- Those whose half has expired leave with the next that comes.
      redis.call('ZREMRANGEBYSCORE', KEYS[8], place_score('awaiting-webhook', 0), place_score('awaiting-webhook', ARGV[5] - ARGV[7]))
      place(8, ARGV[1], 'awaiting-webhook', ARGV[5])
      if ARGV[8] ~= '' then
        -- A lane of its own: what follows from the webhook, should it come after all, must not wait for this.
        enqueue(5, 'account:' .. ARGV[1], 'account:' .. ARGV[1], '', ARGV[8], ARGV[5])
      end
    end
  else
    redis.call('HSET', KEYS[1], 'v', '1', 'browser_note', ARGV[4], 'browser_noted_at', ARGV[5])
    -- Somebody without a click, whose account is not known, need not be new.
    if known and not account[2] then
      place(8, ARGV[1], ARGV[4], account[1])
    end
  end
  if not known then
    redis.call('PEXPIRE', KEYS[1], ARGV[7])
  end
end
return redis.call('HGETALL', KEYS[1])
