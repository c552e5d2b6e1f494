-- Notes a delivery under the next number, once however often it is sent.
--
-- KEYS: the addon's list, number of the last one, addons that have a list
-- ARGV: JSON, how many are kept, the addon
for _, known in ipairs(redis.call('LRANGE', KEYS[1], 0, 9)) do
  local id, json = string.match(known, '^(%d+) (.*)$')
  if json == ARGV[1] then
    return tonumber(id)
  end
end
local id = redis.call('INCR', KEYS[2])
redis.call('LPUSH', KEYS[1], string.format('%.0f', id) .. ' ' .. ARGV[1])
redis.call('LTRIM', KEYS[1], 0, tonumber(ARGV[2]) - 1)
redis.call('SADD', KEYS[3], ARGV[3])
return id
