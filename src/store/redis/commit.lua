-- Commits a change, or says why not. Everything is checked before the first write: Redis undoes nothing.
--
-- KEYS: meta, entity, event, change, feed, request
-- ARGV: format, lineage the writer knows ('' for none), lineage for an empty store, expected revision, new revision,
--       seconds an answer is remembered, how many changes are kept, the change,
--       mark of the expected revision ('' if not known), mark of the new one,
--       number of events, (number, event)…, number of entities, (key, entity)…, number of deletions, key…
local answered = redis.call('GET', KEYS[6])
if answered then
  return {'committed', answered}
end
local meta = redis.call('HMGET', KEYS[1], 'revision', 'lineage', 'filling', 'mark')
if meta[3] then
  return {'filling', '0'}
end
local revision, lineage = meta[1] or '0', meta[2] or ''
if ARGV[2] ~= '' and lineage ~= ARGV[2] then
  return {'lineage', revision}
end
if revision ~= ARGV[4] then
  return {'conflict', revision}
end
if ARGV[9] ~= '' and (meta[4] or '') ~= ARGV[9] then
  return {'lineage', revision}
end
if lineage == '' then
  redis.call('HSET', KEYS[1], 'format', ARGV[1], 'lineage', ARGV[3], 'forebears', '[]')
end
-- What could fail comes first: a stream takes rising numbers only.
redis.call('XADD', KEYS[4], 'MAXLEN', ARGV[7], ARGV[5] .. '-0', 'c', ARGV[8])
-- One more than changes: whoever finds the changes after a revision finds the mark of that revision too.
redis.call('XADD', KEYS[5], 'MAXLEN', ARGV[7] + 1, ARGV[5] .. '-0', 'm', ARGV[10])
local at = 11
for _ = 1, tonumber(ARGV[at]) do
  redis.call('XADD', KEYS[3], ARGV[at + 1] .. '-0', 'e', ARGV[at + 2])
  at = at + 2
end
at = at + 1
for _ = 1, tonumber(ARGV[at]) do
  redis.call('HSET', KEYS[2], ARGV[at + 1], ARGV[at + 2])
  at = at + 2
end
at = at + 1
for place = 1, tonumber(ARGV[at]) do
  redis.call('HDEL', KEYS[2], ARGV[at + place])
end
redis.call('HSET', KEYS[1], 'revision', ARGV[5], 'mark', ARGV[10])
redis.call('SET', KEYS[6], ARGV[5], 'EX', ARGV[6])
return {'committed', ARGV[5]}
