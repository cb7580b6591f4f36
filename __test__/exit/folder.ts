import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { ExecutionContext } from "ava"

/** A new folder that is gone after the test. */
export async function temporary(t: ExecutionContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "vouchsafe-"))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  return folder
}
