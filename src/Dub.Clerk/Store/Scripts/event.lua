-- Shared by every script that records an event: put in front of those that name it in their first line.

-- Puts an event that is recorded now where it is found. KEYS[index]: the day's index (zset id by time); KEYS[queue]: what the rollups do not have yet
-- (list); KEYS[counters]: the link's (hash).
local function log_event(index, queue, counters, kind, id, time, retention)
  redis.call('ZADD', KEYS[index], time, id)
  if redis.call('ZCARD', KEYS[index]) == 1 then
    redis.call('PEXPIRE', KEYS[index], retention)
  end
  redis.call('RPUSH', KEYS[queue], kind .. ':' .. id)
  local count = redis.call('HGET', KEYS[counters], kind)
  redis.call('HSET', KEYS[counters], kind, string.format('%.0f', tonumber(count or '0') + 1), 'last_' .. kind, time)
end
