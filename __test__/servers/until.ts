import { setTimeout as sleep } from "node:timers/promises"

/** Asks another process until its answer is as wanted; after the deadline the last one stands. */
export async function until<T>(ask: () => Promise<T>, isDone: (answer: T) => boolean, deadlineMs = 60_000): Promise<T> {
  const end = performance.now() + deadlineMs
  for (;;) {
    const answer = await ask()
    if (isDone(answer) || performance.now() > end) return answer
    await sleep(20)
  }
}
