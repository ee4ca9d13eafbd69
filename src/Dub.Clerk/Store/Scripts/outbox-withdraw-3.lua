-- needs outbox.lua
-- Work that has a lane of its own was done by its causer. Safe to repeat.
-- KEYS[1..3] outbox
-- ARGV[1] item
withdraw(1, ARGV[1])
return 1
