-- Adds a part of a report to what is known, once.
--
-- KEYS: report, hours, environments, then a hash for each thing seen and a counts hash and a places set for each flag
-- ARGV: seconds a report is remembered, seconds counts live at most,
--       number of things seen, (place of the hash in KEYS, field, what was read ('' for nothing), what to write)…,
--       number of flags, (place of the counts in KEYS, place of the places in KEYS, place, hour, environment,
--                         number of counts, (field, count)…)…
if redis.call('EXISTS', KEYS[1]) == 1 then
  return 'known'
end
local at = 3
local seen = tonumber(ARGV[at])
for number = 0, seen - 1 do
  local first = at + 1 + 4 * number
  local known = redis.call('HGET', KEYS[tonumber(ARGV[first])], ARGV[first + 1]) or ''
  if known ~= ARGV[first + 2] then
    return 'changed'
  end
end
for number = 0, seen - 1 do
  local first = at + 1 + 4 * number
  redis.call('HSET', KEYS[tonumber(ARGV[first])], ARGV[first + 1], ARGV[first + 3])
end
at = at + 1 + 4 * seen
for _ = 1, tonumber(ARGV[at]) do
  local counts, places = KEYS[tonumber(ARGV[at + 1])], KEYS[tonumber(ARGV[at + 2])]
  local place, hour, environment = ARGV[at + 3], ARGV[at + 4], ARGV[at + 5]
  local fields = tonumber(ARGV[at + 6])
  at = at + 6
  for _ = 1, fields do
    local sum = redis.pcall('HINCRBY', counts, ARGV[at + 1], ARGV[at + 2])
    if type(sum) == 'table' and sum.err then
      redis.call('HSET', counts, ARGV[at + 1], '9223372036854775807')
    end
    at = at + 2
  end
  redis.call('EXPIRE', counts, ARGV[2])
  redis.call('SADD', places, place)
  redis.call('EXPIRE', places, ARGV[2])
  redis.call('ZADD', KEYS[2], hour, hour)
  redis.call('SADD', KEYS[3], environment)
end
redis.call('SET', KEYS[1], '', 'EX', ARGV[1])
return 'added'
