import test from "ava"

type Packages = Record<string, { version: string; integrity?: string; optional?: boolean }>

const { agree } = (await import(new URL("../../scripts/setup/packages.mjs", import.meta.url).href)) as {
  agree(locked: Packages, installed: Packages): boolean
}

const root = { "": { version: "0.1.0" } }
const a = { version: "1.0.0", integrity: "sha512-a" }
const forMac = { version: "1.0.0", integrity: "sha512-m", optional: true }

test("packages that are installed as they are locked need no installation", (t) => {
  t.true(agree({ ...root, a }, { a }))
})

test("a package that is missing, another version and other bytes need one", (t) => {
  t.false(agree({ ...root, a }, {}))
  t.false(agree({ ...root, a }, { a: { ...a, version: "1.0.1" } }))
  t.false(agree({ ...root, a }, { a: { ...a, integrity: "sha512-b" } }))
})

test("a package that is locked no longer needs one", (t) => {
  t.false(agree(root, { a }))
})

test("optional packages, of this platform or of others, may be missing from either side", (t) => {
  t.true(agree({ ...root, a, forMac }, { a }))
  t.true(agree({ ...root, a }, { a, forMac }))
})
