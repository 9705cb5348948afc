-- Sends a form, none like another: "#" in its body is a number that comes once. The forwarded header says that no address is a visitor's
-- own, so that no limit is met. Arguments: the path, the number of the run, the body.
local count = 0

function setup(thread)
  thread:set("id", count)
  count = count + 1
end

function init(arguments)
  path, run, form, number = arguments[1], tonumber(arguments[2]), arguments[3], 0
  headers = { ["Content-Type"] = "application/x-www-form-urlencoded", ["X-Forwarded-For"] = "203.0.113.9" }
end

function request()
  number = number + 1
  local once = string.format("%07d", run * 50000 + id * 25000 + number)
  return wrk.format("POST", path, headers, (form:gsub("#", once)))
end
