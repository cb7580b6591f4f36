#!/usr/bin/env node
/** What `.ci/run` runs. Each check counts as one test; a check that fails does not keep the next from running. */

import { checks } from "./ci/checks.mjs"
import { installPostgres } from "./setup/postgres.mjs"
import { testTypeScript, testUnderOtherNodes } from "./test/ava.mjs"
import { testRust } from "./test/cargo.mjs"
import { total } from "./test/total.mjs"

// Where there is one, no test may do without it.
if (await installPostgres()) process.env.VOUCHSAFE_REQUIRE_POSTGRES = "1"
await total([testRust, testTypeScript, ...testUnderOtherNodes, ...checks])
