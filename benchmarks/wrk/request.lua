-- Asks for consultations, none like another.
local count = 0

function setup(thread)
  thread:set("id", count)
  count = count + 1
end

function init(arguments)
  path, run, number = arguments[1], tonumber(arguments[2]), 0
  headers = { ["Content-Type"] = "application/x-www-form-urlencoded", ["X-Forwarded-For"] = "203.0.113.9" }
end

function request()
  number = number + 1
  local digits = string.format("%07d", run * 400000 + id * 200000 + number)
  local body = "name=Sana&phone=0345-" .. digits .. "&contact_by=phone&best_time=any&consent=y&message=About+migraine+" .. digits
  return wrk.format("POST", path, headers, body)
end
