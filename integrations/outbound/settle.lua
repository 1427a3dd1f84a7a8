-- What came of a call.
-- KEYS failures, open, probe, hold, calls, milliseconds, since when it is open
-- ARGV failures that open, token, health, open ms, hold ms, ms to remember failures, field, ms,
--      the field of its bucket
-- returns what changed in the breaker
redis.call('HINCRBY', KEYS[5], ARGV[7], 1)
redis.call('HINCRBY', KEYS[6], ARGV[7], ARGV[8])
redis.call('HINCRBY', KEYS[6] .. ':within', ARGV[9], 1)

-- by the minute too, for two hours, and when it last came to this
local seconds = redis.call('TIME')[1]
local minute = KEYS[5] .. ':' .. math.floor(seconds / 60)
redis.call('HINCRBY', minute, ARGV[7], 1)
redis.call('EXPIRE', minute, 7200)
redis.call('HSET', KEYS[5] .. ':last', ARGV[7], seconds)

local hold = tonumber(ARGV[5])
if hold > math.max(redis.call('PTTL', KEYS[4]), 0) then
  redis.call('SET', KEYS[4], 1, 'PX', hold)
end

local tripped = tonumber(redis.call('GET', KEYS[1]) or '0') >= tonumber(ARGV[1])
local probe = redis.call('GET', KEYS[3]) == ARGV[2]
if tripped and not probe then return '' end  -- it began before the breaker opened
if ARGV[3] == 'unknown' then
  if probe then redis.call('DEL', KEYS[3]) end
  return ''
end
if ARGV[3] == 'well' then
  redis.call('DEL', KEYS[1], KEYS[2], KEYS[3], KEYS[7])
  return tripped and 'closed' or ''
end
local failures = redis.call('INCR', KEYS[1])
redis.call('PEXPIRE', KEYS[1], ARGV[6])
if failures < tonumber(ARGV[1]) then return '' end
redis.call('SET', KEYS[2], 1, 'PX', ARGV[4])
redis.call('DEL', KEYS[3])
redis.call('SET', KEYS[7], seconds, 'NX')
redis.call('PEXPIRE', KEYS[7], ARGV[6])
return tripped and 'reopened' or 'opened'
