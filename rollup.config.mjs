/** Generates index.d.ts, the declarations of the public API in one file: `npm run build:dts`. */

import { dts } from "rollup-plugin-dts"

export default {
  // Not index.ts: beside it stands the file that is made, and it would be read in its place.
  input: "dist/index.d.ts",
  output: { file: "index.d.ts", format: "es", banner: "// Generated from index.ts by `npm run build:dts`; do not edit." },
  plugins: [dts({ tsconfig: "tsconfig.build.json" })],
  // What comes from Node or from the binding stays an import.
  external: [/^node:/, "#binding"],
}
