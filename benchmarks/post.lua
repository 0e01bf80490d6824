-- wrk: posts RapidSpike notifications. WORKLOAD: noop, distinct, repeating or mixed; PAUSE: milliseconds between two
-- requests of a connection, on average.
local workload, path, run = os.getenv("WORKLOAD"), os.getenv("REQUEST_PATH"), os.getenv("RUN")
local headers = { ["Content-Type"] = "application/json" }
local template = [[{"status":"%s","message":"Shop - Page %d is %s","monitor":{"uuid":"67f71e26-6d76-4d6b-%s-%012d","type":"http","label":"Page %d","target":"/page/%d"},"website":{"uuid":"30031b9b-5df8-4b19-8dfe-17bf5bac7654","label":"Shop","domain_name":"https://shop.example.com"},"region":"eu-west-1","error":"operation timed out after 5000 milliseconds with 0 bytes received","created_date":"2026-01-01 10:00:00"}]]

local function post(key, state)
    return wrk.format("POST", path, headers, string.format(template, state, key, state, run, key, key, key))
end

local counter, prepared = 0, {}
if workload ~= "distinct" then
    for key = 1, 100 do
        prepared[key] = post(key, "failing")
        prepared[100 + key] = post(key, "passing")
    end
end

function request()
    counter = counter + 1
    if workload == "distinct" then return post(counter, "failing") end
    local key = counter % 100 + 1
    if workload == "mixed" and counter % 5 == 0 then return prepared[100 + math.random(100)] end
    return prepared[key]
end

local pause = tonumber(os.getenv("PAUSE") or 0)
if pause > 0 then
    function delay() return math.random(0, 2 * pause) end
end

function done(summary, latency, requests)
    local e = summary.errors
    io.write(string.format("RESULT %.0f %.3f %.3f %d\n", summary.requests / summary.duration * 1e6,
        latency:percentile(50) / 1000, latency:percentile(99) / 1000, e.status + e.connect + e.read + e.write + e.timeout))
end
