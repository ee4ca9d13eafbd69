-- needs outbox.lua
-- Somebody is to be erased: from now on nothing new is kept of them, and what is kept will be found and dropped. Safe to repeat.
-- KEYS[1] tombstone (string, when)   KEYS[2..4] outbox of local work
-- ARGV[1] item   ARGV[2] now, unix ms   ARGV[3] how long the tombstone is kept, ms
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
enqueue(2, ARGV[1], ARGV[1], '', ARGV[2], ARGV[2])
return 1
