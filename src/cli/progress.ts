/** Progress of long work, on a terminal only. */

/** Is told how far the work is. */
export type Report = (done: number, total: number) => void

const EVERY_MS = 100

/** Runs work that reports; the line on stderr is gone when it ends. */
export async function withProgress<T>(
  what: string,
  work: (report: Report) => Promise<T>,
  stream: Pick<NodeJS.WriteStream, "isTTY" | "write"> = process.stderr,
): Promise<T> {
  if (!stream.isTTY) return work(() => {})
  let last = 0
  let ended = false
  try {
    return await work((done, total) => {
      const now = performance.now()
      // A report may still be on its way from the engine's thread when the work has ended.
      if (ended || now - last < EVERY_MS) return
      last = now
      const share = total > 0 ? `${Math.floor((done / total) * 100)} %` : done.toLocaleString("en")
      stream.write(`\r\u001B[K${what} ${share}`)
    })
  } finally {
    ended = true
    stream.write("\r\u001B[K")
  }
}
