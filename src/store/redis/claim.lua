-- Takes a task, goes on with it, leaves it or notes that it is done, unless it is another's.
--
-- KEYS: claim
-- ARGV: who asks, 'do', 'leave' or 'done', milliseconds that is to last
-- Answers whose it is: 'mine', 'taken' or 'done'. Of a task that is done there is no owner's name, but ''.
local owner = redis.call('GET', KEYS[1])
if owner == '' then
  return 'done'
end
if owner and owner ~= ARGV[1] then
  return 'taken'
end
if ARGV[2] == 'leave' then
  redis.call('DEL', KEYS[1])
else
  redis.call('SET', KEYS[1], ARGV[2] == 'done' and '' or ARGV[1], 'PX', ARGV[3])
end
return 'mine'
