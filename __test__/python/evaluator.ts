/** Another process on Node: evaluates the payload on stdin as its options say, and prints the verdict. */

import { json } from "node:stream/consumers"
import { evaluateHandoff, shutdown, start, type EvaluateHandoffOptions, type HandoffPayload, type StartOptions } from "../../index.js"

interface Todo {
  /** Absent: nothing is started. */
  start?: StartOptions
  payload: HandoffPayload
  options: EvaluateHandoffOptions
}

const todo = (await json(process.stdin)) as Todo
if (todo.start) await start(todo.start)
const verdict = await evaluateHandoff(todo.payload, todo.options)
await shutdown()
process.stdout.write(JSON.stringify(verdict))
