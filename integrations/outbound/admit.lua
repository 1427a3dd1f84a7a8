-- May a call be made? Then it is counted, and in a half-open breaker it is the probe.
-- KEYS failures, open, probe, hold, calls, then one for each limit
-- ARGV failures that open, token, lease ms, patience us, field of deferred calls,
--      then for each limit: us between two calls, us of calls at once
-- returns {granted, reason, wait in us}
local function refused(reason, wait)
  redis.call('HINCRBY', KEYS[5], ARGV[5], 1)
  local minute = KEYS[5] .. ':' .. math.floor(redis.call('TIME')[1] / 60)
  redis.call('HINCRBY', minute, ARGV[5] .. ':' .. reason, 1)
  redis.call('EXPIRE', minute, 7200)
  return {0, reason, math.max(wait, 1)}
end

local tripped = tonumber(redis.call('GET', KEYS[1]) or '0') >= tonumber(ARGV[1])
if tripped then
  local open, probing = redis.call('PTTL', KEYS[2]), redis.call('PTTL', KEYS[3])
  if open > 0 then return refused('open', open * 1000) end
  if probing > 0 then return refused('probing', probing * 1000) end
end

local patience = tonumber(ARGV[4])
local wait = math.max(redis.call('PTTL', KEYS[4]) * 1000, 0)
if wait > patience then return refused('retry_after', wait) end

-- GCRA: each key holds the time at which all that was let through so far would have come at the
-- limit's own pace; it may be ahead of the clock by what is allowed at once
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local paced = {}
for i = 6, #KEYS do
  local between, at_once = tonumber(ARGV[2 * i - 6]), tonumber(ARGV[2 * i - 5])
  paced[i] = math.max(tonumber(redis.call('GET', KEYS[i]) or '0'), now) + between
  wait = math.max(wait, paced[i] - now - at_once)
end
if wait > patience then return refused('limit', wait) end
for i = 6, #KEYS do
  redis.call('SET', KEYS[i], string.format('%.0f', paced[i]), 'PX', math.ceil((paced[i] - now) / 1000))
end
if not tripped then return {1, '', wait} end
redis.call('SET', KEYS[3], ARGV[2], 'PX', ARGV[3])
return {1, 'probe', wait}
