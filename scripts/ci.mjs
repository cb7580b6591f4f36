#!/usr/bin/env node
/** What `.ci/run` runs. Each check counts as one test; a check that fails does not keep the next from running. */

import { checks } from "./ci/checks.mjs"
import { testTypeScript, testUnderOtherNodes } from "./test/ava.mjs"
import { testRust } from "./test/cargo.mjs"
import { total } from "./test/total.mjs"

await total([testRust, testTypeScript, ...testUnderOtherNodes, ...checks])
