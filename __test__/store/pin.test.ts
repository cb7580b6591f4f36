import { cp, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import test, { type ExecutionContext } from "ava"
import { ForkedStoreError, InvalidOptionError, pin, shutdown, start, type Checkpoint, type Vouchsafe } from "../../index.js"
import { spawnChild } from "../exit/child.js"
import { temporary } from "../exit/folder.js"

test.afterEach.always(() => shutdown())

const RESTORED = /a checkpoint of size \d+ was pinned, this log has \d+ leaves: an older copy of the store was restored/

/** An instance that records no HTTP, and the codes of what it is told. */
async function open(dir: string): Promise<{ vouchsafe: Vouchsafe; events: string[] }> {
  const events: string[] = []
  const onEvent = ({ type, code }: { type: string; code: string }): void => void events.push(`${type} ${code}`)
  return { vouchsafe: await start({ dir, record: { http: false }, onEvent }), events }
}

function record(vouchsafe: Vouchsafe, output: number): void {
  vouchsafe.recordTool({ name: "tool", output })
}

/** A folder whose older copy was restored, and the checkpoint of what was lost by that. */
async function restored(t: ExecutionContext): Promise<{ dir: string; folder: string; lost: Checkpoint }> {
  const folder = await temporary(t)
  const [dir, copy] = [join(folder, "store"), join(folder, "copy")]
  const { vouchsafe } = await open(dir)
  record(vouchsafe, 1)
  await vouchsafe.commit()
  await vouchsafe.shutdown()
  await cp(dir, copy, { recursive: true })
  const later = await open(dir)
  record(later.vouchsafe, 2)
  const lost = await later.vouchsafe.commit()
  await later.vouchsafe.shutdown()
  await rm(dir, { recursive: true })
  await cp(copy, dir, { recursive: true })
  return { dir, folder, lost }
}

/** Runs with VOUCHSAFE_PIN set. */
async function pinning<T>(file: string, run: () => Promise<T>): Promise<T> {
  process.env["VOUCHSAFE_PIN"] = file
  try {
    return await run()
  } finally {
    delete process.env["VOUCHSAFE_PIN"]
  }
}

/** Nothing is signed or proven any more, and recording goes on. */
async function isForked(t: ExecutionContext, vouchsafe: Vouchsafe, why: RegExp): Promise<void> {
  record(vouchsafe, 3)
  const error = await t.throwsAsync(vouchsafe.commit(), { instanceOf: ForkedStoreError })
  t.is(error?.code, "STORE_FORKED")
  t.regex(error!.message, why)
  const verdict = await vouchsafe.verify([{ equals: 1 }], { expect: { kinds: ["tool"] } })
  t.deepEqual([verdict.outcome, verdict.claims[0]!.reason], ["ERROR", "unverifiable"])
  t.regex(verdict.claims[0]!.message, why)
  await t.notThrowsAsync(vouchsafe.flush())
  const { recorded, durable } = vouchsafe.stats()
  t.is(durable, recorded)
}

test.serial("a restored copy does not extend the checkpoint that is pinned, and signs nothing more", async (t) => {
  const { dir, lost } = await restored(t)
  const { vouchsafe, events } = await open(dir)
  const error = await t.throwsAsync(vouchsafe.pin(lost), { instanceOf: ForkedStoreError })
  t.regex(error!.message, RESTORED)
  t.deepEqual(events.slice(0, 1), ["damaged STORE_FORKED"])
  await isForked(t, vouchsafe, RESTORED)
})

test.serial("a restored copy that has grown past the pin is another history", async (t) => {
  const { dir, lost } = await restored(t)
  const { vouchsafe } = await open(dir)
  for (let i = 0; i < 3; i++) {
    record(vouchsafe, 10 + i)
    await vouchsafe.commit()
  }
  await t.throwsAsync(vouchsafe.pin(lost.note), { instanceOf: ForkedStoreError })
  await isForked(t, vouchsafe, new RegExp(`its first ${lost.size} leaves are not those that were pinned`))
})

test.serial("VOUCHSAFE_PIN refuses a restored copy before anything is signed, and start() records", async (t) => {
  const { dir, folder, lost } = await restored(t)
  const files = { "pin.note": lost.note, "pin.json": JSON.stringify(lost, null, 2), "pin.txt": `${lost.note}\n` }
  for (const [name, text] of Object.entries(files)) {
    await writeFile(join(folder, name), text)
    const copy = join(folder, `${name}.store`)
    await cp(dir, copy, { recursive: true })
    const { vouchsafe, events } = await pinning(join(folder, name), () => open(copy))
    await isForked(t, vouchsafe, RESTORED)
    t.is(events[0], "damaged STORE_FORKED", name)
    await vouchsafe.shutdown().catch(() => {})
  }
})

test.serial("what extends the pin is signed as ever", async (t) => {
  const folder = await temporary(t)
  const dir = join(folder, "store")
  const first = await open(dir)
  record(first.vouchsafe, 1)
  const pinned = await first.vouchsafe.commit()
  await t.notThrowsAsync(pin(pinned))
  record(first.vouchsafe, 2)
  await first.vouchsafe.commit()
  await t.notThrowsAsync(first.vouchsafe.pin(pinned.note))
  await writeFile(join(folder, "pin"), pinned.note)
  // Another instance of the folder may pin what the first one does not.
  const second = await pinning(join(folder, "pin"), () => open(dir))
  t.true(BigInt((await second.vouchsafe.commit()).size) > BigInt(pinned.size))
  t.deepEqual([first.events, second.events], [[], []])
})

/** What a process prints that records a row and commits it. */
async function inAnotherProcess(dir: string, env: Record<string, string> = {}): Promise<string[]> {
  const { code, lines, stderr } = await spawnChild("commit.ts", [dir], { env }).ended
  return code === 0 ? lines : [stderr]
}

test.serial("a newer checkpoint that another process made is pinned, and its loss found by whoever pinned it", async (t) => {
  const folder = await temporary(t)
  const dir = join(folder, "store")
  const { vouchsafe, events } = await open(dir)
  record(vouchsafe, 1)
  const own = await vouchsafe.commit()
  const [line = ""] = await inAnotherProcess(dir)
  const theirs = JSON.parse(line.replace("checkpoint ", "")) as Checkpoint
  t.true(BigInt(theirs.size) > BigInt(own.size))
  await t.notThrowsAsync(vouchsafe.pin(theirs))
  record(vouchsafe, 2)
  t.true(BigInt((await vouchsafe.commit()).size) > BigInt(theirs.size))
  t.deepEqual(events, [])
})

test.serial("VOUCHSAFE_PIN holds in a process of its own, with the older copy and with the newer store", async (t) => {
  const { dir, folder, lost } = await restored(t)
  const file = join(folder, "pin")
  await writeFile(file, lost.note)
  const refused = await inAnotherProcess(dir, { VOUCHSAFE_PIN: file })
  t.deepEqual([refused[0], ...new Set(refused.slice(1).sort())], ["event damaged", "STORE_FORKED", "event damaged"])
  const [unpinned = ""] = await inAnotherProcess(dir)
  t.regex(unpinned, /^checkpoint /)
  await writeFile(file, unpinned.replace("checkpoint ", ""))
  const [pinned = ""] = await inAnotherProcess(dir, { VOUCHSAFE_PIN: file })
  t.regex(pinned, /^checkpoint /)
  const missing = await inAnotherProcess(dir, { VOUCHSAFE_PIN: join(folder, "missing") })
  t.regex(missing.join("\n"), /InvalidOptionError: VOUCHSAFE_PIN: .*missing cannot be read: /)
})

test.serial("an instance that joins with a pin which the log does not extend stops the signing of all", async (t) => {
  const { dir, folder, lost } = await restored(t)
  await writeFile(join(folder, "pin"), lost.note)
  const first = await open(dir)
  const second = await pinning(join(folder, "pin"), () => open(dir))
  await isForked(t, first.vouchsafe, RESTORED)
  t.deepEqual([first.events[0], second.events[0]], ["damaged STORE_FORKED", "damaged STORE_FORKED"])
})

test.serial("what is no checkpoint of this log is refused by its key, and nothing is damaged", async (t) => {
  const folder = await temporary(t)
  const other = await open(join(folder, "other"))
  const foreign = await other.vouchsafe.commit()
  const { vouchsafe, events } = await open(join(folder, "store"))
  const own = await vouchsafe.commit()
  const forged = own.note.replace(`\n${own.size}\n`, "\n9\n")
  for (const bad of [foreign, foreign.note, forged, "", "note", {}, null, 7, { note: 7 }]) {
    const error = await t.throwsAsync(vouchsafe.pin(bad as string), { instanceOf: InvalidOptionError }, JSON.stringify(bad))
    t.is(error?.key, "pin")
  }
  await writeFile(join(folder, "foreign"), foreign.note)
  await writeFile(join(folder, "broken"), "{")
  await writeFile(join(folder, "empty"), "{}")
  await vouchsafe.shutdown()
  for (const file of ["foreign", "broken", "empty", "missing"]) {
    const opening = pinning(join(folder, file), () => open(join(folder, "store")))
    const error = await t.throwsAsync(opening, { instanceOf: InvalidOptionError }, file)
    t.is(error?.key, "VOUCHSAFE_PIN")
  }
  const again = await open(join(folder, "store"))
  await t.notThrowsAsync(again.vouchsafe.pin(own))
  t.deepEqual(events, [])
})
