-- Requests for wrk. After `--`: the kind, a file of user ids, a file of item ids, one in a line.
--   known        the ten best items for a user of the training data
--   fold-in      the same for somebody with 20 ratings
--   predictions  the ratings of 20 pairs

local RATINGS, BODIES = 20, 500
local threads = 0

function setup(thread)
   thread:set("seed", threads)
   threads = threads + 1
end

local function lines(path)
   local all = {}
   for line in io.lines(path) do all[#all + 1] = line end
   return all
end

local function one_of(all) return all[math.random(#all)] end

-- A rating is a multiple of the scale's half, in the middle of nearly every scale.
local function ratings(items)
   local chosen, parts = {}, {}
   while #parts < RATINGS do
      local item = one_of(items)
      if not chosen[item] then
         chosen[item] = true
         parts[#parts + 1] = string.format('{"item":"%s","rating":%d}', item, math.random(1, 5))
      end
   end
   return '{"ratings":[' .. table.concat(parts, ",") .. ']}'
end

local function pairs_of(users, items)
   local parts = {}
   while #parts < RATINGS do
      parts[#parts + 1] = string.format('{"user":"%s","item":"%s"}', one_of(users), one_of(items))
   end
   return '{"pairs":[' .. table.concat(parts, ",") .. ']}'
end

local requests, at = {}, 0

function init(args)
   math.randomseed(seed + 1)
   local kind, users, items = args[1], lines(args[2]), lines(args[3])
   local head = { ["Content-Type"] = "application/json" }
   -- Made beforehand: what is measured is not this script.
   for _ = 1, BODIES do
      local made
      if kind == "known" then
         made = wrk.format("GET", "/v1/users/" .. one_of(users) .. "/recommendations")
      elseif kind == "fold-in" then
         made = wrk.format("POST", "/v1/recommendations", head, ratings(items))
      elseif kind == "predictions" then
         made = wrk.format("POST", "/v1/predictions", head, pairs_of(users, items))
      else
         error("known, fold-in or predictions, and not " .. tostring(kind))
      end
      requests[#requests + 1] = made
   end
end

function request()
   at = at % #requests + 1
   return requests[at]
end

function done(summary, latency, _)
   local errors = summary.errors
   io.write(string.format("%.0f %.2f %.2f %.2f %d\n", summary.requests / summary.duration * 1e6,
      latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, latency.max / 1e3,
      errors.status + errors.connect + errors.read + errors.write + errors.timeout))
end
