/**
 * `vouchsafe serve`: the backend that agents on other machines share, as a program.
 *
 *   serve/options.ts   the arguments
 *   serve/started.ts   what is said at the start
 *   serve/signals.ts   how it ends
 */

import type { Command } from "commander"
import { Option } from "commander"
import { serve as startServer } from "../engine/serve.js"
import { define, gather, numberFrom, runs } from "./command.js"
import { CommandError } from "./error.js"
import { FINE } from "./exit-codes.js"
import { write } from "./output.js"
import { readOptions, type ServeFlags } from "./serve/options.js"
import { endBySignal } from "./serve/signals.js"
import { describeStart, started } from "./serve/started.js"

/** How long requests may go on once it is told to end. */
const DEADLINE_MS = 10_000

/** Adds `serve`. */
export function addServe(program: Command): void {
  const command = define(program, "serve", {
    summary: "run the backend that agents on other machines share",
    more:
      "It commits the rows that agents write to their PostgreSQL, answers queries on them, and proves its answers. It " +
      "listens on this machine alone unless --host says otherwise; it speaks HTTP, so put a proxy with TLS in front of it " +
      "before others reach it. SIGINT and SIGTERM end it once requests have ended, a second one at once.",
    examples: [
      "serve",
      "serve --store /var/lib/vouchsafe --org 5f0c6d0e-3a56-4b0e-9d0b-0d5f2c1f7c11",
    ],
  })
    .option("--port <n>", "the port to listen on; 0 is a free one", numberFrom(0, 65_535, true), 8347)
    .option("--host <address>", "the IP address to listen on", "127.0.0.1")
    .addOption(
      new Option(
        "--store <store>",
        "a folder, or the postgres:// URL of a database that several servers share (default: <dir>/server)",
      ).env("VOUCHSAFE_SERVER_STORE"),
    )
    .option("--token-file <file>", "the keys that may call it (default: `tokens` in the store's folder, made with a fresh one)")
    .option("--org <uuid>", "serve this organization alone; may be repeated (default: any)", gather)
    .option("--allow-private-databases", "let databases on private addresses be registered (default: on loopback only)")
    .option("--no-allow-private-databases", "do not, even on loopback: for behind a proxy that lets others in")
    .option("--max-body <bytes>", "the longest request body", numberFrom(1024, 2 ** 30, true), 2 ** 21)
    .option("--rate <n>", "requests a second, for each key", numberFrom(1, 1_000_000, true), 10_000)
    .option("--quiet", "do not log to stderr")
  runs(command, serve)
}

async function serve(flags: ServeFlags): Promise<number> {
  const options = readOptions(flags)
  const server = await startServer(options, flags.quiet ?? false)
  const ending = endBySignal(server.ended())
  const facts = started(options, server)
  write(flags.json, facts, (page) => describeStart(facts, page))
  const asked = await ending
  await server.close(DEADLINE_MS)
  if (!asked) throw new CommandError("SERVER_LISTEN", "the server ended by itself: it listens no more; its log says why")
  return FINE
}
