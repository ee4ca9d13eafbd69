-- Shared by every script that creates a customer: put in front of those that name it in their first line.
-- A customer lives where its first external id hashes to, its home, for ever. A later external id is a hash with one field, 'home'.

-- Creates the customer at KEYS[record] unless it is there. KEYS[at]: its id (string, home). KEYS[at + 1 .. at + 4]: the indexes it is in (zsets,
-- all scores 0, members 'id home'; some may be the same). ARGV[from]: id, ARGV[from + 1]: home, then fields and values.
local function create_customer(record, at, from)
  if redis.call('EXISTS', KEYS[record]) == 1 then
    return false
  end
  redis.call('HSET', KEYS[record], unpack(ARGV, from + 2))
  redis.call('SET', KEYS[at], ARGV[from + 1])
  for i = at + 1, at + 4 do
    if i == at + 1 or KEYS[i] ~= KEYS[at + 1] then
      redis.call('ZADD', KEYS[i], 0, ARGV[from] .. ' ' .. ARGV[from + 1])
    end
  end
  return true
end
