/** Evaluates the payload of a file with keys alone: `check.ts FILE VKEY…`; prints the verdict. */

import { readFileSync } from "node:fs"
import { evaluateHandoff } from "../../../index.js"

const [file, ...verifierKeys] = process.argv.slice(2)
console.log(JSON.stringify(await evaluateHandoff(readFileSync(file!, "utf8"), { verifierKeys })))
