#!/usr/bin/env node
/** `npm test`: the set-up, then the Rust tests, then the TypeScript tests. The last line is the total. */

import { testTypeScript } from "./test/ava.mjs"
import { testRust } from "./test/cargo.mjs"
import { total } from "./test/total.mjs"

await total([testRust, testTypeScript])
