-- Posts comments, none like another. The forwarded header says that no address is a visitor's own, so that no limit is met.
local count = 0

function setup(thread)
  thread:set("id", count)
  count = count + 1
end

function init(arguments)
  path, run, number = arguments[1], arguments[2], 0
  headers = { ["Content-Type"] = "application/x-www-form-urlencoded", ["X-Forwarded-For"] = "203.0.113.9" }
end

function request()
  number = number + 1
  local who = run .. "x" .. id .. "x" .. number
  local body = "name=Sana&email=r" .. who .. "%40example.com&body=My+diary+for+the+migraine%2C+page+" .. who
  return wrk.format("POST", path, headers, body)
end
