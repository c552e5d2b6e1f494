-- Moves the counts of a flag from an hour to its day, or forgets them.
--
-- KEYS: hours, counts and places of the hour, counts and places of the day
-- ARGV: place, hour, day ('' to forget), seconds counts live at most
-- Answers by how many rows there are fewer.
local fields = redis.call('HGETALL', KEYS[2])
local fewer = 0
for number = 1, #fields, 2 do
  local field = fields[number]
  local is_row = string.sub(field, 1, 1) == 'y'
  if is_row then
    fewer = fewer + 1
  end
  if ARGV[3] ~= '' then
    if is_row and redis.call('HEXISTS', KEYS[4], field) == 0 then
      fewer = fewer - 1
    end
    local sum = redis.pcall('HINCRBY', KEYS[4], field, fields[number + 1])
    if type(sum) == 'table' and sum.err then
      redis.call('HSET', KEYS[4], field, '9223372036854775807')
    end
  end
end
if ARGV[3] ~= '' and #fields > 0 then
  redis.call('EXPIRE', KEYS[4], ARGV[4])
  redis.call('SADD', KEYS[5], ARGV[1])
  redis.call('EXPIRE', KEYS[5], ARGV[4])
  redis.call('ZADD', KEYS[1], ARGV[3], ARGV[3])
end
redis.call('DEL', KEYS[2])
redis.call('SREM', KEYS[3], ARGV[1])
if redis.call('SCARD', KEYS[3]) == 0 then
  redis.call('ZREM', KEYS[1], ARGV[2])
end
return fewer
