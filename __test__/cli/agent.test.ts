import test from "ava"
import { inventedClaims, invented, truthfulClaims, type ToolCall } from "../../src/cli/demo/agent.js"
import { latestUrl } from "../../src/cli/demo/registry.js"

function call(name: string, version: string, license?: string): ToolCall {
  return { package: name, callRef: `ref-${name}`, from: 0, to: 1, manifest: { name, version, license } }
}

test("three claims are made, two of them on the same call", (t) => {
  const claims = truthfulClaims([call("a", "1.0.0", "MIT"), call("b", "2.0.0"), call("c", "3.0.0")])
  t.deepEqual(
    claims.map(({ callRef, path, equals }) => [callRef, path, equals]),
    [
      ["ref-a", "version", "1.0.0"],
      ["ref-a", "license", "MIT"],
      ["ref-b", "version", "2.0.0"],
    ],
  )
})

test("a package without a license is cited by its name", (t) => {
  t.like(truthfulClaims([call("a", "1.0.0"), call("b", "2.0.0")])[1], { path: "name", equals: "a" })
})

test("the invented answer differs from the true one in a single value", (t) => {
  const calls = [call("a", "1.0.0", "MIT"), call("b", "2.0.9")]
  const truth = truthfulClaims(calls)
  const lie = inventedClaims(calls)
  t.deepEqual(lie.slice(0, 2), truth.slice(0, 2))
  t.like(lie[2], { path: "version", equals: "2.0.10" })
})

test("an invented version never is the real one", (t) => {
  t.deepEqual(["1.2.3", "1.0.0-rc.9", "1.0.0-beta", "next"].map(invented), ["1.2.4", "1.0.0-rc.10", "1.0.1-beta", "next.1"])
})

test("a registry's own path and a package's scope are kept in the URL", (t) => {
  t.is(latestUrl("https://npm.example.com/", "undici"), "https://npm.example.com/undici/latest")
  t.is(latestUrl("https://example.com/api/npm", "@types/node"), "https://example.com/api/npm/@types%2fnode/latest")
})
