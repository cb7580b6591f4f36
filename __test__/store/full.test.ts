import { execFile, spawnSync } from "node:child_process"
import { mkdir } from "node:fs/promises"
import { join } from "node:path"
import { promisify } from "node:util"
import test, { type ExecutionContext } from "ava"
import { start } from "../../index.js"
import { type Child, runChild, spawnChild } from "../exit/child.js"
import { temporary } from "../exit/folder.js"

const run = promisify(execFile)

/** What `fill.ts` says when it runs into the limit, is given room, and goes on. */
async function fills(t: ExecutionContext, child: Child, code: string, giveRoom: (pid: string) => Promise<unknown>): Promise<void> {
  t.is(await child.line(), "before PASS")
  t.is(await child.line(), `flush ${code}`)
  t.is(await child.line(), `commit ${code}`)
  t.is(await child.line(), "verdict ERROR backend_unavailable backend_unavailable")
  t.is(await child.line(), `events writeFailed ${code}`)
  await giveRoom(String(child.process.pid))
  child.process.kill("SIGUSR2")
  t.regex((await child.line()) ?? (await child.ended).stderr, /^after PASS (\d+) of \1$/)
  const ended = await child.ended
  t.deepEqual([ended.code, ended.stderr, ended.hung], [0, "", false])
}

test.serial("where nothing more can be written fences get the error, rows stay and are committed once there is room", async (t) => {
  const dir = join(await temporary(t), "store")
  // A limit of the process, which may be raised again: 1 MiB for any file.
  const child = spawnChild("fill.ts", [dir], { shell: "ulimit -S -f 1024" })
  await fills(t, child, "STORE_IO", (pid) => run("prlimit", ["--pid", pid, "--fsize=unlimited"]))
})

// A file system of its own, where this user may make one.
if (spawnSync("unshare", ["-m", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]).status === 0) {
  test.serial("on a full disk it is said that the disk is full, and nothing is lost", async (t) => {
    const dir = join(await temporary(t), "disk")
    await mkdir(dir)
    const mount = `mount -t tmpfs -o size=1m tmpfs ${dir}`
    const child = spawnChild("fill.ts", [dir], { shell: `exec unshare -m sh -c '${mount} && exec "$@"' sh "$@"; true` })
    await fills(t, child, "STORE_FULL", (pid) => run("nsenter", ["-t", pid, "-m", "mount", "-o", "remount,size=100m", dir]))
  })

  test.serial("a disk that is mounted read-only is said to be so", async (t) => {
    const dir = join(await temporary(t), "disk")
    await (await start({ dir })).shutdown()
    const mount = `mount --bind ${dir} ${dir} && mount -o remount,ro,bind ${dir}`
    const shell = `exec unshare -m sh -c '${mount} && exec "$@"' sh "$@"; true`
    const ended = await runChild("open.ts", [dir], { shell })
    t.deepEqual([ended.code, ended.stderr], [0, ""])
    t.regex(ended.lines[0]!, /^StoreError STORE_READ_ONLY the store in .+ cannot be written: /)
  })
}
