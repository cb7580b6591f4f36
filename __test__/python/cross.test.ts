/** Payloads that cross between Node and the unmodified Python SDK, each made and evaluated in a process of its own. */

import test from "ava"
import type { Claim, StartOptions, Verdict } from "../../index.js"
import { node, printed, project, python, startScene, verifierKey, type Project, type Scene } from "./sdk.js"

interface Made {
  refs: string[]
  payload: object
}

const started = await startScene()
// One after the other: each starts several processes.
const here = "skip" in started ? test.skip : test.serial
const why = "skip" in started ? ` (skipped: ${started.skip})` : ""
const scene = started as Scene

test.after.always(() => scene.close?.())

const backend = ({ orgId, name }: Project) => ({ url: scene.server.url, orgId, token: scene.token, project: name })

/** A Node agent whose rows go to the project's database. */
async function nodeAgent(own: Project, claims: Claim[]): Promise<Made> {
  const options: StartOptions = { backend: backend(own), store: { postgresUrl: own.postgresUrl } }
  return printed(await node("agent.ts", { options, calls: [{ tool: "get_quote", url: `${scene.tool.url}/quote` }], claims }))
}

/** A Python agent that makes the same call. */
async function pythonAgent(own: Project, ...values: [path: string, value: string][]): Promise<Made> {
  const claimed_value = values.map(([path, value]) => ({ path, value, sourcerykit_ref: "ref:0" }))
  return printed(
    await python(scene, own, "agent.py", {
      trusted: [scene.tool.url],
      calls: [{ tool: "get_quote", url: `${scene.tool.url}/quote` }],
      claims: [{ action_name: "get_quote", claimed_value }],
    }),
  )
}

const inNode = async (todo: { start?: StartOptions; payload: object; options: object }): Promise<Verdict> =>
  printed(await node("evaluator.ts", todo))

const inPython = async (own: Project, payload: object): Promise<{ outcome: string; errors: string[] }> =>
  printed(await python(scene, own, "evaluator.py", payload))

const TRUE: Claim[] = [
  { callRef: "ref:0", path: "price", equals: 42 },
  { callRef: "ref:0", path: "deep.list[2].x", equals: 2.5 },
  { callRef: "ref:0", path: "name", equals: "ACME" },
  { callRef: "ref:0", path: "price", between: { min: 40, max: 45 } },
]
const FALSE: Claim[] = [{ callRef: "ref:0", path: "price", equals: 43 }]

here(`Python says of a payload made by Node what Node says of it${why}`, async (t) => {
  for (const [claims, outcome] of [
    [TRUE, "PASS"],
    [FALSE, "CAUGHT"],
  ] as const) {
    const own = await project(scene)
    const { payload } = await nodeAgent(own, claims)
    const verdict = await inPython(own, payload)
    t.deepEqual(verdict.errors, [])
    t.is(verdict.outcome, outcome)
    const twin = await inNode({ payload, options: { verifierKeys: [await verifierKey(scene, own)] } })
    t.is(twin.outcome, outcome)
  }
})

here(`Node checks the proofs of a payload made by Python, with the server's key${why}`, async (t) => {
  const own = await project(scene)
  const honest = await pythonAgent(own, ["price", "42"], ["name", "ACME"], ["deep.list[2].x", "2.5"])
  const invented = await pythonAgent(own, ["price", "43"])
  const verifierKeys = [await verifierKey(scene, own)]
  for (const [{ payload }, outcome] of [
    [honest, "PASS"],
    [invented, "CAUGHT"],
  ] as const) {
    const start = { backend: backend(own) }
    const proven = await inNode({ start, payload, options: { verifierKeys } })
    t.is(proven.outcome, outcome, JSON.stringify(proven))
    for (const { proof } of proven.claims) t.is(proof!.trust, "proof")
    const told = await inNode({ start, payload, options: { allowBackendTrust: true } })
    t.is(told.outcome, outcome, JSON.stringify(told))
  }
})

here(`what Python has no word for is never PASS there, and is what it is on Node${why}`, async (t) => {
  for (const claim of [
    { path: "name", contains: "ACME" },
    { path: "name", matches: { type: "string" } },
    { part: "status", equals: 200 },
  ] as Claim[]) {
    const own = await project(scene)
    const { payload } = await nodeAgent(own, [{ callRef: "ref:0", ...claim }])
    const ran = await python(scene, own, "evaluator.py", payload)
    t.true(ran.exitCode !== 0 || (JSON.parse(ran.stdout) as { outcome: string }).outcome !== "PASS", ran.stdout)
    const verdict = await inNode({ payload, options: { verifierKeys: [await verifierKey(scene, own)] } })
    t.is(verdict.outcome, "PASS", JSON.stringify(verdict))
  }
})

here(`agents on Node and on Python share a table, whichever of them made it${why}`, async (t) => {
  for (const isNodeFirst of [true, false]) {
    const own = await project(scene)
    const agents = [() => nodeAgent(own, TRUE), () => pythonAgent(own, ["price", "42"])]
    const [first, second] = isNodeFirst ? agents : agents.toReversed()
    const made = [await first!(), await second!()]
    const [byNode, byPython] = isNodeFirst ? made : made.toReversed()
    const verifierKeys = [await verifierKey(scene, own)]
    t.is((await inPython(own, byNode!.payload)).outcome, "PASS")
    t.is((await inNode({ start: { backend: backend(own) }, payload: byPython!.payload, options: { verifierKeys } })).outcome, "PASS")
    t.is(await scene.postgres.psql(own.database, "SELECT count(*), count(leaf_index) FROM intercepts"), "2|2")
  }
})

here(`Node says of a row that Python recorded and somebody edited that its proof is invalid${why}`, async (t) => {
  const own = await project(scene)
  const { payload, refs } = await pythonAgent(own, ["price", "42"])
  await scene.postgres.psql(
    own.database,
    `UPDATE intercepts SET raw_response = replace(raw_response, '42', '43') WHERE call_ref = '${refs[0]}'`,
  )
  const start = { backend: backend(own) }
  const verdict = await inNode({ start, payload, options: { verifierKeys: [await verifierKey(scene, own)] } })
  t.is(verdict.outcome, "CAUGHT", JSON.stringify(verdict))
  t.is(verdict.claims[0]!.reason, "proof_invalid")
})

here(`an agent records on one machine, another verifies with the key alone${why}`, async (t) => {
  const own = await project(scene)
  const [honest, invented] = [await nodeAgent(own, TRUE), await nodeAgent(own, FALSE)]
  const options = { verifierKeys: [await verifierKey(scene, own)] }
  t.is((await inNode({ payload: honest.payload, options })).outcome, "PASS")
  t.is((await inNode({ payload: invented.payload, options })).outcome, "CAUGHT")
  // Whoever does not have the key has only the payload's own word.
  const stranger = "vouchsafe.local/stranger+8b1f7a4c+AQ=="
  const wrong = await node("evaluator.ts", { payload: honest.payload, options: { verifierKeys: [stranger] } })
  t.true(wrong.exitCode !== 0 || (JSON.parse(wrong.stdout) as Verdict).outcome === "ERROR")
})
