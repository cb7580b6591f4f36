/** What a registry answered about three packages, shortened to what describes them. */

export const FIXTURES: readonly { name: string; version: string; license: string; [key: string]: unknown }[] = [
  {
    name: "undici",
    version: "8.12.4",
    description: "An HTTP/1.1 client, written from scratch for Node.js",
    keywords: ["fetch", "http", "https", "promise", "request", "curl", "wget", "xhr", "whatwg"],
    license: "MIT",
    engines: { node: ">=22.19.0" },
    main: "index.js",
    types: "index.d.ts",
  },
  {
    name: "typescript",
    version: "7.0.2",
    description: "TypeScript is a language for application scale JavaScript development",
    keywords: ["TypeScript", "Microsoft", "compiler", "language", "javascript"],
    license: "Apache-2.0",
    engines: { node: ">=16.20.0" },
    bin: { tsc: "./bin/tsc" },
  },
  {
    name: "semver",
    version: "7.8.6",
    description: "The semantic version parser used by npm.",
    license: "ISC",
    engines: { node: ">=10" },
    main: "index.js",
    bin: { semver: "bin/semver.js" },
  },
]
