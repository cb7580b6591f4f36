import { readFileSync } from "node:fs"
import test from "ava"
import { Endpoint, EndpointError, matchesAny } from "../../src/recorder/refuse/endpoint.js"

test("patterns trust by scheme, host, port and whole segments", (t) => {
  const cases: [string, string, boolean][] = [
    ["https://api.example.com", "https://api.example.com/v1?x#y", true],
    ["https://api.example.com", "https://api.example.com.evil.net/", false],
    ["https://api.example.com", "http://api.example.com/", false],
    ["https://api.example.com", "https://API.example.com:443/", true],
    ["https://api.example.com", "https://api.example.com:8443/", false],
    ["https://api.example.com", "https://user:pw@api.example.com/", true],
    ["https://api.example.com", "https://api.example.com@evil.net/", false],
    ["https://a.example/v1", "https://a.example/v1", true],
    ["https://a.example/v1", "https://a.example/v1/prices", true],
    ["https://a.example/v1", "https://a.example/v10", false],
    ["https://a.example/v1", "https://a.example/v1/../admin", false],
    ["https://a.example/v1", "https://a.example/v1/..%2Fadmin", false],
    ["https://a.example/users/{id}", "https://a.example/users/7", true],
    ["https://a.example/users/{id}", "https://a.example/users/", false],
    ["https://a.example/public/{rest:path}", "https://a.example/public/a/b", true],
    ["https://a.example/public/{rest:path}", "https://a.example/public", false],
    ["https://a.example/caf%C3%A9", "https://a.example/café", true],
  ]
  for (const [pattern, url, expected] of cases) t.is(matchesAny([Endpoint.parse(pattern)], url), expected, `${pattern} ${url}`)
})

test("what is no pattern is refused with a code", (t) => {
  const cases: [string, string][] = [
    ["api.example.com", "endpoint_no_origin"],
    ["ftp://api.example.com", "endpoint_no_origin"],
    ["https://", "endpoint_no_origin"],
    ["https://me@api.example.com", "endpoint_userinfo"],
    ["https://*.example.com", "endpoint_wildcard"],
    ["https://api.example.com/?q", "endpoint_query"],
    ["https://api.example.com/a/{x:path}/b", "endpoint_segment"],
    ["https://api.example.com/a{x}", "endpoint_segment"],
  ]
  for (const [pattern, code] of cases) {
    const error = t.throws(() => Endpoint.parse(pattern), { instanceOf: EndpointError })
    t.is(error?.code as string, code)
  }
})

interface Vector {
  pattern: string
  url: string
  /** Null: it is no pattern. */
  matches: boolean | null
}

test("the vectors that both engines share", (t) => {
  const file = new URL("../../crates/core/tests/vectors/endpoints.json", import.meta.url)
  for (const { pattern, url, matches } of JSON.parse(readFileSync(file, "utf8")) as Vector[]) {
    t.is(trusts(pattern, url), matches, `${pattern} ${url}`)
  }
})

function trusts(pattern: string, url: string): boolean | null {
  try {
    return matchesAny([Endpoint.parse(pattern)], url)
  } catch (error) {
    if (error instanceof EndpointError) return null
    throw error
  }
}
