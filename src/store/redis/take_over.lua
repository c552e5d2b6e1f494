-- Puts a configuration in place of what is there, as the beginning of a new lineage.
--
-- KEYS: meta, entity, event, change, feed
-- ARGV: lineage and revision that were found ('' and 0 for none), format, new lineage (which is the mark of the new
--       revision as well), forebears, new revision,
--       whether the event log stays ('keep' or 'drop'), the change, the event,
--       number of entities, (key, entity)…
local meta = redis.call('HMGET', KEYS[1], 'lineage', 'revision')
if (meta[1] or '') ~= ARGV[1] or (meta[2] or '0') ~= ARGV[2] then
  return 'changed'
end
redis.call('DEL', KEYS[2], KEYS[4], KEYS[5])
if ARGV[7] == 'drop' then
  redis.call('DEL', KEYS[3])
end
redis.call('XADD', KEYS[3], ARGV[6] .. '-0', 'e', ARGV[9])
redis.call('XADD', KEYS[4], ARGV[6] .. '-0', 'c', ARGV[8])
redis.call('XADD', KEYS[5], ARGV[6] .. '-0', 'm', ARGV[4])
for number = 1, tonumber(ARGV[10]) do
  redis.call('HSET', KEYS[2], ARGV[9 + 2 * number], ARGV[10 + 2 * number])
end
redis.call('HSET', KEYS[1], 'format', ARGV[3], 'lineage', ARGV[4], 'forebears', ARGV[5], 'revision', ARGV[6], 'mark', ARGV[4])
return 'taken'
