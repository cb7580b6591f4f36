/** Generates index.d.ts and check.d.ts, the declarations of each entry point in one file: `npm run build:dts`. */

import { dts } from "rollup-plugin-dts"

/** The declarations of `source`; read as compiled, since beside index.ts stands the file that is made. */
const declarations = (source, file) => ({
  input: `dist/${source}.d.ts`,
  output: { file, format: "es", banner: `// Generated from ${source}.ts by \`npm run build:dts\`; do not edit.` },
  plugins: [dts({ tsconfig: "tsconfig.build.json" })],
  // What comes from Node or from the binding stays an import.
  external: [/^node:/, "#binding"],
})

export default [declarations("index", "index.d.ts"), declarations("src/check/index", "check.d.ts")]
