/** Records rows and ends in the way it is told: `end.ts DIR ROWS WAY`. */

import { recordTool, shutdown, start, withRun } from "../../../index.js"

const [dir, rows, way] = process.argv.slice(2)

function stayAlive(): void {
  setInterval(() => {}, 1000)
}

const WAYS: Record<string, () => void> = {
  end: () => {},
  exit: () => process.exit(7),
  exitCode: () => void (process.exitCode = 5),
  throw: () => {
    throw new Error("on purpose")
  },
  reject: () => void Promise.reject(new Error("on purpose")),
  handled: () => {
    process.on("uncaughtException", () => process.exit(8))
    throw new Error("on purpose")
  },
  shutdown: () => void shutdown(),
  shutdownExit: () => {
    void shutdown()
    process.exit(6)
  },
  shutdownLaterExit: () => {
    void shutdown()
    setImmediate(() => process.exit(6))
  },
  own: () => {
    process.on("SIGTERM", () => process.exit(9))
    stayAlive()
    process.kill(process.pid, "SIGTERM")
  },
  // As libraries do that must end the process where nobody else would.
  polite: () => {
    const listener = (): void => {
      if (process.listenerCount("SIGTERM") > 1) return
      process.removeListener("SIGTERM", listener)
      process.kill(process.pid, "SIGTERM")
    }
    process.on("SIGTERM", listener)
    stayAlive()
    process.kill(process.pid, "SIGTERM")
  },
  ignore: () => {
    const timer = setInterval(() => {}, 1000)
    process.on("SIGTERM", () => clearInterval(timer))
    process.kill(process.pid, "SIGTERM")
  },
}

await start({ dir: dir! })
withRun({ runId: "child" }, () => {
  for (let row = 0; row < Number(rows); row++) recordTool({ name: `row-${row}`, output: { row } })
})
const end = WAYS[way!]
if (end) setImmediate(end)
else {
  stayAlive()
  process.kill(process.pid, way as NodeJS.Signals)
}
