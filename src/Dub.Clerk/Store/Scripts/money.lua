-- Shared by every script that sums up amounts: put in front of those that name it in their first line.

-- Adds an amount in cents to a field of a hash. A sum stays where JSON's readers, and Lua, are exact: at 2^53 - 1 it stops, rather than refuse every
-- sale from then on.
local function add_cents(key, field, cents)
  if tonumber(redis.call('HGET', key, field) or '0') + tonumber(cents) > 9007199254740991 then
    redis.call('HSET', key, field, '9007199254740991')
  else
    redis.call('HINCRBY', key, field, cents)
  end
end
