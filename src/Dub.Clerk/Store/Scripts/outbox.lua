-- Shared by every script that touches an outbox: put in front of those that say `-- needs outbox.lua`.
-- An outbox is three keys of one slot, from KEYS[at] on: lanes (zset, score = due, unix ms), items (hash), since (zset, score = waiting since).
-- A lane is worked on in order, one item at a time. Fields of items: queue|lane (items, one a line), claim|lane (token),
-- and state|item, lane|item, attempts|item, error|item, confirmed|item, trace|item (the span that caused it, W3C's traceparent).

-- The last argument: the span that this script is run in, or ''. Taken off, so that the others are as each script says.
local trace = table.remove(ARGV)

-- Puts an item at the end of its lane, unless it is there. One that was given up begins anew.
local function enqueue(at, lane, item, state, due, now)
  local items = KEYS[at + 1]
  local queue = redis.call('HGET', items, 'queue|' .. lane)
  if queue and string.find('\n' .. queue .. '\n', '\n' .. item .. '\n', 1, true) then
    return
  end
  redis.call('HDEL', items, 'attempts|' .. item, 'error|' .. item, 'confirmed|' .. item)
  redis.call('HSET', items, 'queue|' .. lane, queue and (queue .. '\n' .. item) or item, 'state|' .. item, state, 'lane|' .. item, lane)
  if trace ~= '' then
    redis.call('HSET', items, 'trace|' .. item, trace)
  end
  if not queue then
    redis.call('ZADD', KEYS[at], due, lane)
    redis.call('ZADD', KEYS[at + 2], now, lane)
  end
end

-- Takes the first item out of its lane; what comes after it is due now.
local function advance(at, lane, item, now)
  local items = KEYS[at + 1]
  local queue = redis.call('HGET', items, 'queue|' .. lane)
  local rest = queue and string.match(queue, '^[^\n]+\n(.+)$')
  redis.call('HDEL', items, 'claim|' .. lane)
  if rest then
    redis.call('HSET', items, 'queue|' .. lane, rest)
    redis.call('ZADD', KEYS[at], now, lane)
  else
    redis.call('HDEL', items, 'queue|' .. lane)
    redis.call('ZREM', KEYS[at], lane)
    redis.call('ZREM', KEYS[at + 2], lane)
  end
end

-- Drops what is kept of an item, and further fields with it.
local function forget(at, item, ...)
  redis.call('HDEL', KEYS[at + 1], 'state|' .. item, 'lane|' .. item, 'attempts|' .. item, 'error|' .. item, 'confirmed|' .. item, 'trace|' .. item, ...)
end

-- Takes out an item that is a lane of its own, wherever it stands; a claim on it comes to nothing.
local function withdraw(at, item)
  if redis.call('HDEL', KEYS[at + 1], 'queue|' .. item) == 1 then
    forget(at, item, 'claim|' .. item)
    redis.call('ZREM', KEYS[at], item)
    redis.call('ZREM', KEYS[at + 2], item)
  end
end
