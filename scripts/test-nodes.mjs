#!/usr/bin/env node
/** `npm run test:nodes`: the TypeScript tests under the newer Node versions that are supported, from npm's `node`. */

import { testUnderOtherNodes } from "./test/ava.mjs"
import { total } from "./test/total.mjs"

await total(testUnderOtherNodes)
