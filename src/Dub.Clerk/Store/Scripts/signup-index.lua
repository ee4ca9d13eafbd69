-- Shared by every script that changes where a sign-up stands. The index of a partition's sign-ups is one zset: user id, with
-- score = number of the reason there is no lead * 2^42 + the account's creation (while it is not known: when the click was seen), unix ms.
-- So a sign-up is in one place, moving it is one command, and every reason is a range of scores.
local reasons = {
  ['tracked'] = 0, ['awaiting-webhook'] = 2, ['deciding'] = 3, ['proving-click'] = 4, ['no-click'] = 5, ['existing-user'] = 6, ['outside-window'] = 7,
  ['click-after-sign-up'] = 8, ['invalid-click-id'] = 9, ['unknown-click'] = 10, ['no-consent'] = 11, ['refused-by-app'] = 12,
}

local function place_score(reason, time)
  return string.format('%.0f', reasons[reason] * 4398046511104 + math.min(math.max(tonumber(time), 0), 4398046511103))
end

local function place(at, user, reason, time)
  redis.call('ZADD', KEYS[at], place_score(reason, time), user)
end
