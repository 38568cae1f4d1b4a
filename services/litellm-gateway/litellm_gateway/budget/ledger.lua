-- The ledger's operations. Redis runs nothing beside one of them.
-- Amounts travel and are stored as texts of whole picodollars; Redis adds them as 64-bit integers. Lua's doubles only
-- compare them, exactly up to 9,007 dollars, which no limit reaches.
--
-- KEYS[1] begins every key. ARGV: the operation, the generation, the time (empty: Redis's own), the seconds that a
-- reservation lasts, the seconds that cannot pass unseen, the arguments as JSON.
--   :generation      what the first gateway wrote; where it is gone, so is what was spent
--   :day             the latest day something was spent on, in days since 1970
--   :spent:DAY, :requests:DAY, :held:DAY   hashes, account -> amount or number
--   :call:CALL       a hash of what is reserved for a call, account -> "DAY AMOUNT"
--   :until           the calls, by the time at which their reservations end
--   :seen            when somebody renewed last
--   :settled:CALL    the day a settled call counts towards, so that one whose answer was lost is not counted twice

local REMEMBERED, KEPT = 3600, 40 * 86400
local base, operation, generation, clock = KEYS[1], ARGV[1], ARGV[2], ARGV[3]
local lasts, unseen, given = tonumber(ARGV[4]), tonumber(ARGV[5]), cjson.decode(ARGV[6])

local function key(...) return table.concat({base, ...}, ':') end

local function now()
  if clock ~= '' then return tonumber(clock) end
  local time = redis.call('TIME')
  return time[1] + time[2] / 1000000
end

-- The day never goes back: a clock that is set back over midnight does not open yesterday's budget again.
local function today()
  return math.max(math.floor(now() / 86400), tonumber(redis.call('GET', key('day')) or 0))
end

local function balance(day, account)
  return {
    account,
    redis.call('HGET', key('spent', day), account) or '0',
    redis.call('HGET', key('held', day), account) or '0',
    redis.call('HGET', key('requests', day), account) or '0',
  }
end

local function give_back(call, account)
  local reserved = redis.call('HGET', key('call', call), account)
  if not reserved then return end
  local day, amount = reserved:match('^(%d+) (%d+)$')
  if redis.call('HINCRBY', key('held', day), account, '-' .. amount) == 0 then
    redis.call('HDEL', key('held', day), account)
  end
  redis.call('HDEL', key('call', call), account)
end

local function forget(call)
  for _, account in ipairs(redis.call('HKEYS', key('call', call))) do give_back(call, account) end
  redis.call('ZREM', key('until'), call)
end

local function seconds(number) return string.format('%.6f', number) end

local function drop_dead()
  local missed = now() - tonumber(redis.call('GET', key('seen')) or now())
  if math.abs(missed) > unseen then
    for _, call in ipairs(redis.call('ZRANGE', key('until'), 0, -1)) do
      redis.call('ZINCRBY', key('until'), seconds(missed), call)
    end
    redis.call('SET', key('seen'), seconds(now()))
  end
  for _, call in ipairs(redis.call('ZRANGEBYSCORE', key('until'), '-inf', '(' .. seconds(now()))) do forget(call) end
end

local function hold(call, account, day, amount)
  redis.call('HINCRBY', key('held', day), account, amount)
  redis.call('EXPIRE', key('held', day), KEPT)
  redis.call('HSET', key('call', call), account, string.format('%d', day) .. ' ' .. amount)
end

-- A balance without what the call itself has reserved.
local function others(call, day, account)
  local found = balance(day, account)
  local own_day, own = (redis.call('HGET', key('call', call), account) or ''):match('^(%d+) (%d+)$')
  if tonumber(own_day) == day then found[3] = string.format('%.0f', tonumber(found[3]) - tonumber(own)) end
  return found
end

local function day_of(call)
  local reserved = redis.call('HVALS', key('call', call))[1]
  return reserved and tonumber(reserved:match('^%d+')) or today()
end

local operations = {}

function operations.open()
  redis.call('SET', key('generation'), generation, 'NX')
  redis.call('SET', key('seen'), seconds(now()), 'NX')
  return redis.call('GET', key('generation'))
end

function operations.reserve()
  drop_dead()
  local day = today()
  for _, wanted in ipairs(given.amounts) do
    local account, amount, limit = unpack(wanted)
    local found = others(given.call, day, account)
    if limit ~= '' and tonumber(found[2]) + tonumber(found[3]) + tonumber(amount) > tonumber(limit) then
      return found
    end
  end
  for _, wanted in ipairs(given.amounts) do
    local account, amount = unpack(wanted)
    give_back(given.call, account)
    hold(given.call, account, day, amount)
  end
  redis.call('ZADD', key('until'), seconds(now() + lasts), given.call)
  return {}
end

function operations.settle()
  local settled = key('settled', given.call)
  if redis.call('EXISTS', settled) == 0 then
    local day = day_of(given.call)
    for _, cost in ipairs(given.costs) do
      redis.call('HINCRBY', key('spent', day), cost[1], cost[2])
      redis.call('HINCRBY', key('requests', day), cost[1], 1)
    end
    forget(given.call)
    redis.call('EXPIRE', key('spent', day), KEPT)
    redis.call('EXPIRE', key('requests', day), KEPT)
    redis.call('SET', key('day'), math.max(day, tonumber(redis.call('GET', key('day')) or 0)))
    redis.call('SET', settled, day, 'EX', REMEMBERED)
  end
  return balance(redis.call('GET', settled), given.account)
end

function operations.release()
  for _, account in ipairs(given.accounts or redis.call('HKEYS', key('call', given.call))) do
    give_back(given.call, account)
  end
  if redis.call('EXISTS', key('call', given.call)) == 0 then redis.call('ZREM', key('until'), given.call) end
end

function operations.renew()
  drop_dead()
  redis.call('SET', key('seen'), seconds(now()))
  for _, reserved in ipairs(given.held) do
    local call, account, amount = unpack(reserved)
    if redis.call('HEXISTS', key('call', call), account) == 0 then hold(call, account, today(), amount) end
    redis.call('ZADD', key('until'), seconds(now() + lasts), call)
  end
end

function operations.balances()
  drop_dead()
  local day, seen, found = today(), {}, {}
  for _, kind in ipairs({'spent', 'held'}) do
    for _, account in ipairs(redis.call('HKEYS', key(kind, day))) do
      if not seen[account] then table.insert(found, balance(day, account)) end
      seen[account] = true
    end
  end
  return {day, found}
end

function operations.reset()
  local day = today()
  for _, account in ipairs(given.accounts or redis.call('HKEYS', key('spent', day))) do
    redis.call('HDEL', key('spent', day), account)
    redis.call('HDEL', key('requests', day), account)
  end
end

if operation ~= 'open' and redis.call('GET', key('generation')) ~= generation then
  return redis.error_reply('LOST: it was emptied while the gateway ran; restart every gateway to begin with nothing spent')
end
return operations[operation]()
