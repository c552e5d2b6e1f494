-- Takes fields off a hash if they still are what was read.
--
-- KEYS: hash
-- ARGV: (field, what was read)…
-- Answers how many went.
local gone = 0
for number = 1, #ARGV, 2 do
  if redis.call('HGET', KEYS[1], ARGV[number]) == ARGV[number + 1] then
    gone = gone + redis.call('HDEL', KEYS[1], ARGV[number])
  end
end
return gone
