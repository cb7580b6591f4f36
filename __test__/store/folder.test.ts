import { chmod, mkdir, readFile, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import test from "ava"
import { shutdown, start, StoreError, VouchsafeError, type StartOptions } from "../../index.js"
import { temporary } from "../exit/folder.js"
import { change } from "./database.js"

test.afterEach.always(() => shutdown())

test.serial("a path that is a file, or lies behind one, is refused by its name", async (t) => {
  const folder = await temporary(t)
  await writeFile(join(folder, "file"), "")
  for (const dir of [join(folder, "file"), join(folder, "file", "store")]) {
    const error = await t.throwsAsync(start({ dir }), { instanceOf: StoreError }, dir)
    t.like(error, { code: "STORE_NOT_A_FOLDER", message: `${dir} is not a folder: choose another \`dir\`` })
    t.true(error instanceof VouchsafeError)
  }
})

test.serial("a folder that cannot be made is refused by its name", async (t) => {
  // Nobody can make a folder there, not even root.
  const dir = "/proc/self/store"
  const error = await t.throwsAsync(start({ dir }), { instanceOf: StoreError })
  t.true(["STORE_READ_ONLY", "STORE_IO"].includes(error!.code), error!.code)
  t.true(error!.message.includes(dir), error!.message)
})

test.serial("a failed start leaves no recorder behind and may be tried again", async (t) => {
  const folder = await temporary(t)
  const dir = join(folder, "store")
  await writeFile(dir, "")
  await t.throwsAsync(start({ dir, trustedEndpoints: [] }), { instanceOf: StoreError })
  const error = await t.throwsAsync(fetch("http://127.0.0.1:9/"))
  t.not((error as { cause?: { code?: string } }).cause?.code, "UNTRUSTED_ENDPOINT")
  await rm(dir)
  t.is((await (await start({ dir })).verify([{ equals: 1 }])).claims[0]!.reason, "no_evidence")
})

test.serial("a store of another format is refused by both numbers", async (t) => {
  const dir = join(await temporary(t), "store")
  await (await start({ dir })).shutdown()
  change(dir, "UPDATE meta SET value = '7' WHERE key = 'format'")
  const error = await t.throwsAsync(start({ dir }), { instanceOf: StoreError })
  t.is(error?.code, "STORE_VERSION")
  t.regex(error?.message ?? "", /^the store has format 7, this version reads format 1: .*move the folder away/)
  change(dir, "UPDATE meta SET value = '1' WHERE key = 'format'")
  change(dir, "PRAGMA user_version = 99")
  t.is((await t.throwsAsync(start({ dir }), { instanceOf: StoreError }))?.code, "STORE_VERSION")
})

test.serial("a file that is no database is damage", async (t) => {
  const dir = join(await temporary(t), "store")
  await mkdir(dir)
  await writeFile(join(dir, "vouchsafe.db"), "this is no database, whatever its name says. ".repeat(100))
  const error = await t.throwsAsync(start({ dir }), { instanceOf: StoreError })
  t.is(error?.code, "STORE_CORRUPT")
})

test.serial("a store that an exclusive engine of a living process holds is locked, a dead one's is taken over", async (t) => {
  const dir = join(await temporary(t), "store")
  await (await start({ dir })).shutdown()
  const owner = join(dir, "owner")
  const first = await start({ dir })
  const me = JSON.parse((await readFile(owner, "utf8")).trim()) as { pid: number; started: number }
  t.is(me.pid, process.pid)
  await first.shutdown()
  const holder = (changes: object): Promise<void> =>
    writeFile(owner, `${JSON.stringify({ ...me, engine: "fallback", mode: "exclusive", ...changes })}\n`)
  await holder({})
  const error = await t.throwsAsync(start({ dir }), { instanceOf: StoreError })
  t.is(error?.code, "STORE_LOCKED")
  t.is(error!.message, `the store is locked by process ${process.pid} (fallback engine, exclusive)`)
  for (const dead of [{ pid: 2 ** 22 + 1 }, { started: me.started - 1000 }, { boot: 1 }]) {
    await holder(dead)
    await t.notThrowsAsync(start({ dir }).then((one) => one.shutdown()), JSON.stringify(dead))
  }
  await writeFile(owner, '{"pid":1,"sta')
  await t.notThrowsAsync(start({ dir }).then((one) => one.shutdown()))
})

test.serial("a log without its key is not signed by a new one", async (t) => {
  const dir = join(await temporary(t), "store")
  const first = await start({ dir })
  first.recordTool({ name: "a", output: 1 })
  await first.commit()
  await first.shutdown()
  const key = join(dir, "key")
  const text = await readFile(key, "utf8")
  for (const bad of [null, "", "no key", text.slice(0, -10)]) {
    await rm(key, { force: true })
    if (bad !== null) await writeFile(key, bad, { mode: 0o600 })
    const error = await t.throwsAsync(start({ dir }), { instanceOf: StoreError }, String(bad))
    t.is(error?.code, "KEY_UNUSABLE")
    t.regex(error!.message, /^the signing key /)
  }
  await writeFile(key, text, { mode: 0o600 })
  await (await start({ dir })).shutdown()
  const another: StartOptions = { dir: join(await temporary(t), "other") }
  const foreign = await start(another)
  await foreign.shutdown()
  await writeFile(key, await readFile(join(another.dir!, "key")))
  const opened = await start({ dir }).catch((error: unknown) => error as StoreError)
  if (opened instanceof StoreError) t.is(opened.code, "KEY_UNUSABLE")
  else t.not((await opened.verify([{ equals: 1 }])).outcome, "PASS")
})

test.serial("a folder that cannot be written is read-only", async (t) => {
  const dir = join(await temporary(t), "store")
  await (await start({ dir })).shutdown()
  await chmod(join(dir, "vouchsafe.db"), 0o400)
  await chmod(dir, 0o500)
  t.teardown(() => chmod(dir, 0o700))
  const opened = await start({ dir }).catch((error: unknown) => error as StoreError)
  // Root may write whatever the mode says.
  if (process.getuid?.() === 0) t.false(opened instanceof StoreError)
  else t.like(opened, { code: "STORE_READ_ONLY" })
})
